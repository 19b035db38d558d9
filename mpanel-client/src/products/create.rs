//! `POST /api/products`, in both dialects.

use std::borrow::Cow;

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Error, Operation, RequestBody};
use provisioning_core::money::Money;

use super::{CREATE, CREATE_LEGACY, CreatePrice, Interval, Product, ProductKind};
use crate::{
    client::Mpanel,
    dialect::{Dialect, Resource},
    major_units, reply,
};

/// A product to be, in no dialect: [`Mpanel::create_product`] writes it in the server's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewProduct {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Type.
    pub kind: ProductKind,
    /// What it is.
    pub description: Option<String>,
    /// Price.
    pub price: Money,
    /// How often the price is due.
    pub interval: Interval,
}

impl NewProduct {
    /// A product at a price.
    #[must_use]
    pub fn new(
        code: impl Into<String>,
        name: impl Into<String>,
        kind: ProductKind,
        price: Money,
        interval: Interval,
    ) -> Self {
        Self {
            code: code.into(),
            name: name.into(),
            kind,
            description: None,
            price,
            interval,
        }
    }
}

/// Creates a product, legacy dialect. The server stores no code: it goes into the metadata.
///
/// # Errors
/// Of the call: `Encode` for an empty name, which the server answers with 500; `Indeterminate` where no whole answer
/// came.
#[derive(Debug, Clone)]
pub struct CreateLegacyProduct(pub NewProduct);

impl Endpoint for CreateLegacyProduct {
    const OPERATION: &'static Operation = &CREATE_LEGACY;
    type Reply = Product;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        let new = &self.0;
        if new.name.trim().is_empty() {
            return Err(EncodeError::new("the name is empty"));
        }
        RequestBody::object(|body| {
            body.field("name", &new.name)?;
            body.field("type", legacy_kind(&new.kind))?;
            body.field("price", &major_units::number(new.price)?)?;
            body.optional("description", new.description.as_ref())?;
            body.field("billingCycle", new.interval.legacy())?;
            body.field("currency", new.price.currency().code())?;
            body.object("metadata", |metadata| metadata.field("code", &new.code))
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Product, DecodeError> {
        reply::row(answer, &["product"])
    }
}

/// Creates a product, TypeScript dialect. Its price is created beside it, see [`CreatePrice`].
///
/// # Errors
/// Of the call: `Conflict` for a code that exists.
#[derive(Debug, Clone)]
pub struct CreateProduct(pub NewProduct);

impl Endpoint for CreateProduct {
    const OPERATION: &'static Operation = &CREATE;
    type Reply = Product;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        let new = &self.0;
        RequestBody::object(|body| {
            body.field("code", &new.code)?;
            body.field("name", &new.name)?;
            body.field("slug", &new.code.replace('_', "-"))?;
            body.field("type", typescript_kind(&new.kind))?;
            body.optional("description", new.description.as_ref())
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        Some(self.0.code.as_str().into())
    }

    fn decode(&self, answer: &Answer) -> Result<Product, DecodeError> {
        reply::row(answer, &["product"])
    }
}

fn legacy_kind(kind: &ProductKind) -> &str {
    match kind {
        ProductKind::Vps | ProductKind::CloudPod => "hosting",
        ProductKind::Service | ProductKind::Backup | ProductKind::Storage => "addon",
        known => known.as_str(),
    }
}

fn typescript_kind(kind: &ProductKind) -> &str {
    match kind {
        ProductKind::Hosting => "SHARED_HOSTING",
        ProductKind::Domain => "DOMAIN",
        ProductKind::Email => "EMAIL",
        ProductKind::Ssl => "SSL",
        ProductKind::Addon => "ADDON",
        ProductKind::Backup | ProductKind::Storage => "SERVICE",
        known => known.as_str(),
    }
}

impl Mpanel {
    /// Creates a product with its price, in the dialect of the server: one request on the legacy one, two on the other.
    ///
    /// # Errors
    /// As [`CreateLegacyProduct`] and [`CreateProduct`]. Where the product was made and its price was not, the error is
    /// the price's.
    pub async fn create_product(&self, new: NewProduct) -> Result<Product, Error> {
        if self.dialect(Resource::Products).await? == Dialect::Legacy {
            return self.call(CreateLegacyProduct(new)).await;
        }
        let mut product = self.call(CreateProduct(new.clone())).await?;
        let price = self
            .call(CreatePrice::new(
                &new.code,
                &new.name,
                new.interval.clone(),
                new.price,
            ))
            .await?;
        product.prices.get_or_insert_default().push(price);
        Ok(product)
    }
}
