//! `POST /api/websites`.

use std::borrow::Cow;

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};
use serde_json::{Map, Value};

use super::{CREATE, Website, domain_key};
use crate::{customers::CustomerId, reply, servers::ServerId, subscriptions::SubscriptionId};

/// Creates a website row. Nothing appears on a server by it.
///
/// # Errors
/// Of the call: `Indeterminate` with the domain where no whole answer came, and for every 500: the server says "Failed to
/// create website" whether a field is wrong, the database lacks a column it writes, or the row was made.
#[derive(Debug, Clone)]
pub struct CreateWebsite {
    name: String,
    primary_domain: String,
    customer: Option<CustomerId>,
    server: Option<ServerId>,
    subscription: Option<SubscriptionId>,
    additional_domains: Vec<String>,
    document_root: Option<String>,
    app_type: Option<String>,
    php_version: Option<String>,
    ssl: Option<(bool, String)>,
    system_user: Option<String>,
    metadata: Map<String, Value>,
}

impl CreateWebsite {
    /// A website with the two fields the server cannot do without.
    #[must_use]
    pub fn new(name: impl Into<String>, primary_domain: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            primary_domain: primary_domain.into(),
            customer: None,
            server: None,
            subscription: None,
            additional_domains: Vec::new(),
            document_root: None,
            app_type: None,
            php_version: None,
            ssl: None,
            system_user: None,
            metadata: Map::new(),
        }
    }

    /// Sets the customer.
    #[must_use]
    pub fn set_customer(mut self, id: CustomerId) -> Self {
        self.customer = Some(id);
        self
    }

    /// Sets the server.
    #[must_use]
    pub fn set_server(mut self, id: ServerId) -> Self {
        self.server = Some(id);
        self
    }

    /// Sets the subscription.
    #[must_use]
    pub fn set_subscription(mut self, id: SubscriptionId) -> Self {
        self.subscription = Some(id);
        self
    }

    /// Sets further domains.
    #[must_use]
    pub fn set_additional_domains(mut self, domains: Vec<String>) -> Self {
        self.additional_domains = domains;
        self
    }

    /// Sets the document root.
    #[must_use]
    pub fn set_document_root(mut self, path: impl Into<String>) -> Self {
        self.document_root = Some(path.into());
        self
    }

    /// Sets the kind of application (`php` by default).
    #[must_use]
    pub fn set_app_type(mut self, kind: impl Into<String>) -> Self {
        self.app_type = Some(kind.into());
        self
    }

    /// Sets the PHP version.
    #[must_use]
    pub fn set_php_version(mut self, version: impl Into<String>) -> Self {
        self.php_version = Some(version.into());
        self
    }

    /// Says that it has a certificate, and of whom.
    #[must_use]
    pub fn set_ssl(mut self, provider: impl Into<String>) -> Self {
        self.ssl = Some((true, provider.into()));
        self
    }

    /// Sets the user on the server.
    #[must_use]
    pub fn set_system_user(mut self, user: impl Into<String>) -> Self {
        self.system_user = Some(user.into());
        self
    }

    /// Sets one entry of the metadata, which reads back.
    #[must_use]
    pub fn set_metadata(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.metadata.insert(name.into(), value.into());
        self
    }
}

impl Endpoint for CreateWebsite {
    const OPERATION: &'static Operation = &CREATE;
    type Reply = Website;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        if self.name.trim().is_empty() || self.primary_domain.trim().is_empty() {
            return Err(EncodeError::new("name and domain must not be empty"));
        }
        RequestBody::object(|body| {
            body.optional("customerId", self.customer.as_ref())?;
            body.optional("serverId", self.server.as_ref())?;
            body.optional("subscriptionId", self.subscription.as_ref())?;
            body.field("name", &self.name)?;
            body.field("primaryDomain", &self.primary_domain)?;
            body.field("additionalDomains", &self.additional_domains)?;
            body.optional("documentRoot", self.document_root.as_ref())?;
            body.optional("appType", self.app_type.as_ref())?;
            body.optional("phpVersion", self.php_version.as_ref())?;
            if let Some((enabled, provider)) = &self.ssl {
                body.field("sslEnabled", enabled)?;
                body.field("sslProvider", provider)?;
            }
            body.optional("systemUser", self.system_user.as_ref())?;
            body.field("metadata", &self.metadata)
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        domain_key(&self.primary_domain)
    }

    fn decode(&self, answer: &Answer) -> Result<Website, DecodeError> {
        reply::row(answer, &["website"])
    }
}
