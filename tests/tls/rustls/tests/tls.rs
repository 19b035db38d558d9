//! Feature `rustls`.

#[path = "../../server.rs"]
mod server;

use panel_http::{Client, Kind};
use server::{Server, base_of_process, call, in_process, store_of};

#[tokio::test]
async fn a_certificate_that_is_not_trusted_ends_the_call() {
    server::distrust_is_told().await;
}

#[tokio::test]
async fn a_handshake_that_breaks_off_is_tried_again() {
    server::a_broken_handshake_may_pass().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_certificate_lets_the_call_through() {
    let server = Server::start("localhost").await;
    let (_folder, store) = store_of(&server);
    in_process("process_calls", store.to_str().unwrap(), &server.url());
}

#[tokio::test]
#[ignore = "run in a process of its own by the test above"]
async fn process_calls() {
    assert_eq!(call(&base_of_process()).await.unwrap().body(), b"[]");
}

#[test]
fn an_http_client_needs_no_store_of_authorities_and_an_https_client_says_that_it_does() {
    in_process("process_without_store", "/nonexistent", "");
}

#[test]
#[ignore = "run in a process of its own by the test above"]
fn process_without_store() {
    Client::builder("http://127.0.0.1:1").build().unwrap();
    Client::builder("http://192.168.0.7/api").build().unwrap();
    let error = Client::builder("https://panel.example.com")
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.to_string().contains("CA certificates"), "{error}");
}
