//! `PUT /api/subscriptions/{id}/change-plan`, `POST /api/subscriptions/stripe`.

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
};

use super::{BY_STRIPE, CHANGE_PLAN, PlanId, Subscription, SubscriptionId};
use crate::reply;

/// Moves a subscription to another plan.
#[derive(Debug, Clone)]
pub struct ChangePlan {
    id: SubscriptionId,
    plan: PlanId,
}

impl ChangePlan {
    /// To this plan.
    #[must_use]
    pub const fn new(id: SubscriptionId, plan: PlanId) -> Self {
        Self { id, plan }
    }
}

impl Endpoint for ChangePlan {
    const OPERATION: &'static Operation = &CHANGE_PLAN;
    type Reply = Subscription;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.field("newPlanId", &self.plan))
    }

    fn decode(&self, answer: &Answer) -> Result<Subscription, DecodeError> {
        reply::row(answer, &["subscription"])
    }
}

/// Subscribes the user who is logged in to a plan, paid through Stripe.
#[derive(Debug, Clone)]
pub struct SubscribeByStripe {
    plan: PlanId,
    payment_method: String,
}

impl SubscribeByStripe {
    /// To this plan, with this payment method of Stripe's (`pm_...`).
    #[must_use]
    pub fn new(plan: PlanId, payment_method: impl Into<String>) -> Self {
        Self {
            plan,
            payment_method: payment_method.into(),
        }
    }
}

impl Endpoint for SubscribeByStripe {
    const OPERATION: &'static Operation = &BY_STRIPE;
    type Reply = Subscription;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("planId", &self.plan)?;
            body.field("paymentMethodId", &self.payment_method)
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Subscription, DecodeError> {
        reply::row(answer, &["subscription"])
    }
}
