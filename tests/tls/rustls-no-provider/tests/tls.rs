//! Feature `rustls-no-provider`.

#[path = "../../server.rs"]
mod server;

use panel_http::{Client, Kind};
use server::{Server, base_of_process, call, in_process, store_of};
use tokio_rustls::rustls::crypto::ring;

#[test]
fn without_cryptography_a_client_is_refused_and_nothing_panics() {
    in_process("process_without_provider", "/nonexistent", "");
}

#[test]
#[ignore = "run in a process of its own by the test above"]
fn process_without_provider() {
    for base in ["https://panel.example.com", "http://127.0.0.1:1"] {
        let error = Client::builder(base).build().unwrap_err();
        assert_eq!(error.kind(), Kind::Config);
        assert!(error.to_string().contains("install a provider"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_cryptography_certificates_are_checked() {
    let server = Server::start("localhost").await;
    let (_folder, store) = store_of(&server);
    in_process("process_calls", store.to_str().unwrap(), &server.url());
    let stranger = Server::start("localhost").await;
    let (_folder, store) = store_of(&stranger);
    in_process("process_distrusts", store.to_str().unwrap(), "");
}

#[tokio::test]
#[ignore = "run in a process of its own by the test above"]
async fn process_calls() {
    ring::default_provider().install_default().unwrap();
    assert_eq!(call(&base_of_process()).await.unwrap().body(), b"[]");
}

#[tokio::test]
#[ignore = "run in a process of its own by the test above"]
async fn process_distrusts() {
    ring::default_provider().install_default().unwrap();
    server::distrust_is_told().await;
    server::a_broken_handshake_may_pass().await;
}

#[test]
fn an_http_client_needs_no_store_of_authorities() {
    in_process("process_without_store", "/nonexistent", "");
}

#[test]
#[ignore = "run in a process of its own by the test above"]
fn process_without_store() {
    ring::default_provider().install_default().unwrap();
    Client::builder("http://127.0.0.1:1").build().unwrap();
}
