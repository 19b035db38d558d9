//! The doors an order comes in by, each with its own payload (contract section 8).

mod order_created;
mod order_webhook;
mod skipped;
mod stripe_completed;
mod stripe_payment;

use panel_http::{CredentialKind, HttpMethod, KeyPlace, Operation, Safety};
use provisioning_core::permission::Verb;

pub use self::{
    order_created::{CreatedItem, OrderCreated},
    order_webhook::{AcceptedOrder, OrderWebhook, WebhookJob},
    stripe_completed::{CompletedCheckout, CompletedItem, MadeSubscription, StripeCompleted},
    stripe_payment::{AcceptedPayment, CartItem, StripePayment},
};
use crate::{
    client::{INTERNAL_KEY, PROVISIONING_TOKEN},
    endpoints::change,
    route::Route,
};

/// Keyed by the payment intent, for ever: the one call of mPanel that may be sent again. The TypeScript server wants a
/// login besides the token.
pub(crate) const STRIPE_PAYMENT: Operation = change(
    "mpanel.submit_stripe_payment",
    HttpMethod::Post,
    "/api/provisioning/stripe",
    Safety::Keyed(KeyPlace::BodyField("stripePaymentIntentId")),
)
.credentials(&[
    CredentialKind::Header(PROVISIONING_TOKEN),
    CredentialKind::Bearer,
])
.contract("mpanel 8 C");

/// Sent twice, it makes everything twice.
pub(crate) const STRIPE_COMPLETED: Operation = change(
    "mpanel.submit_stripe_completed",
    HttpMethod::Post,
    "/api/public/orders/stripe-completed",
    Safety::Unsafe,
)
.credentials(&[])
.contract("mpanel 8 B");

/// The order it makes carries the payment intent, which reads back. The legacy server wants a login besides the key.
pub(crate) const ORDER_WEBHOOK: Operation = change(
    "mpanel.submit_order",
    HttpMethod::Post,
    "/api/orders/webhook",
    Safety::NaturalKey,
)
.credentials(&[CredentialKind::Header(INTERNAL_KEY), CredentialKind::Bearer])
.contract("mpanel 8 D");

/// No server was seen to have it; whichever credential it will want goes along.
pub(crate) const ORDER_CREATED: Operation = change(
    "mpanel.submit_order_created",
    HttpMethod::Post,
    "/api/provisioning/webhooks/order-created",
    Safety::Unsafe,
)
.credentials(&[
    CredentialKind::Bearer,
    CredentialKind::Header(PROVISIONING_TOKEN),
])
.contract("mpanel 8 A");

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&STRIPE_PAYMENT).asks(Verb::MpanelSubmitStripePayment),
    Route::both(&STRIPE_COMPLETED).asks(Verb::MpanelSubmitCompletedCheckout),
    Route::typescript(&ORDER_WEBHOOK).asks(Verb::MpanelSubmitOrder),
    Route::documented(&ORDER_CREATED).asks(Verb::MpanelSubmitStripePayment),
];
