//! Payload B: `POST /api/public/orders/stripe-completed`.

use std::fmt;

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Kind, Operation, RequestBody, ServerError,
};
use serde::{Deserialize, Serialize};

use super::{STRIPE_COMPLETED, skipped::skipped};
use crate::{
    customers::CustomerId,
    row::row,
    subscriptions::{SubscriptionId, SubscriptionStatus},
};

/// Submits a completed checkout. The server asks for no credential, compares no amounts, and makes everything again when
/// the same checkout comes twice.
///
/// # Errors
/// Of the call: `Indeterminate` where no whole answer came: nothing of ours reads back, so a person has to look. `Api`
/// where the server says `ok` and made fewer subscriptions than were ordered: it skips products it does not know, and the
/// error names them and what was made.
#[derive(Clone)]
pub struct StripeCompleted {
    customer_email: String,
    customer_name: Option<String>,
    stripe_customer_id: Option<String>,
    payment_intent: Option<String>,
    items: Vec<CompletedItem>,
}

impl StripeCompleted {
    /// What this customer bought.
    #[must_use]
    pub fn new(
        customer_email: impl Into<String>,
        items: impl IntoIterator<Item = CompletedItem>,
    ) -> Self {
        Self {
            customer_email: customer_email.into(),
            customer_name: None,
            stripe_customer_id: None,
            payment_intent: None,
            items: items.into_iter().collect(),
        }
    }

    /// Sets the customer's name.
    #[must_use]
    pub fn set_customer_name(mut self, name: Option<String>) -> Self {
        self.customer_name = name;
        self
    }

    /// Sets the customer id at Stripe.
    #[must_use]
    pub fn set_stripe_customer_id(mut self, id: Option<String>) -> Self {
        self.stripe_customer_id = id;
        self
    }

    /// Sets the payment intent. It is written down, and nothing is deduplicated by it.
    #[must_use]
    pub fn set_payment_intent(mut self, id: Option<String>) -> Self {
        self.payment_intent = id;
        self
    }
}

impl fmt::Debug for StripeCompleted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeCompleted")
            .field("payment_intent", &self.payment_intent)
            .field("items", &self.items)
            .finish_non_exhaustive()
    }
}

/// What was bought. Slugs are compared letter by letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompletedItem {
    #[serde(rename = "productSlug")]
    pub(super) product_slug: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
}

impl CompletedItem {
    /// One of a product.
    #[must_use]
    pub fn new(product_slug: impl Into<String>) -> Self {
        Self {
            product_slug: product_slug.into(),
            domain: None,
            notes: None,
        }
    }

    /// Sets its domain.
    #[must_use]
    pub fn set_domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Sets notes.
    #[must_use]
    pub fn set_notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }
}

impl Endpoint for StripeCompleted {
    const OPERATION: &'static Operation = &STRIPE_COMPLETED;
    type Reply = CompletedCheckout;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        if self.items.is_empty() {
            return Err(EncodeError::new("nothing was bought"));
        }
        RequestBody::object(|body| {
            body.field("customerEmail", &self.customer_email)?;
            body.optional("customerName", self.customer_name.as_ref())?;
            body.optional("stripeCustomerId", self.stripe_customer_id.as_ref())?;
            body.optional("paymentIntentId", self.payment_intent.as_ref())?;
            body.field("items", &self.items)
        })
    }

    fn decode(&self, answer: &Answer) -> Result<CompletedCheckout, DecodeError> {
        let reply: CompletedCheckout = answer.json()?;
        if !reply.ok {
            return Err(DecodeError::refused(ServerError::read(answer.body())));
        }
        let skipped = skipped(&self.items, &reply.subscriptions);
        if skipped.is_empty() {
            return Ok(reply);
        }
        Err(DecodeError::told(
            Kind::Api,
            told(&skipped, self.items.len(), &reply),
        ))
    }
}

/// What the server did not say.
fn told(skipped: &[&str], ordered: usize, reply: &CompletedCheckout) -> ServerError {
    let made: Vec<String> = reply
        .subscriptions
        .iter()
        .map(|made| made.id.to_string())
        .collect();
    let customer = reply
        .customer_id
        .as_ref()
        .map_or_else(String::new, |id| format!(" for customer {id}"));
    let made = if made.is_empty() {
        format!("no subscription was made{customer}")
    } else {
        format!("made were the subscriptions {}{customer}", made.join(", "))
    };
    let text = format!(
        "the server said ok and skipped {} of {ordered} items, products it does not have: {}; {made}",
        skipped.len(),
        skipped.join(", "),
    );
    ServerError::read(
        serde_json::json!({ "message": text })
            .to_string()
            .as_bytes(),
    )
}

/// What a checkout became.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct CompletedCheckout {
    ok: bool,
    /// The customer, made or found by e-mail address.
    #[serde(rename = "customerId", default)]
    pub customer_id: Option<CustomerId>,
    /// Its subscriptions, one provisioning task each.
    #[serde(default)]
    pub subscriptions: Vec<MadeSubscription>,
}

row! {
    /// A subscription a checkout made.
    pub struct MadeSubscription {
        /// Id.
        id: SubscriptionId,
        ;
        /// Name of the product; not its slug.
        product: String,
        /// Domain.
        domain: String,
        /// Status.
        status: SubscriptionStatus,
    }
    shows id, product, domain, status
}
