//! `GET /api/provisioning/tasks`.

use panel_http::{ListEndpoint, Operation, Paging, Query};

use super::{BY_OFFSET, LIST, Task, TaskStatus};

/// Lists tasks, the newest first.
#[derive(Debug, Clone, Default)]
pub struct ListTasks {
    status: Option<TaskStatus>,
}

impl ListTasks {
    /// All of them.
    #[must_use]
    pub const fn new() -> Self {
        Self { status: None }
    }

    /// Only those with this status, compared as text: a server that says `completed` for `success` has none of the
    /// latter. The text of [`TaskStatus::Unknown`] is sent as it is.
    #[must_use]
    pub fn with_status(mut self, status: TaskStatus) -> Self {
        self.status = Some(status);
        self
    }
}

impl ListEndpoint for ListTasks {
    const OPERATION: &'static Operation = &LIST;
    const PAGING: Paging = BY_OFFSET;
    type Item = Task;

    fn query(&self, query: &mut Query) {
        query.set_some("status", self.status.as_ref());
    }
}
