//! What the marketing routes tell whoever has a marketing key. What they change is not here.

use serde_json::{Value, json};

use super::answer::{Answer, Handled, data, ok};
use super::exchange::Exchange;
use super::postgres;
use super::timestamps::iso;

impl Exchange<'_> {
    /// Wants the marketing key; a legacy server has wanted a login before.
    fn marketing_caller(&self) -> Result<(), Answer> {
        if self.header("x-api-key").is_none() {
            return Err(Answer::error(401, "API key required"));
        }
        if self.knows_secret("x-api-key", self.settings.marketing_key.as_ref()) {
            Ok(())
        } else {
            Err(Answer::error(401, "Invalid API key"))
        }
    }
}

/// Looks a number up among UUIDs, fails in silence, and says that all is well.
pub(super) fn status(exchange: &Exchange<'_>) -> Handled {
    data(&json!({ "status": "operational", "timestamp": iso(exchange.now) }))
}

pub(super) fn system_status(exchange: &Exchange<'_>) -> Handled {
    exchange.marketing_caller()?;
    data(&json!({ "status": "operational", "services": [] }))
}

/// No coupon is good any more.
pub(super) fn check_coupon(exchange: &Exchange<'_>) -> Handled {
    exchange.marketing_caller()?;
    if exchange.given("code").is_none() {
        return Err(Answer::error(400, "Coupon code is required"));
    }
    let body = json!({ "error": "Coupon not found", "valid": false });
    Err(Answer::json(404, &body))
}

/// There are no checkouts, as nothing here takes money.
pub(super) fn session(exchange: &Exchange<'_>) -> Handled {
    exchange.marketing_caller()?;
    let id = exchange.query("session_id").filter(|id| !id.is_empty());
    let Some(id) = id else {
        return Err(Answer::error(400, "session_id is required"));
    };
    Err(no_session(&id))
}

pub(super) fn order_status(exchange: &Exchange<'_>) -> Handled {
    exchange.marketing_caller()?;
    Err(no_session(&exchange.parameter()))
}

fn no_session(id: &str) -> Answer {
    Answer::json(
        404,
        &json!({ "error": "Session not found", "sessionId": id }),
    )
}

/// Counts come as text, the average with more digits than any number has.
pub(super) fn report(exchange: &Exchange<'_>) -> Handled {
    exchange.marketing_caller()?;
    let customers = exchange.state.customers.len().to_string();
    let row = json!({
        "signup_date": iso(exchange.now),
        "marketing_source": null,
        "customer_count": customers,
        "active_count": customers,
        "avg_age_days": "0.00512345678901234567",
    });
    data(&[row])
}

pub(super) fn catalog(exchange: &Exchange<'_>) -> Handled {
    exchange.marketing_caller()?;
    let products = exchange.state.products.iter();
    let rows: Vec<Value> = products
        .filter(|product| !product.is_deleted)
        .map(|product| {
            json!({
                "id": product.id,
                "name": product.name,
                "description": product.description,
                "type": product.kind,
            })
        })
        .collect();
    let count = rows.len();
    ok(&json!({ "success": true, "data": rows, "count": count }))
}

pub(super) fn availability(exchange: &Exchange<'_>) -> Handled {
    exchange.marketing_caller()?;
    let is_it = |product: &super::Product, id: &str| product.id == id;
    let failed = "Failed to check availability";
    exchange.position(&exchange.state.products, is_it, "Product", failed)?;
    data(&json!({ "available": true }))
}

pub(super) fn services(exchange: &Exchange<'_>) -> Handled {
    exchange.marketing_caller()?;
    let id = exchange.parameter();
    postgres::check_uuid(&id).map_err(|refused| refused.hidden("Failed to fetch services"))?;
    let subscriptions = exchange.state.subscriptions.iter();
    let rows: Vec<Value> = subscriptions
        .filter(|subscription| subscription.customer_id.as_deref() == Some(&id))
        .map(|subscription| {
            json!({
                "id": subscription.id,
                "name": null,
                "status": subscription.status,
                "price": subscription.price,
                "billing_cycle": null,
                "domain": null,
                "disk_used": "0",
                "bandwidth_used": "0",
                "plan_name": null,
            })
        })
        .collect();
    data(&rows)
}

/// The keys themselves are not told again.
pub(super) fn list_keys(exchange: &Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    exchange.require_role(&caller, &["admin", "super_admin"], || {
        let message = "You don't have permission to api_keys.read";
        Answer::error_with(403, "Forbidden", message)
    })?;
    let row = json!({
        "id": crate::made_up::uuid("marketing key"),
        "name": "site",
        "scope": "marketing",
        "is_active": true,
        "created_at": iso(exchange.settings.first_moment),
        "last_used_at": null,
        "expires_at": null,
    });
    data(&[row])
}
