//! The endpoints of accounts.

use panel_sandbox::nextpanel_panel::{BillingIdInRows, KeyKind, Paging, Panel, PanelSettings};
use reqwest::Method;
use serde_json::{Value, json};

use crate::caller::{ACCOUNTS, Caller, got, panel_and_caller, wanted};

fn path(id: u64) -> String {
    format!("{ACCOUNTS}/{id}")
}

#[tokio::test]
async fn health_is_public() {
    let (panel, _) = panel_and_caller().await;
    let got = Caller::without_key(&panel).get("/api/health").await;
    assert_eq!(got.status, 200);
    assert_eq!(
        got.body,
        json!({
            "status": "healthy", "version": "1.0.0", "database": "connected",
            "timestamp": "2026-01-15T09:00:00",
        })
    );
    assert_eq!(got.headers["content-type"], "application/json");
    assert_eq!(got.headers["server"], "uvicorn");
}

#[tokio::test]
async fn a_created_account_is_answered_as_a_row_without_password_and_metadata() {
    let settings = PanelSettings::new("srv1").with_first_id(41);
    let panel = Panel::start(settings).await.unwrap();
    let caller = Caller::with_key(&panel, KeyKind::SuperAdmin);
    let got = caller.create(&wanted("ada")).await.unwrap();
    assert_eq!(got.status, 201);
    let row = json!({
        "id": 41, "username": "ada", "email": "ada@customers.example", "full_name": "Ada Field",
        "is_admin": false, "is_active": true, "billing_id": "mark-of-ada",
        "created_at": "2026-01-15T09:00:00",
    });
    assert_eq!(got.body, row);
    assert_eq!(caller.get(&path(41)).await.body, row);
    assert_eq!(caller.list().await, [row]);

    let account = panel.account("ada").unwrap();
    assert_eq!(account.package_id, Some(3));
    assert_eq!(account.metadata.unwrap()["account_type"], "panel");
    assert!(!account.is_stranger);
    assert!(panel.password_is("ada", "Corr3ct-horse"));
    assert!(!panel.password_is("ada", "something else"));
    let second = caller.create(&wanted("bob")).await.unwrap();
    assert_eq!(second.id(), 42);
    assert_eq!(second.body["created_at"], "2026-01-15T09:00:01.013020");
}

#[tokio::test]
async fn a_username_is_given_once() {
    let (panel, caller) = panel_and_caller().await;
    caller.create(&wanted("ada")).await.unwrap();
    let again = caller.create(&wanted("ada")).await.unwrap();
    assert_eq!(
        (again.status, again.detail()),
        (400, "Username already exists")
    );
    assert_eq!(panel.times_created("ada"), 1);
    assert_eq!(panel.times_created_for("mark-of-ada"), 1);
    assert_eq!(panel.created_by_clients(), 1);
}

#[tokio::test]
async fn parallel_creates_of_one_username_make_one_account() {
    let (panel, caller) = panel_and_caller().await;
    let caller = std::sync::Arc::new(caller);
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..24 {
        let caller = std::sync::Arc::clone(&caller);
        let body = wanted(&format!("user{}", number % 3));
        calls.spawn(async move { caller.create(&body).await.unwrap().status });
    }
    let statuses = calls.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 3);
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 21);
    assert_eq!(panel.accounts().len(), 3);
}

