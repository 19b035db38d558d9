//! Customers: the same handlers on both servers.

use panel_sandbox::mpanel::{Columns, Generation, MPanelSettings, UserKind};
use serde_json::{Value, json};

use super::caller::{BOTH, Caller, admin_of, customers, legacy, start, type_script, with_admin};

#[tokio::test]
async fn a_created_customer_is_shown_with_its_own_address_and_ever_after_with_its_users() {
    for generation in BOTH {
        let (mpanel, caller) = with_admin(generation).await;
        let body = json!({
            "company_name": "Northwind order-17", "email": "buyer@clients.example",
            "phone": "+44 20 7", "country": "GB", "city": "Leeds",
        });
        let got = caller.post("/api/customers", &body).await;
        assert_eq!((got.status, &got.body["success"]), (201, &json!(true)));
        let created = &got.body["customer"];
        assert_eq!(created["email"], "buyer@clients.example");
        assert_eq!(created["credit_balance"], "0.00");
        assert_eq!(created["tenant_id"], json!(mpanel.tenant_id()));
        assert_eq!(created["user_id"], mpanel.user(UserKind::Admin).id());
        assert_eq!(created["tax_id"], Value::Null);

        let path = format!("/api/customers/{}", got.uuid("/customer/id"));
        let row = caller.get(&path).await.body["customer"].clone();
        assert_eq!(row["email"], "admin@hosting.example");
        assert_eq!(row["first_name"], "Ann");
        for column in ["company_name", "phone", "country", "city"] {
            assert_eq!(row[column], created[column], "{column}");
        }
        assert_eq!(customers(&caller).await, [row]);
        let stored = &mpanel.customers()[0];
        assert_eq!(stored.email.as_deref(), Some("buyer@clients.example"));
        assert_eq!(mpanel.times_customer_created("Northwind order-17"), 1);
    }
}

#[tokio::test]
async fn an_address_is_taken_once_and_the_refusal_names_no_id() {
    let (mpanel, caller) = with_admin(Generation::Legacy).await;
    let body = json!({ "company_name": "One", "email": "same@clients.example" });
    assert_eq!(caller.post("/api/customers", &body).await.status, 201);
    let got = caller.post("/api/customers", &body).await;
    assert_eq!(got.status, 500);
    assert_eq!(
        got.body,
        json!({
            "success": false,
            "error": "duplicate key value violates unique constraint \"customers_email_key\"",
        })
    );
    assert_eq!(mpanel.customers().len(), 1);

    let settings =
        MPanelSettings::new("main", Generation::TypeScript).with_unique_customer_email(false);
    let mpanel = start(settings).await;
    let caller = admin_of(&mpanel);
    for _ in 0..2 {
        assert_eq!(caller.post("/api/customers", &body).await.status, 201);
    }
    assert_eq!(mpanel.times_customer_created("One"), 2);
}

#[tokio::test]
async fn what_is_missing_or_too_long_is_refused() {
    let (_mpanel, caller) = with_admin(Generation::Legacy).await;
    for body in [
        json!({}),
        json!({ "email": "a@clients.example" }),
        json!({ "company_name": "", "email": "a@clients.example" }),
        json!({ "name": "Jo", "email": "a@clients.example", "address": {} }),
    ] {
        let got = caller.post("/api/customers", &body).await;
        assert_eq!(
            (got.status, got.error()),
            (400, "Company name and email are required")
        );
    }
    let body = json!({ "company_name": "A", "email": "a@clients.example", "country": "GBR" });
    let got = caller.post("/api/customers", &body).await;
    assert_eq!(
        (got.status, got.error()),
        (500, "value too long for type character(2)")
    );
}

#[tokio::test]
async fn only_the_role_admin_sees_what_is_not_its_own() {
    let mpanel = legacy().await;
    let admin = Caller::logged_in(&mpanel, UserKind::Admin).await;
    let root = Caller::logged_in(&mpanel, UserKind::SuperAdmin).await;
    let manager = Caller::logged_in(&mpanel, UserKind::Manager).await;
    let of_root = root.customer("Rootco").await;
    let of_manager = manager.customer("Manco").await;
    mpanel.add_stranger("Strangeco", "s@elsewhere.example");
    assert_eq!(customers(&admin).await.len(), 3);
    assert_eq!(customers(&root).await.len(), 1);
    assert_eq!(customers(&root).await[0]["tenant_id"], Value::Null);
    assert_eq!(customers(&manager).await.len(), 1);
    let others = format!("/api/customers/{of_root}");
    let got = manager.get(&others).await;
    assert_eq!((got.status, got.error()), (404, "Customer not found"));
    assert_eq!(admin.get(&others).await.status, 200);

    // Nobody may change what is of no tenant, and what is another's.
    let body = json!({ "company_name": "New", "email": "new@clients.example" });
    for (caller, id) in [(&root, &of_root), (&admin, &of_manager)] {
        let got = caller.put(&format!("/api/customers/{id}"), &body).await;
        assert_eq!(
            (got.status, got.error()),
            (404, "Customer not found or access denied")
        );
    }
    let got = manager
        .put(&format!("/api/customers/{of_manager}"), &body)
        .await;
    assert_eq!(
        (got.status, &got.body["customer"]["company_name"]),
        (200, &json!("New"))
    );
    let got = manager
        .put(&format!("/api/customers/{of_manager}"), &json!({}))
        .await;
    assert_eq!(got.body["customer"]["company_name"], Value::Null);
}

