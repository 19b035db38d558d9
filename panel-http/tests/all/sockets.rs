use std::{sync::atomic::Ordering, time::Duration};

use panel_http::{CallOptions, Client, Delivery, Kind, TransportFault};
use tokio::net::TcpListener;

use crate::{
    endpoints::{CreateAccount, KEY, ListAccounts, PASSWORD, SECRET, builder},
    loopback::{Act, Server, reply},
};

const LIST: ListAccounts = ListAccounts { limit: None };

fn client(base: &str) -> Client {
    builder(base).jitter(|| 0.0).build().unwrap()
}

fn short() -> CallOptions {
    CallOptions::new().with_attempt_limit(Duration::from_millis(200))
}

#[tokio::test]
async fn calls_reuse_one_connection_and_carry_their_credentials() {
    let server = Server::start(vec![Act::Answer(reply(
        "200 OK",
        "content-type: application/json\r\n",
        r#"[{"id":1}]"#,
    ))])
    .await;
    let client = client(&server.base());
    for _ in 0..5 {
        assert_eq!(client.call(&LIST).await.unwrap().len(), 1);
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
    let request = &server.requests()[0];
    assert!(
        request.starts_with("GET /api/v1/accounts HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains(&format!("x-api-key: {KEY}\r\n")));
    assert!(request.contains(&format!("x-api-secret: {SECRET}\r\n")));
    assert!(!request.to_lowercase().contains("origin:"));
}

#[tokio::test]
async fn a_body_goes_out_whole_with_its_length() {
    let server = Server::start(vec![Act::Answer(reply("201 Created", "", r#"{"id":9}"#))]).await;
    let account = client(&server.base())
        .call(&CreateAccount::acme())
        .await
        .unwrap();
    assert_eq!(account.id, 9);
    let request = &server.requests()[0];
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-type: application/json"));
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["password"], PASSWORD);
}

#[tokio::test]
async fn a_refused_connection_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = client(&base)
        .call(&CreateAccount::acme())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotSent);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert_eq!(error.attempts().len(), 4);
    assert_eq!(error.attempts()[0].fault(), Some(TransportFault::Connect));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn a_server_without_tls_is_a_tls_fault() {
    // Answers in plain text as soon as anything comes, as a plain http port does.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = [0; 1024];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let error = client(&format!("https://{address}"))
        .call(&LIST)
        .await
        .unwrap_err();
    assert_eq!(
        error.attempts()[0].fault(),
        Some(TransportFault::Tls),
        "{error:?}"
    );
    assert_eq!(error.attempts().len(), 1);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn silence_ends_with_the_attempt() {
    let server = Server::start(vec![Act::Hang]).await;
    let error = client(&server.base())
        .call_with(&CreateAccount::acme(), &short())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Indeterminate);
    assert_eq!(error.attempts()[0].fault(), Some(TransportFault::Timeout));
    assert!(error.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_reply_cut_short_is_no_reply() {
    let mut cut = reply("200 OK", "", "[{\"id\":1}]");
    cut.truncate(cut.len() - 3);
    let server = Server::start(vec![
        Act::AnswerAndClose(cut),
        Act::Answer(reply("200 OK", "", "[]")),
    ])
    .await;
    assert!(client(&server.base()).call(&LIST).await.unwrap().is_empty());

    let mut cut = reply("201 Created", "", "{\"id\":1}");
    cut.truncate(cut.len() - 3);
    let server = Server::start(vec![Act::AnswerAndClose(cut)]).await;
    let error = client(&server.base())
        .call(&CreateAccount::acme())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
    assert_eq!(error.attempts()[0].fault(), Some(TransportFault::Broken));
}
