//! What goes wrong between the backend and a panel.

use std::net::TcpListener;
use std::time::Duration;

use panel_sandbox::nextpanel_billing::{Billing, BillingSettings, Resource};
use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings, operations};
use panel_sandbox::{Fault, WireSettings};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::provision::{PROVISION, failure, wanted, with_panel};
use super::user::{User, billing};

#[tokio::test]
async fn a_lost_reply_is_a_failure_though_the_account_is_there() {
    for (fault, expected) in [
        (Fault::LostReply, "Connection aborted."),
        (Fault::Html502, "Failed to create account: <html>"),
        (Fault::Truncated, "Connection"),
    ] {
        let (billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
        panel.arm(fault).unwrap();
        let error = failure(&nobody, &wanted("ada", 1)).await;
        assert!(error.contains(expected), "{fault}: {error}");
        assert_eq!(panel.times_created("ada"), 1, "{fault}");
        assert_eq!(
            billing.times_created(Resource::HostingAccounts, "ada"),
            0,
            "{fault}"
        );
        let error = failure(&nobody, &wanted("ada", 1)).await;
        assert_eq!(error, "Failed to create account: Username already exists");
    }
}

#[tokio::test]
async fn a_late_request_arrives_after_the_backend_has_given_up() {
    let (_billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    panel.arm("late-arrival".parse().unwrap()).unwrap();
    failure(&nobody, &wanted("ada", 1)).await;
    assert_eq!(panel.times_created("ada"), 0);
    assert_eq!(panel.settle().await, 1);
    assert_eq!(panel.times_created("ada"), 1);
}

#[tokio::test]
async fn a_request_that_never_arrived_and_one_that_was_refused_made_nothing() {
    for fault in [
        Fault::DropBeforeSend,
        Fault::Error500Once,
        Fault::RedirectElsewhere,
    ] {
        let (_billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
        panel.arm(fault).unwrap();
        failure(&nobody, &wanted("ada", 1)).await;
        assert_eq!(panel.times_created("ada"), 0, "{fault}");
        assert!(panel.followed_redirects().is_empty(), "{fault}");
        assert_eq!(
            nobody.make(PROVISION, &wanted("ada", 1), 200).await["success"],
            true
        );
    }
}

#[tokio::test]
async fn a_panel_that_is_gone_refuses_the_connection() {
    let (_billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    let address = panel.url().strip_prefix("http://").unwrap().to_owned();
    drop(panel);
    // The relay lets go of its port as soon as the runtime gets to it.
    let gone = async {
        while TcpListener::bind(&address).is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), gone).await.unwrap();
    let error = failure(&nobody, &wanted("ada", 1)).await;
    assert!(
        error.starts_with("HTTPConnectionPool(host='127.0.0.1', port="),
        "{error}"
    );
    assert!(
        error.contains("Max retries exceeded with url: /api/v1/billing/accounts"),
        "{error}"
    );
    assert!(error.contains("[Errno 111] Connection refused"), "{error}");
}

#[tokio::test]
async fn the_whole_backend_waits_for_a_slow_panel() {
    let wire = WireSettings::new().with_latency(Duration::from_millis(400));
    let panel = Panel::start(PanelSettings::new("srv1").with_wire(wire))
        .await
        .unwrap();
    let billing = billing().await;
    billing.add_server(&panel, KeyKind::SuperAdmin);
    let nobody = User::nobody(&billing);
    let started = Instant::now();
    let body = wanted("ada", 1);
    let provision = nobody.make(PROVISION, &body, 200);
    let health = async {
        while panel.requests().is_empty() {
            tokio::task::yield_now().await;
        }
        nobody.get("/health").await;
        started.elapsed()
    };
    let (made, waited) = tokio::join!(provision, health);
    assert_eq!(made["success"], true);
    assert!(waited >= Duration::from_millis(400), "{waited:?}");
}

#[tokio::test]
async fn a_panel_slower_than_the_backends_patience_creates_the_account_all_the_same() {
    let wire = WireSettings::new().with_delay(Duration::from_millis(600));
    let panel = Panel::start(PanelSettings::new("srv1").with_wire(wire))
        .await
        .unwrap();
    let settings = BillingSettings::new("billing1").with_panel_timeout(Duration::from_millis(300));
    let billing = Billing::start(settings).await.unwrap();
    billing.add_server(&panel, KeyKind::SuperAdmin);
    panel.arm(Fault::Delay).unwrap();
    let error = failure(&User::nobody(&billing), &wanted("ada", 1)).await;
    assert!(error.contains("Read timed out."), "{error}");
    assert_eq!(panel.times_created("ada"), 1);
}

/// A panel that answers every create in the same odd way.
async fn odd_panel(answer: ResponseTemplate) -> (MockServer, Billing, User) {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/api/health"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/api/v1/billing/accounts"))
        .respond_with(answer)
        .mount(&server)
        .await;
    let billing = billing().await;
    let nobody = User::nobody(&billing);
    let body =
        json!({ "name": "odd", "base_url": server.uri(), "api_key": "k", "api_secret": "s" });
    nobody.make("/nextpanel/servers", &body, 201).await;
    (server, billing, nobody)
}

#[tokio::test]
async fn a_201_that_cannot_be_read_is_a_failure_and_may_leave_a_row() {
    for (body, expected, rows) in [
        ("made it", "Expecting value: line 1 column 1 (char 0)", 0),
        (r#"{"username":"ada"}"#, "'id'", 0),
        (
            r#"{"id":"a-b"}"#,
            "1 validation error for AccountProvisionResponse\nnextpanel_user_id\n",
            1,
        ),
    ] {
        let answer = ResponseTemplate::new(201).set_body_string(body);
        let (_server, billing, nobody) = odd_panel(answer).await;
        let error = failure(&nobody, &wanted("ada", 1)).await;
        assert!(error.starts_with(expected), "{error}");
        assert_eq!(
            billing.rows(Resource::HostingAccounts).len(),
            rows,
            "{body}"
        );
    }
}

#[tokio::test]
async fn only_a_201_is_success_and_any_detail_is_passed_on() {
    for (status, body, expected) in [
        (200, json!({ "id": 7 }), r#"{"id":7}"#),
        (
            409,
            json!({ "detail": { "code": "TAKEN" } }),
            "{'code': 'TAKEN'}",
        ),
        (
            400,
            json!({ "detail": "Username already exists" }),
            "Username already exists",
        ),
    ] {
        let answer = ResponseTemplate::new(status).set_body_json(body);
        let (_server, _billing, nobody) = odd_panel(answer).await;
        let error = failure(&nobody, &wanted("ada", 1)).await;
        assert_eq!(error, format!("Failed to create account: {expected}"));
    }
}

#[tokio::test]
async fn the_key_that_is_kept_is_the_one_that_is_sent() {
    let (_billing, panel, nobody) = with_panel(KeyKind::SuperAdmin).await;
    nobody.make(PROVISION, &wanted("ada", 1), 200).await;
    let sent = panel.requests_for(&operations::CREATE_ACCOUNT).remove(0);
    assert!(sent.header_is("x-api-key", panel.key(KeyKind::SuperAdmin).id()));
    assert_eq!(sent.field("/password"), Some(Value::from("[secret]")));
}
