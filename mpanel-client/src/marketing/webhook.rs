//! `POST /api/marketing/webhooks/register`.

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use super::REGISTER_WEBHOOK;
use crate::reply;

/// Registers a webhook of the marketing site.
#[derive(Debug, Clone)]
pub struct RegisterMarketingWebhook {
    url: Url,
    events: Vec<String>,
    secret: Option<SecretString>,
}

impl RegisterMarketingWebhook {
    /// To this address, of these events.
    #[must_use]
    pub const fn new(url: Url, events: Vec<String>) -> Self {
        Self {
            url,
            events,
            secret: None,
        }
    }

    /// Sets the secret it is signed with.
    #[must_use]
    pub fn set_secret(mut self, secret: SecretString) -> Self {
        self.secret = Some(secret);
        self
    }
}

impl Endpoint for RegisterMarketingWebhook {
    const OPERATION: &'static Operation = &REGISTER_WEBHOOK;
    /// As the server tells it.
    type Reply = Map<String, Value>;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("url", &self.url)?;
            body.field("events", &self.events)?;
            match &self.secret {
                Some(secret) => body.secret("secret", secret),
                None => Ok(()),
            }
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Self::Reply, DecodeError> {
        reply::row(answer, &[])
    }
}
