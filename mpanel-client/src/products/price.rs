//! `/api/products/{code}/prices`, `/api/products/prices/{id}`: TypeScript only.

use std::borrow::Cow;

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, Paging, PathParameters, RequestBody,
    Timestamp,
};
use provisioning_core::money::{Currency, Money};
use serde_json::{Map, Value};

use super::{CREATE_PRICE, DELETE_PRICE, PRICE, PRICES, UPDATE_PRICE};
use crate::{
    endpoints::{endpoints, lists},
    reply::{self, Done},
    row::row,
};

panel_http::opaque_id! {
    /// Id of a price.
    pub struct PriceId;
}

panel_http::open_enum! {
    /// How often a price is due (contract section 9), in both dialects.
    pub enum Interval {
        /// Every month.
        Monthly = "MONTHLY",
        /// Every three months.
        Quarterly = "QUARTERLY",
        /// Every six months.
        SemiAnnually = "SEMI_ANNUALLY" | "semi-annually",
        /// Every year.
        Yearly = "YEARLY" | "annually",
        /// Every two years.
        Biennially = "BIENNIALLY",
        /// Every three years.
        Triennially = "TRIENNIALLY" | "triennial",
        /// Once.
        Once = "ONE_TIME" | "one-time",
    }
}

impl Interval {
    /// The word of the legacy dialect.
    #[must_use]
    pub fn legacy(&self) -> &str {
        match self {
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::SemiAnnually => "semi-annually",
            Self::Yearly => "annually",
            Self::Biennially => "biennially",
            Self::Triennially => "triennially",
            Self::Once => "one-time",
            Self::Unknown(text) => text,
        }
    }
}

row! {
    /// A price.
    pub struct Price {
        /// Id.
        id: PriceId,
        ;
        /// Name.
        name: String,
        /// Short name, by which orders name it.
        slug: String,
        /// How often it is due.
        interval("cycle"): Interval,
        /// Amount, in cents.
        #[serde(deserialize_with = "panel_http::lenient")]
        amount_cents("amountCents"): u64,
        /// Currency, in lower case.
        currency: String,
        /// Whether it is recommended.
        #[serde(deserialize_with = "panel_http::lenient")]
        is_popular("isPopular"): bool,
        /// Whether it is offered.
        #[serde(deserialize_with = "panel_http::lenient")]
        is_active("isActive"): bool,
        /// What is included.
        limits_json("limitsJson"): Map<String, Value>,
        /// Product at Stripe.
        stripe_product_id("stripeProductId"): String,
        /// Price at Stripe.
        stripe_price_id("stripePriceId"): String,
        /// When it was made.
        created_at("createdAt"): Timestamp,
    }
    shows id, slug, interval, amount_cents, currency, is_active
}

impl Price {
    /// Its amount; none if amount or currency are missing or unknown.
    #[must_use]
    pub fn amount(&self) -> Option<Money> {
        let currency: Currency = self.currency.as_deref()?.parse().ok()?;
        Some(Money::from_minor(self.amount_cents?, currency))
    }
}

lists! {
    /// Lists the prices of a product.
    ListPrices(code: String) -> Price = PRICES, Paging::Whole;
}

endpoints! {
    /// Reads a price.
    GetPrice(id: PriceId) -> Price = PRICE, |answer| reply::row(answer, &["price"]);

    /// Deletes a price.
    DeletePrice(id: PriceId) -> Done = DELETE_PRICE, reply::done;
}

/// Creates a price of a product. One of the same short name is `Conflict`.
#[derive(Debug, Clone)]
pub struct CreatePrice {
    code: String,
    name: String,
    slug: String,
    interval: Interval,
    amount: Money,
    limits: Map<String, Value>,
}

impl CreatePrice {
    /// A price of this product; its short name is made of code and interval: `starter-monthly`.
    #[must_use]
    pub fn new(code: &str, product_name: &str, interval: Interval, amount: Money) -> Self {
        let cycle = match &interval {
            Interval::Yearly => "yearly",
            other => other.legacy(),
        };
        let mut title = cycle.to_owned();
        if let Some(first) = title.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        Self {
            slug: format!("{}-{cycle}", code.replace('_', "-")),
            name: format!("{product_name} {title}"),
            code: code.to_owned(),
            interval,
            amount,
            limits: Map::new(),
        }
    }

    /// Sets another short name.
    #[must_use]
    pub fn set_slug(mut self, slug: impl Into<String>) -> Self {
        self.slug = slug.into();
        self
    }

    /// Sets what is included, such as `emails`.
    #[must_use]
    pub fn set_limit(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.limits.insert(name.into(), value.into());
        self
    }
}

impl Endpoint for CreatePrice {
    const OPERATION: &'static Operation = &CREATE_PRICE;
    type Reply = Price;

    fn path(&self, path: &mut PathParameters) {
        path.set("code", &self.code);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("name", &self.name)?;
            body.field("slug", &self.slug)?;
            body.field("interval", &self.interval)?;
            body.field("amountCents", &self.amount.minor())?;
            body.field(
                "currency",
                &self.amount.currency().code().to_ascii_lowercase(),
            )?;
            if self.limits.is_empty() {
                return Ok(());
            }
            body.field("limitsJson", &self.limits)
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        Some(self.slug.as_str().into())
    }

    fn decode(&self, answer: &Answer) -> Result<Price, DecodeError> {
        reply::row(answer, &["price"])
    }
}

/// Changes a price. At the path the documents give, `/api/prices/{id}`, no server has it.
#[derive(Debug, Clone)]
pub struct UpdatePrice {
    id: PriceId,
    amount_cents: Option<u64>,
    is_active: Option<bool>,
}

impl UpdatePrice {
    /// A change of this price, of nothing yet.
    #[must_use]
    pub const fn new(id: PriceId) -> Self {
        Self {
            id,
            amount_cents: None,
            is_active: None,
        }
    }

    /// Changes the amount, in cents of the price's own currency.
    #[must_use]
    pub const fn set_amount_cents(mut self, cents: u64) -> Self {
        self.amount_cents = Some(cents);
        self
    }

    /// Changes whether it is offered.
    #[must_use]
    pub const fn set_active(mut self, is_active: bool) -> Self {
        self.is_active = Some(is_active);
        self
    }
}

impl Endpoint for UpdatePrice {
    const OPERATION: &'static Operation = &UPDATE_PRICE;
    type Reply = Price;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.optional("amountCents", self.amount_cents.as_ref())?;
            body.optional("isActive", self.is_active.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Price, DecodeError> {
        reply::row(answer, &["price"])
    }
}
