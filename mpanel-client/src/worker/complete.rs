//! `POST /api/worker/tasks/{id}/complete`.

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
};

use super::COMPLETE;
use crate::{
    reply,
    row::row,
    tasks::{TaskId, TaskStatus},
};

/// Says how a task ended. It works on any task in any state, and again and again; success sets the subscription
/// `active`, and a later failure does not undo that.
#[derive(Debug, Clone)]
pub struct CompleteTask {
    id: TaskId,
    error: Option<String>,
}

impl CompleteTask {
    /// The task is done.
    #[must_use]
    pub const fn success(id: TaskId) -> Self {
        Self { id, error: None }
    }

    /// The task failed, for this reason.
    #[must_use]
    pub fn failed(id: TaskId, error: impl Into<String>) -> Self {
        Self {
            id,
            error: Some(error.into()),
        }
    }
}

row! {
    /// A task that was completed.
    pub struct CompletedTask {
        /// Id.
        id: TaskId,
        ;
        /// What was done.
        step: String,
        /// How it ended.
        status: TaskStatus,
    }
    shows id, step, status
}

impl Endpoint for CompleteTask {
    const OPERATION: &'static Operation = &COMPLETE;
    type Reply = CompletedTask;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            // `completed` is refused here, unlike everywhere else.
            let status = if self.error.is_some() {
                "failed"
            } else {
                "success"
            };
            body.field("status", status)?;
            body.optional("error", self.error.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<CompletedTask, DecodeError> {
        reply::row(answer, &["task"])
    }
}
