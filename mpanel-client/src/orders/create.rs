//! `POST /api/orders`.

use std::{borrow::Cow, fmt};

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody, Timestamp};
use provisioning_core::money::Money;
use serde_json::{Map, Value};

use super::{CREATE, OrderId, OrderStatus};
use crate::{customers::CustomerId, reply, row::row};

/// Creates an order that waits for its payment. Two of the same make two.
///
/// # Errors
/// Of the call: `Encode` for an amount of nothing; `Indeterminate` with the payment intent where no whole answer came.
#[derive(Clone)]
pub struct CreateOrder {
    total: Money,
    customer: Customer,
    customer_name: Option<String>,
    customer_phone: Option<String>,
    price_slug: Option<String>,
    product_code: Option<String>,
    quantity: Option<u32>,
    payment_intent: Option<String>,
    session: Option<String>,
    external_id: Option<String>,
    metadata: Map<String, Value>,
    notes: Option<String>,
}

#[derive(Clone)]
enum Customer {
    Id(CustomerId),
    Email(String),
}

impl CreateOrder {
    /// An order of a customer the server knows.
    #[must_use]
    pub fn for_customer(customer: CustomerId, total: Money) -> Self {
        Self::new(Customer::Id(customer), total)
    }

    /// An order of whoever has this e-mail address, made if nobody has.
    #[must_use]
    pub fn for_email(email: impl Into<String>, total: Money) -> Self {
        Self::new(Customer::Email(email.into()), total)
    }

    fn new(customer: Customer, total: Money) -> Self {
        Self {
            total,
            customer,
            customer_name: None,
            customer_phone: None,
            price_slug: None,
            product_code: None,
            quantity: None,
            payment_intent: None,
            session: None,
            external_id: None,
            metadata: Map::new(),
            notes: None,
        }
    }

    /// Sets the customer's name and phone number.
    #[must_use]
    pub fn set_person(mut self, name: Option<String>, phone: Option<String>) -> Self {
        self.customer_name = name;
        self.customer_phone = phone;
        self
    }

    /// Sets the price, by its short name.
    #[must_use]
    pub fn set_price_slug(mut self, slug: impl Into<String>) -> Self {
        self.price_slug = Some(slug.into());
        self
    }

    /// Sets the product, by its code.
    #[must_use]
    pub fn set_product_code(mut self, code: impl Into<String>) -> Self {
        self.product_code = Some(code.into());
        self
    }

    /// Sets how many.
    #[must_use]
    pub const fn set_quantity(mut self, quantity: u32) -> Self {
        self.quantity = Some(quantity);
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

    /// Sets the id elsewhere.
    #[must_use]
    pub fn set_external_id(mut self, id: impl Into<String>) -> Self {
        self.external_id = Some(id.into());
        self
    }

    /// Sets one entry of the metadata.
    #[must_use]
    pub fn set_metadata(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }

    /// Sets notes.
    #[must_use]
    pub fn set_notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }
}

impl fmt::Debug for CreateOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateOrder")
            .field("total", &self.total)
            .field("price_slug", &self.price_slug)
            .field("payment_intent", &self.payment_intent)
            .finish_non_exhaustive()
    }
}

impl Endpoint for CreateOrder {
    const OPERATION: &'static Operation = &CREATE;
    type Reply = CreatedOrder;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        if self.total.is_zero() {
            return Err(EncodeError::new(
                "the amount is nothing, which this route refuses",
            ));
        }
        RequestBody::object(|body| {
            body.field("totalAmountCents", &self.total.minor())?;
            body.field(
                "currency",
                &self.total.currency().code().to_ascii_lowercase(),
            )?;
            match &self.customer {
                Customer::Id(id) => body.field("customerId", id)?,
                Customer::Email(email) => body.field("customerEmail", email)?,
            }
            body.optional("customerName", self.customer_name.as_ref())?;
            body.optional("customerPhone", self.customer_phone.as_ref())?;
            body.optional("priceSlug", self.price_slug.as_ref())?;
            body.optional("productCode", self.product_code.as_ref())?;
            body.optional("quantity", self.quantity.as_ref())?;
            body.optional("stripePaymentIntentId", self.payment_intent.as_ref())?;
            body.optional("stripeSessionId", self.session.as_ref())?;
            body.optional("externalOrderId", self.external_id.as_ref())?;
            body.field("metadata", &self.metadata)?;
            body.optional("notes", self.notes.as_ref())
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        self.payment_intent.as_deref().map(Cow::Borrowed)
    }

    fn decode(&self, answer: &Answer) -> Result<CreatedOrder, DecodeError> {
        reply::row(answer, &["order"])
    }
}

row! {
    /// An order that was made.
    pub struct CreatedOrder {
        /// Id.
        #[serde(rename = "orderId", alias = "order_id")]
        order_id: OrderId,
        ;
        /// Its status.
        status: OrderStatus,
        /// The customer.
        customer_id("customerId"): CustomerId,
        /// What it costs, in cents.
        #[serde(deserialize_with = "panel_http::lenient")]
        total_amount_cents("totalAmountCents"): u64,
        /// Currency.
        currency: String,
        /// When it was made.
        created_at("createdAt"): Timestamp,
    }
    shows order_id, status, customer_id, total_amount_cents
}
