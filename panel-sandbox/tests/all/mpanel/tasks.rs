//! Provisioning tasks, the queue behind them, and the worker.

use std::time::{Duration, Instant};

use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, UserKind, WorkerPace, operations};
use panel_sandbox::{ArmError, Fault};
use serde_json::{Value, json};

use super::caller::{BOTH, Caller, admin_of, legacy, public_order, start, type_script};

const ENTRY: &str = "/api/public/orders/stripe-completed";

fn by_hand(generation: Generation) -> MPanelSettings {
    MPanelSettings::new("main", generation).with_worker_pace(WorkerPace::ByHand)
}

/// A server with one order of one hosting product.
async fn ordered(settings: MPanelSettings) -> (MPanel, Caller) {
    let mpanel = start(settings).await;
    let caller = admin_of(&mpanel);
    let got = caller
        .post(ENTRY, &public_order("pi_1", &["starter"]))
        .await;
    assert_eq!(got.status, 200, "{got:?}");
    (mpanel, caller)
}

async fn listed(caller: &Caller) -> Vec<String> {
    let got = caller.get("/api/provisioning/tasks").await;
    assert_eq!(got.status, 200, "{got:?}");
    let tasks = got.body["tasks"].as_array().unwrap();
    tasks
        .iter()
        .map(|task| task["status"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_task_is_seen_unfinished_as_often_as_set() {
    for (polls, expected) in [
        (0, vec!["success"]),
        (1, vec!["pending", "success"]),
        (3, vec!["pending", "in_progress", "in_progress", "success"]),
    ] {
        let settings = MPanelSettings::new("main", Generation::Legacy)
            .with_worker_pace(WorkerPace::AfterPolls(polls));
        let (mpanel, caller) = ordered(settings).await;
        // Whatever is no look at it does not count.
        caller.get("/api/health").await;
        caller.get("/api/customers").await;
        for status in expected {
            assert_eq!(listed(&caller).await, [status]);
        }
        assert_eq!(mpanel.subscriptions()[0].status, "active");
        assert_eq!(listed(&caller).await, ["success"]);
    }
}

#[tokio::test]
async fn on_both_servers_the_subscription_becomes_active_when_the_task_is_done() {
    for generation in BOTH {
        let (mpanel, caller) = ordered(MPanelSettings::new("main", generation)).await;
        let path = format!("/api/subscriptions/{}", mpanel.subscriptions()[0].id);
        assert_eq!(
            caller.get(&path).await.body["status"],
            "pending_provisioning"
        );
        assert_eq!(caller.get(&path).await.body["status"], "active");
        let worker = format!("/api/worker/tasks/{}", mpanel.tasks()[0].id);
        let got = Caller::stranger(&mpanel).get(&worker).await;
        assert_eq!(got.body["task"]["status"], "success");
        assert_eq!(got.body["task"]["error_message"], Value::Null);
    }
}

#[tokio::test]
async fn a_task_can_be_done_a_while_after_it_was_created() {
    let settings = MPanelSettings::new("main", Generation::Legacy)
        .with_worker_pace(WorkerPace::After(Duration::from_secs(600)));
    let (_mpanel, caller) = ordered(settings).await;
    for _ in 0..5 {
        assert_eq!(listed(&caller).await, ["pending"]);
    }
    let settings = MPanelSettings::new("main", Generation::Legacy)
        .with_worker_pace(WorkerPace::After(Duration::ZERO));
    let (mpanel, _) = ordered(settings).await;
    assert_eq!(mpanel.tasks()[0].status, "success");
}

#[tokio::test]
async fn by_hand_the_worker_does_one_task_at_a_time_oldest_first() {
    let mpanel = start(by_hand(Generation::Legacy)).await;
    let caller = admin_of(&mpanel);
    caller
        .post(ENTRY, &public_order("pi_1", &["starter", "wp_growth"]))
        .await;
    let ids: Vec<String> = mpanel.tasks().into_iter().map(|task| task.id).collect();
    assert_eq!(listed(&caller).await, ["pending", "pending"]);
    assert_eq!(mpanel.work_once().as_ref(), Some(&ids[0]));
    assert_eq!(mpanel.tasks()[0].status, "success");
    assert_eq!(mpanel.tasks()[1].status, "pending");
    assert_eq!(mpanel.work_once().as_ref(), Some(&ids[1]));
    assert_eq!(mpanel.work_once(), None);
}

#[tokio::test]
async fn a_dead_worker_leaves_tasks_pending_until_healed() {
    let (mpanel, caller) = ordered(MPanelSettings::new("main", Generation::Legacy)).await;
    mpanel.arm(Fault::WorkerDead).unwrap();
    for _ in 0..4 {
        assert_eq!(listed(&caller).await, ["pending"]);
    }
    assert_eq!(mpanel.work_once(), None);
    assert!(mpanel.times_struck(Fault::WorkerDead) >= 3);
    mpanel.heal();
    assert_eq!(listed(&caller).await, ["success"]);
    let error = mpanel
        .arm_for(Fault::WorkerDead, operations::LIST_TASKS, 1)
        .unwrap_err();
    assert!(matches!(error, ArmError::WholeService { .. }));
}

#[tokio::test]
async fn a_failed_task_says_why_and_can_be_retried() {
    let (mpanel, caller) = ordered(by_hand(Generation::Legacy)).await;
    let id = mpanel.tasks()[0].id.clone();
    let retry = format!("/api/provisioning/retry/{id}");
    let got = caller.post(&retry, &json!({})).await;
    assert_eq!(got.status, 400);
    assert_eq!(
        got.body,
        json!({ "error": "Can only retry failed tasks", "currentStatus": "pending" })
    );

    mpanel.arm(Fault::TaskFailed).unwrap();
    mpanel.work_once().unwrap();
    assert_eq!(mpanel.times_struck(Fault::TaskFailed), 1);
    let row = caller
        .get(&format!("/api/provisioning/tasks/{id}"))
        .await
        .body;
    assert_eq!(row["status"], "failed");
    assert!(
        row["error_message"]
            .as_str()
            .unwrap()
            .contains("no space left")
    );
    assert_eq!(mpanel.subscriptions()[0].status, "pending_provisioning");

    mpanel.heal();
    let got = caller.post(&retry, &json!({})).await;
    assert_eq!(
        (got.status, &got.body["status"], &got.body["taskId"]),
        (200, &json!("queued"), &json!(id))
    );
    let job = got.body["jobId"].as_str().unwrap().to_owned();
    assert!(job.starts_with("job_"), "{job}");
    let path = format!("/api/provisioning/tasks/{job}");
    assert_eq!(caller.get(&path).await.body["status"], "pending");
    assert_eq!(mpanel.work_once(), Some(job));
    let got = caller.get(&path).await;
    assert_eq!(got.body["status"], "completed");
    assert!(got.body["completedAt"].is_i64());
    // What the queue does ends in another word than what the worker's route does.
    assert_eq!(mpanel.tasks()[0].status, "completed");
    assert_eq!(mpanel.subscriptions()[0].status, "active");
}

#[tokio::test]
async fn tasks_are_paged_by_limit_and_offset_alone() {
    let mpanel = start(by_hand(Generation::Legacy)).await;
    let caller = admin_of(&mpanel);
    for number in 0..3 {
        caller
            .post(ENTRY, &public_order(&format!("pi_{number}"), &["starter"]))
            .await;
    }
    let newest = &mpanel.tasks()[2].id;
    let got = caller.get("/api/provisioning/tasks").await.body;
    assert_eq!(
        (&got["total"], &got["limit"], &got["offset"]),
        (&json!(3), &json!(50), &json!(0))
    );
    let row = &got["tasks"][0];
    assert_eq!(row["id"], json!(newest));
    assert_eq!(row["payload_json"]["customerName"], "Pia Buyer");
    assert_eq!(row["payload_json"]["server"], "srv1");
    assert_eq!(row["server_id"], json!(mpanel.server_id()));
    assert!(row.get("product_name").is_some());
    let got = caller
        .get("/api/provisioning/tasks?limit=1&offset=1&page=9")
        .await
        .body;
    assert_eq!(
        (got["tasks"].as_array().unwrap().len(), &got["total"]),
        (1, &json!(3))
    );
    let got = caller
        .get("/api/provisioning/tasks?status=failed")
        .await
        .body;
    assert_eq!(got["total"], 0);
    for query in ["?limit=many", "?offset=-1"] {
        let got = caller.get(&format!("/api/provisioning/tasks{query}")).await;
        assert_eq!(got.status, 500, "{query}");
    }
    let got = caller
        .get("/api/provisioning/tasks/00000000-0000-4000-8000-000000000000")
        .await;
    assert_eq!((got.status, got.error()), (404, "Task not found"));
    let got = caller.get("/api/provisioning/tasks/job_1_abcde").await;
    assert_eq!(
        (got.status, got.body),
        (200, json!({ "id": "job_1_abcde", "status": "not_found" }))
    );
}

#[tokio::test]
async fn provisioning_takes_exactly_the_role_admin() {
    let mpanel = legacy().await;
    for (kind, expected) in [
        (UserKind::Admin, 200),
        (UserKind::SuperAdmin, 403),
        (UserKind::UpperCaseSuperAdmin, 403),
        (UserKind::Manager, 403),
        (UserKind::Customer, 403),
    ] {
        let caller = Caller::logged_in(&mpanel, kind).await;
        let got = caller.get("/api/provisioning/tasks").await;
        assert_eq!(got.status, expected, "{kind:?}");
        if expected == 403 {
            assert_eq!(got.error(), "Insufficient permissions");
        }
    }
    let mpanel = type_script().await;
    let owner = Caller::logged_in(&mpanel, UserKind::Admin).await;
    assert_eq!(owner.get("/api/provisioning/tasks").await.status, 403);
}

#[tokio::test]
async fn under_privileged_refuses_what_wants_a_role_and_nothing_else() {
    let mpanel = legacy().await;
    mpanel.arm(Fault::UnderPrivilegedKey).unwrap();
    let caller = admin_of(&mpanel);
    for _ in 0..2 {
        let got = caller.get("/api/provisioning/tasks").await;
        assert_eq!((got.status, got.error()), (403, "Insufficient permissions"));
    }
    assert_eq!(caller.get("/api/customers").await.status, 200);
    assert_eq!(mpanel.times_struck(Fault::UnderPrivilegedKey), 2);
    mpanel.heal();
    assert_eq!(caller.get("/api/provisioning/tasks").await.status, 200);
    let error = mpanel
        .arm_for(Fault::UnderPrivilegedKey, operations::CREATE_CUSTOMER, 1)
        .unwrap_err();
    assert!(matches!(error, ArmError::NeverStrikes { .. }));
}

#[tokio::test]
async fn the_workers_routes_ask_nobody_who_they_are() {
    for generation in BOTH {
        let (mpanel, _) = ordered(by_hand(generation)).await;
        let worker = Caller::stranger(&mpanel);
        let got = worker.post("/api/worker/tasks/claim", &json!({})).await;
        let task = &got.body["task"];
        assert_eq!(
            (got.status, &task["step"], &task["status"]),
            (200, &json!("create_account"), &json!("pending"))
        );
        assert_eq!(task["payload"]["plan"], "starter");
        assert_eq!(mpanel.tasks()[0].status, "in_progress");
        let none = worker.post("/api/worker/tasks/claim", &json!({})).await;
        assert_eq!(none.body, json!({ "task": null }));

        let complete = format!(
            "/api/worker/tasks/{}/complete",
            task["id"].as_str().unwrap()
        );
        let got = worker
            .post(&complete, &json!({ "status": "completed" }))
            .await;
        assert_eq!(got.status, 400);
        let done = json!({ "status": "success", "result": { "user": "pia" } });
        for _ in 0..2 {
            let got = worker.post(&complete, &done).await;
            assert_eq!(
                got.body["task"],
                json!({ "id": task["id"], "step": "create_account", "status": "success" })
            );
        }
        assert_eq!(mpanel.subscriptions()[0].status, "active");
        let late = json!({ "status": "failed", "error": "too late" });
        assert_eq!(worker.post(&complete, &late).await.status, 200);
        assert_eq!(mpanel.tasks()[0].status, "failed");
        assert_eq!(mpanel.tasks()[0].error_message.as_deref(), Some("too late"));
        assert_eq!(mpanel.subscriptions()[0].status, "active");
        let missing = "/api/worker/tasks/00000000-0000-4000-8000-000000000000";
        assert_eq!(worker.get(missing).await.status, 404);
    }
}

#[tokio::test]
async fn redis_backed_routes_are_as_slow_as_set_and_do_their_work_at_once() {
    let latency = Duration::from_millis(250);
    let settings = by_hand(Generation::Legacy).with_redis_latency(latency);
    let (mpanel, caller) = ordered(settings).await;
    let begun = Instant::now();
    assert_eq!(listed(&caller).await, ["pending"]);
    assert!(begun.elapsed() < latency, "tasks lie in the database");
    let body =
        json!({ "serviceId": "1", "customerId": "2", "productId": "3", "domain": "a.example" });
    let impatient = caller
        .request(reqwest::Method::POST, "/api/provisioning/provision")
        .json(&body)
        .timeout(Duration::from_millis(60))
        .send()
        .await
        .unwrap_err();
    assert!(impatient.is_timeout());
    assert!(mpanel.work_once().is_some());
    assert!(
        mpanel.work_once().is_some(),
        "the task, and the job nobody waited for"
    );
    let begun = Instant::now();
    let got = caller.post("/api/provisioning/provision", &body).await;
    assert!(begun.elapsed() >= latency);
    assert_eq!((got.status, &got.body["status"]), (202, &json!("queued")));
}

#[tokio::test]
async fn stats_and_failed_jobs_are_counted() {
    let (mpanel, caller) = ordered(by_hand(Generation::Legacy)).await;
    let got = caller
        .post("/api/provisioning/provision", &json!({ "serviceId": "1" }))
        .await;
    assert_eq!(got.status, 400);
    assert_eq!(
        got.body["required"],
        json!(["serviceId", "customerId", "productId", "domain"])
    );
    let body =
        json!({ "serviceId": "1", "customerId": "2", "productId": "3", "domain": "a.example" });
    let job = caller.post("/api/provisioning/provision", &body).await;
    let job = job.body["jobId"].as_str().unwrap().to_owned();
    mpanel.arm(Fault::TaskFailed).unwrap();
    while mpanel.work_once().is_some() {}
    let stats = caller.get("/api/provisioning/stats").await.body;
    assert_eq!(stats["queue"]["failed"], 1);
    assert_eq!(stats["tasks"]["last_7_days"], json!({ "failed": 1 }));
    let failed = caller.get("/api/provisioning/failed?limit=5").await.body;
    assert_eq!(
        (&failed["count"], &failed["failed_jobs"][0]["id"]),
        (&json!(1), &json!(job))
    );
    assert!(failed["failed_jobs"][0]["lastError"].is_string());
    let got = caller
        .post(&format!("/api/provisioning/retry/{job}"), &json!({}))
        .await;
    assert_eq!((got.status, &got.body["success"]), (200, &json!(true)));
    let got = caller
        .post("/api/provisioning/retry/job_nope", &json!({}))
        .await;
    assert_eq!(
        (got.status, got.message()),
        (500, "Job not found: job_nope")
    );
    mpanel.work_once();
    let got = caller.delete("/api/provisioning/failed").await;
    assert_eq!(
        got.body,
        json!({ "message": "Failed jobs cleared", "count": 1 })
    );
}
