//! The dashboard: legacy handlers on both servers, and the TypeScript overview of tenants.

use serde_json::{Value, json};

use super::answer::{Handled, ok};
use super::exchange::Exchange;
use super::timestamps::iso;

pub(super) fn stats(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let state = &exchange.state;
    let is_of_tenant =
        |tenant: Option<&str>| caller.tenant_id.is_none() || tenant == caller.tenant_id.as_deref();
    let websites = state.websites.iter();
    let websites = websites.filter(|website| is_of_tenant(website.tenant_id.as_deref()));
    let customers = state
        .customers
        .iter()
        .filter(|customer| !customer.is_deleted && is_of_tenant(customer.tenant_id.as_deref()));
    let servers = state.servers.iter();
    let servers = servers.filter(|server| is_of_tenant(server.text("tenant_id")));
    let counts = json!({
        "domains": state.domains.len(),
        "websites": websites.count(),
        "databases": 0,
        "mailboxes": 0,
        "customers": customers.count(),
        "servers": servers.count(),
    });
    ok(&json!({ "success": true, "data": counts }))
}

pub(super) fn service_health(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let services: Vec<Value> = ["api", "database", "queue"]
        .map(|name| json!({ "name": name, "status": "operational" }))
        .into();
    ok(&json!({ "services": services }))
}

pub(super) fn renewals(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    ok(&json!({ "renewals": [] }))
}

pub(super) fn quick_actions(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let action = |id: &str, label: &str, path: &str| json!({ "id": id, "label": label, "icon": "SparklesIcon", "path": path });
    ok(&json!({
        "actions": [
            action("create-user", "Create User", "/users"),
            action("view-invoices", "View Invoices", "/invoices"),
        ],
    }))
}

/// The history of what came in is made up on a real server, too.
pub(super) fn admin(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["admin", "super_admin"])?;
    let state = &exchange.state;
    ok(&json!({
        "success": true,
        "data": {
            "customers": { "total": state.customers.len() },
            "subscriptions": { "total": state.subscriptions.len() },
            "revenue": { "history": [] },
        },
    }))
}

/// Tenants with their figures; what comes in monthly may have a long fraction.
pub(super) fn tenants(exchange: &mut Exchange<'_>) -> Handled {
    exchange.platform_caller()?;
    exchange.has_prisma_columns()?;
    let page = exchange.page(50)?;
    let search = exchange.query("search").unwrap_or_default().to_lowercase();
    let state = &exchange.state;
    let monthly: f64 = state
        .subscriptions
        .iter()
        .filter(|subscription| subscription.status == "active")
        .filter_map(|subscription| subscription.price.as_ref()?.parse::<f64>().ok())
        .map(|price| price * 100.0)
        .sum();
    let paid = state.orders.iter().filter(|order| order.status == "PAID");
    let revenue: i64 = paid.map(|order| order.total_amount_cents).sum();
    let tenant = &state.tenant;
    let rows: Vec<Value> = tenant
        .name
        .to_lowercase()
        .contains(&search)
        .then(|| {
            json!({
                "tenantId": tenant.id,
                "name": tenant.name,
                "slug": tenant.slug,
                "status": "active",
                "primaryContactEmail": null,
                "healthScore": 90,
                "subscriptionsCount": state.subscriptions.len(),
                "totalRevenueCents": revenue,
                "mrrCents": monthly,
                "createdAt": iso(exchange.settings.first_moment),
            })
        })
        .into_iter()
        .collect();
    let total = rows.len();
    let figures = page.figures(total);
    ok(&json!({ "success": true, "data": page.of(rows), "pagination": figures }))
}
