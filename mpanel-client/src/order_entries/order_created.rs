//! Payload A: `POST /api/provisioning/webhooks/order-created`.

use std::fmt;

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};
use serde::Serialize;
use serde_json::{Map, Value};

use super::ORDER_CREATED;

/// Tells of an order that was made. Documented, and served nowhere that was seen: `NotImplemented` is then the answer,
/// and only ever an answer, never a lost reply.
///
/// # Errors
/// Of the call: `NotImplemented` where the server says that it has no such route; `Indeterminate` where no whole answer
/// came.
#[derive(Clone)]
pub struct OrderCreated {
    source: String,
    customer_email: String,
    customer_name: Option<String>,
    stripe_customer_id: Option<String>,
    stripe_subscription_id: Option<String>,
    items: Vec<CreatedItem>,
}

impl OrderCreated {
    /// An order from this source by this customer.
    #[must_use]
    pub fn new(
        source: impl Into<String>,
        customer_email: impl Into<String>,
        items: impl IntoIterator<Item = CreatedItem>,
    ) -> Self {
        Self {
            source: source.into(),
            customer_email: customer_email.into(),
            customer_name: None,
            stripe_customer_id: None,
            stripe_subscription_id: None,
            items: items.into_iter().collect(),
        }
    }

    /// Sets the customer's name.
    #[must_use]
    pub fn set_customer_name(mut self, name: Option<String>) -> Self {
        self.customer_name = name;
        self
    }

    /// Sets customer and subscription at Stripe.
    #[must_use]
    pub fn set_stripe(mut self, customer: Option<String>, subscription: Option<String>) -> Self {
        self.stripe_customer_id = customer;
        self.stripe_subscription_id = subscription;
        self
    }
}

impl fmt::Debug for OrderCreated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderCreated")
            .field("source", &self.source)
            .field("items", &self.items)
            .finish_non_exhaustive()
    }
}

/// What was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreatedItem {
    code: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
}

impl CreatedItem {
    /// A product by its code, of the type `hosting`, `addon` or `domain`.
    #[must_use]
    pub fn new(code: impl Into<String>, kind: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            kind: kind.into(),
            domain: None,
        }
    }

    /// Sets its domain.
    #[must_use]
    pub fn set_domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }
}

impl Endpoint for OrderCreated {
    const OPERATION: &'static Operation = &ORDER_CREATED;
    /// No document says what the reply holds.
    type Reply = Map<String, Value>;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("source", &self.source)?;
            body.optional("stripeCustomerId", self.stripe_customer_id.as_ref())?;
            body.optional("stripeSubscriptionId", self.stripe_subscription_id.as_ref())?;
            body.field("customerEmail", &self.customer_email)?;
            body.optional("customerName", self.customer_name.as_ref())?;
            body.field("items", &self.items)
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Self::Reply, DecodeError> {
        answer.json()
    }
}
