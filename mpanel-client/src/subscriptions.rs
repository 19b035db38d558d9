//! Subscriptions: the legacy handlers, on both generations (contract section 7).

mod change_plan;
mod create;
mod find;
mod list;
mod plans;
mod settle;
mod subscription;
mod update;

use panel_http::{HttpMethod, Operation, Safety};
use provisioning_core::permission::Verb;

pub use self::{
    change_plan::{ChangePlan, SubscribeByStripe},
    create::CreateSubscription,
    find::FoundSubscriptions,
    list::ListSubscriptions,
    plans::{ListPlans, Plan, PlanId},
    subscription::{Subscription, SubscriptionId, SubscriptionStatus},
    update::UpdateSubscription,
};
use crate::{
    endpoints::{change, endpoints, once, read, repeatable},
    reply,
    route::Route,
};

pub(crate) const LIST: Operation = read("mpanel.list_subscriptions", "/api/subscriptions");
pub(crate) const GET: Operation = read("mpanel.get_subscription", "/api/subscriptions/{id}");
pub(crate) const PLANS: Operation = read("mpanel.list_plans", "/api/subscriptions/plans");
/// Its metadata reads back, so our mark in it finds the row.
pub(crate) const CREATE: Operation = change(
    "mpanel.create_subscription",
    HttpMethod::Post,
    "/api/subscriptions",
    Safety::NaturalKey,
);
pub(crate) const UPDATE: Operation = repeatable(
    "mpanel.update_subscription",
    HttpMethod::Patch,
    "/api/subscriptions/{id}",
);
pub(crate) const CANCEL: Operation = repeatable(
    "mpanel.cancel_subscription",
    HttpMethod::Post,
    "/api/subscriptions/{id}/cancel",
);
pub(crate) const SUSPEND: Operation = repeatable(
    "mpanel.suspend_subscription",
    HttpMethod::Post,
    "/api/subscriptions/{id}/suspend",
);
pub(crate) const REACTIVATE: Operation = repeatable(
    "mpanel.reactivate_subscription",
    HttpMethod::Post,
    "/api/subscriptions/{id}/reactivate",
);
pub(crate) const BY_STRIPE: Operation =
    once("mpanel.subscribe_by_stripe", "/api/subscriptions/stripe");
pub(crate) const CHANGE_PLAN: Operation = repeatable(
    "mpanel.change_plan",
    HttpMethod::Put,
    "/api/subscriptions/{id}/change-plan",
);

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&LIST).asks(Verb::MpanelReadSubscriptions),
    Route::both(&GET).asks(Verb::MpanelReadSubscriptions),
    Route::both(&PLANS).asks(Verb::MpanelReadSubscriptions),
    Route::both(&CREATE).asks(Verb::MpanelWriteSubscription),
    Route::both(&UPDATE).asks(Verb::MpanelWriteSubscription),
    Route::both(&CANCEL).asks(Verb::MpanelWriteSubscription),
    Route::both(&SUSPEND).asks(Verb::MpanelWriteSubscription),
    Route::both(&REACTIVATE).asks(Verb::MpanelWriteSubscription),
    Route::both(&BY_STRIPE).asks(Verb::MpanelWriteSubscription),
    Route::both(&CHANGE_PLAN).asks(Verb::MpanelWriteSubscription),
];

endpoints! {
    /// Reads a subscription. `NotFound` for an id nobody has, `Validation` for one that is no UUID.
    GetSubscription(id: SubscriptionId) -> Subscription = GET, |answer| reply::row(answer, &["subscription"]);

    /// Cancels at once; the server reads no body. An id nobody has is a 500 here:
    /// [`Mpanel::cancel_subscription`](crate::Mpanel::cancel_subscription) tells it apart.
    CancelSubscription(id: SubscriptionId) -> Subscription = CANCEL, |answer| reply::row(answer, &["subscription"]);

    /// Suspends. An id nobody has is a 500 here:
    /// [`Mpanel::suspend_subscription`](crate::Mpanel::suspend_subscription) tells it apart.
    SuspendSubscription(id: SubscriptionId) -> Subscription = SUSPEND, |answer| reply::row(answer, &["subscription"]);

    /// Reactivates. An id nobody has is a 500 here:
    /// [`Mpanel::reactivate_subscription`](crate::Mpanel::reactivate_subscription) tells it apart.
    ReactivateSubscription(id: SubscriptionId) -> Subscription = REACTIVATE, |answer| reply::row(answer, &["subscription"]);
}