#[tokio::test]
async fn everything_wrong_with_a_body_is_named_at_once() {
    let (panel, caller) = panel_and_caller().await;
    let body = json!({
        "username": 7, "email": "nobody", "password": "short", "is_admin": "perhaps",
        "package_id": "three", "metadata": [],
    });
    let got = caller.create(&body).await.unwrap();
    assert_eq!(got.status, 422);
    let problems: Vec<(&str, &str)> = got.body["detail"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| {
            assert_eq!(problem["loc"][0], "body");
            let field = problem["loc"][1].as_str().unwrap();
            (field, problem["type"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        problems,
        [
            ("username", "string_type"),
            ("email", "value_error"),
            ("password", "string_too_short"),
            ("package_id", "int_parsing"),
            ("is_admin", "bool_parsing"),
            ("metadata", "dict_type"),
        ]
    );
    assert!(panel.accounts().is_empty());
}

#[tokio::test]
async fn a_missing_field_echoes_the_whole_body_as_pydantic_does() {
    let (_panel, caller) = panel_and_caller().await;
    let body = json!({ "username": "ada", "password": "Corr3ct-horse" });
    let got = caller.create(&body).await.unwrap();
    assert_eq!(got.status, 422);
    assert_eq!(
        got.body["detail"],
        json!([{ "type": "missing", "loc": ["body", "email"], "msg": "Field required", "input": body }])
    );
}

#[tokio::test]
async fn bodies_that_are_no_json_object_are_refused_as_fastapi_does() {
    let (panel, caller) = panel_and_caller().await;
    let send = async |content_type: &str, body: &'static [u8]| {
        let request = caller
            .request(Method::POST, ACCOUNTS)
            .header("content-type", content_type)
            .body(body);
        let got = got(request).await.unwrap();
        (got.status, got.body["detail"][0]["type"].clone())
    };
    let json = "application/json";
    assert_eq!(send(json, b"{\"a\": }").await, (422, json!("json_invalid")));
    let request = caller.request(Method::POST, ACCOUNTS).body("{\n\"a\": }");
    let problem = got(request).await.unwrap().body["detail"][0].clone();
    assert_eq!(problem["loc"], json!(["body", 7]));
    assert_eq!(send(json, b"").await, (422, json!("missing")));
    let no_object = json!("model_attributes_type");
    assert_eq!(send(json, b"[]").await, (422, no_object.clone()));
    assert_eq!(send("text/plain", b"{}").await, (422, no_object));
    assert_eq!(send(json, b"{\"a\":\"\xFF\"}").await, (400, Value::Null));
    assert!(panel.unexpected_requests().is_empty());
}

#[tokio::test]
async fn lenient_values_are_taken_as_pydantic_takes_them() {
    let (panel, caller) = panel_and_caller().await;
    let mut body = wanted("ada");
    body["is_admin"] = json!("yes");
    body["package_id"] = json!("12");
    body["unknown"] = json!(1);
    assert_eq!(caller.create(&body).await.unwrap().status, 201);
    let account = panel.account("ada").unwrap();
    assert_eq!((account.is_admin, account.package_id), (true, Some(12)));
}

#[tokio::test]
async fn a_password_over_72_bytes_is_an_internal_error() {
    let (panel, caller) = panel_and_caller().await;
    let mut body = wanted("ada");
    body["password"] = json!("ä".repeat(37));
    let got = caller.create(&body).await.unwrap();
    assert_eq!(got.status, 500);
    assert!(got.detail().contains("longer than 72 bytes"), "{got:?}");
    assert!(panel.accounts().is_empty());
    body["password"] = json!("ä".repeat(36));
    assert_eq!(caller.create(&body).await.unwrap().status, 201);
}

#[tokio::test]
async fn suspending_and_unsuspending_are_shown_in_the_row() {
    let (panel, caller) = panel_and_caller().await;
    let id = caller.create(&wanted("ada")).await.unwrap().id();
    let suspend = format!("{}/suspend", path(id));
    for _ in 0..2 {
        let got = caller.post(&suspend, &json!({ "reason": "unpaid" })).await;
        assert_eq!(got.status, 200);
        assert_eq!(got.body["message"], "Account suspended");
        assert_eq!(got.body["account"]["is_active"], false);
    }
    let row = caller.get(&path(id)).await.body;
    assert_eq!(row["suspension_reason"], "unpaid");
    let got = caller.post(&suspend, &json!({ "reason": 5 })).await;
    assert_eq!(got.status, 422);

    let unsuspend = format!("{}/unsuspend", path(id));
    let back = got_of(&caller, Method::POST, &unsuspend).await;
    assert_eq!(
        (back.0, &back.1["message"]),
        (200, &json!("Account unsuspended"))
    );
    assert_eq!(back.1["account"]["is_active"], true);
    assert_eq!(back.1["account"].get("suspension_reason"), None);

    let without_reason = got_of(&caller, Method::POST, &suspend).await;
    assert_eq!(
        without_reason.1["account"]["suspension_reason"],
        "Suspended by billing system"
    );
    // Two of the three requests to suspend found it active.
    assert_eq!(panel.times_suspended("ada"), 2);
    assert_eq!(panel.times_unsuspended("ada"), 1);
    assert_eq!(panel.times_deleted("ada"), 0);
}

async fn got_of(caller: &Caller, method: Method, path: &str) -> (u16, Value) {
    let got = got(caller.request(method, path)).await.unwrap();
    (got.status, got.body)
}

#[tokio::test]
async fn stats_tell_the_last_login() {
    let (_panel, caller) = panel_and_caller().await;
    let id = caller.create(&wanted("ada")).await.unwrap().id();
    let stats = format!("{}/stats", path(id));
    let got = caller.get(&stats).await;
    assert_eq!(got.status, 200);
    assert_eq!(got.body["user_id"], id);
    assert_eq!(got.body["last_login"], Value::Null);
    caller.login("ada", "Corr3ct-horse").await;
    assert!(caller.get(&stats).await.body["last_login"].is_string());
}

#[tokio::test]
async fn a_deleted_account_is_gone_but_not_forgotten() {
    let (panel, caller) = panel_and_caller().await;
    let id = caller.create(&wanted("ada")).await.unwrap().id();
    let got = caller.delete(&path(id)).await;
    assert_eq!(got.status, 200);
    assert_eq!(
        got.body,
        json!({ "message": "Account deleted successfully", "id": id })
    );
    for (method, end) in [
        (Method::GET, ""),
        (Method::DELETE, ""),
        (Method::GET, "/stats"),
        (Method::POST, "/suspend"),
        (Method::POST, "/unsuspend"),
    ] {
        let path = format!("{}{end}", path(id));
        let (status, body) = got_of(&caller, method.clone(), &path).await;
        assert_eq!(
            (status, &body["detail"]),
            (404, &json!("Account not found")),
            "{method} {path}"
        );
    }
    assert!(caller.list().await.is_empty());
    assert_eq!(caller.login("ada", "Corr3ct-horse").await.status, 401);
    assert_eq!(panel.times_created("ada"), 1);

    let again = caller.create(&wanted("ada")).await.unwrap();
    assert_eq!(again.id(), id + 1);
    assert_eq!(panel.times_created("ada"), 2);
    assert_eq!(panel.times_deleted("ada"), 1);
}

#[tokio::test]
async fn ids_that_are_none_are_told_from_ids_that_are_not_there() {
    let (_panel, caller) = panel_and_caller().await;
    for (id, expected) in [
        ("7", 404),
        ("-1", 404),
        ("abc", 422),
        ("99999999999999999999", 404),
    ] {
        let got = caller.get(&format!("{ACCOUNTS}/{id}")).await;
        assert_eq!(got.status, expected, "{id}");
    }
}

#[tokio::test]
async fn the_list_is_paged_where_paging_is_honoured() {
    let (_panel, caller) = panel_and_caller().await;
    for number in 0..5 {
        caller
            .create(&wanted(&format!("user{number}")))
            .await
            .unwrap();
    }
    for (query, expected) in [
        ("", "0 1 2 3 4"),
        ("?skip=0&limit=2", "0 1"),
        ("?skip=4&limit=2", "4"),
        ("?skip=5&limit=1000", ""),
        ("?limit=3", "0 1 2"),
        ("?skip=3", "3 4"),
    ] {
        assert_eq!(usernames(&caller, query).await, expected, "{query}");
    }
    for query in [
        "?skip=-1",
        "?limit=0",
        "?limit=1001",
        "?limit=ten",
        "?skip=",
    ] {
        let got = caller.get(&format!("{ACCOUNTS}{query}")).await;
        assert_eq!(got.status, 422, "{query}");
        assert_eq!(got.body["detail"][0]["loc"][0], "query");
    }
}

#[tokio::test]
async fn the_list_comes_whole_where_paging_is_ignored() {
    let settings = PanelSettings::new("srv1").with_paging(Paging::Ignored);
    let panel = Panel::start(settings).await.unwrap();
    let caller = Caller::with_key(&panel, KeyKind::SuperAdmin);
    for number in 0..3 {
        caller
            .create(&wanted(&format!("user{number}")))
            .await
            .unwrap();
    }
    assert_eq!(usernames(&caller, "?skip=2&limit=1").await, "0 1 2");
    assert_eq!(usernames(&caller, "?skip=ten").await, "0 1 2");
}

async fn usernames(caller: &Caller, query: &str) -> String {
    let got = caller.get(&format!("{ACCOUNTS}{query}")).await;
    let rows = got.body.as_array().unwrap().clone();
    let names = rows.iter().map(|row| {
        let username = row["username"].as_str().unwrap();
        username.strip_prefix("user").unwrap().to_owned()
    });
    names.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn rows_show_the_billing_id_as_set() {
    for (setting, shown) in [
        (BillingIdInRows::from(true), Some(json!("mark-of-ada"))),
        (BillingIdInRows::from(false), Some(Value::Null)),
        (BillingIdInRows::Absent, None),
    ] {
        let settings = PanelSettings::new("srv1").with_billing_id_in_rows(setting);
        let panel = Panel::start(settings).await.unwrap();
        let caller = Caller::with_key(&panel, KeyKind::SuperAdmin);
        let created = caller.create(&wanted("ada")).await.unwrap();
        assert_eq!(created.body.get("billing_id"), shown.as_ref());
        let row = caller.get(&path(created.id())).await.body;
        assert_eq!(row.get("billing_id"), shown.as_ref());
        assert_eq!(caller.list().await[0].get("billing_id"), shown.as_ref());
        // Known to the panel all the same.
        assert_eq!(panel.times_created_for("mark-of-ada"), 1);
    }
}

#[tokio::test]
async fn a_wrong_slash_is_redirected_as_fastapi_does() {
    let (panel, caller) = panel_and_caller().await;
    let got = caller.get(&format!("{ACCOUNTS}/?limit=5")).await;
    assert_eq!(got.status, 307);
    let location = format!("{}{ACCOUNTS}?limit=5", panel.url());
    assert_eq!(got.headers["location"], location);
    let got = caller.post("/api/api-keys", &json!({})).await;
    assert_eq!(got.status, 307);
    assert!(panel.unexpected_requests().is_empty());
}

#[tokio::test]
async fn a_request_nobody_expected_is_named() {
    let (panel, caller) = panel_and_caller().await;
    let got = got(caller.request(Method::PUT, "/api/v1/billing/accounts/1?token=x"))
        .await
        .unwrap();
    assert_eq!(got.status, 500);
    assert_eq!(
        got.detail(),
        "panel-sandbox: nobody expected PUT /api/v1/billing/accounts/1 on the NextPanel panel"
    );
    let unexpected = panel.unexpected_requests();
    assert_eq!(unexpected.len(), 1);
    assert_eq!(unexpected[0].method(), "PUT");
}
