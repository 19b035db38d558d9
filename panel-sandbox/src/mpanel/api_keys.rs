//! API keys, which no route takes, and webhooks: legacy handlers on both servers.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::answer::{Answer, Handled, not_found, ok};
use super::exchange::Exchange;
use super::postgres;
use super::timestamps::iso;
use crate::made_up::characters;

#[derive(Debug, Clone)]
pub(super) struct ApiKey {
    id: String,
    user_id: Option<String>,
    name: String,
    key_prefix: String,
    permissions: Value,
    expires_at: Option<DateTime>,
    created_at: DateTime,
}

impl ApiKey {
    fn row(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "key_prefix": self.key_prefix,
            "permissions": self.permissions,
            "expires_at": self.expires_at.map(iso),
            "created_at": iso(self.created_at),
        })
    }
}

/// The only resource whose ids are numbers.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    id: u64,
    user_id: Option<String>,
    url: String,
    events: Value,
    secret: String,
    is_enabled: bool,
    created_at: DateTime,
}

impl Webhook {
    fn row(&self) -> Value {
        json!({
            "id": self.id,
            "user_id": self.user_id,
            "url": self.url,
            "events": self.events,
            "secret": self.secret,
            "enabled": self.is_enabled,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.created_at),
        })
    }
}

pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let owner = exchange.owner(&caller);
    let keys = exchange.state.api_keys.iter().rev();
    let rows: Vec<Value> = keys
        .filter(|key| key.user_id == owner)
        .map(|key| {
            let mut row = key.row();
            super::customer::add(&mut row, "last_used", Value::Null);
            row
        })
        .collect();
    ok(&json!({ "keys": rows }))
}

pub(super) fn create(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let name = exchange
        .given_text("name")
        .ok_or_else(|| Answer::error(400, "Name is required"))?;
    let expires_at = postgres::moment(exchange.field("expires_at"))
        .map_err(|refused| refused.hidden("Failed to create API key"))?;
    let id = exchange.state.ids.next();
    let secret = format!("mpanel_{}", characters(&format!("api key {id}"), 64));
    let shown = secret.get(..15).unwrap_or_default();
    let permissions = exchange.given("permissions").cloned();
    let key = ApiKey {
        id,
        user_id: exchange.owner(&caller),
        name,
        key_prefix: format!("{shown}..."),
        permissions: permissions.unwrap_or_else(|| json!([])),
        expires_at,
        created_at: exchange.now,
    };
    let mut row = key.row();
    super::customer::add(&mut row, "api_key", json!(secret));
    let warning = "Save this key now. It is not shown again.";
    super::customer::add(&mut row, "warning", json!(warning));
    exchange.state.api_keys.push(key);
    Ok(Answer::json(201, &row))
}

pub(super) fn revoke(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let owner = exchange.owner(&caller);
    let id = exchange.parameter();
    postgres::check_uuid(&id).map_err(|refused| refused.hidden("Failed to revoke API key"))?;
    let before = exchange.state.api_keys.len();
    exchange
        .state
        .api_keys
        .retain(|key| key.id != id || key.user_id != owner);
    if exchange.state.api_keys.len() == before {
        return Err(not_found("API key"));
    }
    ok(&json!({ "message": "API key revoked successfully" }))
}

pub(super) fn list_webhooks(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let owner = exchange.owner(&caller);
    let webhooks = exchange.state.webhooks.iter().rev();
    let rows: Vec<Value> = webhooks
        .filter(|webhook| webhook.user_id == owner)
        .map(Webhook::row)
        .collect();
    ok(&json!({ "webhooks": rows }))
}

pub(super) fn create_webhook(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let events = exchange.field("events").filter(|events| events.is_array());
    let (Some(url), Some(events)) = (exchange.given_text("url"), events.cloned()) else {
        return Err(Answer::error(400, "URL and events array are required"));
    };
    let last = exchange.state.webhooks.last();
    let id = last.map_or(1, |webhook| webhook.id + 1);
    let made_up = || characters(&format!("webhook {id}"), 64);
    let webhook = Webhook {
        id,
        user_id: exchange.owner(&caller),
        url,
        events,
        secret: exchange.given_text("secret").unwrap_or_else(made_up),
        is_enabled: true,
        created_at: exchange.now,
    };
    let row = webhook.row();
    exchange.state.webhooks.push(webhook);
    Ok(Answer::json(201, &row))
}

pub(super) fn update_webhook(exchange: &mut Exchange<'_>) -> Handled {
    let position = exchange.webhook("Failed to update webhook")?;
    let url = exchange.given_text("url");
    let events = exchange.field("events").filter(|events| events.is_array());
    let events = events.cloned();
    let is_enabled = exchange.field("enabled").and_then(Value::as_bool);
    let Some(webhook) = exchange.state.webhooks.get_mut(position) else {
        return Err(not_found("Webhook"));
    };
    webhook.url = url.unwrap_or_else(|| webhook.url.clone());
    webhook.events = events.unwrap_or_else(|| webhook.events.clone());
    webhook.is_enabled = is_enabled.unwrap_or(webhook.is_enabled);
    ok(&webhook.row())
}

/// Nothing is ever sent from here.
pub(super) fn list_deliveries(exchange: &mut Exchange<'_>) -> Handled {
    exchange.webhook("Failed to fetch deliveries")?;
    ok(&json!({ "deliveries": [] }))
}

pub(super) fn delete_webhook(exchange: &mut Exchange<'_>) -> Handled {
    let position = exchange.webhook("Failed to delete webhook")?;
    exchange.state.webhooks.remove(position);
    ok(&json!({ "message": "Webhook deleted successfully" }))
}

impl Exchange<'_> {
    /// Where the caller's webhook of the path is.
    fn webhook(&self, failed: &str) -> Result<usize, Answer> {
        let caller = self.legacy_caller()?;
        let owner = self.owner(&caller);
        let id: u64 = self
            .parameter()
            .parse()
            .map_err(|_| Answer::error(500, failed))?;
        self.state
            .webhooks
            .iter()
            .position(|webhook| webhook.id == id && webhook.user_id == owner)
            .ok_or_else(|| not_found("Webhook"))
    }
}
