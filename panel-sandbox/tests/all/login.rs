//! Logging in as a hosting account.

use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings, operations};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::caller::{ACCOUNTS, Caller, panel_and_caller, wanted};

#[tokio::test]
async fn the_right_password_logs_in_and_the_wrong_one_does_not() {
    let (_panel, caller) = panel_and_caller().await;
    caller.create(&wanted("ada")).await.unwrap();
    let right = caller.login("ada", "Corr3ct-horse").await;
    assert_eq!(right.status, 200);
    assert_eq!(right.body["token_type"], "bearer");
    assert!(right.body["access_token"].is_string());
    for (username, password) in [
        ("ada", "corr3ct-horse"),
        ("eve", "Corr3ct-horse"),
        ("ada", ""),
    ] {
        let got = caller.login(username, password).await;
        assert_eq!(
            (got.status, got.detail()),
            (401, "Incorrect username or password")
        );
    }
    let got = caller
        .post("/api/auth/login/json", &json!({ "username": "ada" }))
        .await;
    assert_eq!(got.status, 422);
}

#[tokio::test]
async fn a_password_over_72_bytes_betrays_whether_the_account_exists() {
    let (_panel, caller) = panel_and_caller().await;
    caller.create(&wanted("ada")).await.unwrap();
    let long = "x".repeat(73);
    assert_eq!(caller.login("ada", &long).await.status, 500);
    assert_eq!(caller.login("eve", &long).await.status, 401);
}

#[tokio::test]
async fn a_suspended_account_does_not_log_in() {
    let (_panel, caller) = panel_and_caller().await;
    let id = caller.create(&wanted("ada")).await.unwrap().id();
    caller
        .post(&format!("{ACCOUNTS}/{id}/suspend"), &json!({}))
        .await;
    assert_eq!(caller.login("ada", "Corr3ct-horse").await.status, 401);
}

#[tokio::test]
async fn where_accounts_may_not_log_in_only_the_administrator_does() {
    let settings = PanelSettings::new("srv1").with_accounts_may_log_in(false);
    let panel = Panel::start(settings).await.unwrap();
    let caller = Caller::with_key(&panel, KeyKind::SuperAdmin);
    caller.create(&wanted("ada")).await.unwrap();
    assert_eq!(caller.login("ada", "Corr3ct-horse").await.status, 401);
    let admin = panel.admin();
    let password = admin.password().expose_secret();
    assert_eq!(caller.login(admin.username(), password).await.status, 200);
}

#[tokio::test]
async fn no_password_is_shown_by_anything_a_test_may_print() {
    let (panel, caller) = panel_and_caller().await;
    caller.create(&wanted("ada")).await.unwrap();
    caller.login("ada", "Corr3ct-horse").await;
    let requests = panel.requests();
    let shown = format!("{panel:?} {requests:?} {:?}", panel.accounts());
    assert!(!shown.contains("Corr3ct-horse"), "{shown}");
    let login = &panel.requests_for(&operations::LOGIN)[0];
    assert_eq!(login.field("/password"), Some(json!("[secret]")));
    assert!(login.field_is("/password", &json!("Corr3ct-horse")));
}
