//! Servers, as logged-in users see them.

use jiff::civil::DateTime;
use serde_json::{Map, Value, json};

use super::Columns;
use super::answer::{Answer, Handled, not_found, ok};
use super::exchange::Exchange;
use super::postgres::{self, Refused};
use super::state::newest_first;
use super::timestamps::iso;
use crate::made_up::uuid;

/// A server, which is nothing but its row: updates name columns.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) row: Map<String, Value>,
    pub(super) created_at: DateTime,
    metrics: Option<Value>,
}

/// Columns that are `null` unless somebody fills them.
const NULLABLE: [&str; 20] = [
    "tenant_id",
    "name",
    "ip_address",
    "ip_address_v6",
    "location",
    "provider",
    "os",
    "os_version",
    "cpu_cores",
    "ram_mb",
    "disk_gb",
    "agent_version",
    "agent_last_seen",
    "control_panel",
    "control_panel_url",
    "api_token",
    "api_username",
    "api_password_encrypted",
    "fqdn",
    "api_base_url",
];

impl Server {
    pub(super) fn new(id: String, now: DateTime) -> Self {
        let mut row = Map::new();
        for column in NULLABLE {
            row.insert(column.to_owned(), Value::Null);
        }
        for (column, value) in [
            ("id", json!(id)),
            ("hostname", Value::Null),
            ("role", json!("web")),
            ("status", json!("active")),
            ("tags", json!([])),
            ("metadata", json!({})),
            ("db_host", json!("localhost")),
            ("max_accounts", json!(500)),
            ("nameserver1", Value::Null),
            ("nameserver2", Value::Null),
            ("is_active", json!(true)),
            ("created_at", json!(iso(now))),
            ("updated_at", json!(iso(now))),
        ] {
            row.insert(column.to_owned(), value);
        }
        Self {
            row,
            created_at: now,
            metrics: None,
        }
    }

    /// The server every mPanel has from the start.
    pub(super) fn first(tenant_id: &str, now: DateTime) -> Self {
        let mut server = Self::new(uuid(&format!("{tenant_id} srv1")), now);
        for (column, value) in [
            ("tenant_id", tenant_id),
            ("name", "srv1"),
            ("hostname", "srv1.hosting.example"),
            ("fqdn", "srv1.hosting.example"),
            ("ip_address", "192.0.2.21"),
            ("location", "EU-West"),
        ] {
            server.row.insert(column.to_owned(), json!(value));
        }
        server
    }

    pub(super) fn id(&self) -> &str {
        self.text("id").unwrap_or_default()
    }

    pub(super) fn column(&self, name: &str) -> Value {
        self.row.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.row.get(name)?.as_str()
    }

    pub(super) fn takes_accounts(&self) -> bool {
        self.text("status") == Some("active") && self.column("is_active") == true
    }

    fn is_deleted(&self) -> bool {
        self.text("status") == Some("deleted")
    }

    pub(super) fn set(&mut self, column: &str, value: Value, now: DateTime) {
        self.row.insert(column.to_owned(), value);
        self.row.insert("updated_at".to_owned(), json!(iso(now)));
    }
}

pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller()?;
    let rows: Vec<&Map<String, Value>> =
        newest_first(&exchange.state.servers, |server| server.created_at)
            .into_iter()
            .filter(|server| !server.is_deleted())
            // Nobody's tenant is everybody's server.
            .filter(|server| {
                caller.tenant_id.is_none()
                    || server.text("tenant_id") == caller.tenant_id.as_deref()
            })
            .map(|server| &server.row)
            .collect();
    ok(&json!({ "servers": rows, "data": rows }))
}

pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let position = exchange.server("Failed to fetch server")?;
    let server = exchange.state.servers.get(position);
    ok(&server.map(|server| &server.row))
}

