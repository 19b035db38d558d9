//! `GET /api/ops/provisioning/jobs`.

use panel_http::{ListEndpoint, Operation, Paging, Query};

use super::{Job, LIST};
use crate::endpoints::BY_PAGE;

/// Lists the jobs of all tenants, the newest first. There is no filter by status: the server lower-cases it, and orders
/// write it in upper case, so that `PENDING` finds nothing.
#[derive(Debug, Clone, Default)]
pub struct ListJobs {
    queue: Option<String>,
}

impl ListJobs {
    /// All of them.
    #[must_use]
    pub const fn new() -> Self {
        Self { queue: None }
    }

    /// Only those of this queue.
    #[must_use]
    pub fn with_queue(mut self, queue: impl Into<String>) -> Self {
        self.queue = Some(queue.into());
        self
    }
}

impl ListEndpoint for ListJobs {
    const OPERATION: &'static Operation = &LIST;
    const PAGING: Paging = BY_PAGE;
    type Item = Job;

    fn query(&self, query: &mut Query) {
        query.set_some("queue", self.queue.as_ref());
    }
}
