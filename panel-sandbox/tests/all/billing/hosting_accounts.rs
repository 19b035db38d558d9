//! Hosting accounts, once they are there.

use panel_sandbox::nextpanel_billing::{Billing, Resource};
use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings, operations::SUSPEND_ACCOUNT};
use reqwest::Method;
use serde_json::json;

use super::provision::{PROVISION, wanted, with_panel};
use super::user::{User, billing};

async fn act(user: &User, action: &str) -> (u16, String) {
    let got = user
        .send(Method::POST, &format!("/nextpanel/accounts/{action}"))
        .await;
    let text = got.body["message"].as_str().or(got.body["detail"].as_str());
    (got.status, text.unwrap().to_owned())
}

fn said(status: u16, text: &str) -> (u16, String) {
    (status, text.to_owned())
}

#[tokio::test]
async fn suspending_takes_its_reason_from_the_query_and_may_be_repeated() {
    let (_billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    nobody.make(PROVISION, &wanted("ada", 1), 200).await;
    let suspended = said(200, "Account suspended successfully");
    assert_eq!(act(&nobody, "1/suspend?reason=Not%20paid").await, suspended);
    assert_eq!(
        panel.account("ada").unwrap().suspension_reason.as_deref(),
        Some("Not paid")
    );
    // A body is not looked at.
    let got = nobody
        .post("/nextpanel/accounts/1/suspend", &json!({ "reason": "x" }))
        .await;
    assert_eq!(got.status, 200);
    let reason = panel.account("ada").unwrap().suspension_reason;
    assert_eq!(reason.as_deref(), Some("Suspended by billing system"));
    let counts = nobody.get("/nextpanel/accounts/counts/by-role").await.body;
    assert_eq!(counts["total_accounts"], 0);
    assert_eq!(
        act(&nobody, "1/unsuspend").await,
        said(200, "Account unsuspended successfully")
    );
    assert!(panel.account("ada").unwrap().is_active);
}

#[tokio::test]
async fn stats_are_the_panels_and_deleting_works_once() {
    let (billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    nobody.make(PROVISION, &wanted("ada", 1), 200).await;
    let stats = nobody.get("/nextpanel/accounts/1/stats").await;
    assert_eq!(
        (stats.status, &stats.body["username"]),
        (200, &json!("ada"))
    );
    assert_eq!(stats.body["user_id"], 1);
    let got = nobody.delete("/nextpanel/accounts/1").await;
    assert_eq!(
        got.body,
        json!({ "message": "Account deleted successfully" })
    );
    assert!(panel.accounts().is_empty());
    let got = nobody.delete("/nextpanel/accounts/1").await;
    assert_eq!(
        got.refusal(),
        (500, "Failed to delete account on NextPanel")
    );
    let got = nobody.get("/nextpanel/accounts/1/stats").await;
    assert_eq!(got.refusal(), (500, "Failed to get account statistics"));
    assert_eq!(
        billing.rows(Resource::HostingAccounts)[0]["status"],
        "deleted"
    );
}

#[tokio::test]
async fn ids_are_integers() {
    let (_billing, _panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    for (id, status) in [
        ("7", 404),
        ("-1", 404),
        ("x", 422),
        ("9223372036854775808", 500),
    ] {
        let got = nobody
            .send(Method::POST, &format!("/nextpanel/accounts/{id}/unsuspend"))
            .await;
        assert_eq!(got.status, status, "{id}");
    }
}

#[tokio::test]
async fn after_a_restart_actions_fail_until_somebody_asks_for_the_status() {
    let (billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    nobody.make(PROVISION, &wanted("ada", 1), 200).await;
    billing.restart();
    assert_eq!(
        act(&nobody, "1/suspend").await,
        said(500, "Failed to suspend account on NextPanel")
    );
    assert_eq!(
        act(&nobody, "1/unsuspend").await,
        said(500, "Failed to unsuspend account on NextPanel")
    );
    assert_eq!(nobody.delete("/nextpanel/accounts/1").await.status, 500);
    assert_eq!(nobody.get("/nextpanel/accounts/1/stats").await.status, 500);
    assert!(panel.requests_for(&SUSPEND_ACCOUNT).is_empty());
    nobody.get("/nextpanel/servers/status").await;
    assert_eq!(act(&nobody, "1/suspend").await.0, 200);
    billing.restart();
    nobody.make(PROVISION, &wanted("bob", 1), 200).await;
    assert_eq!(act(&nobody, "1/unsuspend").await.0, 200);
}

/// Two panels on one backend, so that the ids of the second's users are ids of servers too.
async fn two_panels() -> (Billing, Panel, Panel, User) {
    let billing = billing().await;
    let first = PanelSettings::new("srv1").with_first_id(2);
    let second = PanelSettings::new("srv2").with_first_id(2);
    let first = Panel::start(first).await.unwrap();
    let second = Panel::start(second).await.unwrap();
    billing.add_server(&first, KeyKind::SuperAdmin);
    billing.add_server(&second, KeyKind::SuperAdmin);
    let nobody = User::nobody(&billing);
    (billing, first, second, nobody)
}

#[tokio::test]
async fn an_account_placed_by_the_backend_deletes_another_customers_account() {
    let (billing, first, second, nobody) = two_panels().await;
    nobody.make(PROVISION, &wanted("victim", 2), 200).await;
    let got = nobody.make(PROVISION, &wanted("ada", None), 200).await;
    assert_eq!(
        (&got["server_name"], &got["nextpanel_user_id"]),
        (&json!("srv1"), &json!(2))
    );
    let id = got["account_id"].as_i64().unwrap();
    // The panel's user id was noted as the server's.
    assert_eq!(billing.rows(Resource::HostingAccounts)[1]["server_id"], 2);
    let stats = nobody.get(&format!("/nextpanel/accounts/{id}/stats")).await;
    assert_eq!(stats.body["username"], "victim", "stats betray it");
    let got = nobody.delete(&format!("/nextpanel/accounts/{id}")).await;
    assert_eq!(
        got.body,
        json!({ "message": "Account deleted successfully" })
    );
    assert!(second.account("victim").is_none());
    assert!(first.account("ada").is_some());
}

#[tokio::test]
async fn where_no_server_has_that_id_actions_fail() {
    let (_billing, _panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    nobody.make(PROVISION, &wanted("ada", 1), 200).await;
    nobody.make(PROVISION, &wanted("bob", None), 200).await;
    assert_eq!(act(&nobody, "2/suspend").await.0, 500);
}

#[tokio::test]
async fn an_account_on_a_given_server_is_acted_on_there() {
    let (_billing, first, second, nobody) = two_panels().await;
    nobody.make(PROVISION, &wanted("ada", 1), 200).await;
    nobody.make(PROVISION, &wanted("bob", 2), 200).await;
    assert_eq!(act(&nobody, "2/suspend").await.0, 200);
    assert!(first.account("ada").unwrap().is_active);
    assert!(!second.account("bob").unwrap().is_active);
}
