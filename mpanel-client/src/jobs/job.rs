//! Jobs as the server shows them.

use panel_http::Timestamp;
use provisioning_core::status::{ProvisioningState, StatusOf, WireStatus};
use serde_json::Value;

use crate::{orders::OrderId, row::row, tenant::TenantId};

panel_http::opaque_id! {
    /// Id of a job.
    pub struct JobId;
}

panel_http::open_enum! {
    /// Status of a job, upper and lower case in the same table (contract section 9).
    pub enum JobStatus {
        /// Waits.
        Pending = "PENDING" | "queued",
        /// Under way.
        Running = "RUNNING" | "processing",
        /// Done.
        Success = "SUCCESS" | "completed",
        /// Failed, or cancelled.
        Failed = "FAILED",
        /// Given up.
        Dead = "DEAD",
    }
}

impl JobStatus {
    /// What it comes to.
    #[must_use]
    pub fn state(&self) -> ProvisioningState {
        WireStatus::new(StatusOf::Job, self.as_str()).state()
    }
}

panel_http::open_enum! {
    /// What a job does (contract section 9). Other code writes free texts here.
    pub enum JobKind {
        /// Zones and records.
        Dns = "PROVISION_DNS",
        /// A hosting account.
        Hosting = "PROVISION_HOSTING",
        /// Mailboxes.
        Mail = "PROVISION_MAIL",
        /// A virtual server.
        Vps = "PROVISION_VPS",
        /// A cloud pod.
        CloudPod = "PROVISION_CLOUDPOD" | "CREATE",
        /// A backup.
        Backup = "BACKUP",
        /// A restored backup.
        Restore = "RESTORE",
        /// Maintenance.
        Maintenance = "MAINTENANCE",
        /// A suspended account.
        Suspend = "SUSPEND_ACCOUNT",
        /// An account in service again.
        Unsuspend = "UNSUSPEND_ACCOUNT",
        /// An ended account.
        Terminate = "TERMINATE_ACCOUNT",
    }
}

row! {
    /// A provisioning job.
    pub struct Job {
        /// Id.
        id: JobId,
        ;
        /// Tenant.
        tenant_id("tenantId"): TenantId,
        /// The order it belongs to.
        order_id("orderId"): OrderId,
        /// What it does.
        #[serde(rename = "type")]
        kind: JobKind,
        /// What it was given.
        payload: Value,
        /// Status.
        status: JobStatus,
        /// How often it was tried.
        #[serde(deserialize_with = "panel_http::lenient")]
        attempts: u32,
        /// What went wrong last.
        last_error("lastError" | "error"): String,
        /// When it began.
        started_at("startedAt"): Timestamp,
        /// When it ended.
        completed_at("completedAt"): Timestamp,
        /// When it was made.
        created_at("createdAt"): Timestamp,
        /// When it was changed.
        updated_at("updatedAt"): Timestamp,
    }
    shows id, order_id, kind, status, attempts, last_error
}

impl Job {
    /// What its status comes to.
    #[must_use]
    pub fn state(&self) -> ProvisioningState {
        self.status
            .as_ref()
            .map_or(ProvisioningState::Unknown, JobStatus::state)
    }
}
