//! What a worker does: claim tasks and complete them. The routes ask for no credential (contract section 7).

mod claim;
mod complete;

use panel_http::{HttpMethod, Operation, Safety};

pub(crate) use self::claim::LOST_CLAIM;
pub use self::{
    claim::ClaimTask,
    complete::{CompleteTask, CompletedTask},
};
use crate::{
    endpoints::{change, endpoints, read_openly, repeatable},
    reply,
    route::Route,
    tasks::{Task, TaskId},
};

/// A second claim takes a second task.
pub(crate) const CLAIM: Operation = change(
    "mpanel.claim_task",
    HttpMethod::Post,
    "/api/worker/tasks/claim",
    Safety::Unsafe,
)
.credentials(&[]);
pub(crate) const COMPLETE: Operation = repeatable(
    "mpanel.complete_task",
    HttpMethod::Post,
    "/api/worker/tasks/{id}/complete",
)
.credentials(&[]);
pub(crate) const GET: Operation = read_openly("mpanel.get_worker_task", "/api/worker/tasks/{id}");

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&CLAIM),
    Route::both(&COMPLETE),
    Route::both(&GET),
];

endpoints! {
    /// Reads a task as a worker, without credential.
    GetWorkerTask(id: TaskId) -> Task = GET, |answer| reply::row(answer, &["task"]);
}
