//! `/api/provisioning/...`, legacy

use std::time::Duration;

use mpanel_client::{
    Generation,
    customers::CustomerId,
    products::ProductId,
    subscriptions::SubscriptionId,
    tasks::{
        ClearFailedJobs, GetProvisioningSummary, GetQueueJob, GetQueueStats, GetTask, GetTaskLog,
        ListFailedJobs, ListTasks, Provision, ProvisionNow, QueueJobId, RetryTask,
        RetryTaskDocumented, ServiceId, TaskId, TaskStatus,
    },
};
use panel_http::{Kind, TimeoutClass};
use provisioning_core::status::ProvisioningState;
use serde_json::json;

use super::{
    case::{CUSTOMER, PRODUCT, SERVICE, SUBSCRIPTION, TASK, call, list},
    script::{asked, json as reply, script, with_login},
};

fn id() -> TaskId {
    TaskId::text(TASK)
}

fn job() -> QueueJobId {
    QueueJobId::text("job_1804137967183_ab1cd")
}

#[tokio::test]
async fn tasks_are_listed_by_status() {
    let rows = list(
        "tasks/list",
        ListTasks::new().with_status(TaskStatus::Failed),
    )
    .await
    .unwrap();
    let task = &rows[0];
    assert_eq!(
        (task.id.clone(), task.state()),
        (id(), ProvisioningState::Failed)
    );
    assert_eq!(task.error_message.as_deref(), Some("ssh timeout"));
    assert_eq!(task.payload_text("plan"), Some("starter"));
    assert!(!format!("{task:?}").contains("kim@buyer.example"));
}

#[tokio::test]
async fn a_text_429_keeps_its_wait_and_is_not_waited_for() {
    let error = list("tasks/list_rate_limited", ListTasks::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(600)));
    assert!(
        error
            .server_message()
            .unwrap()
            .starts_with("Too many requests")
    );
}

