//! `POST /api/worker/tasks/claim`.

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody};

use super::CLAIM;
use crate::{reply, tasks::Task};

/// Takes the oldest task that waits; none if there is none. The task still says `pending`, but is `in_progress` from
/// then on: there is no lease, so a task whose claimer goes away stays so for ever.
///
/// # Errors
/// Of the call: a lost reply is `Indeterminate` or `Decode`, and its note says how to find the task that was taken.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClaimTask;

/// How to find a task whose claim was not heard.
pub(crate) const LOST_CLAIM: &str = "a task may have been claimed, and then stays in_progress for ever: list the provisioning tasks with status in_progress, take the one updated at this time that no worker is busy with, and complete it as failed (POST /api/worker/tasks/{id}/complete) before it is retried";

impl Endpoint for ClaimTask {
    const OPERATION: &'static Operation = &CLAIM;
    type Reply = Option<Task>;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|_| Ok(()))
    }

    fn decode(&self, answer: &Answer) -> Result<Option<Task>, DecodeError> {
        reply::optional_row(answer, &["task"])
    }
}
