//! Faults on the wire, apart from late arrivals.

use std::time::{Duration, Instant};

use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings, operations};
use panel_sandbox::{Fault, RetryHint, WireSettings};
use reqwest::Method;

use crate::caller::{ACCOUNTS, Caller, panel_and_caller, statuses, struck_by, wanted};
use crate::raw_connection::RawConnection;

async fn struck_by_on(fault: Fault, wire: WireSettings) -> (Panel, Caller) {
    let panel = Panel::start(PanelSettings::new("srv1").with_wire(wire))
        .await
        .unwrap();
    panel.arm(fault).unwrap();
    let caller = Caller::with_key(&panel, KeyKind::SuperAdmin);
    (panel, caller)
}

#[tokio::test]
async fn lost_reply_is_handled_and_reset_before_the_reply() {
    let (panel, caller) = struck_by(Fault::LostReply).await;
    // The connection is warm, as a pooled one is.
    caller.list().await;
    let error = caller.create(&wanted("ada")).await.unwrap_err();
    assert!(error.is_request(), "{error:?}");
    assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
    assert_eq!(panel.times_created("ada"), 1);
    let requests = panel.requests_for(&operations::CREATE_ACCOUNT);
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].fault(), Some(Fault::LostReply));
    assert_eq!(requests[0].status(), Some(201));
    assert_eq!(caller.list().await.len(), 1);
}

#[tokio::test]
async fn drop_before_send_never_arrives() {
    let (panel, caller) = struck_by(Fault::DropBeforeSend).await;
    caller.create(&wanted("ada")).await.unwrap_err();
    assert_eq!(panel.settle().await, 0);
    assert!(panel.accounts().is_empty());
    assert_eq!(statuses(&panel, &operations::CREATE_ACCOUNT), [None]);
    assert_eq!(caller.create(&wanted("ada")).await.unwrap().status, 201);
}

