//! `/api/marketing/admin/api-keys`: for users with the permissions `api_keys.*`, which no role has by default.

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};
use secrecy::SecretString;

use super::{CREATE_KEY, KEYS, REVOKE_KEY, WHOLE};
use crate::{
    api_keys::{ApiKey, ApiKeyId},
    endpoints::{endpoints, lists},
    reply::{self, Done},
    row::row,
};

lists! {
    /// Lists the marketing keys, without their secrets.
    ListMarketingKeys -> ApiKey = KEYS, WHOLE;
}

endpoints! {
    /// Revokes a marketing key.
    RevokeMarketingKey(id: ApiKeyId) -> Done = REVOKE_KEY, reply::done;
}

row! {
    /// A marketing key that was just made: its secret is shown this once.
    pub struct MarketingKey {
        /// Id.
        id: ApiKeyId,
        /// The secret, `mk_...`.
        #[serde(rename = "apiKey", alias = "api_key")]
        secret: SecretString,
        ;
        /// Name.
        name: String,
    }
    shows id, name
}

/// Makes a marketing key.
#[derive(Debug, Clone)]
pub struct CreateMarketingKey {
    name: String,
    days: Option<u32>,
}

impl CreateMarketingKey {
    /// A key of this name that never expires.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            days: None,
        }
    }

    /// Sets in how many days it expires.
    #[must_use]
    pub const fn set_days(mut self, days: u32) -> Self {
        self.days = Some(days);
        self
    }
}

impl Endpoint for CreateMarketingKey {
    const OPERATION: &'static Operation = &CREATE_KEY;
    type Reply = MarketingKey;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("name", &self.name)?;
            body.optional("expiresIn", self.days.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<MarketingKey, DecodeError> {
        // The envelope is unwrapped by its lack of an id, and `data` has one.
        reply::row(answer, &[])
    }
}
