//! Subscriptions of one's own.

use panel_sandbox::nextpanel_billing::Resource;
use serde_json::json;

use super::user::{id_of, three_parties};

#[tokio::test]
async fn a_second_one_for_the_same_product_plan_is_a_500_and_makes_nothing() {
    let (billing, administrator, ada, _) = three_parties().await;
    let plan = administrator.plan("Small", 5.0).await;
    let body = json!({ "plan_id": plan });
    let made = ada.make("/subscriptions/", &body, 201).await;
    assert_eq!(made["status"], "active");
    assert_eq!(made["current_period_start"], "2009-02-13T23:31:30");
    assert_eq!(made["current_period_end"], "2009-03-15T23:31:30");
    let again = ada.post("/subscriptions/", &body).await;
    assert_eq!(again.status, 500);
    assert!(again.detail().contains("UNIQUE constraint failed"));
    assert_eq!(ada.list("/licenses/").await.len(), 1);
    assert_eq!(billing.times_created(Resource::Subscriptions, &plan), 1);
    // Not even after it was cancelled, but for another cycle or by somebody else.
    let path = format!("/subscriptions/{}/cancel", id_of(&made));
    ada.post(&path, &json!({ "cancel_at_period_end": false }))
        .await;
    assert_eq!(ada.post("/subscriptions/", &body).await.status, 500);
    let yearly = json!({ "plan_id": plan, "billing_cycle": "yearly" });
    ada.make("/subscriptions/", &yearly, 201).await;
    administrator.make("/subscriptions/", &body, 201).await;
}

#[tokio::test]
async fn cancelling_at_the_end_of_the_period_leaves_it_active_here() {
    let (_billing, administrator, ada, _) = three_parties().await;
    let plan = administrator.plan("Small", 5.0).await;
    let made = ada
        .make("/subscriptions/", &json!({ "plan_id": plan }), 201)
        .await;
    let path = format!("/subscriptions/{}", id_of(&made));
    let cancel = format!("{path}/cancel");
    let missing = ada.send(reqwest::Method::POST, &cancel).await;
    assert_eq!(missing.status, 422);
    assert_eq!(missing.body["detail"][0]["loc"], json!(["body"]));
    let got = ada.post(&cancel, &json!({})).await.body;
    assert_eq!(
        (&got["status"], &got["cancel_at_period_end"]),
        (&json!("active"), &json!(true))
    );
    let got = ada
        .send(reqwest::Method::POST, &format!("{path}/reactivate"))
        .await
        .body;
    assert_eq!(got["cancel_at_period_end"], false);
    let got = ada
        .post(&cancel, &json!({ "cancel_at_period_end": false }))
        .await
        .body;
    assert_eq!(got["status"], "cancelled");
    assert_eq!(ada.get(&path).await.body, got);
}

#[tokio::test]
async fn it_takes_a_given_licence_and_moves_to_another_product_plan() {
    let (_billing, administrator, ada, id) = three_parties().await;
    let small = administrator.plan("Small", 5.0).await;
    let large = administrator.plan("Large", 50.0).await;
    administrator
        .put(&format!("/plans/{large}"), &json!({ "max_domains": 70 }))
        .await;
    let path = format!("/customers/{id}/licenses");
    let body = json!({ "plan_id": small, "create_subscription": false });
    let license = administrator.make(&path, &body, 200).await["license_id"].clone();
    let body = json!({ "plan_id": small, "license_id": license });
    let made = ada.make("/subscriptions/", &body, 201).await;
    assert_eq!(made["license_id"], license);
    let path = format!("/subscriptions/{}", id_of(&made));
    assert_eq!(
        ada.put(&path, &json!({ "new_plan_id": large }))
            .await
            .status,
        200
    );
    assert_eq!(ada.list("/licenses/").await[0]["max_domains"], 70);

    for (path, body, expected) in [
        (
            "/subscriptions/",
            json!({ "plan_id": "nonsense" }),
            "Plan not found",
        ),
        (
            "/subscriptions/",
            json!({ "plan_id": large, "license_id": "x" }),
            "License not found",
        ),
        (
            "/subscriptions/x/cancel",
            json!({}),
            "Subscription not found",
        ),
    ] {
        assert_eq!(ada.post(path, &body).await.refusal(), (404, expected));
    }
    assert_eq!(administrator.get(&path).await.status, 404);
    assert_eq!(ada.list("/subscriptions/").await.len(), 1);
}
