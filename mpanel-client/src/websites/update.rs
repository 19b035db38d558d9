//! `PUT /api/websites/{id}`, `PUT /api/websites/{id}/ssl`.

use jiff::Timestamp;
use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
};
use serde_json::{Map, Value};

use super::{UPDATE, UPDATE_SSL, Website, WebsiteId, WebsiteStatus};
use crate::{columns, reply};

/// Changes columns of a website. The server takes the names of columns, in snake_case; any other name is a 500.
#[derive(Debug, Clone)]
pub struct UpdateWebsite {
    id: WebsiteId,
    columns: Map<String, Value>,
}

impl UpdateWebsite {
    /// A change of this website, of nothing yet.
    #[must_use]
    pub fn new(id: WebsiteId) -> Self {
        Self {
            id,
            columns: Map::new(),
        }
    }

    /// Changes the status.
    #[must_use]
    pub fn set_status(self, status: &WebsiteStatus) -> Self {
        self.set_column("status", status.as_str())
    }

    /// Changes the PHP version.
    #[must_use]
    pub fn set_php_version(self, version: impl Into<String>) -> Self {
        self.set_column("php_version", version.into())
    }

    /// Changes any column, by its name in the database.
    #[must_use]
    pub fn set_column(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.columns.insert(name.into(), value.into());
        self
    }
}

impl Endpoint for UpdateWebsite {
    const OPERATION: &'static Operation = &UPDATE;
    type Reply = Website;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        columns::body(&self.columns)
    }

    fn decode(&self, answer: &Answer) -> Result<Website, DecodeError> {
        reply::row(answer, &["website"])
    }
}

/// Records the certificate of a website.
#[derive(Debug, Clone)]
pub struct UpdateWebsiteSsl {
    id: WebsiteId,
    enabled: bool,
    provider: Option<String>,
    expires_at: Option<Timestamp>,
}

impl UpdateWebsiteSsl {
    /// Whether the website has a certificate.
    #[must_use]
    pub const fn new(id: WebsiteId, enabled: bool) -> Self {
        Self {
            id,
            enabled,
            provider: None,
            expires_at: None,
        }
    }

    /// Sets who issued it.
    #[must_use]
    pub fn set_provider(mut self, provider: impl Into<String>) -> Self {
        self.provider = Some(provider.into());
        self
    }

    /// Sets when it expires.
    #[must_use]
    pub const fn set_expires_at(mut self, expires_at: Timestamp) -> Self {
        self.expires_at = Some(expires_at);
        self
    }
}

impl Endpoint for UpdateWebsiteSsl {
    const OPERATION: &'static Operation = &UPDATE_SSL;
    type Reply = Website;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("sslEnabled", &self.enabled)?;
            body.optional("sslProvider", self.provider.as_ref())?;
            body.optional("sslExpiresAt", self.expires_at.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Website, DecodeError> {
        reply::row(answer, &["website"])
    }
}
