//! One's own subscriptions.

use serde::Deserialize;

use super::endpoint::endpoint;
use super::id::{LicenceId, ProductPlanId, SubscriptionId};
use crate::{Field, Timestamp};

panel_http::open_enum! {
    /// State of a subscription.
    pub enum SubscriptionStatus {
        /// In force.
        Active = "active",
        /// Not paid in time.
        PastDue = "past_due",
        /// Cancelled.
        Cancelled = "cancelled" | "canceled",
        /// On trial.
        Trialing = "trialing",
    }
}

/// A subscription. The backend does not show its plan; the dates of periods made by the create route are made up
/// (2009-02-13 to 2009-03-15, section 4.6).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Its licence.
    #[serde(default)]
    pub license_id: Field<LicenceId>,
    /// State.
    pub status: SubscriptionStatus,
    /// Begin of the period.
    #[serde(default)]
    pub current_period_start: Field<Timestamp>,
    /// End of the period.
    #[serde(default)]
    pub current_period_end: Field<Timestamp>,
    /// Whether it ends with the period.
    #[serde(default)]
    pub cancel_at_period_end: Field<bool>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
}

endpoint! {
    /// Lists one's own subscriptions.
    pub struct ListSubscriptions: LIST_SUBSCRIPTIONS -> Vec<Subscription> {}
}

endpoint! {
    /// Reads one of one's own subscriptions. Somebody else's is `NotFound`.
    pub struct GetSubscription: GET_SUBSCRIPTION -> Subscription {
        path { subscription_id: SubscriptionId }
    }
}

endpoint! {
    /// Moves one's own subscription to another plan.
    pub struct ChangeSubscriptionPlan: CHANGE_SUBSCRIPTION_PLAN -> Subscription {
        path { subscription_id: SubscriptionId }
        required { new_plan_id: ProductPlanId }
    }
}

endpoint! {
    /// Lets one's own subscription **run out**: it stays active until its period ends. For an administrator's route the
    /// same words mean at once, see [`CancelCustomerSubscriptionNow`](super::CancelCustomerSubscriptionNow).
    pub struct CancelAtPeriodEnd: CANCEL_SUBSCRIPTION -> Subscription {
        path { subscription_id: SubscriptionId }
        fixed { cancel_at_period_end = true }
        optional {
            /// Why, in words.
            set_reason reason: String,
        }
    }
}

endpoint! {
    /// Cancels one's own subscription **at once**.
    pub struct CancelNow: CANCEL_SUBSCRIPTION -> Subscription {
        path { subscription_id: SubscriptionId }
        fixed { cancel_at_period_end = false }
        optional {
            /// Why, in words.
            set_reason reason: String,
        }
    }
}

endpoint! {
    /// Takes the cancellation of one's own subscription back.
    pub struct ReactivateSubscription: REACTIVATE_SUBSCRIPTION -> Subscription {
        path { subscription_id: SubscriptionId }
    }
}
