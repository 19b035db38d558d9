//! `GET /api/admin/subscriptions`, `PATCH /{id}/status`.

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, Paging, PathParameters, RequestBody,
};

use super::{SET_STATUS, SUBSCRIPTIONS};
use crate::{
    endpoints::lists,
    reply,
    subscriptions::{Subscription, SubscriptionId, SubscriptionStatus},
};

lists! {
    /// Lists the subscriptions of everybody, without credential.
    ListAdminSubscriptions -> Subscription = SUBSCRIPTIONS, Paging::Whole;
}

/// Sets a subscription's status, without credential.
///
/// # Errors
/// Of the call: `Encode` for a status this route refuses. It takes fewer than the user's own route, and not
/// `pending_provisioning`.
#[derive(Debug, Clone)]
pub struct SetSubscriptionStatus {
    id: SubscriptionId,
    status: SubscriptionStatus,
}

impl SetSubscriptionStatus {
    /// To this status.
    #[must_use]
    pub const fn new(id: SubscriptionId, status: SubscriptionStatus) -> Self {
        Self { id, status }
    }
}

impl Endpoint for SetSubscriptionStatus {
    const OPERATION: &'static Operation = &SET_STATUS;
    type Reply = Subscription;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        let is_taken = matches!(
            self.status,
            SubscriptionStatus::PendingPayment
                | SubscriptionStatus::Active
                | SubscriptionStatus::Suspended
                | SubscriptionStatus::Cancelled
                | SubscriptionStatus::Expired
        );
        if !is_taken {
            return Err(EncodeError::new(format_args!(
                "this route takes pending_payment, active, suspended, cancelled and expired, not {}",
                self.status
            )));
        }
        RequestBody::object(|body| body.field("status", &self.status))
    }

    fn decode(&self, answer: &Answer) -> Result<Subscription, DecodeError> {
        reply::row(answer, &["subscription"])
    }
}
