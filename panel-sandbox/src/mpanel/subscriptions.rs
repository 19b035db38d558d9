//! The subscriptions' endpoints: legacy handlers on both servers.

use serde_json::{Value, json};

use super::Subscription;
use super::answer::{Answer, Handled, not_found, ok};
use super::exchange::Exchange;
use super::postgres::{self, Refused};
use super::state::newest_first;

/// Without a customer there is nothing to list.
pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let Some(customer) = exchange.query("customerId").filter(|id| !id.is_empty()) else {
        return ok(&json!([]));
    };
    postgres::check_uuid(&customer)
        .map_err(|refused| refused.hidden("Failed to fetch subscriptions"))?;
    let status = exchange.query("status").filter(|status| !status.is_empty());
    let state = &exchange.state;
    let rows: Vec<Value> =
        newest_first(&state.subscriptions, |subscription| subscription.created_at)
            .into_iter()
            .filter(|subscription| subscription.customer_id.as_ref() == Some(&customer))
            .filter(|subscription| {
                status
                    .as_ref()
                    .is_none_or(|status| subscription.status == *status)
            })
            .map(|subscription| subscription.joined_row(exchange.settings, &state.products))
            .collect();
    ok(&rows)
}

pub(super) fn plans(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let products = exchange.state.products.iter();
    let plans: Vec<Value> = products
        .filter(|product| !product.is_deleted && product.kind == "hosting")
        .map(|product| {
            json!({
                "id": product.id,
                "name": product.name,
                "description": product.description,
                "price": product.price,
                "billing_cycle": product.billing_cycle,
            })
        })
        .collect();
    ok(&json!({ "plans": plans }))
}

/// By id alone, whoever's it is.
pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let failed = "Failed to fetch subscription";
    let id = exchange.parameter();
    postgres::check_uuid(&id).map_err(|refused| refused.hidden(failed))?;
    let subscription = exchange
        .state
        .subscriptions
        .iter()
        .find(|subscription| subscription.id == id)
        .ok_or_else(|| not_found("Subscription"))?;
    ok(&subscription.joined_row(exchange.settings, &exchange.state.products))
}

/// Nothing is validated but by the database.
pub(super) fn create(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let id = exchange.state.ids.next();
    let failed = |refused: Refused| refused.hidden("Failed to create subscription");
    let mut subscription = Subscription::new(id, exchange.now);
    let tenant = exchange.given_text("tenantId");
    subscription.tenant_id = tenant.or(caller.tenant_id);
    subscription.customer_id = postgres::uuid(exchange.field("customerId")).map_err(failed)?;
    subscription.product_id = postgres::uuid(exchange.field("productId")).map_err(failed)?;
    subscription.billing_cycle = exchange.text("billingCycle");
    subscription.price = postgres::numeric(exchange.field("price"), 2).map_err(failed)?;
    subscription.next_billing_date =
        postgres::date(exchange.field("nextBillingDate")).map_err(failed)?;
    let renews = postgres::boolean(exchange.field("autoRenew")).map_err(failed)?;
    subscription.auto_renew = renews.unwrap_or(true);
    if let Some(metadata) = exchange.given("metadata") {
        subscription.metadata = metadata.clone();
    }
    let state = &mut *exchange.state;
    let has_customer = subscription
        .customer_id
        .as_ref()
        .is_none_or(|id| state.customer(id).is_some());
    let has_product = subscription
        .product_id
        .as_ref()
        .is_none_or(|id| state.products.iter().any(|product| product.id == *id));
    if !has_customer || !has_product {
        // A foreign key that points nowhere.
        return Err(Answer::error(500, "Failed to create subscription"));
    }
    let row = subscription.row(exchange.settings);
    state.subscriptions.push(subscription);
    Ok(Answer::json(201, &row))
}

