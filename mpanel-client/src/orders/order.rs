//! Orders as the server shows them.

use panel_http::Timestamp;
use provisioning_core::status::{ProvisioningState, StatusOf, WireStatus};
use serde_json::{Map, Value};

use crate::{
    customers::CustomerId,
    products::PriceId,
    row::row,
    subscriptions::{SubscriptionId, SubscriptionStatus},
    tenant::TenantId,
};

panel_http::opaque_id! {
    /// Id of an order.
    pub struct OrderId;
}

panel_http::open_enum! {
    /// Status of an order (contract section 9).
    pub enum OrderStatus {
        /// Not paid yet.
        Pending = "PENDING",
        /// Paid.
        Paid = "PAID" | "succeeded",
        /// Not paid, for good.
        Failed = "FAILED",
        /// Withdrawn.
        Cancelled = "CANCELLED",
        /// Paid back.
        Refunded = "REFUNDED",
    }
}

impl OrderStatus {
    /// What it comes to.
    #[must_use]
    pub fn state(&self) -> ProvisioningState {
        WireStatus::new(StatusOf::Order, self.as_str()).state()
    }
}

row! {
    /// The subscription of an order, as the order shows it.
    pub struct OrderSubscription {
        /// Id.
        id: SubscriptionId,
        ;
        /// Status.
        status: SubscriptionStatus,
    }
    shows id, status
}

row! {
    /// An order.
    pub struct Order {
        /// Id.
        id: OrderId,
        ;
        /// Tenant.
        tenant_id("tenantId"): TenantId,
        /// Customer.
        customer_id("customerId"): CustomerId,
        /// Price.
        price_id("priceId"): PriceId,
        /// Status.
        status: OrderStatus,
        /// What it costs, in cents.
        #[serde(deserialize_with = "panel_http::lenient")]
        total_amount_cents("totalAmountCents"): u64,
        /// Currency, in lower case.
        currency: String,
        /// Payment intent at Stripe.
        stripe_payment_intent_id("stripePaymentIntentId"): String,
        /// Checkout session at Stripe.
        stripe_session_id("stripeSessionId"): String,
        /// Id elsewhere.
        external_order_id("externalOrderId"): String,
        /// What was written beside it.
        metadata: Map<String, Value>,
        /// Notes.
        notes: String,
        /// The subscription it has led to, where the server shows it.
        subscription: OrderSubscription,
        /// When it was made.
        created_at("createdAt"): Timestamp,
        /// When it was changed.
        updated_at("updatedAt"): Timestamp,
    }
    shows id, customer_id, status, total_amount_cents, currency, stripe_payment_intent_id
}
