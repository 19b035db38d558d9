//! Subscriptions in both dialects.

use panel_sandbox::mpanel::{Generation, MPanelSettings, UserKind};
use serde_json::{Value, json};

use super::caller::{BOTH, Caller, admin_of, start, type_script, with_admin};

#[tokio::test]
async fn a_subscription_is_created_active_and_patched_to_any_status() {
    for generation in BOTH {
        let (mpanel, caller) = with_admin(generation).await;
        let customer = caller.customer("Subco").await;
        let product = mpanel.product("wp_growth").unwrap();
        let body = json!({
            "customerId": customer, "productId": product.id(), "billingCycle": "monthly",
            "price": 49.99, "nextBillingDate": "2026-03-03", "metadata": { "reference": "order-9" },
            "status": "pending",
        });
        let got = caller.post("/api/subscriptions", &body).await;
        assert_eq!((got.status, &got.body["status"]), (201, &json!("active")));
        assert_eq!(got.body["price"], "49.99");
        assert_eq!(got.body["next_billing_date"], "2026-03-03T00:00:00.000Z");
        assert_eq!(got.body["auto_renew"], true);
        assert_eq!(got.body.get("product_name"), None);
        let id = got.uuid("/id");
        let path = format!("/api/subscriptions/{id}");

        let patch = json!({ "status": "pending_provisioning", "price": "20", "metadata": {} });
        let got = caller.patch(&path, &patch).await;
        assert_eq!(
            (got.status, &got.body["status"]),
            (200, &json!("pending_provisioning"))
        );
        let row = caller.get(&path).await.body;
        assert_eq!(
            (&row["price"], &row["product_name"]),
            (&json!("20.00"), &json!("WP Growth"))
        );
        assert_eq!(row["metadata"], json!({ "reference": "order-9" }));
        assert_eq!(
            mpanel.times_subscription_created("/reference", "order-9"),
            1
        );

        let list = caller
            .get(&format!("/api/subscriptions?customerId={customer}"))
            .await;
        assert_eq!(list.body, json!([row]));
        let none = format!("/api/subscriptions?customerId={customer}&status=active");
        assert_eq!(caller.get(&none).await.body, json!([]));
    }
}

#[tokio::test]
async fn without_a_customer_the_list_is_empty() {
    let (_mpanel, caller) = with_admin(Generation::Legacy).await;
    caller.post("/api/subscriptions", &json!({})).await;
    assert_eq!(caller.get("/api/subscriptions").await.body, json!([]));
}

#[tokio::test]
async fn nothing_is_validated_but_by_the_database() {
    let (mpanel, caller) = with_admin(Generation::Legacy).await;
    let got = caller
        .post("/api/subscriptions", &json!({ "tenantId": "any" }))
        .await;
    assert_eq!((got.status, &got.body["tenant_id"]), (201, &json!("any")));
    for body in [
        json!({ "customerId": "7" }),
        json!({ "customerId": "00000000-0000-4000-8000-000000000000" }),
        json!({ "price": "free" }),
        json!({ "nextBillingDate": "soon" }),
    ] {
        let got = caller.post("/api/subscriptions", &body).await;
        assert_eq!(
            (got.status, got.error()),
            (500, "Failed to create subscription"),
            "{body}"
        );
    }
    assert_eq!(mpanel.subscriptions().len(), 1);
    let path = format!("/api/subscriptions/{}", mpanel.subscriptions()[0].id);
    let got = caller.patch(&path, &json!({ "metadata": {} })).await;
    assert_eq!((got.status, got.error()), (400, "No fields to update"));
}

#[tokio::test]
async fn cancelling_is_immediate_and_what_is_not_there_is_an_internal_error() {
    let (mpanel, caller) = with_admin(Generation::TypeScript).await;
    caller.post("/api/subscriptions", &json!({})).await;
    let id = mpanel.subscriptions()[0].id.clone();
    for (verb, status) in [
        ("suspend", "suspended"),
        ("reactivate", "active"),
        ("cancel", "cancelled"),
    ] {
        let path = format!("/api/subscriptions/{id}/{verb}");
        let got = caller
            .post(&path, &json!({ "cancelAtPeriodEnd": true }))
            .await;
        assert_eq!((got.status, &got.body["status"]), (200, &json!(status)));
        let unknown = format!("/api/subscriptions/00000000-0000-4000-8000-000000000000/{verb}");
        let got = caller.post(&unknown, &json!({})).await;
        assert_eq!(
            (got.status, got.error().to_owned()),
            (500, format!("Failed to {verb} subscription"))
        );
    }
    let got = caller.get("/api/subscriptions/recent").await;
    assert_eq!(
        (got.status, got.error()),
        (500, "Failed to fetch subscription")
    );
    let got = caller
        .get("/api/subscriptions/00000000-0000-4000-8000-000000000000")
        .await;
    assert_eq!((got.status, got.error()), (404, "Subscription not found"));
}

