//! Orders and jobs of the TypeScript dialect.

use panel_sandbox::Fault;
use panel_sandbox::mpanel::{Columns, Generation, MPanel, MPanelSettings, UserKind, WorkerPace};
use serde_json::{Value, json};

use super::caller::{Caller, start, type_script, webhook_order, with_internal_key};

const JOBS: &str = "/api/ops/provisioning/jobs";

async fn ordered(pace: WorkerPace) -> (MPanel, Caller) {
    let settings = MPanelSettings::new("main", Generation::TypeScript).with_worker_pace(pace);
    let mpanel = start(settings).await;
    let keyed = with_internal_key(&mpanel, Caller::stranger(&mpanel));
    let got = keyed
        .post("/api/orders/webhook", &webhook_order(&mpanel, "pi_1", None))
        .await;
    assert_eq!(got.status, 201, "{got:?}");
    let platform = Caller::logged_in(&mpanel, UserKind::SuperAdmin).await;
    (mpanel, platform)
}

async fn statuses(caller: &Caller) -> Vec<Value> {
    let got = caller.get(JOBS).await;
    assert_eq!(got.status, 200, "{got:?}");
    let jobs = got.body["data"].as_array().unwrap();
    jobs.iter().map(|job| job["status"].clone()).collect()
}

#[tokio::test]
async fn jobs_run_and_succeed_as_often_as_looked_at() {
    let (mpanel, platform) = ordered(WorkerPace::AfterPolls(2)).await;
    for status in ["PENDING", "RUNNING", "SUCCESS"] {
        assert_eq!(statuses(&platform).await, vec![json!(status); 3]);
    }
    assert_eq!(mpanel.subscriptions()[0].status, "active");
}

#[tokio::test]
async fn failed_jobs_say_why_and_leave_the_subscription_inactive() {
    let (mpanel, platform) = ordered(WorkerPace::AfterPolls(0)).await;
    mpanel.arm(Fault::TaskFailed).unwrap();
    assert_eq!(statuses(&platform).await, vec![json!("FAILED"); 3]);
    let job = platform.get(JOBS).await.body["data"][0].clone();
    assert!(job["lastError"].as_str().unwrap().contains("no space left"));
    assert_eq!(mpanel.subscriptions()[0].status, "inactive");
}

#[tokio::test]
async fn jobs_are_for_platform_administrators() {
    let mpanel = type_script().await;
    let owner = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let got = owner.get(JOBS).await;
    assert_eq!((got.status, got.error()), (403, "Platform access denied"));
    assert_eq!(
        got.message(),
        "This resource requires platform administrator privileges"
    );
    let settings = MPanelSettings::new("main", Generation::TypeScript)
        .with_platform_owner_email("admin@hosting.example");
    let mpanel = start(settings).await;
    let owner = Caller::logged_in(&mpanel, UserKind::Admin).await;
    assert_eq!(owner.get(JOBS).await.status, 200);
    mpanel.arm(Fault::UnderPrivilegedKey).unwrap();
    assert_eq!(owner.get(JOBS).await.status, 403);
}

#[tokio::test]
async fn statuses_are_of_mixed_case_and_their_filter_is_not() {
    let (mpanel, platform) = ordered(WorkerPace::ByHand).await;
    let got = platform.get(&format!("{JOBS}?status=PENDING")).await.body;
    assert_eq!(
        got["pagination"],
        json!({ "page": 1, "pageSize": 50, "total": 0, "totalPages": 0 })
    );
    let job = mpanel.jobs()[0].id.clone();
    let got = platform
        .post(&format!("{JOBS}/{job}/cancel"), &json!({}))
        .await;
    assert_eq!(
        (got.status, &got.body["data"]["status"]),
        (200, &json!("failed"))
    );
    let got = platform
        .get(&format!("{JOBS}?status=FAILED&pageSize=0"))
        .await
        .body;
    assert_eq!(
        (
            &got["pagination"]["total"],
            &got["pagination"]["totalPages"]
        ),
        (&json!(1), &Value::Null)
    );

    let queue = platform
        .get("/api/ops/provisioning/queues/PROVISION")
        .await
        .body["data"]
        .clone();
    assert_eq!(
        queue["stats"],
        json!({ "waiting": 0, "active": 0, "completed": 0, "failed": 1, "total": 1 })
    );
    assert_eq!(queue["recentJobs"].as_array().unwrap().len(), 3);
    let queues = platform.get("/api/ops/provisioning/queues").await.body;
    assert_eq!(queues["data"][0]["name"], "PROVISION");
}

#[tokio::test]
async fn jobs_answer_most_mistakes_by_an_internal_error() {
    let (mpanel, platform) = ordered(WorkerPace::ByHand).await;
    let job = mpanel.jobs()[0].id.clone();
    let nobody = "00000000-0000-4000-8000-000000000000";
    let got = platform.get(&format!("{JOBS}/{job}")).await;
    assert_eq!(
        got.body["data"]["order"]["id"],
        json!(mpanel.orders()[0].id)
    );
    let got = platform.get(&format!("{JOBS}/1")).await;
    assert_eq!((got.status, got.error()), (500, "Failed to fetch job"));
    assert_eq!(platform.get(&format!("{JOBS}/{nobody}")).await.status, 404);
    for path in [
        format!("{JOBS}/{nobody}/cancel"),
        format!("{JOBS}/{job}/retry"),
    ] {
        assert_eq!(platform.post(&path, &json!({})).await.status, 500, "{path}");
    }
}

