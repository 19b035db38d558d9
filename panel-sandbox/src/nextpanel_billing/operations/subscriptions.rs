//! Subscriptions (contract, section 4.6).

use super::user;
use crate::Operation;

/// List one's own subscriptions.
pub const LIST_SUBSCRIPTIONS: Operation =
    user("list-subscriptions", "GET", "/api/v1/subscriptions/").look_up();

/// Subscribe to a product plan.
pub const CREATE_SUBSCRIPTION: Operation =
    user("create-subscription", "POST", "/api/v1/subscriptions/");

/// Get one of one's own subscriptions.
pub const GET_SUBSCRIPTION: Operation = user(
    "get-subscription",
    "GET",
    "/api/v1/subscriptions/{subscription_id}",
)
.look_up();

/// Move a subscription to another product plan.
pub const UPDATE_SUBSCRIPTION: Operation = user(
    "update-subscription",
    "PUT",
    "/api/v1/subscriptions/{subscription_id}",
);

/// Cancel a subscription.
pub const CANCEL_SUBSCRIPTION: Operation = user(
    "cancel-subscription",
    "POST",
    "/api/v1/subscriptions/{subscription_id}/cancel",
);

/// Take a cancellation back.
pub const REACTIVATE_SUBSCRIPTION: Operation = user(
    "reactivate-subscription",
    "POST",
    "/api/v1/subscriptions/{subscription_id}/reactivate",
);
