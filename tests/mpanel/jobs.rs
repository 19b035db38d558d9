//! `/api/ops/provisioning/...`, `/api/provisioning/...`, TypeScript

use mpanel_client::{
    Generation,
    jobs::{
        CancelJob, CancelPlatformJob, CloudPodId, GetCloudPod, GetJob, GetJobQueue, JobId, JobKind,
        JobStatus, ListCloudPods, ListJobQueues, ListJobs, ListPlatformCloudPods, ListPlatformJobs,
        ListTenantJobs, ListWorkers, RetryJob, RetryPlatformJob,
    },
    orders::OrderId,
};
use panel_http::Kind;
use provisioning_core::status::ProvisioningState;
use serde_json::json;

use super::{
    case::{JOB, ORDER, call, list},
    script::{asked, json as reply, script, with_login},
};

fn id() -> JobId {
    JobId::text(JOB)
}

#[tokio::test]
async fn jobs_are_listed_in_either_case() {
    let jobs = list("jobs/list", ListJobs::new().with_queue("PROVISION"))
        .await
        .unwrap();
    assert_eq!(jobs[0].status, Some(JobStatus::Pending));
    assert_eq!(jobs[0].kind, Some(JobKind::Hosting));
    assert_eq!(jobs[0].order_id, Some(OrderId::text(ORDER)));
    assert_eq!(jobs[1].state(), ProvisioningState::Failed);
    assert_eq!(
        jobs[1].kind,
        Some(JobKind::Unknown("subscription.activate".into()))
    );
    let job = call("jobs/get", GetJob(id())).await.unwrap();
    assert_eq!(job.state(), ProvisioningState::Done);
}

#[tokio::test]
async fn an_id_that_is_no_uuid_is_told_as_such() {
    let error = call("jobs/get_bad_id", GetJob(JobId::text("1")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
}

#[tokio::test]
async fn a_broken_typescript_tail_means_that_the_legacy_server_lacks_the_route() {
    let error = list("jobs/list_on_a_broken_tail", ListJobs::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotImplemented);
    assert!(
        error.to_string().contains("login check is broken"),
        "{error}"
    );
    let error = list("jobs/list_forbidden", ListJobs::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}

#[tokio::test]
async fn jobs_are_retried_and_cancelled() {
    let done = call("jobs/retry", RetryJob(id())).await.unwrap();
    assert_eq!(done.message.as_deref(), Some("queued"));
    call("jobs/cancel", CancelJob(id())).await.unwrap();
}

#[tokio::test]
async fn queues_and_workers_are_read() {
    let queues = list("jobs/queues", ListJobQueues).await.unwrap();
    assert_eq!(queues[0].stats.unwrap().failed, 2);
    let queue = call("jobs/queue", GetJobQueue("PROVISION".into()))
        .await
        .unwrap();
    assert_eq!(queue.recent_jobs.unwrap()[0].id, id());
    let workers = list("jobs/workers", ListWorkers).await.unwrap();
    assert_eq!(workers[0].id, "worker-1");
}

#[tokio::test]
async fn cloud_pods_and_their_jobs_are_read() {
    let jobs = list("jobs/tenant_jobs", ListTenantJobs).await.unwrap();
    assert_eq!(
        (jobs[0].kind.clone(), jobs[0].state()),
        (Some(JobKind::CloudPod), ProvisioningState::Pending)
    );
    let pods = list("jobs/cloud_pods", ListCloudPods).await.unwrap();
    assert_eq!(pods[0].id, CloudPodId::text("pod-1"));
    let pod = call("jobs/cloud_pod", GetCloudPod(CloudPodId::text("pod-1")))
        .await
        .unwrap();
    assert_eq!(pod.status.as_deref(), Some("running"));
    let jobs = list("jobs/platform_jobs", ListPlatformJobs).await.unwrap();
    assert_eq!(jobs[0].state(), ProvisioningState::Done);
    assert_eq!(
        list("jobs/platform_cloud_pods", ListPlatformCloudPods)
            .await
            .unwrap()
            .len(),
        1
    );
    call("jobs/platform_retry", RetryPlatformJob(id()))
        .await
        .unwrap();
    call("jobs/platform_cancel", CancelPlatformJob(id()))
        .await
        .unwrap();
    let error = call("jobs/platform_retry_unknown", RetryPlatformJob(id()))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.status().unwrap().as_u16()),
        (Kind::NotFound, 500)
    );
}

#[tokio::test]
async fn the_jobs_of_an_order_just_placed_take_one_request() {
    let rows = json!([
        {"id": "j-2", "orderId": ORDER, "type": "PROVISION_MAIL", "status": "RUNNING"},
        {"id": "j-9", "orderId": "another", "type": "PROVISION_MAIL", "status": "PENDING"},
        {"id": "j-1", "orderId": ORDER, "type": "PROVISION_HOSTING", "status": "SUCCESS"},
    ]);
    let page = json!({"success": true, "data": rows, "pagination": {"page": 1, "pageSize": 50, "total": 900, "totalPages": 18}});
    let transport = script(Generation::TypeScript, vec![reply(200, &page)]);
    let client = with_login(&transport).build().unwrap();
    let expected = [JobId::text("j-1"), JobId::text("j-2")];
    let jobs = client
        .jobs_of_order(&OrderId::text(ORDER), &expected)
        .await
        .unwrap();
    assert_eq!(jobs.len(), 2);
    assert_eq!(asked(&transport).len(), 2);
}
