//! What hangs on a customer.

use serde_json::json;

use super::user::{User, billing_and_administrator, three_parties};

async fn with_license(administrator: &User, id: &str) -> (String, String) {
    let plan = administrator.plan("Small", 5.0).await;
    let path = format!("/customers/{id}/licenses");
    let made = administrator
        .make(&path, &json!({ "plan_id": plan }), 200)
        .await;
    assert_eq!(made["message"], "License added successfully");
    (path, made["license_id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_unknown_customer_has_nothing_rather_than_being_unknown() {
    let (_billing, administrator) = billing_and_administrator().await;
    for what in ["licenses", "subscriptions", "domains", "payments"] {
        assert!(
            administrator
                .list(&format!("/customers/nobody/{what}"))
                .await
                .is_empty()
        );
    }
    let plan = administrator.plan("Small", 5.0).await;
    let got = administrator
        .post("/customers/nobody/licenses", &json!({ "plan_id": plan }))
        .await;
    assert_eq!(got.refusal(), (404, "Customer not found"));
}

#[tokio::test]
async fn only_yearly_is_a_year_and_a_product_plan_off_sale_will_do() {
    let (_billing, administrator, _, id) = three_parties().await;
    let plan = administrator.plan("Small", 5.0).await;
    administrator.delete(&format!("/plans/{plan}")).await;
    let path = format!("/customers/{id}/licenses");
    for (cycle, subscribed) in [("yearly", false), ("weekly", true)] {
        let body =
            json!({ "plan_id": plan, "billing_cycle": cycle, "create_subscription": subscribed });
        administrator.make(&path, &body, 200).await;
    }
    let rows = administrator.list(&path).await;
    assert_eq!(
        &rows[0]["expiry_date"].as_str().unwrap()[..10],
        "2027-01-15"
    );
    assert_eq!(
        &rows[1]["expiry_date"].as_str().unwrap()[..10],
        "2026-02-14"
    );
    let subscriptions = administrator
        .list(&format!("/customers/{id}/subscriptions"))
        .await;
    assert_eq!(subscriptions.len(), 1);
    assert_eq!(subscriptions[0]["license_id"], rows[1]["id"]);
    let got = administrator
        .post(&path, &json!({ "plan_id": "nonsense" }))
        .await;
    assert_eq!(got.refusal(), (404, "Plan not found"));
}

#[tokio::test]
async fn a_licence_can_be_changed_and_an_offset_is_lost() {
    let (_billing, administrator, _, id) = three_parties().await;
    let (path, license) = with_license(&administrator, &id).await;
    let path = format!("{path}/{license}");
    let got = administrator
        .put(
            &path,
            &json!({ "extend_days": 10, "status": "suspended", "max_domains": 9 }),
        )
        .await;
    assert_eq!(got.body["message"], "License updated successfully");
    let row = &got.body["license"];
    assert_eq!(
        (&row["status"], &row["max_domains"]),
        (&json!("suspended"), &json!(9))
    );
    assert_eq!(&row["expiry_date"].as_str().unwrap()[..10], "2026-02-24");
    assert!(row.get("user_id").is_none() && row.get("plan_id").is_none());

    let got = administrator
        .put(
            &path,
            &json!({ "set_expiry_date": "2027-05-06T07:08:09+02:00" }),
        )
        .await;
    assert_eq!(got.body["license"]["expiry_date"], "2027-05-06T07:08:09");
    let got = administrator
        .put(&path, &json!({ "status": "paused" }))
        .await;
    assert_eq!(got.refusal(), (400, "Invalid status: paused"));
    let got = administrator
        .put(&path, &json!({ "set_expiry_date": "soon" }))
        .await;
    assert_eq!(got.status, 422);
    let bob = administrator.customer("bob").await;
    let got = administrator
        .put(&format!("/customers/{bob}/licenses/{license}"), &json!({}))
        .await;
    assert_eq!(got.refusal(), (404, "License not found for this customer"));
}

#[tokio::test]
async fn deleting_a_licence_cancels_it_and_its_subscription() {
    let (_billing, administrator, _, id) = three_parties().await;
    let (path, license) = with_license(&administrator, &id).await;
    let got = administrator.delete(&format!("{path}/{license}")).await;
    assert_eq!(
        got.body,
        json!({ "message": "License cancelled successfully" })
    );
    assert_eq!(administrator.list(&path).await[0]["status"], "cancelled");
    let subscriptions = administrator
        .list(&format!("/customers/{id}/subscriptions"))
        .await;
    assert_eq!(subscriptions[0]["status"], "cancelled");
}

#[tokio::test]
async fn cancelling_at_the_end_of_the_period_cancels_at_once_here() {
    let (_billing, administrator, _, id) = three_parties().await;
    with_license(&administrator, &id).await;
    let path = format!("/customers/{id}/subscriptions");
    let subscription = administrator.list(&path).await[0].clone();
    let path = format!("{path}/{}", subscription["id"].as_str().unwrap());
    let got = administrator
        .put(
            &path,
            &json!({ "extend_period_days": 5, "status": "past_due" }),
        )
        .await;
    assert_eq!(got.body["subscription"]["status"], "past_due");
    assert_eq!(
        &got.body["subscription"]["current_period_end"]
            .as_str()
            .unwrap()[..10],
        "2026-02-19"
    );
    // Not active, so only marked.
    let got = administrator
        .put(&path, &json!({ "cancel_at_period_end": true }))
        .await;
    assert_eq!(got.body["subscription"]["status"], "past_due");
    administrator
        .put(&path, &json!({ "status": "active" }))
        .await;
    let got = administrator
        .put(&path, &json!({ "cancel_at_period_end": true }))
        .await;
    assert_eq!(got.body["subscription"]["status"], "cancelled");
    assert_eq!(got.body["subscription"]["cancel_at_period_end"], true);
    let got = administrator
        .put(&path, &json!({ "status": "paused" }))
        .await;
    assert_eq!(got.refusal(), (400, "Invalid status: paused"));
}
