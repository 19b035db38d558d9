//! `/api/api-keys/webhooks`.

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, Paging, PathParameters, RequestBody,
    Timestamp,
};
use secrecy::SecretString;
use url::Url;

use super::{CREATE_WEBHOOK, DELETE_WEBHOOK, DELIVERIES, UPDATE_WEBHOOK, WEBHOOKS};
use crate::{
    endpoints::{endpoints, lists},
    reply::{self, Done},
    row::row,
    users::UserId,
};

panel_http::opaque_id! {
    /// Id of a webhook: a number.
    pub struct WebhookId;
}

panel_http::opaque_id! {
    /// Id of a delivery.
    pub struct WebhookDeliveryId;
}

row! {
    /// A webhook. Even the list shows its secret.
    pub struct Webhook {
        /// Id.
        id: WebhookId,
        ;
        /// Whose it is.
        user_id("userId"): UserId,
        /// Where it is sent.
        url: String,
        /// What of.
        events: Vec<String>,
        /// With what it is signed.
        secret: SecretString,
        /// Whether it is sent.
        #[serde(deserialize_with = "panel_http::lenient")]
        enabled: bool,
        /// When it was made.
        created_at("createdAt"): Timestamp,
    }
    shows id, events, enabled
}

row! {
    /// A delivery of a webhook.
    pub struct WebhookDelivery {
        /// Id.
        id: WebhookDeliveryId,
        ;
        /// What of.
        event("event_type"): String,
        /// Status of the answer.
        #[serde(deserialize_with = "panel_http::lenient")]
        response_status("status_code" | "responseStatus"): u16,
        /// When it was sent.
        created_at("createdAt"): Timestamp,
    }
    shows id, event, response_status
}

lists! {
    /// Lists the webhooks of the user who is logged in.
    ListWebhooks -> Webhook = WEBHOOKS, Paging::Whole;

    /// Lists what was sent by a webhook.
    ListWebhookDeliveries(id: WebhookId) -> WebhookDelivery = DELIVERIES, Paging::Whole;
}

endpoints! {
    /// Deletes a webhook.
    DeleteWebhook(id: WebhookId) -> Done = DELETE_WEBHOOK, reply::done;
}

/// Makes a webhook.
#[derive(Debug, Clone)]
pub struct CreateWebhook {
    url: Url,
    events: Vec<String>,
    secret: Option<SecretString>,
}

impl CreateWebhook {
    /// To this address, of these events, signed with a secret the server makes.
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

impl Endpoint for CreateWebhook {
    const OPERATION: &'static Operation = &CREATE_WEBHOOK;
    type Reply = Webhook;

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

    fn decode(&self, answer: &Answer) -> Result<Webhook, DecodeError> {
        reply::row(answer, &["webhook"])
    }
}

/// Changes a webhook.
#[derive(Debug, Clone)]
pub struct UpdateWebhook {
    id: WebhookId,
    url: Option<Url>,
    events: Option<Vec<String>>,
    enabled: Option<bool>,
}

impl UpdateWebhook {
    /// A change of this webhook, of nothing yet.
    #[must_use]
    pub const fn new(id: WebhookId) -> Self {
        Self {
            id,
            url: None,
            events: None,
            enabled: None,
        }
    }

    /// Changes where it is sent.
    #[must_use]
    pub fn set_url(mut self, url: Url) -> Self {
        self.url = Some(url);
        self
    }

    /// Changes what of.
    #[must_use]
    pub fn set_events(mut self, events: Vec<String>) -> Self {
        self.events = Some(events);
        self
    }

    /// Changes whether it is sent.
    #[must_use]
    pub const fn set_enabled(mut self, enabled: bool) -> Self {
        self.enabled = Some(enabled);
        self
    }
}

impl Endpoint for UpdateWebhook {
    const OPERATION: &'static Operation = &UPDATE_WEBHOOK;
    type Reply = Webhook;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.optional("url", self.url.as_ref())?;
            body.optional("events", self.events.as_ref())?;
            body.optional("enabled", self.enabled.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Webhook, DecodeError> {
        reply::row(answer, &["webhook"])
    }
}
