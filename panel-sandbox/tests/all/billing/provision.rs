//! Creating hosting accounts.

use panel_sandbox::nextpanel_billing::{Billing, Resource};
use panel_sandbox::nextpanel_panel::{KeyKind, Panel, operations::CREATE_ACCOUNT};
use serde_json::{Value, json};

use super::user::{User, billing};
use crate::caller::panel;

pub(super) const PROVISION: &str = "/nextpanel/provision";

pub(super) fn wanted(username: &str, server: impl Into<Option<i64>>) -> Value {
    let mut body = json!({
        "customer_id": format!("customer-of-{username}"),
        "username": username,
        "email": format!("{username}@fields.example"),
        "password": "Corr3ct-horse",
    });
    if let Some(server) = server.into() {
        body["server_id"] = json!(server);
    }
    body
}

/// A backend with one panel, and somebody without a token: nobody is asked for one.
pub(super) async fn with_panel(kind: KeyKind) -> (Billing, Panel, User) {
    let (billing, panel) = (billing().await, panel().await);
    billing.add_server(&panel, kind);
    let nobody = User::nobody(&billing);
    (billing, panel, nobody)
}

/// What is wrong with a provision that was answered 200.
pub(super) async fn failure(user: &User, body: &Value) -> String {
    let got = user.make(PROVISION, body, 200).await;
    assert_eq!(got["success"], false, "{got}");
    for field in [
        "account_id",
        "server_name",
        "server_url",
        "nextpanel_user_id",
        "username",
    ] {
        assert_eq!(got[field], Value::Null, "{field}");
    }
    got["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_account_is_created_on_the_panel() {
    let (billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    panel.add_stranger("theo").unwrap();
    let mut body = wanted("ada", 1);
    body["order_id"] = json!(7);
    body["phone"] = json!("+351 1");
    body["package_id"] = json!("3");
    body["account_type"] = json!("panel");
    body["is_admin"] = json!(true);
    let got = nobody.make(PROVISION, &body, 200).await;
    assert_eq!(
        got,
        json!({
            "success": true,
            "account_id": 1,
            "server_name": panel.name(),
            "server_url": panel.url(),
            "nextpanel_user_id": 2,
            "username": "ada",
            "error": null,
        })
    );
    let account = panel.account("ada").unwrap();
    assert_eq!(account.billing_id.as_deref(), Some("customer-of-ada"));
    assert_eq!((account.package_id, account.is_admin), (Some(3), false));
    assert!(panel.password_is("ada", "Corr3ct-horse"));
    let sent = panel.requests_for(&CREATE_ACCOUNT).remove(0);
    assert_eq!(
        sent.field("/full_name"),
        Some(Value::Null),
        "nulls are sent"
    );
    assert_eq!(
        sent.field("/metadata/created_from"),
        Some(json!("billing_system"))
    );
    assert_eq!(
        sent.field("/metadata/billing_customer_id"),
        Some(json!("customer-of-ada"))
    );
    let created = sent.field("/metadata/created_at").unwrap();
    assert!(!created.as_str().unwrap().contains(['Z', '+']), "{created}");
    let row = &billing.rows(Resource::HostingAccounts)[0];
    assert_eq!(
        (&row["server_id"], &row["nextpanel_user_id"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(billing.times_created(Resource::HostingAccounts, "ada"), 1);
}

#[tokio::test]
async fn the_type_decides_about_administrators_if_it_is_one_of_three() {
    let (_billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    for (index, (account_type, asked, is_admin, noted)) in [
        (Some("reseller"), false, true, "reseller"),
        (Some("master-reseller"), false, true, "master-reseller"),
        (Some("panel"), true, false, "panel"),
        (Some("superuser"), false, false, "superuser"),
        (None, true, true, "reseller"),
        (None, false, false, "panel"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = wanted(&format!("u{index}"), 1);
        body["account_type"] = json!(account_type);
        body["is_admin"] = json!(asked);
        assert_eq!(nobody.make(PROVISION, &body, 200).await["success"], true);
        assert_eq!(
            panel.account(&format!("u{index}")).unwrap().is_admin,
            is_admin
        );
        let sent = panel.requests_for(&CREATE_ACCOUNT).remove(index);
        assert_eq!(sent.field("/metadata/account_type"), Some(json!(noted)));
        assert_eq!(
            sent.field("/metadata/account_level"),
            Some(json!(account_type))
        );
    }
    let counts = nobody.get("/nextpanel/accounts/counts/by-role").await.body;
    assert_eq!(counts["total_accounts"], 6);
    assert_eq!(
        counts["by_role"],
        json!({ "panel": 6, "reseller": 0, "master-reseller": 0, "unknown": 0 })
    );
    assert_eq!(counts["summary"]["regular_users"], 6);
}

#[tokio::test]
async fn ids_of_the_wrong_sort_are_a_422_with_the_password_in_it() {
    let (_billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    let order = uuid::Uuid::nil().to_string();
    for (field, value, kind) in [
        ("customer_id", json!(1), "string_type"),
        ("order_id", json!(order), "int_parsing"),
    ] {
        let mut body = wanted("ada", 1);
        body[field] = value;
        let got = nobody.post(PROVISION, &body).await;
        assert_eq!(
            (got.status, &got.body["detail"][0]["type"]),
            (422, &json!(kind))
        );
        assert_eq!(got.body["body"]["password"], "Corr3ct-horse");
    }
    assert!(panel.requests().is_empty());
}

#[tokio::test]
async fn without_servers_and_on_unknown_or_full_ones_nothing_is_tried() {
    let billing = billing().await;
    let nobody = User::nobody(&billing);
    assert_eq!(
        failure(&nobody, &wanted("ada", None)).await,
        "No available servers"
    );
    let panel = panel().await;
    billing.add_server(&panel, KeyKind::SuperAdmin);
    assert_eq!(
        failure(&nobody, &wanted("ada", 99)).await,
        "Server 99 not available"
    );
    billing.arm("server-full".parse().unwrap()).unwrap();
    assert_eq!(
        failure(&nobody, &wanted("ada", 1)).await,
        "Server 1 not available"
    );
    assert_eq!(
        failure(&nobody, &wanted("ada", None)).await,
        "No available servers"
    );
    assert!(panel.requests().is_empty());
    billing.heal();
    assert_eq!(
        nobody.make(PROVISION, &wanted("ada", 1), 200).await["success"],
        true
    );
}

#[tokio::test]
async fn the_least_loaded_server_in_memory_wins_usable_or_not() {
    let (billing, first, nobody) = with_panel(KeyKind::SuperAdmin).await;
    let second = Panel::start(panel_sandbox::nextpanel_panel::PanelSettings::new("srv2"))
        .await
        .unwrap();
    billing.add_server(&second, KeyKind::Billing);
    nobody.make(PROVISION, &wanted("ada", 1), 200).await;
    let error = failure(&nobody, &wanted("bob", None)).await;
    assert!(error.contains("super admin privileges"), "{error}");
    // Nothing is counted after a restart.
    billing.restart();
    let got = nobody.make(PROVISION, &wanted("bob", None), 200).await;
    assert_eq!(got["server_name"], first.name());
}

#[tokio::test]
async fn a_key_that_will_not_do_shows_only_in_the_text() {
    for (kind, expected) in [
        (
            KeyKind::Billing,
            "Authentication failed (403): The user doesn't have super admin privileges",
        ),
        (KeyKind::Revoked, "API key is revoked"),
        (KeyKind::IpLocked, "IP address not allowed"),
    ] {
        let (billing, panel, nobody) = with_panel(kind).await;
        let error = failure(&nobody, &wanted("ada", 1)).await;
        assert_eq!(error, format!("Failed to create account: {expected}"));
        assert!(panel.accounts().is_empty());
        assert_eq!(billing.times_created(Resource::HostingAccounts, "ada"), 0);
    }
}

#[tokio::test]
async fn a_username_that_is_taken_is_not_created_again() {
    let (billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    nobody.make(PROVISION, &wanted("ada", 1), 200).await;
    let error = failure(&nobody, &wanted("ada", 1)).await;
    assert_eq!(error, "Failed to create account: Username already exists");
    assert_eq!(panel.times_created("ada"), 1);
    assert_eq!(billing.times_created(Resource::HostingAccounts, "ada"), 1);
}

#[tokio::test]
async fn what_is_wrong_with_the_request_comes_as_python_prints_it() {
    let (_billing, _panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    let mut body = wanted("ada", 1);
    body["password"] = json!("x");
    let error = failure(&nobody, &body).await;
    assert!(error.starts_with("Failed to create account: [{"), "{error}");
    assert!(error.contains("'loc': ['body', 'password']"), "{error}");
}
