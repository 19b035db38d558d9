//! Usage, analytics and notifications.

use serde_json::json;

use super::user::three_parties;

#[tokio::test]
async fn usage_is_counted_per_licence_and_quota_over_all() {
    let (_billing, administrator, ada, id) = three_parties().await;
    let plan = administrator.plan("Small", 5.0).await;
    let path = format!("/customers/{id}/licenses");
    let license = administrator
        .make(&path, &json!({ "plan_id": plan }), 200)
        .await["license_id"]
        .clone();
    administrator
        .make(&path, &json!({ "plan_id": plan }), 200)
        .await;
    let usage =
        |resource: &str| json!({ "license_id": license, "resource_type": resource, "delta": 3 });
    let got = ada.make("/usage/update", &usage("databases"), 200).await;
    assert_eq!(
        got,
        json!({
            "status": "success",
            "license_id": license,
            "resource_type": "databases",
            "current_count": 3,
            "max_count": 5,
        })
    );
    assert_eq!(
        ada.post("/usage/update", &usage("ponies")).await.status,
        400
    );
    assert_eq!(
        administrator
            .post("/usage/update", &usage("emails"))
            .await
            .status,
        404
    );
    let all = ada.get("/usage/quota").await.body;
    assert_eq!(all["license_id"], json!(null));
    assert_eq!(
        (&all["max_databases"], &all["databases_available"]),
        (&json!(10), &json!(7))
    );
    let path = format!("/usage/quota?license_id={}", license.as_str().unwrap());
    assert_eq!(ada.get(&path).await.body["databases_available"], 2);
    assert_eq!(ada.get("/usage/quota?license_id=x").await.status, 404);
    assert_eq!(
        ada.get("/usage/report").await.body["licenses"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(ada.get("/usage/alerts").await.body, json!({ "alerts": [] }));
    let path = format!("/usage/history/{}", license.as_str().unwrap());
    assert_eq!(ada.get(&path).await.body["history"], json!([]));
}

#[tokio::test]
async fn figures_are_for_anybody_and_monthly_ones_always_fail() {
    let (_billing, _, ada, _) = three_parties().await;
    for path in [
        "revenue/summary",
        "licenses/stats",
        "domains/stats",
        "invoices/stats",
        "dashboard",
        "growth-metrics",
    ] {
        let got = ada.get(&format!("/analytics/{path}")).await;
        assert!(got.status == 200 && got.body.is_object(), "{path}");
    }
    assert_eq!(ada.get("/analytics/revenue/monthly").await.status, 500);
}

#[tokio::test]
async fn one_can_be_mailed_and_prefer() {
    let (_billing, administrator, ada, _) = three_parties().await;
    for path in ["send-test-email", "resend-welcome-email"] {
        let got = ada
            .send(reqwest::Method::POST, &format!("/notifications/{path}"))
            .await;
        assert_eq!(got.body["status"], "success");
    }
    let path = "/notifications/preferences";
    let chosen = json!({ "email_notifications": false });
    assert_eq!(ada.put(path, &chosen).await.body["preferences"], chosen);
    assert_eq!(ada.get(path).await.body, chosen);
    assert_ne!(administrator.get(path).await.body, chosen);
}
