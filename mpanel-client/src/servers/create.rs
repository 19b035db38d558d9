//! `POST /api/servers`.

use std::{borrow::Cow, net::IpAddr};

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};
use secrecy::SecretString;

use super::{CREATE, Server};
use crate::reply;

/// Adds a server. It gets neither name nor tenant: a strict database refuses it for that (400 "Missing required field:
/// name"), and elsewhere a tenant's administrator does not see what he made.
///
/// # Errors
/// Of the call: `Conflict` for a host name that exists.
#[derive(Debug, Clone)]
pub struct CreateServer {
    hostname: String,
    ip_address: IpAddr,
    control_panel: Option<String>,
    control_panel_url: Option<String>,
    api_username: Option<String>,
    api_token: Option<SecretString>,
    max_accounts: Option<u32>,
    location: Option<String>,
    nameservers: Option<(String, String)>,
}

impl CreateServer {
    /// A server of this host name and address.
    #[must_use]
    pub fn new(hostname: impl Into<String>, ip_address: IpAddr) -> Self {
        Self {
            hostname: hostname.into(),
            ip_address,
            control_panel: None,
            control_panel_url: None,
            api_username: None,
            api_token: None,
            max_accounts: None,
            location: None,
            nameservers: None,
        }
    }

    /// Sets the control panel and where it is.
    #[must_use]
    pub fn set_control_panel(mut self, kind: impl Into<String>, url: impl Into<String>) -> Self {
        self.control_panel = Some(kind.into());
        self.control_panel_url = Some(url.into());
        self
    }

    /// Sets user and token of its interface.
    #[must_use]
    pub fn set_api(mut self, username: impl Into<String>, token: SecretString) -> Self {
        self.api_username = Some(username.into());
        self.api_token = Some(token);
        self
    }

    /// Sets how many accounts it takes.
    #[must_use]
    pub const fn set_max_accounts(mut self, accounts: u32) -> Self {
        self.max_accounts = Some(accounts);
        self
    }

    /// Sets where it stands.
    #[must_use]
    pub fn set_location(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Sets its name servers.
    #[must_use]
    pub fn set_nameservers(mut self, first: impl Into<String>, second: impl Into<String>) -> Self {
        self.nameservers = Some((first.into(), second.into()));
        self
    }
}

impl Endpoint for CreateServer {
    const OPERATION: &'static Operation = &CREATE;
    type Reply = Server;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("hostname", &self.hostname)?;
            body.field("ipAddress", &self.ip_address)?;
            body.optional("controlPanel", self.control_panel.as_ref())?;
            body.optional("controlPanelUrl", self.control_panel_url.as_ref())?;
            body.optional("apiUsername", self.api_username.as_ref())?;
            if let Some(token) = &self.api_token {
                body.secret("apiToken", token)?;
            }
            body.optional("maxAccounts", self.max_accounts.as_ref())?;
            body.optional("location", self.location.as_ref())?;
            if let Some((first, second)) = &self.nameservers {
                body.field("nameserver1", first)?;
                body.field("nameserver2", second)?;
            }
            Ok(())
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        Some(self.hostname.as_str().into())
    }

    fn decode(&self, answer: &Answer) -> Result<Server, DecodeError> {
        reply::row(answer, &["server"])
    }
}