pub(super) fn create(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["admin", "owner"])?;
    let hostname = exchange
        .given_text("hostname")
        .ok_or_else(|| Answer::error(400, "Hostname is required"))?;
    if exchange.settings.columns == Columns::Base {
        // It never stores a name, which the base schema wants.
        return Err(Answer::error(400, "Missing required field: name"));
    }
    if exchange.has_server("hostname", &hostname) {
        let text = "Server with this hostname already exists";
        return Err(Answer::error(400, text));
    }
    let id = exchange.state.ids.next();
    let mut server = Server::new(id, exchange.now);
    server.row.insert("hostname".into(), json!(hostname));
    for (column, names) in [
        ("ip_address", ["ipAddress", "ip_address"]),
        ("control_panel", ["controlPanel", "control_panel"]),
        (
            "control_panel_url",
            ["controlPanelUrl", "control_panel_url"],
        ),
        ("api_token", ["apiToken", "api_token"]),
        ("api_username", ["apiUsername", "api_username"]),
        (
            "api_password_encrypted",
            ["apiPasswordEncrypted", "api_password_encrypted"],
        ),
        ("db_host", ["dbHost", "db_host"]),
        ("max_accounts", ["maxAccounts", "max_accounts"]),
        ("location", ["location", "location"]),
        ("nameserver1", ["nameserver1", "nameserver1"]),
        ("nameserver2", ["nameserver2", "nameserver2"]),
    ] {
        if let Some(value) = names.iter().find_map(|name| exchange.given(name)) {
            server.row.insert(column.to_owned(), value.clone());
        }
    }
    let answer = Answer::json(201, &server.row);
    exchange.state.servers.push(server);
    Ok(answer)
}

pub(super) fn update(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["admin", "owner"])?;
    let failed = "Failed to update server";
    let position = exchange.server(failed)?;
    let columns = exchange.body.as_object().cloned().unwrap_or_default();
    if columns.is_empty() {
        return Err(Answer::error(400, "No fields to update"));
    }
    let now = exchange.now;
    let server = exchange.state.servers.get_mut(position);
    let server = server.ok_or_else(|| not_found("Server"))?;
    if columns
        .keys()
        .any(|column| !server.row.contains_key(column))
    {
        return Err(Answer::error(500, failed));
    }
    for (column, value) in columns {
        server.set(&column, value, now);
    }
    ok(&server.row)
}

/// Only marked: its id can still be asked for.
pub(super) fn delete(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["admin", "owner"])?;
    let position = exchange.server("Failed to delete server")?;
    let now = exchange.now;
    if let Some(server) = exchange.state.servers.get_mut(position) {
        server.set("status", json!("deleted"), now);
    }
    ok(&json!({ "message": "Server deleted successfully" }))
}

pub(super) fn record_metrics(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let failed = "Failed to record metrics";
    let position = exchange.server(failed)?;
    let refused = |refused: Refused| refused.hidden(failed);
    let numeric = |name: &str| postgres::numeric(exchange.field(name), 2).map_err(refused);
    let metrics = json!({
        "server_id": exchange.parameter(),
        "metric_time": iso(exchange.now),
        "cpu_usage": numeric("cpuUsage")?,
        "memory_usage_mb": exchange.field("memoryUsageMb"),
        "memory_total_mb": exchange.field("memoryTotalMb"),
        "disk_usage_gb": numeric("diskUsageGb")?,
        "disk_total_gb": numeric("diskTotalGb")?,
        "network_in_mbps": numeric("networkInMbps")?,
        "network_out_mbps": numeric("networkOutMbps")?,
        "load_average_1m": numeric("loadAverage1m")?,
        "load_average_5m": numeric("loadAverage5m")?,
        "load_average_15m": numeric("loadAverage15m")?,
        "active_connections": exchange.field("activeConnections"),
        "metadata": {},
    });
    let id = exchange.state.ids.next();
    let mut metrics = metrics;
    super::customer::add(&mut metrics, "id", json!(id));
    if let Some(server) = exchange.state.servers.get_mut(position) {
        server.metrics = Some(metrics);
    }
    ok(&json!({ "message": "Metrics recorded successfully" }))
}

pub(super) fn metrics(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let position = exchange.server("Failed to fetch metrics")?;
    let server = exchange.state.servers.get(position);
    let metrics = server.and_then(|server| server.metrics.as_ref());
    ok(&metrics.ok_or_else(|| Answer::error(404, "No metrics found"))?)
}

impl Exchange<'_> {
    /// Where the server of the path is.
    pub(super) fn server(&self, failed: &str) -> Result<usize, Answer> {
        let is_it = |server: &Server, id: &str| server.id() == id;
        self.position(&self.state.servers, is_it, "Server", failed)
    }

    pub(super) fn has_server(&self, column: &str, value: &str) -> bool {
        let mut servers = self.state.servers.iter();
        servers.any(|server| server.text(column) == Some(value))
    }
}
