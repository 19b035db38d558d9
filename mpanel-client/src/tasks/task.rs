//! Tasks as the server shows them.

use panel_http::Timestamp;
use provisioning_core::status::{ProvisioningState, StatusOf, WireStatus};
use serde_json::Value;

use crate::{customers::CustomerId, row::row, servers::ServerId, subscriptions::SubscriptionId};

panel_http::opaque_id! {
    /// Id of a provisioning task.
    pub struct TaskId;
}

panel_http::opaque_id! {
    /// Id of a service.
    pub struct ServiceId;
}

panel_http::open_enum! {
    /// Status of a task: the worker's words and the queue's (contract section 9).
    pub enum TaskStatus {
        /// Waits for a worker.
        Pending = "pending" | "queued",
        /// Claimed by a worker, perhaps by one that is gone: there is no lease.
        InProgress = "in_progress" | "processing",
        /// Done.
        Success = "success" | "completed",
        /// Given up.
        Failed = "failed",
        /// The queue does not know it.
        NotFound = "not_found",
    }
}

impl TaskStatus {
    /// What it comes to.
    #[must_use]
    pub fn state(&self) -> ProvisioningState {
        WireStatus::new(StatusOf::Task, self.as_str()).state()
    }
}

row! {
    /// A provisioning task.
    pub struct Task {
        /// Id.
        id: TaskId,
        ;
        /// Status.
        status: TaskStatus,
        /// What is done: `create_account`, `sync_dns`, `issue_ssl`.
        step: String,
        /// The subscription it is for.
        subscription_id("subscriptionId"): SubscriptionId,
        /// The service it is for, in the queue's own tables.
        service_id("serviceId"): ServiceId,
        /// The customer it is for.
        customer_id("customerId"): CustomerId,
        /// The server it is done on.
        server_id("serverId"): ServerId,
        /// How often it was tried.
        #[serde(deserialize_with = "panel_http::lenient")]
        attempts: u32,
        /// How often it may be tried.
        #[serde(deserialize_with = "panel_http::lenient")]
        max_retries("maxRetries"): u32,
        /// What the worker was given.
        payload_json("payload"): Value,
        /// What the worker gave back, where the server keeps it.
        result_data("resultData"): Value,
        /// What went wrong.
        error_message("errorMessage"): String,
        /// The domain.
        domain: String,
        /// Name of the customer.
        customer_name("customerName"): String,
        /// E-mail address of the customer.
        customer_email("customerEmail"): String,
        /// Name of the product, in lists.
        product_name("productName"): String,
        /// When it was made.
        created_at("createdAt"): Timestamp,
        /// When it was changed.
        updated_at("updatedAt"): Timestamp,
        /// When it was done.
        completed_at("completedAt"): Timestamp,
    }
    shows id, status, step, subscription_id, server_id, attempts, error_message
}

impl Task {
    /// What its status comes to.
    #[must_use]
    pub fn state(&self) -> ProvisioningState {
        self.status
            .as_ref()
            .map_or(ProvisioningState::Unknown, TaskStatus::state)
    }

    /// A text of the payload the worker is given: `plan`, `domain`, `server`.
    #[must_use]
    pub fn payload_text(&self, name: &str) -> Option<&str> {
        self.payload_json.as_ref()?.get(name)?.as_str()
    }
}
