//! Whether and what the server is.

use serde_json::json;

use super::answer::{Handled, ok};
use super::exchange::Exchange;
use super::timestamps::iso;

pub(super) fn health(exchange: &Exchange<'_>) -> Handled {
    ok(&json!({
        "status": "healthy",
        "timestamp": iso(exchange.now),
        "version": "v1",
        "uptime": 61,
        "uptimeHuman": "1m 1s",
        "memory": { "rss": 120, "heapTotal": 70, "heapUsed": 64, "external": 9, "unit": "MB" },
        "cpu": { "user": 900, "system": 120, "unit": "ms" },
        "system": {
            "platform": "linux", "arch": "x64", "nodeVersion": "v20.11.1", "hostname": "sandbox",
            "cpus": 2, "totalMemory": 8, "freeMemory": 4, "unit": "GB",
        },
        "features": ["billing", "hosting", "webhooks", "rbac"],
    }))
}

pub(super) fn ready(exchange: &Exchange<'_>) -> Handled {
    ok(&json!({ "status": "ready", "timestamp": iso(exchange.now) }))
}

pub(super) fn live(exchange: &Exchange<'_>) -> Handled {
    ok(&json!({ "status": "alive", "timestamp": iso(exchange.now) }))
}

/// The one place where the generations name themselves.
pub(super) fn root(exchange: &Exchange<'_>) -> Handled {
    let (name, version) = if exchange.is_legacy() {
        ("mPanel Hosting Platform", "v1")
    } else {
        ("mPanel TypeScript Edition", "v2")
    };
    ok(&json!({ "name": name, "version": version, "status": "running" }))
}

pub(super) fn system_health(exchange: &Exchange<'_>) -> Handled {
    let products = exchange.state.products.len().to_string();
    let now = iso(exchange.now);
    ok(&json!({
        "status": "healthy",
        "timestamp": now,
        "version": "v1",
        "uptime": 61.25,
        "checks": {
            "api": { "status": "ok" },
            "database": { "status": "ok", "latency": "2ms", "products": products, "serverTime": now },
            "memory": { "status": "ok", "rss": 120, "unit": "MB" },
            "cpu": { "status": "ok", "user": 900_000, "system": 120_000, "unit": "microseconds" },
        },
    }))
}
