//! What the relay makes of requests as they come over real connections.

use std::sync::Arc;
use std::time::{Duration, Instant};

use panel_sandbox::WireSettings;
use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings, operations};
use secrecy::ExposeSecret;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::caller::{ACCOUNTS, Caller, panel, panel_and_caller, wanted};
use crate::raw_connection::RawConnection;

fn head(panel: &Panel, more: &str) -> String {
    let key = panel.key(KeyKind::SuperAdmin);
    format!(
        "POST {ACCOUNTS} HTTP/1.1\r\nHost: panel\r\nX-API-Key: {}\r\nX-API-Secret: {}\r\n\
         Content-Type: application/json\r\n{more}\r\n",
        key.id(),
        key.secret().expose_secret(),
    )
}

#[tokio::test]
async fn two_requests_on_one_connection_are_both_answered() {
    let panel = panel().await;
    let mut connection = RawConnection::to(&panel).await;
    let health = "GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n";
    for _ in 0..2 {
        connection.send(health).await;
        let reply = connection.read_until("}").await;
        assert!(reply.starts_with("HTTP/1.1 200 OK\r\n"), "{reply}");
    }
    // And two at once, the second before the first was answered; the last one ends the connection.
    let last = "GET /api/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    connection.send(format!("{health}{last}")).await;
    let replies = connection.read_to_end().await.unwrap();
    assert_eq!(replies.matches("HTTP/1.1 200 OK").count(), 2);
    assert_eq!(panel.requests_for(&operations::HEALTH).len(), 4);
}

