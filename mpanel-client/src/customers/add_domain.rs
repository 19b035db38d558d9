//! `POST /api/customers/{id}/domains`.

use std::borrow::Cow;

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
};

use super::{ADD_DOMAIN, CustomerId};
use crate::reply::{self, Done};

/// Adds a domain to a customer. One that exists already is `Conflict`.
#[derive(Debug, Clone)]
pub struct AddDomain {
    customer: CustomerId,
    name: String,
    kind: Option<String>,
    document_root: Option<String>,
    php_version: Option<String>,
    auto_ssl: Option<bool>,
}

impl AddDomain {
    /// A domain of this name.
    #[must_use]
    pub fn new(customer: CustomerId, name: impl Into<String>) -> Self {
        Self {
            customer,
            name: name.into(),
            kind: None,
            document_root: None,
            php_version: None,
            auto_ssl: None,
        }
    }

    /// Sets the type, such as `primary`.
    #[must_use]
    pub fn set_type(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// Sets the document root.
    #[must_use]
    pub fn set_document_root(mut self, path: impl Into<String>) -> Self {
        self.document_root = Some(path.into());
        self
    }

    /// Sets the PHP version.
    #[must_use]
    pub fn set_php_version(mut self, version: impl Into<String>) -> Self {
        self.php_version = Some(version.into());
        self
    }

    /// Sets whether a certificate is obtained.
    #[must_use]
    pub const fn set_auto_ssl(mut self, auto_ssl: bool) -> Self {
        self.auto_ssl = Some(auto_ssl);
        self
    }
}

impl Endpoint for AddDomain {
    const OPERATION: &'static Operation = &ADD_DOMAIN;
    type Reply = Done;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.customer);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("domain_name", &self.name)?;
            body.optional("type", self.kind.as_ref())?;
            body.optional("document_root", self.document_root.as_ref())?;
            body.optional("php_version", self.php_version.as_ref())?;
            body.optional("auto_ssl", self.auto_ssl.as_ref())
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        Some(self.name.as_str().into())
    }

    fn decode(&self, answer: &Answer) -> Result<Done, DecodeError> {
        reply::done(answer)
    }
}
