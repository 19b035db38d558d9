//! The login: the only way to a token, and the only way to renew one.

use std::time::Duration;

use nextpanel_client::DenialExt;
use nextpanel_client::billing::{Billing, GetMe, ListCustomers, ListServers};
use panel_http::testing::{Reply, ScriptedTransport};
use panel_http::{Kind, RetryPolicy};
use provisioning_core::permission::Missing;
use secrecy::SecretString;
use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const ME: &str = r#"{"id": "7d1c0a52-9f0e-4a55-9b60-2f6a1f7c1b01"}"#;

/// A client of a mock backend that logs in there.
pub(super) async fn logged_in(server: &MockServer) -> Billing {
    let tokens = json!({"access_token": "acc", "refresh_token": "ref", "token_type": "bearer"});
    Mock::given(method("POST"))
        .and(path("/api/v1/auth/login"))
        .respond_with(ResponseTemplate::new(200).set_body_json(tokens))
        .mount(server)
        .await;
    Billing::builder(&server.uri())
        .login("Flora@garden.example", SecretString::from("Gr0wing-Things"))
        .no_proxy()
        .build()
        .unwrap()
}

fn scripted(transport: &ScriptedTransport) -> Billing {
    Billing::builder("https://billing.example.net/api/v1/")
        .login("Flora@garden.example", SecretString::from("Gr0wing-Things"))
        .with_client(|client| {
            client
                .transport(transport.clone())
                .retry_policy(RetryPolicy::never())
        })
        .build()
        .unwrap()
}

fn token(name: &str) -> Reply {
    Reply::json(
        200,
        json!({"access_token": name, "refresh_token": format!("refresh-{name}"), "token_type": "bearer"}).to_string(),
    )
}

fn bearers(transport: &ScriptedTransport) -> Vec<String> {
    transport
        .requests()
        .iter()
        .map(|request| request.header("authorization").to_owned())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_token_is_used_for_less_than_fifteen_minutes_and_then_renewed_by_a_login() {
    let transport = ScriptedTransport::new()
        .with(token("one"))
        .with(Reply::json(200, ME))
        .with(Reply::json(200, ME))
        .with(token("two"))
        .with(Reply::json(200, ME));
    let billing = scripted(&transport);
    billing.call(GetMe::new()).await.unwrap();
    tokio::time::advance(Duration::from_secs(14 * 60)).await;
    billing.call(GetMe::new()).await.unwrap();
    tokio::time::advance(Duration::from_secs(45)).await;
    billing.call(GetMe::new()).await.unwrap();
    assert_eq!(
        bearers(&transport),
        ["", "Bearer one", "Bearer one", "", "Bearer two"]
    );
    let logins = [0, 3].map(|place| transport.requests()[place].uri.path().to_owned());
    assert_eq!(logins, ["/api/v1/auth/login", "/api/v1/auth/login"]);
}

#[tokio::test]
async fn the_refresh_token_goes_nowhere() {
    let transport = ScriptedTransport::new()
        .with(token("one"))
        .with(Reply::json(
            401,
            r#"{"detail": "Could not validate credentials"}"#,
        ))
        .with(token("two"))
        .with(Reply::json(200, ME));
    scripted(&transport).call(GetMe::new()).await.unwrap();
    for request in transport.requests() {
        assert!(!request.header("authorization").contains("refresh"));
        let body = String::from_utf8_lossy(&request.body.expose_bytes()).into_owned();
        assert!(!body.contains("refresh"), "{body}");
    }
    assert_eq!(bearers(&transport), ["", "Bearer one", "", "Bearer two"]);
}

#[tokio::test]
async fn a_dead_token_is_renewed_once_whichever_way_the_backend_says_it() {
    let refusals = [
        (401, "Could not validate credentials"),
        (403, "Not authenticated"),
        (403, "Invalid authentication credentials"),
    ];
    for (status, detail) in refusals {
        let refusal = || Reply::json(status, json!({"detail": detail}).to_string());
        let transport = ScriptedTransport::new()
            .with(token("one"))
            .with(refusal())
            .with(token("two"))
            .with(refusal());
        let error = scripted(&transport).call(GetMe::new()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Auth, "{status} {detail}");
        assert_eq!(transport.unused(), 0, "{status} {detail}");
    }
}

#[tokio::test]
async fn a_missing_right_is_no_dead_token() {
    let transport = ScriptedTransport::new()
        .with(token("one"))
        .with(Reply::json(403, r#"{"detail": "Admin access required"}"#));
    let error = scripted(&transport)
        .call(ListCustomers::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert_eq!(transport.requests().len(), 2, "no second login");
}

#[tokio::test]
async fn a_refused_login_explains_the_call_that_needed_it() {
    let transport = ScriptedTransport::new().with(Reply::json(
        401,
        r#"{"detail": "Incorrect email or password"}"#,
    ));
    let error = scripted(&transport).call(GetMe::new()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    let denial = error.explain().expect("a denial");
    assert_eq!(denial.missing(), &Missing::WrongPassword);
    let printed = format!("{error} {error:?} {denial:?}");
    assert!(!printed.contains("Gr0wing"), "{printed}");
}

#[tokio::test]
async fn a_password_the_backend_cannot_hash_is_not_sent() {
    let transport = ScriptedTransport::new();
    let billing = Billing::builder("https://billing.example.net")
        .login("Flora@garden.example", SecretString::from("x".repeat(73)))
        .with_client(|client| client.transport(transport.clone()))
        .build()
        .unwrap();
    assert!(billing.call(GetMe::new()).await.is_err());
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn open_routes_are_called_without_a_login() {
    let transport = ScriptedTransport::new().with(Reply::json(200, "[]"));
    let billing = scripted(&transport);
    billing.call(ListServers::new()).await.unwrap();
    assert_eq!(bearers(&transport), [""]);
    let without = Billing::builder("https://billing.example.net")
        .with_client(|client| client.transport(ScriptedTransport::new()))
        .build()
        .unwrap();
    let error = without.call(GetMe::new()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
}

#[tokio::test]
async fn every_form_of_base_url_leads_to_the_same_routes() {
    for base in [
        "https://billing.example.net",
        "https://billing.example.net/",
        "https://billing.example.net/api",
        "https://billing.example.net/api/v1",
        "https://billing.example.net/api/v1/",
    ] {
        let transport = ScriptedTransport::new()
            .with(Reply::json(200, "[]"))
            .with(Reply::json(200, "{}"));
        let billing = Billing::builder(base)
            .with_client(|client| client.transport(transport.clone()))
            .build()
            .unwrap();
        billing.call(ListServers::new()).await.unwrap();
        let health = nextpanel_client::billing::GetBillingHealth::new();
        billing.call(health).await.unwrap();
        let paths: Vec<_> = transport
            .requests()
            .iter()
            .map(|request| request.uri.path().to_owned())
            .collect();
        assert_eq!(paths, ["/api/v1/nextpanel/servers", "/health"], "{base}");
    }
}
