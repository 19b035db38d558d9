//! Provisioning jobs of the TypeScript generation (contract section 7).

mod cloud_pod;
mod job;
mod list;
mod of_order;
mod queue;

use panel_http::{HttpMethod, Operation};
use provisioning_core::permission::Verb;

pub use self::{
    cloud_pod::{
        CancelPlatformJob, CloudPod, CloudPodId, GetCloudPod, ListCloudPods, ListPlatformCloudPods,
        ListPlatformJobs, ListTenantJobs, RetryPlatformJob,
    },
    job::{Job, JobId, JobKind, JobStatus},
    list::ListJobs,
    queue::{GetJobQueue, JobQueue, ListJobQueues, ListWorkers, QueueLoad, Worker},
};
use crate::{
    endpoints::{endpoints, once, read, repeatable},
    reply::{self, Done},
    route::Route,
};

pub(crate) const LIST: Operation = read("mpanel.list_jobs", "/api/ops/provisioning/jobs");
pub(crate) const GET: Operation = read("mpanel.get_job", "/api/ops/provisioning/jobs/{id}");
pub(crate) const RETRY: Operation =
    once("mpanel.retry_job", "/api/ops/provisioning/jobs/{id}/retry");
pub(crate) const CANCEL: Operation = repeatable(
    "mpanel.cancel_job",
    HttpMethod::Post,
    "/api/ops/provisioning/jobs/{id}/cancel",
);
pub(crate) const QUEUES: Operation = read("mpanel.list_job_queues", "/api/ops/provisioning/queues");
pub(crate) const QUEUE: Operation = read(
    "mpanel.get_job_queue",
    "/api/ops/provisioning/queues/{name}",
);
pub(crate) const WORKERS: Operation = read("mpanel.list_workers", "/api/ops/provisioning/workers");
pub(crate) const TENANT_JOBS: Operation = read("mpanel.list_tenant_jobs", "/api/provisioning/jobs");
pub(crate) const CLOUD_PODS: Operation =
    read("mpanel.list_cloud_pods", "/api/provisioning/cloudpods");
pub(crate) const CLOUD_POD: Operation =
    read("mpanel.get_cloud_pod", "/api/provisioning/cloudpods/{id}");
pub(crate) const PLATFORM_JOBS: Operation = read(
    "mpanel.list_platform_jobs",
    "/api/provisioning/platform/jobs",
);
pub(crate) const PLATFORM_CLOUD_PODS: Operation = read(
    "mpanel.list_platform_cloud_pods",
    "/api/provisioning/platform/cloudpods",
);
pub(crate) const PLATFORM_RETRY: Operation = once(
    "mpanel.retry_platform_job",
    "/api/provisioning/platform/jobs/{id}/retry",
);
pub(crate) const PLATFORM_CANCEL: Operation = repeatable(
    "mpanel.cancel_platform_job",
    HttpMethod::Post,
    "/api/provisioning/platform/jobs/{id}/cancel",
);

pub(crate) const ROUTES: &[Route] = &[
    Route::typescript(&LIST).asks(Verb::MpanelOperatePlatform),
    Route::typescript(&GET).asks(Verb::MpanelOperatePlatform),
    Route::typescript(&RETRY).asks(Verb::MpanelOperatePlatform),
    Route::typescript(&CANCEL).asks(Verb::MpanelOperatePlatform),
    Route::typescript(&QUEUES).asks(Verb::MpanelOperatePlatform),
    Route::typescript(&QUEUE).asks(Verb::MpanelOperatePlatform),
    Route::typescript(&WORKERS).asks(Verb::MpanelOperatePlatform),
    Route::typescript(&TENANT_JOBS).asks(Verb::MpanelReadJobs),
    Route::typescript(&CLOUD_PODS).asks(Verb::MpanelReadJobs),
    Route::typescript(&CLOUD_POD).asks(Verb::MpanelReadJobs),
    Route::typescript(&PLATFORM_JOBS).asks(Verb::MpanelOperatePlatform),
    Route::typescript(&PLATFORM_CLOUD_PODS).asks(Verb::MpanelOperatePlatform),
    Route::typescript(&PLATFORM_RETRY).asks(Verb::MpanelOperatePlatform),
    Route::typescript(&PLATFORM_CANCEL).asks(Verb::MpanelOperatePlatform),
];

endpoints! {
    /// Reads a job. An id nobody has, and one that is no UUID, are both 500 here: the latter is told as `Validation`.
    GetJob(id: JobId) -> Job = GET, |answer| reply::row(answer, &["job"]);

    /// Tries a job again. The server has it wrong and answers 500 always (contract section 7).
    RetryJob(id: JobId) -> Done = RETRY, reply::done;

    /// Cancels a job, which then says `failed`.
    CancelJob(id: JobId) -> Done = CANCEL, reply::done;
}
