//! One job of the TypeScript dialect.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::state::Tenant;
use super::timestamps::iso;

/// A row of the jobs' table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Job {
    /// Its id.
    pub id: String,
    /// The order it came from.
    pub order_id: String,
    /// What is to be done, such as `PROVISION_HOSTING`.
    pub kind: String,
    /// `PENDING`, `RUNNING`, `SUCCESS`, `FAILED`; `failed` where it was cancelled.
    pub status: String,
    /// The subscription it is for.
    pub subscription_id: String,
    /// What the worker needs to know.
    pub payload: Value,
    /// How often it was tried.
    pub attempts: u32,
    /// Why it failed.
    pub last_error: Option<String>,
    /// When it was begun.
    pub started_at: Option<DateTime>,
    /// When it ended.
    pub completed_at: Option<DateTime>,
    /// When it was created.
    pub created_at: DateTime,
    /// When it was last changed.
    pub updated_at: DateTime,
}

impl Job {
    pub(super) fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "PENDING" | "RUNNING")
    }

    /// As an order shows it.
    pub(super) fn summary(&self) -> Value {
        json!({ "id": self.id, "type": self.kind, "status": self.status })
    }

    pub(super) fn data(&self, tenant: &Tenant, with_order: bool) -> Value {
        let mut data = json!({
            "id": self.id,
            "tenantId": tenant.id,
            "orderId": self.order_id,
            "type": self.kind,
            "payload": self.payload,
            "status": self.status,
            "attempts": self.attempts,
            "lastError": self.last_error,
            "startedAt": self.started_at.map(iso),
            "completedAt": self.completed_at.map(iso),
            "createdAt": iso(self.created_at),
            "updatedAt": iso(self.updated_at),
            "tenant": { "id": tenant.id, "name": tenant.name },
        });
        if with_order {
            super::customer::add(&mut data, "order", json!({ "id": self.order_id }));
        }
        data
    }
}
