//! `/api/worker/...`

use mpanel_client::{
    tasks::{TaskId, TaskStatus},
    worker::{ClaimTask, CompleteTask, GetWorkerTask},
};
use panel_http::{
    Delivery, Kind, TransportFault,
    testing::{Reply, ScriptedTransport},
};

use super::{
    case::{TASK, call},
    script::builder,
};

fn id() -> TaskId {
    TaskId::text(TASK)
}

#[tokio::test]
async fn a_task_is_claimed_with_its_payload_and_none_is_none() {
    let task = call("worker/claim", ClaimTask).await.unwrap().unwrap();
    assert_eq!(task.id, id());
    assert_eq!(task.step.as_deref(), Some("create_account"));
    assert_eq!(task.payload_text("domain"), Some("shop.example"));
    assert!(
        call("worker/claim_nothing", ClaimTask)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_lost_claim_is_sent_once_and_says_how_to_find_the_task() {
    for (lost, kind) in [
        (Reply::fault(TransportFault::Broken), Kind::Indeterminate),
        (Reply::status(502), Kind::Indeterminate),
        (
            Reply::json(200, "{\"task\":").with_break(TransportFault::Broken),
            Kind::Decode,
        ),
    ] {
        let transport = ScriptedTransport::new().with(lost);
        let client = builder(&transport).build().unwrap();
        let error = client.call(ClaimTask).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_ne!(error.delivery(), Delivery::NotSent);
        for word in ["in_progress", "/complete", "list the provisioning tasks"] {
            assert!(error.to_string().contains(word), "{error}");
        }
        assert_eq!(transport.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_task_is_completed_in_the_only_words_the_route_takes() {
    let done = call("worker/complete", CompleteTask::success(id()))
        .await
        .unwrap();
    assert_eq!(done.status, Some(TaskStatus::Success));
    let failed = CompleteTask::failed(id(), "ssh timeout");
    let done = call("worker/complete_failed", failed).await.unwrap();
    assert_eq!(done.status, Some(TaskStatus::Failed));
    let task = call("worker/get", GetWorkerTask(id())).await.unwrap();
    assert_eq!(task.error_message.as_deref(), Some("ssh timeout"));
}
