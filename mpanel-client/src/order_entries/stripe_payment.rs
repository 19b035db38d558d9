//! Payload C: `POST /api/provisioning/stripe`.

use std::{borrow::Cow, fmt};

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody, ServerError, Timestamp,
};
use provisioning_core::money::Money;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::STRIPE_PAYMENT;
use crate::{orders::OrderId, subscriptions::SubscriptionId};

/// The largest whole number the columns for amounts hold.
const MOST_CENTS: u64 = i32::MAX as u64;

/// Submits a payment of Stripe's with what it bought. The payment intent is the key: the same one again answers with
/// the same order, and the server does not compare the rest.
///
/// # Errors
/// Of the call: `Encode` for amounts the server's columns do not hold and an empty cart, `Auth` for a wrong
/// `x-mpanel-token` (on the TypeScript server also for a missing login), `Indeterminate` after all attempts.
#[derive(Clone)]
pub struct StripePayment {
    payment_intent: String,
    amount: Money,
    status: String,
    customer_email: Option<String>,
    customer_name: Option<String>,
    cart: Vec<CartItem>,
    metadata: Map<String, Value>,
    created_at: Option<Timestamp>,
}

impl StripePayment {
    /// A payment that was made (`status` "paid").
    #[must_use]
    pub fn new(
        payment_intent: impl Into<String>,
        amount: Money,
        cart: impl IntoIterator<Item = CartItem>,
    ) -> Self {
        Self {
            payment_intent: payment_intent.into(),
            amount,
            status: "paid".to_owned(),
            customer_email: None,
            customer_name: None,
            cart: cart.into_iter().collect(),
            metadata: Map::new(),
            created_at: None,
        }
    }

    /// Sets the status; `paid` and `succeeded` count as paid.
    #[must_use]
    pub fn set_status(mut self, status: impl Into<String>) -> Self {
        self.status = status.into();
        self
    }

    /// Sets the customer's e-mail address and name.
    #[must_use]
    pub fn set_customer(mut self, email: impl Into<String>, name: Option<String>) -> Self {
        self.customer_email = Some(email.into());
        self.customer_name = name;
        self
    }

    /// Sets one entry of `rawMetadata`.
    #[must_use]
    pub fn set_metadata(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Sets when it was paid.
    #[must_use]
    pub const fn set_created_at(mut self, at: Timestamp) -> Self {
        self.created_at = Some(at);
        self
    }
}

impl fmt::Debug for StripePayment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripePayment")
            .field("payment_intent", &self.payment_intent)
            .field("amount", &self.amount)
            .field("cart", &self.cart)
            .finish_non_exhaustive()
    }
}

/// What was bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartItem {
    product_code: String,
    product_name: String,
    price: Money,
    billing_cycle: Option<String>,
    quantity: u32,
    kind: Option<String>,
}

impl CartItem {
    /// One of a product, by its code and name. The server knows no `code` field: an item that names its product
    /// otherwise becomes "unknown-product" at a price of 0.
    #[must_use]
    pub fn new(
        product_code: impl Into<String>,
        product_name: impl Into<String>,
        price: Money,
    ) -> Self {
        Self {
            product_code: product_code.into(),
            product_name: product_name.into(),
            price,
            billing_cycle: None,
            quantity: 1,
            kind: None,
        }
    }

    /// Sets the billing cycle, such as `monthly`.
    #[must_use]
    pub fn set_billing_cycle(mut self, cycle: impl Into<String>) -> Self {
        self.billing_cycle = Some(cycle.into());
        self
    }

    /// Sets how many.
    #[must_use]
    pub const fn set_quantity(mut self, quantity: u32) -> Self {
        self.quantity = quantity;
        self
    }

    /// Sets the type of the service; otherwise the server guesses it from the text.
    #[must_use]
    pub fn set_type(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }
}

fn cents(amount: Money) -> Result<u64, EncodeError> {
    if amount.minor() > MOST_CENTS {
        return Err(EncodeError::new(
            "an amount is larger than the server's column holds",
        ));
    }
    Ok(amount.minor())
}

impl Endpoint for StripePayment {
    const OPERATION: &'static Operation = &STRIPE_PAYMENT;
    type Reply = AcceptedPayment;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        if self.payment_intent.trim().is_empty() {
            return Err(EncodeError::new("the payment intent is empty"));
        }
        if self.cart.is_empty() {
            return Err(EncodeError::new("the cart is empty"));
        }
        let currency = self.amount.currency();
        if self
            .cart
            .iter()
            .any(|item| item.price.currency() != currency)
        {
            return Err(EncodeError::new(
                "the cart is not in the currency of the payment",
            ));
        }
        let mut cart = Vec::with_capacity(self.cart.len());
        for item in &self.cart {
            let mut entry = Map::new();
            entry.insert("productCode".into(), item.product_code.clone().into());
            entry.insert("productName".into(), item.product_name.clone().into());
            if let Some(cycle) = &item.billing_cycle {
                entry.insert("billingCycle".into(), cycle.clone().into());
            }
            entry.insert("priceCents".into(), cents(item.price)?.into());
            entry.insert("quantity".into(), item.quantity.into());
            if let Some(kind) = &item.kind {
                entry.insert("type".into(), kind.clone().into());
            }
            cart.push(Value::Object(entry));
        }
        let mut metadata = self.metadata.clone();
        if let Some(name) = &self.customer_name {
            metadata.insert("customerName".to_owned(), name.clone().into());
        }
        RequestBody::object(|body| {
            body.field("stripePaymentIntentId", &self.payment_intent)?;
            body.field("amount", &cents(self.amount)?)?;
            body.field("currency", &currency.code().to_ascii_lowercase())?;
            body.field("status", &self.status)?;
            body.optional("customerEmail", self.customer_email.as_ref())?;
            body.field("cart", &cart)?;
            body.field("rawMetadata", &metadata)?;
            body.optional("createdAt", self.created_at.as_ref())
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        Some(self.payment_intent.as_str().into())
    }

    fn decode(&self, answer: &Answer) -> Result<AcceptedPayment, DecodeError> {
        let reply: Reply = answer.json()?;
        if !reply.ok {
            return Err(DecodeError::refused(ServerError::read(answer.body())));
        }
        Ok(AcceptedPayment {
            order_id: reply.order_id,
            subscription_ids: if reply.subscription_ids.is_empty() {
                reply.subscriptions
            } else {
                reply.subscription_ids
            },
            is_replay: reply.idempotent,
        })
    }
}

/// What a payment became.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AcceptedPayment {
    /// The order.
    pub order_id: OrderId,
    /// Its subscriptions, in no certain order.
    pub subscription_ids: Vec<SubscriptionId>,
    /// Whether the payment had been submitted before. The contents were then not compared.
    pub is_replay: bool,
}

#[derive(Deserialize)]
struct Reply {
    ok: bool,
    #[serde(default)]
    idempotent: bool,
    #[serde(rename = "orderId")]
    order_id: OrderId,
    /// Of the first submission.
    #[serde(rename = "subscriptionIds", default)]
    subscription_ids: Vec<SubscriptionId>,
    /// Of a replay.
    #[serde(default)]
    subscriptions: Vec<SubscriptionId>,
}
