//! Modules of the TypeScript server that hold nothing of their own: CloudPods, the mock of roles, enterprise and
//! hosting reads.

use serde_json::{Value, json};

use super::answer::{Answer, Handled, data, ok};
use super::exchange::Exchange;

/// Who may see the tenant's CloudPods.
const TENANT_ROLES: [&str; 3] = ["OWNER", "ADMIN", "BILLING"];

const DEFAULT_PAGE_SIZE: usize = 50;

fn none(exchange: &Exchange<'_>) -> Handled {
    let page = exchange.page(DEFAULT_PAGE_SIZE)?;
    let rows: [Value; 0] = [];
    ok(&json!({ "success": true, "data": rows, "pagination": page.figures(0) }))
}

/// Jobs or CloudPods of the tenant: there are none.
pub(super) fn of_tenant(exchange: &Exchange<'_>) -> Handled {
    exchange.type_script_caller_of(&TENANT_ROLES)?;
    none(exchange)
}

pub(super) fn cloud_pod(exchange: &Exchange<'_>) -> Handled {
    exchange.type_script_caller_of(&TENANT_ROLES)?;
    Err(Answer::failure(404, "CloudPod not found"))
}

/// Jobs or CloudPods of all tenants.
pub(super) fn of_platform(exchange: &Exchange<'_>) -> Handled {
    exchange.platform_caller()?;
    none(exchange)
}

/// An unknown job is an internal error, and all are unknown.
pub(super) fn job(exchange: &Exchange<'_>) -> Handled {
    exchange.platform_caller()?;
    Err(Answer::failure(500, "Job not found"))
}

/// Made up anew each time on a real server.
pub(super) fn workers(exchange: &Exchange<'_>) -> Handled {
    exchange.platform_caller()?;
    data(&[json!({ "id": "worker-1", "status": "active", "cpuUsage": 12.5 })])
}

pub(super) fn tenant(exchange: &Exchange<'_>) -> Handled {
    exchange.platform_caller()?;
    let tenant = &exchange.state.tenant;
    if exchange.parameter() != tenant.id {
        return Err(Answer::failure(404, "Customer not found"));
    }
    data(&json!({ "tenantId": tenant.id, "name": tenant.name, "slug": tenant.slug }))
}

/// The permissions of a role are JSON inside a string.
pub(super) fn roles(exchange: &Exchange<'_>) -> Handled {
    exchange.type_script_caller()?;
    data(&[json!({
        "id": "role_1767225600000",
        "name": "Support desk",
        "permissions": "[\"tenant.cloudpods.read\"]",
    })])
}

pub(super) fn permissions(exchange: &Exchange<'_>) -> Handled {
    exchange.type_script_caller()?;
    data(&[
        json!({ "id": "platform.customers.read", "name": "View Customers", "category": "Platform" }),
        json!({ "id": "tenant.cloudpods.read", "name": "View CloudPods", "category": "Tenant" }),
    ])
}

/// Asks nobody who they are, and has nothing.
pub(super) fn nothing() -> Handled {
    let rows: [Value; 0] = [];
    ok(&rows)
}

pub(super) fn hosting_websites() -> Handled {
    ok(&json!({ "websites": [], "total": 0 }))
}

/// Always fails.
pub(super) fn hosting_servers(exchange: &Exchange<'_>) -> Handled {
    Err(exchange.thrown(500, "TypeError"))
}