#[tokio::test]
async fn a_stranger_of_no_user_shows_no_address() {
    let (mpanel, caller) = with_admin(Generation::TypeScript).await;
    let stranger = mpanel.add_stranger("Strangeco", "s@elsewhere.example");
    let rows = customers(&caller).await;
    assert_eq!(rows[0]["id"], json!(stranger.id));
    assert_eq!(rows[0]["email"], Value::Null);
    assert_eq!(rows[0]["user_id"], Value::Null);
}

#[tokio::test]
async fn the_list_is_whole_and_newest_first_whatever_is_asked() {
    let (_mpanel, caller) = with_admin(Generation::Legacy).await;
    for company in ["A", "B", "C"] {
        caller.customer(company).await;
    }
    let got = caller
        .get("/api/customers/?limit=1&offset=2&page=2&pageSize=1")
        .await;
    let rows = got.body["data"].as_array().unwrap();
    let names: Vec<&Value> = rows.iter().map(|row| &row["company_name"]).collect();
    assert_eq!(names, ["C", "B", "A"]);
}

#[tokio::test]
async fn a_type_script_token_owns_what_it_creates_or_nothing_as_set() {
    for (read, expected) in [(true, 1), (false, 0)] {
        let settings = MPanelSettings::new("main", Generation::TypeScript)
            .with_type_script_user_ids_read(read);
        let mpanel = start(settings).await;
        let caller = Caller::logged_in(&mpanel, UserKind::Admin).await;
        caller.customer("Ownco").await;
        mpanel.add_stranger("Strangeco", "s@elsewhere.example");
        assert_eq!(customers(&caller).await.len(), expected);
        assert_eq!(mpanel.customers()[0].user_id.is_some(), read);
    }
}

#[tokio::test]
async fn ids_that_are_none_are_internal_errors_and_deleted_ones_are_gone() {
    let (mpanel, caller) = with_admin(Generation::Legacy).await;
    let got = caller.get("/api/customers/abc").await;
    assert_eq!(
        (got.status, got.error()),
        (500, "invalid input syntax for type uuid: \"abc\"")
    );
    let id = caller.customer("Goneco").await;
    let path = format!("/api/customers/{id}");
    let domain = json!({ "domain_name": "gone.example" });
    let domains = format!("{path}/domains");
    assert_eq!(caller.post(&domains, &domain).await.status, 201);
    assert_eq!(caller.post(&domains, &domain).await.status, 409);
    assert_eq!(caller.delete(&path).await.status, 200);
    assert_eq!(caller.get(&path).await.status, 404);
    assert_eq!(caller.delete(&path).await.status, 404);
    assert!(mpanel.customers().is_empty());
    assert_eq!(mpanel.times_customer_created("Goneco"), 1);
}

#[tokio::test]
async fn resources_below_a_customer_are_nowhere() {
    let settings = || MPanelSettings::new("main", Generation::Legacy);
    let path = "/api/customers/00000000-0000-4000-8000-000000000000/subscriptions";
    let with_tail = start(settings()).await;
    let got = admin_of(&with_tail).get(path).await;
    assert_eq!((got.status, got.error()), (404, "Route not found (debug)"));
    let without = start(settings().with_type_script_tail(false)).await;
    let got = admin_of(&without).get(path).await;
    assert_eq!(
        (got.status, got.error()),
        (503, "TypeScript routes not available")
    );
    let mpanel = type_script().await;
    let got = admin_of(&mpanel).get(path).await;
    assert_eq!((got.status, got.error()), (404, "Route not found"));
    assert_eq!(mpanel.unexpected_requests().len(), 1);
}

#[tokio::test]
async fn the_base_schema_has_fewer_columns() {
    let settings = MPanelSettings::new("main", Generation::Legacy).with_columns(Columns::Base);
    let mpanel = start(settings).await;
    let caller = admin_of(&mpanel);
    caller.customer("Baseco").await;
    let row = customers(&caller).await.remove(0);
    assert!(row.get("credit_balance").is_some() && row.get("utm_source").is_none());
}