#[tokio::test]
async fn a_task_is_read_and_completed_is_success() {
    let task = call("tasks/get", GetTask(id())).await.unwrap();
    assert_eq!(task.status, Some(TaskStatus::Success));
    assert_eq!(task.state(), ProvisioningState::Done);
    assert_eq!(
        task.subscription_id,
        Some(SubscriptionId::text(SUBSCRIPTION))
    );
    let error = call("tasks/get_unknown", GetTask(id())).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_job_the_queue_does_not_know_is_not_found_although_it_is_a_200() {
    let read = call("tasks/queue_job", GetQueueJob(job())).await.unwrap();
    assert_eq!(read.status, Some(TaskStatus::Failed));
    assert_eq!(
        read.created_at.unwrap().to_string(),
        "2027-03-04T05:26:07.183Z"
    );
    assert_eq!(read.data.as_ref().unwrap()["domain"], "shop.example");
    let error = call("tasks/queue_job_unknown", GetQueueJob(job()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.to_string().contains("not_found"), "{error}");
}

#[tokio::test]
async fn a_failed_task_is_retried_and_another_is_a_conflict_with_its_status() {
    let queued = call("tasks/retry", RetryTask(id())).await.unwrap();
    assert_eq!((queued.job_id, queued.task_id), (job(), Some(id())));
    let error = call("tasks/retry_of_completed", RetryTask(id()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(
        error.to_string().contains("its status is completed"),
        "{error}"
    );
    let error = call(
        "tasks/retry_of_unknown_job",
        RetryTask(TaskId::text("job_nope")),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn the_documented_paths_are_read_where_a_server_has_them() {
    let queued = call("tasks/retry_documented", RetryTaskDocumented(id()))
        .await
        .unwrap();
    assert_eq!(queued.job_id, job());
    let log = call("tasks/log_documented", GetTaskLog(id()))
        .await
        .unwrap();
    assert_eq!(log.lines, ["claimed", "account created"]);
    let summary = call("tasks/summary_documented", GetProvisioningSummary)
        .await
        .unwrap();
    assert_eq!((summary.pending, summary.in_progress), (2, 1));
    assert_eq!((summary.completed, summary.failed), (40, 3));
}

#[tokio::test]
async fn the_queue_is_counted_and_cleared() {
    let stats = call("tasks/stats", GetQueueStats).await.unwrap();
    assert_eq!(stats.queues["provisioning"].pending, 4);
    assert_eq!(stats.queues.len(), 2);
    assert_eq!(stats.failed, 2);
    assert_eq!(stats.tasks_of_last_week["in_progress"], 9);
    let failed = list("tasks/failed", ListFailedJobs).await.unwrap();
    assert_eq!(failed[0].last_error.as_deref(), Some("refused"));
    assert_eq!(
        call("tasks/clear_failed", ClearFailedJobs)
            .await
            .unwrap()
            .count,
        4
    );
}

#[tokio::test]
async fn a_service_is_queued_or_provisioned_at_once() {
    let provision = || {
        Provision::new(
            ServiceId::text(SERVICE),
            CustomerId::text(CUSTOMER),
            ProductId::text(PRODUCT),
            "shop.example",
        )
    };
    let queued = call("tasks/provision", provision()).await.unwrap();
    assert_eq!(queued.service_id, Some(ServiceId::text(SERVICE)));
    let error = call("tasks/provision_incomplete", provision())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
    let fields: Vec<&str> = error
        .field_errors()
        .iter()
        .map(|field| field.field())
        .collect();
    assert_eq!(fields, ["serviceId", "domain"]);
    let done = call("tasks/provision_now", ProvisionNow(provision()))
        .await
        .unwrap();
    assert_eq!(done["account"], "shop1");
}

#[tokio::test]
async fn a_role_that_is_not_exactly_admin_is_refused() {
    let error = list("tasks/list_forbidden", ListTasks::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}

#[test]
fn routes_behind_redis_have_their_own_time_limits() {
    for (name, class) in [
        ("mpanel.list_tasks", TimeoutClass::Standard),
        ("mpanel.retry_task", TimeoutClass::Queue),
        ("mpanel.get_queue_stats", TimeoutClass::Queue),
        ("mpanel.provision", TimeoutClass::Queue),
        ("mpanel.create_marketing_account", TimeoutClass::Queue),
    ] {
        let route = mpanel_client::route_of(name).unwrap();
        assert_eq!(route.operation.timeout, class, "{name}");
    }
}

fn page(subscriptions: &[&str], total: usize, offset: usize) -> serde_json::Value {
    let tasks: Vec<_> = subscriptions
        .iter()
        .map(|id| json!({"id": format!("task-{id}"), "status": "pending", "subscription_id": id}))
        .collect();
    json!({"tasks": tasks, "total": total, "limit": 2, "offset": offset})
}

#[tokio::test]
async fn the_tasks_of_an_order_just_placed_take_one_request() {
    let transport = script(
        Generation::Legacy,
        vec![reply(200, &page(&["s-2", "s-1"], 500, 0))],
    );
    let client = with_login(&transport).build().unwrap();
    let wanted = [SubscriptionId::text("s-1"), SubscriptionId::text("s-2")];
    let tasks = client.tasks_of_subscriptions(&wanted).await.unwrap();
    assert_eq!(tasks.len(), 2);
    assert_eq!(
        asked(&transport),
        [
            "POST /api/auth/login",
            "GET /api/provisioning/tasks?offset=0&limit=50"
        ]
    );
}

#[tokio::test]
async fn older_tasks_are_looked_for_on_further_pages() {
    let transport = script(
        Generation::Legacy,
        vec![
            reply(200, &page(&["s-9", "s-8"], 3, 0)),
            reply(200, &page(&["s-1"], 3, 2)),
        ],
    );
    let client = with_login(&transport).build().unwrap();
    let tasks = client
        .tasks_of_subscriptions(&[SubscriptionId::text("s-1")])
        .await
        .unwrap();
    assert_eq!(tasks[0].id, TaskId::text("task-s-1"));
    assert_eq!(
        asked(&transport)[2],
        "GET /api/provisioning/tasks?offset=2&limit=50"
    );
}