#[tokio::test]
async fn plans_are_listed_and_changed() {
    let (mpanel, caller) = with_admin(Generation::Legacy).await;
    caller.post("/api/subscriptions", &json!({})).await;
    let plans = caller.get("/api/subscriptions/plans").await.body;
    let growth = mpanel.product("wp_growth").unwrap();
    assert!(
        plans["plans"]
            .as_array()
            .unwrap()
            .iter()
            .any(|plan| plan["id"] == growth.id())
    );
    let path = format!(
        "/api/subscriptions/{}/change-plan",
        mpanel.subscriptions()[0].id
    );
    let got = caller
        .put(&path, &json!({ "newPlanId": growth.id() }))
        .await;
    assert_eq!((got.status, &got.body["price"]), (200, &json!("49.99")));
    assert_eq!(caller.put(&path, &json!({})).await.status, 400);
}

#[tokio::test]
async fn dates_are_midnight_where_the_server_stands() {
    let settings = MPanelSettings::new("main", Generation::Legacy).with_hours_behind_utc(5);
    let mpanel = start(settings).await;
    let caller = admin_of(&mpanel);
    let body = json!({ "nextBillingDate": "2026-03-03" });
    let got = caller.post("/api/subscriptions", &body).await;
    assert_eq!(got.body["next_billing_date"], "2026-03-03T05:00:00.000Z");
}

#[tokio::test]
async fn the_administration_takes_few_statuses_and_no_credential() {
    let (mpanel, caller) = with_admin(Generation::Legacy).await;
    let customer = caller.customer("Adminco").await;
    let body = json!({
        "customerId": customer, "productId": mpanel.product("starter").unwrap().id(), "price": 19.99,
        "nextBillingDate": "2026-03-03",
    });
    let id = caller.post("/api/subscriptions", &body).await.uuid("/id");
    let stranger = Caller::stranger(&mpanel);
    let path = format!("/api/admin/subscriptions/{id}/status");
    let got = stranger
        .patch(&path, &json!({ "status": "pending_provisioning" }))
        .await;
    assert_eq!((got.status, got.error()), (400, "Invalid status"));
    let got = stranger.patch(&path, &json!({ "status": "expired" })).await;
    assert_eq!(
        (got.status, &got.body["subscription"]["status"]),
        (200, &json!("expired"))
    );

    let list = stranger.get("/api/admin/customers").await.body;
    let aggregated = &list["customers"][0]["subscriptions"][0];
    assert_eq!(aggregated["price"], 19.99);
    assert_eq!(aggregated["nextBillingDate"], "2026-03-03");
    let created = aggregated["createdAt"].as_str().unwrap();
    assert!(!created.ends_with('Z'), "{created}");
    assert_eq!(aggregated["product"]["code"], "starter");
    let one = stranger
        .get(&format!("/api/admin/customers/{customer}"))
        .await
        .body;
    assert_eq!(one["customer"]["subscriptions"][0]["autoRenew"], true);
}

#[tokio::test]
async fn in_the_type_script_dialect_only_owners_see_them_all() {
    let mpanel = type_script().await;
    admin_of(&mpanel)
        .post("/api/subscriptions", &json!({ "price": 5 }))
        .await;
    let owner = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let got = owner.get("/api/billing/subscriptions").await;
    assert_eq!(got.status, 200);
    assert_eq!(got.body.get("success"), None);
    assert_eq!(
        got.body["meta"],
        json!({ "page": 1, "pageSize": 20, "total": 1, "totalPages": 1 })
    );
    let row = &got.body["data"][0];
    assert_eq!(
        (&row["price"], &row["billingCycle"]),
        (&json!(5.0), &Value::Null)
    );
    let path = format!("/api/billing/subscriptions/{}", row["id"].as_str().unwrap());
    let got = owner
        .post(
            &format!("{path}/cancel"),
            &json!({ "cancelAtPeriodEnd": true }),
        )
        .await;
    assert_eq!(
        (
            &got.body["data"]["status"],
            &got.body["data"]["cancelAtPeriodEnd"]
        ),
        (&json!("active"), &json!(true))
    );
    let got = owner.post(&format!("{path}/cancel"), &json!({})).await;
    assert_eq!(got.body["data"]["status"], "cancelled");
    let got = owner.post(&format!("{path}/activate"), &json!({})).await;
    assert_eq!(got.body["data"]["status"], "active");

    let got = owner
        .get("/api/billing/subscriptions/00000000-0000-4000-8000-000000000000")
        .await;
    assert_eq!(got.status, 404);
    assert_eq!(
        got.body["error"],
        json!({ "code": "NOT_FOUND", "message": "Subscription not found" })
    );
    assert_eq!(
        owner.get("/api/billing/subscriptions/x").await.error(),
        "PrismaClientKnownRequestError"
    );
    let billing = Caller::logged_in(&mpanel, UserKind::UpperCaseSuperAdmin).await;
    let got = billing.get("/api/billing/subscriptions").await;
    assert_eq!(
        (got.status, got.error(), got.message()),
        (403, "Forbidden", "Insufficient permissions")
    );
}
