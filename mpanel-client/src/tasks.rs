//! Provisioning tasks and the queue behind them, of the legacy handlers (contract section 7). The user's role must be
//! exactly `admin`; on the TypeScript server a gate in front asks for a TypeScript token, which never has that role.

mod list;
mod log;
mod of_subscriptions;
mod provision;
mod queue;
mod retry;
mod summary;
mod task;

use panel_http::{HttpMethod, Operation, Paging, TimeoutClass};
use provisioning_core::permission::Verb;

pub use self::{
    list::ListTasks,
    log::{GetTaskLog, TaskLog},
    provision::{Provision, ProvisionNow, Queued},
    queue::{
        ClearFailedJobs, ClearedJobs, GetQueueJob, GetQueueStats, ListFailedJobs, QueueCounts,
        QueueJob, QueueJobId, QueueStats,
    },
    retry::{RetryTask, RetryTaskDocumented},
    summary::{GetProvisioningSummary, ProvisioningSummary},
    task::{ServiceId, Task, TaskId, TaskStatus},
};
use crate::{
    endpoints::{endpoints, once, read, repeatable},
    reply,
    route::Route,
};

pub(crate) const LIST: Operation = read("mpanel.list_tasks", "/api/provisioning/tasks");
pub(crate) const GET: Operation = read("mpanel.get_task", "/api/provisioning/tasks/{id}");
pub(crate) const GET_JOB: Operation =
    read("mpanel.get_queue_job", "/api/provisioning/tasks/{id}").timeout(TimeoutClass::Queue);
pub(crate) const RETRY: Operation =
    once("mpanel.retry_task", "/api/provisioning/retry/{id}").timeout(TimeoutClass::Queue);
pub(crate) const RETRY_DOCUMENTED: Operation = once(
    "mpanel.retry_task_documented",
    "/api/provisioning/tasks/{id}/retry",
)
.timeout(TimeoutClass::Queue);
pub(crate) const LOG: Operation = read("mpanel.get_task_log", "/api/provisioning/tasks/{id}/log");
pub(crate) const SUMMARY: Operation = read(
    "mpanel.get_provisioning_summary",
    "/api/provisioning/summary",
);
pub(crate) const STATS: Operation =
    read("mpanel.get_queue_stats", "/api/provisioning/stats").timeout(TimeoutClass::Queue);
pub(crate) const FAILED: Operation =
    read("mpanel.list_failed_jobs", "/api/provisioning/failed").timeout(TimeoutClass::Queue);
pub(crate) const CLEAR_FAILED: Operation = repeatable(
    "mpanel.clear_failed_jobs",
    HttpMethod::Delete,
    "/api/provisioning/failed",
)
.timeout(TimeoutClass::Queue);
pub(crate) const PROVISION: Operation =
    once("mpanel.provision", "/api/provisioning/provision").timeout(TimeoutClass::Queue);
pub(crate) const PROVISION_NOW: Operation =
    once("mpanel.provision_now", "/api/provisioning/manual").timeout(TimeoutClass::Queue);

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&LIST).asks(Verb::MpanelReadTasks),
    Route::both(&GET).asks(Verb::MpanelReadTasks),
    Route::both(&GET_JOB).asks(Verb::MpanelReadTasks),
    Route::both(&RETRY).asks(Verb::MpanelRetryTask),
    Route::documented(&RETRY_DOCUMENTED).asks(Verb::MpanelRetryTask),
    Route::documented(&LOG).asks(Verb::MpanelReadTasks),
    Route::documented(&SUMMARY).asks(Verb::MpanelReadQueue),
    Route::both(&STATS).asks(Verb::MpanelReadQueue),
    Route::both(&FAILED).asks(Verb::MpanelReadQueue),
    Route::both(&CLEAR_FAILED).asks(Verb::MpanelClearFailed),
    Route::both(&PROVISION).asks(Verb::MpanelProvision),
    Route::both(&PROVISION_NOW).asks(Verb::MpanelProvision),
];

/// By rows left out; the newest come first.
const BY_OFFSET: Paging = Paging::Offset {
    offset: "offset",
    limit: "limit",
    size: 50,
};

endpoints! {
    /// Reads a task. `NotFound` for an id nobody has. An id of the queue (`job_...`) names something else: see
    /// [`GetQueueJob`].
    GetTask(id: TaskId) -> Task = GET, |answer| reply::row(answer, &["task"]);
}
