//! Subscriptions of the TypeScript generation: `/api/billing/subscriptions`, for the role OWNER only, and of all tenants
//! (contract section 7).

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, HttpMethod, Operation, PathParameters, RequestBody,
};
use provisioning_core::permission::Verb;

use crate::{
    endpoints::{BY_PAGE, endpoints, lists, read, repeatable},
    reply,
    route::Route,
    subscriptions::{Subscription, SubscriptionId},
};

pub(crate) const LIST: Operation = read(
    "mpanel.list_tenant_subscriptions",
    "/api/billing/subscriptions",
);
pub(crate) const GET: Operation = read(
    "mpanel.get_tenant_subscription",
    "/api/billing/subscriptions/{id}",
);
pub(crate) const ACTIVATE: Operation = repeatable(
    "mpanel.activate_tenant_subscription",
    HttpMethod::Post,
    "/api/billing/subscriptions/{id}/activate",
);
pub(crate) const CANCEL: Operation = repeatable(
    "mpanel.cancel_tenant_subscription",
    HttpMethod::Post,
    "/api/billing/subscriptions/{id}/cancel",
);

pub(crate) const ROUTES: &[Route] = &[
    Route::typescript(&LIST).asks(Verb::MpanelManageTenantSubscriptions),
    Route::typescript(&GET).asks(Verb::MpanelManageTenantSubscriptions),
    Route::typescript(&ACTIVATE).asks(Verb::MpanelManageTenantSubscriptions),
    Route::typescript(&CANCEL).asks(Verb::MpanelManageTenantSubscriptions),
];

lists! {
    /// Lists subscriptions.
    ListTenantSubscriptions -> Subscription = LIST, BY_PAGE;
}

endpoints! {
    /// Reads a subscription.
    GetTenantSubscription(id: SubscriptionId) -> Subscription = GET, |answer| reply::row(answer, &[]);

    /// Activates a subscription.
    ActivateTenantSubscription(id: SubscriptionId) -> Subscription = ACTIVATE, |answer| reply::row(answer, &[]);
}

/// Cancels a subscription, at once or at the end of its period.
#[derive(Debug, Clone)]
pub struct CancelTenantSubscription {
    id: SubscriptionId,
    at_period_end: bool,
}

impl CancelTenantSubscription {
    /// At once.
    #[must_use]
    pub const fn now(id: SubscriptionId) -> Self {
        Self {
            id,
            at_period_end: false,
        }
    }

    /// At the end of its period; until then it stays `active`.
    #[must_use]
    pub const fn at_period_end(id: SubscriptionId) -> Self {
        Self {
            id,
            at_period_end: true,
        }
    }
}

impl Endpoint for CancelTenantSubscription {
    const OPERATION: &'static Operation = &CANCEL;
    type Reply = Subscription;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.field("cancelAtPeriodEnd", &self.at_period_end))
    }

    fn decode(&self, answer: &Answer) -> Result<Subscription, DecodeError> {
        reply::row(answer, &[])
    }
}
