//! `PUT /api/products/{id}` (legacy), `PATCH /api/products/{code}` (TypeScript).

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
};
use serde_json::{Map, Value};

use super::{Product, ProductId, UPDATE, UPDATE_LEGACY};
use crate::{columns, reply};

/// Changes columns of a product, by their names in the database. Legacy only.
#[derive(Debug, Clone)]
pub struct UpdateLegacyProduct {
    id: ProductId,
    columns: Map<String, Value>,
}

impl UpdateLegacyProduct {
    /// A change of this product, of nothing yet.
    #[must_use]
    pub fn new(id: ProductId) -> Self {
        Self {
            id,
            columns: Map::new(),
        }
    }

    /// Changes a column, by its name in the database.
    #[must_use]
    pub fn set_column(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.columns.insert(name.into(), value.into());
        self
    }
}

impl Endpoint for UpdateLegacyProduct {
    const OPERATION: &'static Operation = &UPDATE_LEGACY;
    type Reply = Product;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        columns::body(&self.columns)
    }

    fn decode(&self, answer: &Answer) -> Result<Product, DecodeError> {
        reply::row(answer, &["product"])
    }
}

/// Changes a product. TypeScript only.
#[derive(Debug, Clone)]
pub struct UpdateProduct {
    code: String,
    name: Option<String>,
    description: Option<String>,
    is_active: Option<bool>,
}

impl UpdateProduct {
    /// A change of this product, of nothing yet.
    #[must_use]
    pub fn new(code: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            name: None,
            description: None,
            is_active: None,
        }
    }

    /// Changes the name.
    #[must_use]
    pub fn set_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Changes what it is said to be.
    #[must_use]
    pub fn set_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Changes whether it is offered.
    #[must_use]
    pub const fn set_active(mut self, is_active: bool) -> Self {
        self.is_active = Some(is_active);
        self
    }
}

impl Endpoint for UpdateProduct {
    const OPERATION: &'static Operation = &UPDATE;
    type Reply = Product;

    fn path(&self, path: &mut PathParameters) {
        path.set("code", &self.code);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.optional("name", self.name.as_ref())?;
            body.optional("description", self.description.as_ref())?;
            body.optional("isActive", self.is_active.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Product, DecodeError> {
        reply::row(answer, &["product"])
    }
}
