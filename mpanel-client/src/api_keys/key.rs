//! `/api/api-keys/keys`.

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, Paging, RequestBody, Timestamp,
};
use secrecy::SecretString;

use super::{CREATE, LIST, REVOKE};
use crate::{
    endpoints::{endpoints, lists},
    reply::{self, Done},
    row::row,
};

panel_http::opaque_id! {
    /// Id of an API key.
    pub struct ApiKeyId;
}

row! {
    /// An API key, without its secret.
    pub struct ApiKey {
        /// Id.
        id: ApiKeyId,
        ;
        /// Name.
        name: String,
        /// Beginning of the secret, to tell it by.
        key_prefix("keyPrefix"): String,
        /// What it may do.
        permissions: Vec<String>,
        /// What it is for: `marketing`.
        scope: String,
        /// Whether it is good.
        #[serde(deserialize_with = "panel_http::lenient")]
        is_active("isActive"): bool,
        /// When it was used last.
        last_used("last_used_at" | "lastUsedAt"): Timestamp,
        /// When it expires.
        expires_at("expiresAt"): Timestamp,
        /// When it was made.
        created_at("createdAt"): Timestamp,
    }
    shows id, name, key_prefix, permissions, is_active, expires_at
}

row! {
    /// An API key that was just made: its secret is shown this once.
    pub struct CreatedApiKey {
        /// Id.
        id: ApiKeyId,
        /// The secret.
        #[serde(rename = "api_key", alias = "apiKey")]
        secret: SecretString,
        ;
        /// Name.
        name: String,
        /// What it may do.
        permissions: Vec<String>,
        /// When it expires.
        expires_at("expiresAt"): Timestamp,
    }
    shows id, name, expires_at
}

lists! {
    /// Lists the keys of the user who is logged in.
    ListApiKeys -> ApiKey = LIST, Paging::Whole;
}

endpoints! {
    /// Revokes a key.
    RevokeApiKey(id: ApiKeyId) -> Done = REVOKE, reply::done;
}

/// Makes a key.
#[derive(Debug, Clone)]
pub struct CreateApiKey {
    name: String,
    permissions: Vec<String>,
    expires_at: Option<Timestamp>,
}

impl CreateApiKey {
    /// A key of this name that may do nothing and never expires.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            permissions: Vec::new(),
            expires_at: None,
        }
    }

    /// Sets what it may do.
    #[must_use]
    pub fn set_permissions(mut self, permissions: Vec<String>) -> Self {
        self.permissions = permissions;
        self
    }

    /// Sets when it expires.
    #[must_use]
    pub const fn set_expires_at(mut self, at: Timestamp) -> Self {
        self.expires_at = Some(at);
        self
    }
}

impl Endpoint for CreateApiKey {
    const OPERATION: &'static Operation = &CREATE;
    type Reply = CreatedApiKey;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("name", &self.name)?;
            body.field("permissions", &self.permissions)?;
            body.optional("expires_at", self.expires_at.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<CreatedApiKey, DecodeError> {
        reply::row(answer, &["key"])
    }
}
