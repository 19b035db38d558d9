//! `/api/admin/servers`, which asks for no credential.

use std::borrow::Cow;

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody, Timestamp,
};
use serde_json::{Map, Value};

use super::{ADMIN_CREATE, ADMIN_UPDATE, ServerId};
use crate::{reply, row::row};

row! {
    /// A server as the provisioning worker knows it.
    pub struct AdminServer {
        /// Id.
        id: ServerId,
        ;
        /// Name.
        name: String,
        /// Full name.
        fqdn: String,
        /// Host name.
        hostname: String,
        /// What it does.
        role: String,
        /// Address.
        ip_address("ipAddress"): String,
        /// Where it stands.
        location: String,
        /// Where its interface is.
        api_base_url("apiBaseUrl"): String,
        /// Status.
        status: String,
        /// Whether it is in use.
        #[serde(deserialize_with = "panel_http::lenient")]
        is_active("isActive"): bool,
        /// Tasks that wait.
        #[serde(deserialize_with = "panel_http::lenient")]
        pending_tasks("pendingTasks"): u64,
        /// Tasks under way.
        #[serde(deserialize_with = "panel_http::lenient")]
        active_tasks("activeTasks"): u64,
        /// When it was made.
        created_at("createdAt"): Timestamp,
    }
    shows id, name, fqdn, role, is_active, pending_tasks, active_tasks
}

/// Adds a server. One of the same name is `Conflict`.
#[derive(Debug, Clone)]
pub struct CreateAdminServer {
    name: String,
    fqdn: String,
    role: String,
    ip_address: Option<String>,
    location: Option<String>,
    api_base_url: Option<String>,
    is_active: Option<bool>,
}

impl CreateAdminServer {
    /// A server with the three fields the route demands.
    #[must_use]
    pub fn new(name: impl Into<String>, fqdn: impl Into<String>, role: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            fqdn: fqdn.into(),
            role: role.into(),
            ip_address: None,
            location: None,
            api_base_url: None,
            is_active: None,
        }
    }

    /// Sets the address.
    #[must_use]
    pub fn set_ip_address(mut self, address: impl Into<String>) -> Self {
        self.ip_address = Some(address.into());
        self
    }

    /// Sets where it stands.
    #[must_use]
    pub fn set_location(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Sets where its interface is.
    #[must_use]
    pub fn set_api_base_url(mut self, url: impl Into<String>) -> Self {
        self.api_base_url = Some(url.into());
        self
    }

    /// Sets whether it is in use.
    #[must_use]
    pub const fn set_active(mut self, is_active: bool) -> Self {
        self.is_active = Some(is_active);
        self
    }
}

impl Endpoint for CreateAdminServer {
    const OPERATION: &'static Operation = &ADMIN_CREATE;
    type Reply = AdminServer;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("name", &self.name)?;
            body.field("fqdn", &self.fqdn)?;
            body.field("role", &self.role)?;
            body.optional("ipAddress", self.ip_address.as_ref())?;
            body.optional("location", self.location.as_ref())?;
            body.optional("apiBaseUrl", self.api_base_url.as_ref())?;
            body.optional("isActive", self.is_active.as_ref())
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        Some(self.name.as_str().into())
    }

    fn decode(&self, answer: &Answer) -> Result<AdminServer, DecodeError> {
        reply::row(answer, &["server"])
    }
}

/// Changes a server.
#[derive(Debug, Clone)]
pub struct UpdateAdminServer {
    id: ServerId,
    values: Map<String, Value>,
}

impl UpdateAdminServer {
    /// A change of this server, of nothing yet.
    #[must_use]
    pub fn new(id: ServerId) -> Self {
        Self {
            id,
            values: Map::new(),
        }
    }

    /// Changes a value, by its name in the request that creates one: `isActive`, `ipAddress`.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.values.insert(name.into(), value.into());
        self
    }
}

impl Endpoint for UpdateAdminServer {
    const OPERATION: &'static Operation = &ADMIN_UPDATE;
    type Reply = AdminServer;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        if self.values.is_empty() {
            return Err(EncodeError::new("nothing is to be changed"));
        }
        RequestBody::json(&self.values)
    }

    fn decode(&self, answer: &Answer) -> Result<AdminServer, DecodeError> {
        reply::row(answer, &["server"])
    }
}