#[tokio::test]
async fn a_reset_is_a_reset_and_not_an_orderly_end() {
    for fault in [Fault::LostReply, Fault::DropBeforeSend] {
        let (panel, _) = panel_and_caller().await;
        panel.arm_for(fault, operations::HEALTH, 1).unwrap();
        let mut connection = RawConnection::to(&panel).await;
        connection
            .send("GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
            .await;
        let error = connection.read_to_end().await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{fault}");
    }
}

#[tokio::test]
async fn html_502_is_handled_and_answered_by_a_page() {
    let (panel, caller) = struck_by(Fault::Html502).await;
    let got = caller.create(&wanted("ada")).await.unwrap();
    assert_eq!(got.status, 502);
    assert_eq!(got.headers["content-type"], "text/html");
    assert!(got.body.as_str().unwrap().contains("502 Bad Gateway"));
    assert_eq!(panel.times_created("ada"), 1);
    assert_eq!(statuses(&panel, &operations::CREATE_ACCOUNT), [Some(201)]);
}

#[tokio::test]
async fn truncated_is_handled_and_ends_inside_the_body() {
    let (panel, caller) = struck_by(Fault::Truncated).await;
    let response = caller
        .request(Method::POST, ACCOUNTS)
        .json(&wanted("ada"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 201);
    assert!(response.content_length().unwrap() > 0);
    response.text().await.unwrap_err();
    assert_eq!(panel.times_created("ada"), 1);
}

#[tokio::test]
async fn huge_body_is_handled_and_its_size_is_announced_nowhere() {
    let wire = WireSettings::new().with_huge_body_bytes(3_000_000);
    let (panel, caller) = struck_by_on(Fault::HugeBody, wire).await;
    let response = caller
        .request(Method::POST, ACCOUNTS)
        .json(&wanted("ada"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 201);
    assert_eq!(response.content_length(), None);
    let text = response.text().await.unwrap();
    assert!(text.len() > 3_000_000);
    let row: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(row["username"], "ada");
    assert_eq!(panel.times_created("ada"), 1);
    // The connection is as good as before.
    assert_eq!(caller.list().await.len(), 1);
}

#[tokio::test]
async fn a_client_that_stops_reading_a_huge_body_harms_nobody() {
    let (panel, caller) = struck_by(Fault::HugeBody).await;
    let response = caller
        .request(Method::POST, ACCOUNTS)
        .json(&wanted("ada"))
        .send()
        .await
        .unwrap();
    drop(response);
    assert_eq!(panel.settle().await, 0);
    assert_eq!(caller.list().await.len(), 1);
}

#[tokio::test]
async fn delay_is_handled_at_once_and_answered_late() {
    let delay = Duration::from_millis(150);
    let wire = WireSettings::new().with_delay(delay);
    let (panel, caller) = struck_by_on(Fault::Delay, wire.clone()).await;
    let begun = Instant::now();
    assert_eq!(caller.create(&wanted("ada")).await.unwrap().status, 201);
    assert!(begun.elapsed() >= delay);
    assert_eq!(panel.times_struck(Fault::Delay), 1);

    let (panel, caller) = struck_by_on(Fault::Delay, wire.with_delay(Duration::MAX)).await;
    let request = caller.request(Method::POST, ACCOUNTS).json(&wanted("ada"));
    let error = request
        .timeout(Duration::from_millis(250))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(panel.times_created("ada"), 1);
}

#[tokio::test]
async fn rate_limited_is_not_handled_and_hints_if_it_should() {
    for (hint, expected) in [(RetryHint::Given, Some("7")), (RetryHint::Missing, None)] {
        let wire = WireSettings::new().with_retry_after_seconds(7);
        let (panel, caller) = struck_by_on(Fault::RateLimited(hint), wire).await;
        let got = caller.create(&wanted("ada")).await.unwrap();
        assert_eq!(got.status, 429);
        let given = got.headers.get("retry-after");
        assert_eq!(given.map(|value| value.to_str().unwrap()), expected);
        assert_eq!(got.detail(), "Rate limit exceeded");
        assert!(panel.accounts().is_empty());
        assert_eq!(caller.create(&wanted("ada")).await.unwrap().status, 201);
    }
}

#[tokio::test]
async fn error_500_once_is_not_handled_and_only_once() {
    let (panel, caller) = struck_by(Fault::Error500Once).await;
    let got = caller.create(&wanted("ada")).await.unwrap();
    assert_eq!(got.status, 500);
    assert!(got.detail().starts_with("Internal server error: "));
    assert_eq!(statuses(&panel, &operations::CREATE_ACCOUNT), [None]);
    assert_eq!(caller.create(&wanted("ada")).await.unwrap().status, 201);
}

#[tokio::test]
async fn redirect_elsewhere_names_another_origin_and_notes_who_follows() {
    let (panel, caller) = struck_by(Fault::RedirectElsewhere).await;
    let got = caller.create(&wanted("ada")).await.unwrap();
    assert_eq!(got.status, 307);
    let location = got.headers["location"].to_str().unwrap();
    assert!(location.starts_with("http://localhost:"), "{location}");
    assert!(location.ends_with(ACCOUNTS), "{location}");
    assert!(panel.accounts().is_empty());
    assert!(panel.followed_redirects().is_empty());

    panel.arm(Fault::RedirectElsewhere).unwrap();
    let trusting = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = trusting
        .post(format!("{}{ACCOUNTS}", panel.url()))
        .header("x-api-key", "npk_leaked")
        .body("{}")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 500);
    let followed = panel.followed_redirects();
    assert_eq!(followed.len(), 1);
    assert!(followed[0].host().unwrap().starts_with("localhost:"));
    assert!(followed[0].header_is("x-api-key", "npk_leaked"));
    assert!(panel.unexpected_requests().is_empty());
}

#[tokio::test]
async fn faults_armed_one_after_the_other_strike_in_that_order() {
    let (panel, caller) = panel_and_caller().await;
    panel.arm(Fault::DropBeforeSend).unwrap();
    panel.arm(Fault::Html502).unwrap();
    caller.create(&wanted("ada")).await.unwrap_err();
    assert_eq!(caller.create(&wanted("ada")).await.unwrap().status, 502);
    let got = caller.create(&wanted("ada")).await.unwrap();
    assert_eq!((got.status, got.detail()), (400, "Username already exists"));
    assert_eq!(panel.times_created("ada"), 1);
}

#[tokio::test]
async fn a_fault_on_the_wire_and_one_of_the_panel_strike_the_same_request() {
    let (panel, caller) = struck_by(Fault::LostReply).await;
    panel.arm(Fault::UsernameTakenByOther).unwrap();
    caller.create(&wanted("ada")).await.unwrap_err();
    assert!(panel.account("ada").unwrap().is_stranger);
    assert_eq!(statuses(&panel, &operations::CREATE_ACCOUNT), [Some(400)]);
}

#[tokio::test]
async fn a_fault_strikes_only_the_operation_and_the_count_it_was_armed_for() {
    let (panel, caller) = panel_and_caller().await;
    panel
        .arm_for(Fault::Error500Once, operations::LIST_ACCOUNTS, 2)
        .unwrap();
    assert_eq!(caller.create(&wanted("ada")).await.unwrap().status, 201);
    for expected in [500, 500, 200] {
        assert_eq!(caller.get(ACCOUNTS).await.status, expected);
    }
    panel
        .arm_for(Fault::Error500Once, operations::LIST_ACCOUNTS, 2)
        .unwrap();
    assert_eq!(caller.get(ACCOUNTS).await.status, 500);
    panel.heal();
    assert_eq!(caller.get(ACCOUNTS).await.status, 200);
    assert_eq!(panel.times_struck(Fault::Error500Once), 3);
}
