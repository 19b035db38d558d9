//! Routes that documents promise: by the documented path where it is, else by an equivalent, learned once.

use mpanel_client::{Generation, ServedBy, customers::CustomerId, tasks::TaskId};
use panel_http::{Kind, TransportFault, testing::Reply};
use serde_json::json;

use super::{
    case::{CUSTOMER, SUBSCRIPTION, TASK, TYPESCRIPT_TOKEN},
    script::{asked, json as reply, script, with_login},
};

fn absent() -> Reply {
    reply(404, &json!({"error": "Route not found (debug)"}))
}

fn rows() -> Reply {
    reply(200, &json!([{"id": SUBSCRIPTION, "customer_id": CUSTOMER}]))
}

#[tokio::test]
async fn the_documented_path_is_taken_where_it_is() {
    let transport = script(Generation::Legacy, vec![rows()]);
    let client = with_login(&transport).build().unwrap();
    let served = client
        .customer_subscriptions(&CustomerId::text(CUSTOMER))
        .await
        .unwrap();
    assert_eq!((served.by, served.value.len()), (ServedBy::Documented, 1));
}

#[tokio::test]
async fn the_equivalent_is_taken_where_it_is_not_and_the_question_is_asked_once() {
    let transport = script(Generation::Legacy, vec![absent(), rows(), rows()]);
    let client = with_login(&transport).build().unwrap();
    let id = CustomerId::text(CUSTOMER);
    for _ in 0..2 {
        let served = client.clone().customer_subscriptions(&id).await.unwrap();
        assert_eq!(
            served.by,
            ServedBy::Equivalent("GET /api/subscriptions?customerId=")
        );
        assert_eq!(served.value.len(), 1);
    }
    assert_eq!(
        asked(&transport),
        [
            "POST /api/auth/login".to_owned(),
            format!("GET /api/customers/{CUSTOMER}/subscriptions"),
            format!("GET /api/subscriptions?customerId={CUSTOMER}"),
            format!("GET /api/subscriptions?customerId={CUSTOMER}"),
        ]
    );
}

#[tokio::test]
async fn every_way_of_not_having_it_leads_to_the_equivalent() {
    let broken =
        json!({"error": "Internal server error", "message": "Authentication check failed"});
    let refused = json!({"error": "Invalid token", "message": "Authentication failed"});
    let missing = json!({"error": "TypeScript routes not available", "message": "m"});
    for answer in [
        absent(),
        reply(503, &missing),
        reply(500, &broken),
        reply(401, &refused),
    ] {
        let transport = script(Generation::Legacy, vec![answer, reply(200, &json!([]))]);
        let client = with_login(&transport).build().unwrap();
        let served = client
            .customer_websites(&CustomerId::text(CUSTOMER))
            .await
            .unwrap();
        assert_eq!(
            served.by,
            ServedBy::Equivalent("GET /api/websites?customerId=")
        );
        assert_eq!(asked(&transport).len(), 3);
    }
}

#[tokio::test]
async fn a_lost_reply_or_a_refusal_does_not() {
    for (answer, kind) in [
        (Reply::fault(TransportFault::Tls), Kind::NotSent),
        (
            reply(403, &json!({"error": "Insufficient permissions"})),
            Kind::Denied,
        ),
        (
            reply(404, &json!({"error": "Customer not found"})),
            Kind::NotFound,
        ),
    ] {
        let transport = script(Generation::Legacy, vec![answer]);
        let client = with_login(&transport).build().unwrap();
        let error = client
            .customer_invoices(&CustomerId::text(CUSTOMER))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(asked(&transport).len(), 2);
    }
}

#[tokio::test]
async fn a_retry_goes_to_the_path_that_is_there() {
    let queued = json!({"jobId": "job_1", "taskId": TASK, "status": "queued"});
    let transport = script(Generation::Legacy, vec![absent(), reply(200, &queued)]);
    let client = with_login(&transport).build().unwrap();
    let served = client.retry_task(&TaskId::text(TASK)).await.unwrap();
    assert_eq!(
        served.by,
        ServedBy::Equivalent("POST /api/provisioning/retry/{id}")
    );
    assert_eq!(
        asked(&transport)[2],
        format!("POST /api/provisioning/retry/{TASK}")
    );
}