#[tokio::test]
async fn a_body_may_come_in_chunks_with_extensions_and_trailers() {
    let panel = panel().await;
    let body = wanted("ada").to_string();
    let (first, second) = body.split_at(17);
    let mut connection = RawConnection::to(&panel).await;
    let head = head(&panel, "Transfer-Encoding: chunked\r\n");
    let message = format!(
        "{head}{:X};name=value\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\nX-Trailer: 1\r\n\r\n",
        first.len(),
        second.len(),
    );
    // In pieces that respect no boundary.
    for piece in message.as_bytes().chunks(11) {
        connection.send(piece).await;
    }
    let reply = connection.read_until("}").await;
    assert!(reply.starts_with("HTTP/1.1 201 Created\r\n"), "{reply}");
    let recorded = panel.requests_for(&operations::CREATE_ACCOUNT);
    assert_eq!(recorded[0].field("/username"), Some(json!("ada")));
    assert!(panel.password_is("ada", "Corr3ct-horse"));
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_gets_it() {
    let panel = panel().await;
    let body = wanted("ada").to_string();
    let mut connection = RawConnection::to(&panel).await;
    let more = format!("Expect: 100-continue\r\nContent-Length: {}\r\n", body.len());
    connection.send(head(&panel, &more)).await;
    assert_eq!(
        connection.read_until("\r\n\r\n").await,
        "HTTP/1.1 100 Continue\r\n\r\n"
    );
    connection.send(body).await;
    let reply = connection.read_until("}").await;
    assert!(reply.starts_with("HTTP/1.1 201 Created\r\n"), "{reply}");
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_the_connection_ended() {
    let panel = panel().await;
    let long = "x".repeat(80 * 1024);
    for nonsense in [
        "hello\r\n\r\n".to_owned(),
        "GET http://elsewhere.example/ HTTP/1.1\r\n\r\n".to_owned(),
        format!("GET /{long} HTTP/1.1\r\n\r\n"),
    ] {
        let mut connection = RawConnection::to(&panel).await;
        connection.send(nonsense).await;
        let reply = connection.read_to_end().await.unwrap();
        assert!(reply.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{reply}");
        assert!(reply.ends_with("Invalid HTTP request received."), "{reply}");
    }
    let mut connection = RawConnection::to(&panel).await;
    connection
        .send(head(&panel, "Content-Length: 99999999\r\n"))
        .await;
    let reply = connection.read_until("too large").await;
    assert!(reply.starts_with("HTTP/1.1 413 "), "{reply}");
}

#[tokio::test]
async fn a_request_that_is_cut_off_is_never_received() {
    let panel = panel().await;
    let mut connection = RawConnection::to(&panel).await;
    connection
        .send(head(&panel, "Content-Length: 500\r\n"))
        .await;
    connection.send("{\"username\":").await;
    drop(connection);
    Caller::without_key(&panel).get("/api/health").await;
    panel.settle().await;
    assert!(panel.requests_for(&operations::CREATE_ACCOUNT).is_empty());
}

#[tokio::test]
async fn head_requests_get_no_body() {
    let panel = panel().await;
    let mut connection = RawConnection::to(&panel).await;
    connection
        .send("HEAD /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
        .await;
    let head = connection.read_until("\r\n\r\n").await;
    assert!(head.starts_with("HTTP/1.1 500 "), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    connection
        .send("GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
        .await;
    let reply = connection.read_until("}").await;
    assert!(reply.starts_with("HTTP/1.1 200 OK"), "{reply}");
}

#[tokio::test]
async fn an_idle_connection_is_ended_in_order() {
    let wire = WireSettings::new().with_idle_timeout(Some(Duration::from_millis(30)));
    let panel = Panel::start(PanelSettings::new("srv1").with_wire(wire))
        .await
        .unwrap();
    let mut connection = RawConnection::to(&panel).await;
    connection
        .send("GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n")
        .await;
    let reply = connection.read_to_end().await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 200 OK"), "{reply}");
}

#[tokio::test]
async fn latency_is_per_request_and_not_in_turn() {
    let latency = Duration::from_millis(100);
    let wire = WireSettings::new().with_latency(latency);
    let panel = Panel::start(PanelSettings::new("srv1").with_wire(wire))
        .await
        .unwrap();
    let caller = Arc::new(Caller::with_key(&panel, KeyKind::SuperAdmin));
    let begun = Instant::now();
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let caller = Arc::clone(&caller);
        calls.spawn(async move { caller.list().await });
    }
    calls.join_all().await;
    let elapsed = begun.elapsed();
    assert!(elapsed >= latency, "{elapsed:?}");
    assert!(elapsed < latency * 8, "{elapsed:?}");
}

#[tokio::test]
async fn settling_waits_for_what_was_received_even_if_its_sender_is_gone() {
    let wire = WireSettings::new().with_latency(Duration::from_millis(200));
    let panel = Panel::start(PanelSettings::new("srv1").with_wire(wire))
        .await
        .unwrap();
    let body = wanted("ada").to_string();
    let mut connection = RawConnection::to(&panel).await;
    let more = format!("Content-Length: {}\r\n", body.len());
    connection.send(head(&panel, &more) + &body).await;
    drop(connection);
    let received = async {
        while panel.requests().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), received).await.unwrap();
    assert!(panel.accounts().is_empty());
    assert_eq!(panel.settle().await, 0);
    assert_eq!(panel.times_created("ada"), 1);
}

#[tokio::test]
async fn many_clients_at_once_each_get_their_own_answer() {
    let (panel, _) = panel_and_caller().await;
    let caller = Arc::new(Caller::with_key(&panel, KeyKind::SuperAdmin));
    let mut calls = JoinSet::new();
    for number in 0..60 {
        let caller = Arc::clone(&caller);
        calls.spawn(async move {
            let username = format!("user{number}");
            let created = caller.create(&wanted(&username)).await.unwrap();
            assert_eq!(created.body["username"], username);
            let row = caller.get(&format!("{ACCOUNTS}/{}", created.id())).await;
            assert_eq!(row.body["username"], username);
        });
    }
    calls.join_all().await;
    assert_eq!(panel.created_by_clients(), 60);
    assert_eq!(panel.requests().len(), 120);
}

#[tokio::test]
async fn nothing_is_recorded_where_recording_is_off() {
    let wire = WireSettings::new().with_recording(false);
    let panel = Panel::start(PanelSettings::new("srv1").with_wire(wire))
        .await
        .unwrap();
    let caller = Caller::with_key(&panel, KeyKind::SuperAdmin);
    caller.create(&wanted("ada")).await.unwrap();
    assert!(panel.requests().is_empty());
    assert_eq!(panel.times_created("ada"), 1);
}

#[tokio::test]
async fn resends_can_be_compared_without_showing_what_they_carry() {
    let (panel, caller) = panel_and_caller().await;
    caller.create(&wanted("ada")).await.unwrap();
    caller.create(&wanted("ada")).await.unwrap();
    caller.create(&wanted("bob")).await.unwrap();
    let requests = panel.requests_for(&operations::CREATE_ACCOUNT);
    assert!(requests[0].has_same_body(&requests[1]));
    assert!(!requests[0].has_same_body(&requests[2]));
    assert_eq!(
        requests[0].field("/metadata/created_from"),
        Some(json!("billing_system"))
    );
}
