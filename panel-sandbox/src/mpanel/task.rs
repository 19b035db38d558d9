//! One provisioning task, as tests see it and as rows show it.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::customer::add;
use super::timestamps::iso;

/// A row of the provisioning tasks' table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Task {
    /// Its id.
    pub id: String,
    /// What is to be done, such as `create_account`.
    pub step: String,
    /// `pending`, `in_progress`, `success`, `failed`; `completed` where the queue did it.
    pub status: String,
    /// The subscription it is for.
    pub subscription_id: Option<String>,
    /// The server it is to be done on.
    pub server_id: Option<String>,
    /// What the worker needs to know.
    pub payload: Value,
    /// Why it failed.
    pub error_message: Option<String>,
    /// How often it was retried.
    pub attempts: u32,
    /// When it was created.
    pub created_at: DateTime,
    /// When it was last changed.
    pub updated_at: DateTime,
    /// When the queue completed it; the worker's route leaves it empty.
    pub completed_at: Option<DateTime>,
}

impl Task {
    pub(super) fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "pending" | "in_progress")
    }

    pub(super) fn set_status(&mut self, status: &str, now: DateTime) {
        status.clone_into(&mut self.status);
        self.updated_at = now;
    }

    /// As the provisioning routes show it; the list joins the product too, all by way of services nothing here has.
    pub(super) fn row(&self, is_listed: bool) -> Value {
        let mut row = json!({
            "id": self.id,
            "customer_id": null,
            "website_id": null,
            "status": self.status,
            "result_data": null,
            "error_message": self.error_message,
            "attempts": self.attempts,
            "max_retries": 3,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "completed_at": self.completed_at.map(iso),
            "service_id": null,
            "subscription_id": self.subscription_id,
            "server_id": self.server_id,
            "step": self.step,
            "payload_json": self.payload,
            "domain": null,
            "customer_name": null,
            "customer_email": null,
        });
        if is_listed {
            add(&mut row, "product_name", Value::Null);
        }
        row
    }

    /// As the worker's routes show it, with the status it had when it was read.
    pub(super) fn worker_row(&self, in_full: bool) -> Value {
        let mut row = json!({
            "id": self.id,
            "step": self.step,
            "status": self.status,
            "server_id": self.server_id,
            "subscription_id": self.subscription_id,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
            "payload": self.payload,
        });
        if in_full {
            add(&mut row, "error_message", json!(self.error_message));
        }
        row
    }
}
