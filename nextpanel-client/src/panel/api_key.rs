//! `POST /api/api-keys/`.

use std::fmt;
use std::net::IpAddr;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use panel_http::Answer;
use panel_http::DecodeError;
use panel_http::EncodeError;
use panel_http::Endpoint;
use panel_http::Kind;
use panel_http::Operation;
use panel_http::RequestBody;
use provisioning_core::permission::PermissionLevel;

use super::client::PanelCredentials;
use super::operations::CREATE_API_KEY;

/// Creates an API key. Needs [`PanelBuilder::admin_login`](super::PanelBuilder::admin_login), not a key.
///
/// # Errors
/// Of the call: [`Kind::Indeterminate`] also when an answer of success carries no key or no secret: the key exists then,
/// and its secret is lost; delete it in the panel's pages.
#[derive(Debug, Clone)]
pub struct CreateApiKey {
    name: String,
    level: PermissionLevel,
    allowed_ips: Vec<IpAddr>,
    per_hour: u32,
    per_day: u32,
}

impl CreateApiKey {
    /// A key of this name and level, usable from everywhere, for 1,000 calls an hour and 10,000 a day as in the panel's
    /// documents.
    #[must_use]
    pub fn new(name: impl Into<String>, level: PermissionLevel) -> Self {
        Self {
            name: name.into(),
            level,
            allowed_ips: Vec::new(),
            per_hour: 1_000,
            per_day: 10_000,
        }
    }

    /// The only addresses the key may be used from; none means any.
    #[must_use]
    pub fn set_allowed_ips(mut self, addresses: Vec<IpAddr>) -> Self {
        self.allowed_ips = addresses;
        self
    }

    /// How many calls the key may make in an hour and in a day.
    #[must_use]
    pub const fn set_rate_limit(mut self, per_hour: u32, per_day: u32) -> Self {
        self.per_hour = per_hour;
        self.per_day = per_day;
        self
    }
}

/// A key the panel has just made. The secret is shown this once; nobody can ask for it again.
#[derive(Clone)]
#[non_exhaustive]
pub struct CreatedApiKey {
    /// Key and secret, as a [`Panel`](super::Panel) takes them.
    pub credentials: PanelCredentials,
}

impl fmt::Debug for CreatedApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CreatedApiKey([secret])")
    }
}

impl Endpoint for CreateApiKey {
    const OPERATION: &'static Operation = &CREATE_API_KEY;
    type Reply = CreatedApiKey;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        if let PermissionLevel::Unknown(_) = self.level {
            return Err(EncodeError::new(
                "the permission level is none the panel knows",
            ));
        }
        RequestBody::object(|body| {
            body.field("name", &self.name)?;
            body.field("permission_level", self.level.wire())?;
            body.field("allowed_ips", &self.allowed_ips)?;
            body.field("rate_limit_per_hour", &self.per_hour)?;
            body.field("rate_limit_per_day", &self.per_day)
        })
    }

    fn decode(&self, answer: &Answer) -> Result<CreatedApiKey, DecodeError> {
        #[derive(Deserialize)]
        struct Shown {
            key_id: SecretString,
            key_secret: SecretString,
        }
        let open = |error: DecodeError| error.with_kind(Kind::Indeterminate);
        let shown: Shown = answer.json().map_err(open)?;
        for (name, value) in [("key_id", &shown.key_id), ("key_secret", &shown.key_secret)] {
            if value.expose_secret().is_empty() {
                return Err(open(DecodeError::unreadable(name, "is empty")));
            }
        }
        Ok(CreatedApiKey {
            credentials: PanelCredentials::new(shown.key_id, shown.key_secret),
        })
    }
}
