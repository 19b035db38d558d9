//! The backend on PostgreSQL.

use panel_sandbox::nextpanel_billing::{Billing, BillingSettings, Database};
use panel_sandbox::nextpanel_panel::KeyKind;
use serde_json::json;

use super::orders::order;
use super::user::{PASSWORD, User, address, id_of};
use crate::caller::panel;

#[tokio::test]
async fn timestamps_have_a_zone_and_offsets_are_converted() {
    let settings = BillingSettings::new("billing1").with_database(Database::Postgresql);
    let billing = Billing::start(settings).await.unwrap();
    let administrator = User::administrator(&billing).await;
    let id = administrator.customer("ada").await;
    let ada = User::logged_in(&billing, &address("ada"), PASSWORD).await;
    let me = ada.get("/auth/me").await.body;
    let created = me["created_at"].as_str().unwrap();
    assert!(created.ends_with('Z') && created.contains('.'), "{created}");
    let mut body = order(&id, 5.0);
    body["due_date"] = json!("2027-05-06T07:08:09+02:00");
    let made = ada.make("/orders", &body, 201).await;
    assert_eq!(made["due_date"], "2027-05-06T05:08:09Z");
    let plan = administrator.plan("Large", 50.0).await;
    let made = ada
        .make("/subscriptions/", &json!({ "plan_id": plan }), 201)
        .await;
    assert_eq!(made["current_period_start"], "2009-02-13T23:31:30Z");

    // Those of servers and of the health route have none on either.
    let panel = panel().await;
    billing.add_server(&panel, KeyKind::SuperAdmin);
    let row = ada.list("/nextpanel/servers").await[0].clone();
    assert!(!row["created_at"].as_str().unwrap().ends_with('Z'));
    let health = ada.get("/health").await.body;
    assert!(!health["timestamp"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn what_finds_nothing_elsewhere_is_an_error_here() {
    let settings = BillingSettings::new("billing1").with_database(Database::Postgresql);
    let billing = Billing::start(settings).await.unwrap();
    let administrator = User::administrator(&billing).await;
    let plan = administrator.plan("Small", 5.0).await;
    let got = administrator.get("/plans/?category=hosting").await;
    assert_eq!(got.status, 500);
    assert!(
        got.detail()
            .contains("operator does not exist: json ~~ text")
    );
    assert_eq!(administrator.get("/invoices/?limit=-1").await.status, 500);
    assert_eq!(
        administrator.get("/analytics/revenue/monthly").await.status,
        200
    );
    assert_eq!(id_of(&administrator.list("/plans/").await[0]), plan);
}
