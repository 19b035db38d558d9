//! Product plans.

use panel_sandbox::nextpanel_billing::Resource;
use serde_json::{Value, json};

use super::user::{User, id_of, three_parties};
use crate::caller::got;

#[tokio::test]
async fn anybody_with_a_token_may_create_change_and_take_off_sale() {
    let (billing, administrator, ada, _) = three_parties().await;
    let body = json!({ "name": "Small", "price_monthly": "9.99", "price_yearly": 99 });
    let made = ada.make("/plans/", &body, 201).await;
    assert_eq!(made["price_monthly"], json!(9.99));
    assert!(made["price_yearly"].is_f64());
    assert_eq!(made["features"], json!({}));
    assert_eq!(
        (
            &made["max_accounts"],
            &made["max_domains"],
            &made["max_databases"],
            &made["max_emails"]
        ),
        (&json!(1), &json!(1), &json!(5), &json!(10))
    );
    let path = format!("/plans/{}", id_of(&made));
    let changed = ada
        .put(&path, &json!({ "price_monthly": -1, "is_featured": true }))
        .await;
    assert_eq!(changed.body["price_monthly"], json!(-1.0));
    assert_eq!(changed.body["is_featured"], true);
    let gone = ada.delete(&path).await;
    assert_eq!(
        (gone.status, gone.body),
        (204, Value::String(String::new()))
    );
    assert_eq!(gone.headers["content-type"], "application/json");
    assert!(!gone.headers.contains_key("content-length"));
    // Soft: anybody can still read it.
    let nobody = User::nobody(&billing);
    assert_eq!(nobody.get(&path).await.body["is_active"], false);
    assert_eq!(nobody.list("/plans/").await.len(), 1);
    assert!(
        administrator
            .list("/plans/?is_active=true")
            .await
            .is_empty()
    );
    assert_eq!(nobody.post("/plans/", &body).await.status, 403);
    assert_eq!(billing.times_created(Resource::Plans, "Small"), 1);
}

#[tokio::test]
async fn the_list_is_by_price_and_a_category_finds_nothing() {
    let (_billing, administrator, _, _) = three_parties().await;
    for (name, monthly) in [
        ("Large", 50.0),
        ("Small", 5.0),
        ("Middle", 0.30000000000000004),
    ] {
        administrator.plan(name, monthly).await;
    }
    let rows = administrator.list("/plans/").await;
    let names: Vec<_> = rows
        .iter()
        .map(|row| row["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["Middle", "Small", "Large"]);
    assert_eq!(rows[0]["price_monthly"], json!(0.30000000000000004));
    assert!(
        administrator
            .list("/plans/?category=hosting")
            .await
            .is_empty()
    );
    assert_eq!(administrator.list("/products/").await, rows);
    let product = administrator
        .get(&format!("/products/{}", id_of(&rows[0])))
        .await;
    assert_eq!(product.body, rows[0]);
    assert_eq!(
        administrator
            .get("/products/?category=hosting")
            .await
            .status,
        500
    );
}

#[tokio::test]
async fn what_is_wrong_is_said_all_at_once() {
    let (_billing, administrator, _, _) = three_parties().await;
    let body = json!({
        "price_monthly": "much",
        "price_yearly": null,
        "max_domains": "two",
        "features": [],
        "discount_lifetime": 101,
    });
    let got = administrator.post("/plans/", &body).await;
    assert_eq!(got.status, 422);
    let mut kinds: Vec<_> = got.body["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| problem["type"].as_str().unwrap())
        .collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            "dict_type",
            "float_parsing",
            "float_type",
            "int_parsing",
            "less_than_equal",
            "missing"
        ]
    );
    assert_eq!(
        administrator.get("/plans/nonsense").await.refusal(),
        (404, "Plan not found")
    );
}

#[tokio::test]
async fn an_infinite_price_is_stored_and_spoils_the_list() {
    let (billing, administrator, _, _) = three_parties().await;
    let send = async |price: &str| {
        let body = format!(r#"{{"name":"Odd {price}","price_monthly":{price},"price_yearly":1}}"#);
        let request = administrator
            .request(reqwest::Method::POST, "/plans/")
            .header("content-type", "application/json")
            .body(body);
        got(request).await.unwrap()
    };
    assert_eq!(send("NaN").await.status, 500);
    assert_eq!(administrator.get("/plans/").await.status, 200);
    assert_eq!(billing.times_created(Resource::Plans, "Odd NaN"), 0);
    assert_eq!(send("Infinity").await.status, 500);
    assert_eq!(billing.times_created(Resource::Plans, "Odd Infinity"), 1);
    assert_eq!(administrator.get("/plans/").await.status, 500);
}

#[tokio::test]
async fn there_are_categories_and_figures() {
    let (billing, _, _, _) = three_parties().await;
    let nobody = User::nobody(&billing);
    let categories = nobody.get("/plans/categories").await.body;
    assert_eq!(categories["categories"].as_array().unwrap().len(), 7);
    assert_eq!(categories["categories"][0]["id"], "hosting");
    assert_eq!(
        nobody.get("/plans/stats/summary").await.body["total_plans"],
        0
    );
}