#[tokio::test]
async fn orders_are_created_paid_and_failed() {
    let mpanel = type_script().await;
    let owner = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let body = json!({
        "customerEmail": "Pia@Buyers.example", "customerName": "Pia", "priceSlug": "starter-monthly",
        "totalAmountCents": 1999, "metadata": { "reference": "o-1" },
    });
    let got = owner.post("/api/orders", &body).await;
    assert_eq!(
        (
            got.status,
            &got.body["data"]["status"],
            &got.body["data"]["jobs"]
        ),
        (201, &json!("PENDING"), &json!([]))
    );
    let path = format!("/api/orders/{}", got.uuid("/data/orderId"));
    let got = owner
        .post(
            &format!("{path}/pay"),
            &json!({ "stripePaymentIntentId": "pi_1" }),
        )
        .await;
    assert_eq!(
        (
            &got.body["data"]["status"],
            &got.body["data"]["subscription"]
        ),
        (&json!("PAID"), &Value::Null)
    );
    let row = owner.get(&path).await.body["data"].clone();
    assert_eq!(row["subscription"]["status"], "active");
    assert_eq!(
        (&row["customer"]["email"], &row["price"]["product"]["code"]),
        (&json!("pia@buyers.example"), &json!("starter"))
    );
    assert_eq!(mpanel.times_ordered("pi_1"), 1);
    assert_eq!(
        owner.post(&format!("{path}/pay"), &json!({})).await.status,
        400
    );

    let got = owner.post(&format!("{path}/fail"), &json!({})).await;
    assert_eq!((got.status, got.message()), (400, "reason is required"));
    let got = owner
        .post(&format!("{path}/fail"), &json!({ "reason": "chargeback" }))
        .await;
    let data = &got.body["data"];
    assert_eq!(
        (&data["status"], &data["notes"]),
        (&json!("FAILED"), &json!("Failed: chargeback"))
    );
    assert_eq!(
        (
            &data["metadata"]["reference"],
            &data["metadata"]["failureReason"]
        ),
        (&json!("o-1"), &json!("chargeback"))
    );
    let got = owner.post(&format!("{path}/cancel"), &json!({})).await;
    assert_eq!(got.body["data"]["status"], "CANCELLED");
}

#[tokio::test]
async fn orders_are_paged_filtered_and_refused() {
    let mpanel = type_script().await;
    let owner = Caller::logged_in(&mpanel, UserKind::Admin).await;
    for number in 0..3 {
        let body =
            json!({ "customerEmail": "pia@buyers.example", "totalAmountCents": 100 + number });
        let got = owner
            .request(reqwest::Method::POST, "/api/orders")
            .header("idempotency-key", "the same")
            .json(&body);
        assert_eq!(crate::caller::got(got).await.unwrap().status, 201);
    }
    let got = owner.get("/api/orders?page=2&pageSize=2").await.body;
    assert_eq!(
        got["meta"],
        json!({ "total": 3, "page": 2, "pageSize": 2, "totalPages": 2 })
    );
    assert_eq!(got["data"][0]["totalAmountCents"], 100);
    assert_eq!(
        owner.get("/api/orders?status=PAID").await.body["meta"]["total"],
        0
    );
    assert_eq!(owner.get("/api/orders?page=0").await.status, 500);
    assert_eq!(
        owner.get("/api/orders?page=x").await.error(),
        "PrismaClientValidationError"
    );
    for body in [
        json!({ "totalAmountCents": 1 }),
        json!({ "customerEmail": "a@b.example" }),
        json!({ "customerId": "1", "items": [] }),
    ] {
        let got = owner.post("/api/orders", &body).await;
        assert_eq!(
            (got.status, got.error()),
            (400, "Validation error"),
            "{body}"
        );
    }
    let got = owner
        .get("/api/orders/00000000-0000-4000-8000-000000000000")
        .await;
    assert_eq!((got.status, got.error()), (404, "Order not found"));
    let viewer = Caller::logged_in(&mpanel, UserKind::Customer).await;
    assert_eq!(viewer.get("/api/orders").await.status, 403);
    let billing = Caller::logged_in(&mpanel, UserKind::UpperCaseSuperAdmin).await;
    assert_eq!(billing.get("/api/orders").await.status, 200);
    assert_eq!(billing.post("/api/orders", &json!({})).await.status, 403);

    let settings = MPanelSettings::new("main", Generation::TypeScript).with_columns(Columns::Base);
    let mpanel = start(settings).await;
    let owner = Caller::logged_in(&mpanel, UserKind::Admin).await;
    for path in ["/api/orders", "/api/products", "/api/users"] {
        let got = owner.get(path).await;
        assert_eq!(
            (got.status, got.error()),
            (500, "PrismaClientKnownRequestError"),
            "{path}"
        );
    }
}