pub(super) fn patch(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let names = [
        "status",
        "price",
        "billingCycle",
        "nextBillingDate",
        "autoRenew",
    ];
    if names.iter().all(|name| exchange.field(name).is_none()) {
        return Err(Answer::error(400, "No fields to update"));
    }
    let failed = |refused: Refused| refused.hidden("Failed to update subscription");
    let id = exchange.parameter();
    postgres::check_uuid(&id).map_err(failed)?;
    let price = postgres::numeric(exchange.field("price"), 2).map_err(failed)?;
    let next = postgres::date(exchange.field("nextBillingDate")).map_err(failed)?;
    let renews = postgres::boolean(exchange.field("autoRenew")).map_err(failed)?;
    let now = exchange.now;
    let state = &mut *exchange.state;
    let subscription = state
        .subscription_mut(&id)
        .ok_or_else(|| not_found("Subscription"))?;
    for (name, value) in exchange.body.as_object().into_iter().flatten() {
        match name.as_str() {
            "status" => {
                subscription.status = postgres::parameter(Some(value)).unwrap_or_default();
            }
            "price" => subscription.price.clone_from(&price),
            "billingCycle" => subscription.billing_cycle = postgres::parameter(Some(value)),
            "nextBillingDate" => subscription.next_billing_date = next,
            "autoRenew" => subscription.auto_renew = renews.unwrap_or_default(),
            _ => {}
        }
    }
    subscription.updated_at = now;
    ok(&subscription.row(exchange.settings))
}

/// Cancelling, suspending and reactivating: the body is ignored, nobody's ownership is checked, and what is not there
/// is an internal error.
pub(super) fn set_status(exchange: &mut Exchange<'_>, status: &str, verb: &str) -> Handled {
    exchange.legacy_caller()?;
    let id = exchange.parameter();
    let now = exchange.now;
    let failed = || Answer::error(500, &format!("Failed to {verb} subscription"));
    let subscription = exchange.state.subscription_mut(&id).ok_or_else(failed)?;
    subscription.set_status(status, now);
    ok(&subscription.row(exchange.settings))
}

pub(super) fn change_plan(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let id = exchange.parameter();
    let plan = exchange
        .given_text("newPlanId")
        .ok_or_else(|| Answer::error(400, "New plan ID is required"))?;
    let failed = |refused: Refused| refused.hidden("Failed to change plan");
    postgres::check_uuid(&id).map_err(failed)?;
    postgres::check_uuid(&plan).map_err(failed)?;
    let now = exchange.now;
    let state = &mut *exchange.state;
    let product = state
        .products
        .iter()
        .find(|product| product.id == plan)
        .ok_or_else(|| not_found("Plan"))?;
    let (price, cycle) = (product.price.clone(), product.billing_cycle.clone());
    let subscription = state
        .subscription_mut(&id)
        .ok_or_else(|| not_found("Subscription"))?;
    subscription.product_id = Some(plan);
    subscription.price = Some(price);
    subscription.billing_cycle = Some(cycle);
    subscription.updated_at = now;
    ok(&subscription.row(exchange.settings))
}

/// The legacy administration's own route, which nobody has to log in for.
pub(super) fn set_admin_status(exchange: &mut Exchange<'_>) -> Handled {
    const TAKEN: [&str; 5] = [
        "pending_payment",
        "active",
        "suspended",
        "cancelled",
        "expired",
    ];
    let status = exchange
        .given_text("status")
        .filter(|status| TAKEN.contains(&status.as_str()))
        .ok_or_else(|| Answer::error(400, "Invalid status"))?;
    let id = exchange.parameter();
    postgres::check_uuid(&id).map_err(|refused| refused.hidden("Internal server error"))?;
    let now = exchange.now;
    let subscription = exchange
        .state
        .subscription_mut(&id)
        .ok_or_else(|| not_found("Subscription"))?;
    subscription.set_status(&status, now);
    let row = subscription.row(exchange.settings);
    ok(&json!({ "subscription": row }))
}
