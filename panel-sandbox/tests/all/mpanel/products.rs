//! Products: by id and bare in one dialect, by code and enveloped in the other.

use panel_sandbox::mpanel::{Generation, MPanelSettings, Product, UserKind};
use serde_json::{Value, json};

use super::caller::{Caller, legacy, start, type_script};

#[tokio::test]
async fn legacy_products_are_bare_rows_of_the_callers_tenant() {
    let mpanel = legacy().await;
    let caller = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let rows = caller.get("/api/products?type=addon").await.body;
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&rows[0]["price"], &rows[0]["active"]),
        (&json!("9.99"), &json!(true))
    );
    let root = Caller::logged_in(&mpanel, UserKind::SuperAdmin).await;
    assert_eq!(root.get("/api/products").await.body, json!([]));

    let id = mpanel.product("starter").unwrap().id().to_owned();
    let got = caller.get(&format!("/api/products/{id}")).await;
    assert_eq!((got.status, &got.body["code"]), (200, &json!("starter")));
    let got = caller.get("/api/products/starter").await;
    assert_eq!((got.status, got.error()), (500, "Failed to fetch product"));
    let got = Caller::stranger(&mpanel).get("/api/products/public").await;
    assert_eq!((got.status, got.error()), (401, "Access token required"));
}

#[tokio::test]
async fn legacy_products_are_changed_by_column_and_deleted_without_fail() {
    let mpanel = legacy().await;
    let caller = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let got = caller
        .post("/api/products", &json!({ "name": "No type" }))
        .await;
    assert_eq!((got.status, got.error()), (500, "Failed to create product"));
    let body = json!({ "name": "Extra", "type": "addon", "price": 3, "billingCycle": "yearly" });
    let got = caller.post("/api/products", &body).await;
    assert_eq!(
        (got.status, &got.body["price"], &got.body["code"]),
        (201, &json!("3.00"), &Value::Null)
    );
    let path = format!("/api/products/{}", got.uuid("/id"));
    let got = caller
        .put(&path, &json!({ "price": 2.5, "billing_cycle": "monthly" }))
        .await;
    assert_eq!((got.status, &got.body["price"]), (200, &json!("2.50")));
    assert_eq!(
        caller
            .put(&path, &json!({ "billingCycle": "yearly" }))
            .await
            .status,
        500
    );
    for _ in 0..2 {
        assert_eq!(caller.delete(&path).await.status, 200);
    }
    assert_eq!(caller.get(&path).await.status, 404);
    let customer = Caller::logged_in(&mpanel, UserKind::Customer).await;
    assert_eq!(customer.post("/api/products", &body).await.status, 403);
}

#[tokio::test]
async fn type_script_products_are_enveloped_and_have_prices() {
    let mpanel = type_script().await;
    let owner = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let got = owner.get("/api/products?page=2&pageSize=2").await.body;
    assert_eq!(
        got["meta"],
        json!({ "total": 5, "page": 2, "pageSize": 2, "totalPages": 3 })
    );
    let got = owner.get("/api/products/starter").await.body;
    let price = &got["data"]["prices"][0];
    assert_eq!(
        (&got["data"]["type"], &price["slug"]),
        (&json!("SHARED_HOSTING"), &json!("starter-monthly"))
    );
    assert_eq!(
        (&price["amountCents"], &price["currency"]),
        (&json!(1999), &json!("usd"))
    );
    let same = owner
        .get(&format!(
            "/api/products/prices/{}",
            price["id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(&same.body["data"], price);

    let stranger = Caller::stranger(&mpanel);
    let public = stranger.get("/api/products/public").await.body;
    assert_eq!(public["data"].as_array().unwrap().len(), 5);
    let pricing = stranger.get("/api/products/pricing/starter").await.body;
    assert_eq!(pricing["data"]["prices"][0]["limits"]["emails"], 3);
    let got = stranger.get("/api/products/pricing/nope").await;
    assert_eq!(
        (got.status, got.message()),
        (404, "Product not found: nope")
    );
    for (kind, expected) in [
        (UserKind::UpperCaseSuperAdmin, 200),
        (UserKind::Customer, 403),
        (UserKind::SuperAdmin, 403),
    ] {
        let caller = Caller::logged_in(&mpanel, kind).await;
        assert_eq!(
            caller.get("/api/products").await.status,
            expected,
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn type_script_products_and_prices_are_created_once() {
    let mpanel = type_script().await;
    let manager = Caller::logged_in(&mpanel, UserKind::Manager).await;
    let body =
        json!({ "code": "vps_small", "name": "VPS Small", "slug": "vps-small", "type": "VPS" });
    let got = manager.post("/api/products", &body).await;
    assert_eq!((got.status, &got.body["data"]["prices"]), (201, &json!([])));
    assert_eq!(manager.post("/api/products", &body).await.status, 409);
    let price = json!({ "name": "Monthly", "slug": "vps-small-monthly", "interval": "MONTHLY", "amountCents": 900 });
    let path = "/api/products/vps_small";
    let got = manager.post(&format!("{path}/prices"), &price).await;
    assert_eq!(
        (got.status, &got.body["data"]["amountCents"]),
        (201, &json!(900))
    );
    assert_eq!(
        manager.post(&format!("{path}/prices"), &price).await.status,
        409
    );
    let got = manager.get(&format!("{path}/prices")).await;
    assert_eq!(got.body["data"][0]["slug"], "vps-small-monthly");
    let got = manager.patch(path, &json!({ "isActive": false })).await;
    assert_eq!(
        (got.status, &got.body["data"]["isActive"]),
        (200, &json!(false))
    );
    assert_eq!(manager.delete(path).await.status, 200);
    assert_eq!(manager.get(path).await.status, 404);
    assert_eq!(manager.patch("/api/prices/x", &json!({})).await.status, 404);
}

#[tokio::test]
async fn products_are_as_set() {
    let settings = MPanelSettings::new("main", Generation::TypeScript)
        .with_products([Product::new("mail_basic", "Mail Basic", "email", 250)]);
    let mpanel = start(settings).await;
    let product = mpanel.product("mail_basic").unwrap();
    assert_eq!(product.price_slug(), Some("mail-basic-monthly"));
    assert!(mpanel.product("starter").is_none());
    let got = Caller::stranger(&mpanel).get("/api/products/public").await;
    assert_eq!(got.body["data"][0]["type"], "EMAIL");
    let plans = Caller::stranger(&mpanel).get("/api/public/plans").await;
    assert_eq!(plans.body, json!({ "plans": [] }));
}
