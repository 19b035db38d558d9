//! Payload D: `POST /api/orders/webhook`.

use std::{borrow::Cow, fmt};

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody, Timestamp};
use provisioning_core::money::Money;
use serde_json::{Map, Value};

use super::ORDER_WEBHOOK;
use crate::{
    customers::CustomerId,
    jobs::{JobId, JobKind, JobStatus},
    orders::{OrderId, OrderStatus},
    reply,
    row::row,
    subscriptions::SubscriptionId,
};

/// Submits a paid order of one price. Only the TypeScript server has it.
///
/// Sent twice with a domain, the second ends in 500; without one it makes a second paid order. The order keeps the
/// payment intent, by which [`Mpanel::find_order_of_payment`] finds it.
///
/// # Errors
/// Of the call: `Encode` for an amount of nothing, which the server refuses; `Auth` for a wrong `x-internal-key`;
/// `Indeterminate` with the payment intent where no whole answer came.
///
/// [`Mpanel::find_order_of_payment`]: crate::Mpanel::find_order_of_payment
#[derive(Clone)]
pub struct OrderWebhook {
    tenant_slug: String,
    customer_email: String,
    customer_name: Option<String>,
    customer_phone: Option<String>,
    price_slug: String,
    total: Money,
    payment_intent: Option<String>,
    session: Option<String>,
    metadata: Map<String, Value>,
}

impl OrderWebhook {
    /// An order of this price by this customer, in the tenant of this short name.
    #[must_use]
    pub fn new(
        tenant_slug: impl Into<String>,
        customer_email: impl Into<String>,
        price_slug: impl Into<String>,
        total: Money,
    ) -> Self {
        Self {
            tenant_slug: tenant_slug.into(),
            customer_email: customer_email.into(),
            customer_name: None,
            customer_phone: None,
            price_slug: price_slug.into(),
            total,
            payment_intent: None,
            session: None,
            metadata: Map::new(),
        }
    }

    /// Sets the customer's name and phone number.
    #[must_use]
    pub fn set_customer(mut self, name: Option<String>, phone: Option<String>) -> Self {
        self.customer_name = name;
        self.customer_phone = phone;
        self
    }

    /// Sets the payment intent, by which the order is found again.
    #[must_use]
    pub fn set_payment_intent(mut self, id: impl Into<String>) -> Self {
        self.payment_intent = Some(id.into());
        self
    }

    /// Sets the checkout session.
    #[must_use]
    pub fn set_session(mut self, id: impl Into<String>) -> Self {
        self.session = Some(id.into());
        self
    }

    /// Sets the domain.
    #[must_use]
    pub fn set_domain(self, domain: impl Into<String>) -> Self {
        self.set_metadata("domain", domain.into())
    }

    /// Sets one entry of the metadata.
    #[must_use]
    pub fn set_metadata(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }
}

impl fmt::Debug for OrderWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderWebhook")
            .field("tenant_slug", &self.tenant_slug)
            .field("price_slug", &self.price_slug)
            .field("total", &self.total)
            .field("payment_intent", &self.payment_intent)
            .finish_non_exhaustive()
    }
}

impl Endpoint for OrderWebhook {
    const OPERATION: &'static Operation = &ORDER_WEBHOOK;
    type Reply = AcceptedOrder;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        if self.total.is_zero() {
            return Err(EncodeError::new(
                "the amount is nothing, which this route refuses",
            ));
        }
        RequestBody::object(|body| {
            body.field("tenantSlug", &self.tenant_slug)?;
            body.object("customer", |customer| {
                customer.field("email", &self.customer_email)?;
                customer.optional("fullName", self.customer_name.as_ref())?;
                customer.optional("phone", self.customer_phone.as_ref())
            })?;
            body.field("priceSlug", &self.price_slug)?;
            body.field("totalAmountCents", &self.total.minor())?;
            body.field(
                "currency",
                &self.total.currency().code().to_ascii_lowercase(),
            )?;
            body.optional("stripePaymentIntentId", self.payment_intent.as_ref())?;
            body.optional("stripeSessionId", self.session.as_ref())?;
            body.field("metadata", &self.metadata)
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        self.payment_intent.as_deref().map(Cow::Borrowed)
    }

    fn decode(&self, answer: &Answer) -> Result<AcceptedOrder, DecodeError> {
        reply::row(answer, &["order"])
    }
}

row! {
    /// An order the server took, with the jobs it made of it.
    pub struct AcceptedOrder {
        /// The order.
        #[serde(rename = "orderId", alias = "order_id")]
        order_id: OrderId,
        ;
        /// Its status.
        status: OrderStatus,
        /// The customer, made or found by e-mail address.
        customer_id("customerId"): CustomerId,
        /// The subscription.
        subscription_id("subscriptionId"): SubscriptionId,
        /// What was paid, in cents.
        #[serde(deserialize_with = "panel_http::lenient")]
        total_amount_cents("totalAmountCents"): u64,
        /// Currency.
        currency: String,
        /// What is to be done; nothing for add-ons.
        jobs: Vec<WebhookJob>,
        /// When it was made.
        created_at("createdAt"): Timestamp,
    }
    shows order_id, status, customer_id, subscription_id, total_amount_cents, jobs
}

row! {
    /// A job an order made.
    pub struct WebhookJob {
        /// Id.
        id: JobId,
        ;
        /// What it does.
        #[serde(rename = "type")]
        kind: JobKind,
        /// Its status.
        status: JobStatus,
    }
    shows id, kind, status
}