#[tokio::test]
async fn a_lost_retry_is_not_sent_a_second_way() {
    let transport = script(
        Generation::Legacy,
        vec![Reply::fault(TransportFault::Broken)],
    );
    let client = with_login(&transport).build().unwrap();
    let error = client.retry_task(&TaskId::text(TASK)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Indeterminate);
    assert_eq!(asked(&transport).len(), 2);
}

#[tokio::test]
async fn a_log_is_told_by_the_task_itself() {
    let task = json!({
        "id": TASK, "status": "failed", "step": "create_account", "attempts": 2,
        "error_message": "ssh timeout", "created_at": "2027-03-04T05:06:07Z",
        "updated_at": "2027-03-04T05:08:07Z",
    });
    let transport = script(Generation::Legacy, vec![absent(), reply(200, &task)]);
    let client = with_login(&transport).build().unwrap();
    let served = client.task_log(&TaskId::text(TASK)).await.unwrap();
    assert_eq!(
        served.by,
        ServedBy::Equivalent("GET /api/provisioning/tasks/{id}")
    );
    assert_eq!(
        served.value.lines,
        [
            "2027-03-04T05:06:07Z create_account created",
            "2027-03-04T05:08:07Z attempts so far: 2",
            "error: ssh timeout",
            "2027-03-04T05:08:07Z failed",
        ]
    );
}

#[tokio::test]
async fn summaries_are_counted_where_no_server_counts_them() {
    let stats = json!({
        "queue": {"provisioning": {"pending": 1, "processing": 0}, "failed": 0},
        "tasks": {"last_7_days": {"pending": 5, "in_progress": 9, "processing": 1, "success": 2, "completed": 1, "failed": 6}},
    });
    let transport = script(Generation::Legacy, vec![absent(), reply(200, &stats)]);
    let client = with_login(&transport).build().unwrap();
    let served = client.provisioning_summary().await.unwrap();
    let summary = served.value;
    assert_eq!(
        (
            summary.pending,
            summary.in_progress,
            summary.completed,
            summary.failed
        ),
        (5, 10, 3, 6)
    );

    let customers = json!({"customers": [
        {"id": "c-1", "subscriptions": [{"id": "s-1", "status": "active"}, {"id": "s-2", "status": "active"}]},
        {"id": "c-2", "subscriptions": [{"id": "s-3", "status": "cancelled"}]},
        {"id": "c-3", "subscriptions": []},
    ]});
    let transport = script(Generation::Legacy, vec![absent(), reply(200, &customers)]);
    let client = with_login(&transport).build().unwrap();
    let served = client.dashboard_summary().await.unwrap();
    assert_eq!(served.by, ServedBy::Equivalent("GET /api/admin/customers"));
    assert_eq!(
        (
            served.value.active_customers,
            served.value.active_subscriptions
        ),
        (1, 2)
    );
    assert_eq!(served.value.total_revenue, None);
}

#[tokio::test]
async fn users_are_listed_in_the_dialect_of_the_server() {
    let legacy = json!({"success": true, "users": [{"id": "u-1"}], "data": [{"id": "u-1"}]});
    let page = |number: u32| {
        json!({
            "success": true, "data": [{"id": format!("u-{number}")}],
            "pagination": {"page": number, "pageSize": 1, "total": 2, "totalPages": 2},
        })
    };
    let transport = script(Generation::Legacy, vec![absent(), reply(200, &legacy)]);
    let client = with_login(&transport).build().unwrap();
    let served = client.all_users().await.unwrap();
    assert_eq!(
        (served.by, served.value.len()),
        (ServedBy::Equivalent("GET /api/users"), 1)
    );

    let gone = reply(404, &json!({"error": "Route not found"}));
    let transport = script(
        Generation::TypeScript,
        vec![gone, reply(200, &page(1)), reply(200, &page(2))],
    );
    let client = with_login(&transport).build().unwrap();
    assert_eq!(client.all_users().await.unwrap().value.len(), 2);
    assert_eq!(asked(&transport)[3], "GET /api/users?page=2&pageSize=50");
    assert_eq!(
        transport.requests()[3].header("authorization"),
        format!("Bearer {TYPESCRIPT_TOKEN}")
    );
}
