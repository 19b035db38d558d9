use http::{HeaderMap, StatusCode};
use panel_http::{
    Caps, Client, Delivery, Endpoint, Error, HttpMethod, Kind, RawRequest, Safety,
    testing::{Reply, ScriptedTransport},
};
use secrecy::SecretString;

use crate::endpoints::{Account, Charge, CreateAccount, ListAccounts, Suspend, builder, scripted};

async fn create(reply: Reply) -> Result<Account, Error> {
    scripted(&ScriptedTransport::new().with(reply))
        .call(&CreateAccount::acme())
        .await
}

#[tokio::test]
async fn an_answer_is_kept_with_everything_it_says() {
    let error = create(
        Reply::json(
            403,
            r#"{"detail":"The user doesn't have super admin privileges"}"#,
        )
        .with_header("x-request-id", "req-9"),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert_eq!(error.operation(), "create account");
    assert_eq!(error.method(), Some(HttpMethod::Post));
    assert_eq!(error.path(), Some("/api/v1/accounts"));
    assert_eq!(error.safety(), Some(Safety::NaturalKey));
    assert_eq!(error.status(), Some(StatusCode::FORBIDDEN));
    assert_eq!(error.request_id(), Some("req-9"));
    assert_eq!(error.delivery(), Delivery::Answered);
    assert_eq!(error.attempts().len(), 1);
    assert_eq!(
        error.to_string(),
        "create account: 403 Forbidden: The user doesn't have super admin privileges (request req-9)"
    );
}

#[tokio::test]
async fn pages_and_silence_keep_their_status() {
    let page = "<html><head><title>403 Forbidden</title></head></html>";
    let error = create(Reply::status(403).with_body(page))
        .await
        .unwrap_err();
    assert!(error.is_html());
    assert_eq!(error.server_message(), Some("403 Forbidden"));
    let error = create(Reply::status(418)).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Api);
    assert_eq!(error.to_string(), "create account: 418 I'm a teapot");
}

#[tokio::test]
async fn a_reply_that_cannot_be_read_names_the_place_and_not_the_value() {
    let error = create(Reply::json(201, r#"{"id":"canary"}"#))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Decode);
    assert_eq!(error.json_path(), Some("id"));
    assert_eq!(error.status(), Some(StatusCode::CREATED));
    assert_eq!(error.delivery(), Delivery::Answered);
    let printed = format!("{error} {error:?}");
    assert!(
        printed.contains("expected u64") && !printed.contains("canary"),
        "{printed}"
    );
    for body in ["", "<html>", "{\"id\":NaN}", "\u{feff}"] {
        let error = create(Reply::json(201, body)).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Decode, "{body}");
    }
    assert_eq!(
        create(Reply::json(201, "\u{feff}{\"id\":3}"))
            .await
            .unwrap()
            .id,
        3
    );
    let invalid = Reply::status(201).with_body(&b"{\"id\":\xff}"[..]);
    assert_eq!(create(invalid).await.unwrap_err().kind(), Kind::Decode);
}

#[tokio::test]
async fn a_failure_inside_a_success_is_told_as_the_endpoint_says() {
    let error = create(Reply::json(
        200,
        r#"{"success":false,"error":"No available servers"}"#,
    ))
    .await
    .unwrap_err();
    assert_eq!(error.kind(), Kind::Indeterminate);
    assert_eq!(error.server_message(), Some("No available servers"));
    assert_eq!(error.key(), Some("acme1"));
}

#[tokio::test]
async fn bodies_are_capped() {
    let client = |transport: &ScriptedTransport| {
        builder("https://h")
            .transport(transport.clone())
            .caps(Caps::default().with_body(100).with_error_body(40))
            .build()
            .unwrap()
    };
    let chunks = vec!["x".repeat(60).into(), "x".repeat(60).into()];
    let transport = ScriptedTransport::new()
        .with(Reply::status(200).with_chunks(chunks, std::time::Duration::ZERO));
    let error = client(&transport)
        .call(&ListAccounts { limit: None })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::TooLarge);
    assert_eq!(error.status(), Some(StatusCode::OK));

    let long = format!(r#"{{"error":"Not there","more":"{}"}}"#, "x".repeat(1000));
    let transport = ScriptedTransport::new().with(Reply::json(404, long));
    let error = client(&transport)
        .call(&ListAccounts { limit: None })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(error.server_message(), Some("Not there"));

    let exact = format!("[{}]", " ".repeat(98));
    let transport = ScriptedTransport::new().with(Reply::json(200, exact));
    assert!(
        client(&transport)
            .call(&ListAccounts { limit: None })
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn arguments_that_make_no_request_send_none() {
    let transport = ScriptedTransport::new();
    for id in ["", "..", "7/suspend", "7\r\nx: y"] {
        let endpoint = Suspend { id: id.to_owned() };
        let error = scripted(&transport).call(&endpoint).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Encode);
        assert_eq!(error.delivery(), Delivery::NotSent);
        assert!(error.attempts().is_empty());
    }
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn a_missing_credential_is_named_before_anything_is_sent() {
    let transport = ScriptedTransport::new();
    let error = scripted(&transport).call(&Charge).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.to_string().contains("no bearer token"), "{error}");
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn a_request_nobody_scripted_is_named() {
    let error = scripted(&ScriptedTransport::new())
        .call(&ListAccounts { limit: None })
        .await
        .unwrap_err();
    let source = std::error::Error::source(&error).unwrap();
    let cause = source.source().unwrap().to_string();
    assert_eq!(cause, "no reply is scripted for GET /api/v1/accounts");
}

#[test]
fn all_faults_of_a_set_up_are_reported_together() {
    let error = Client::builder("http://panel.example.com")
        .key_pair(&SecretString::from(""), &SecretString::from("x"))
        .max_concurrent_calls(0)
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    let text = error.to_string();
    for part in ["API key is empty", "concurrent", "plain http"] {
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn raw_requests_go_the_same_way() {
    let transport = ScriptedTransport::new()
        .with(Reply::json(200, "{}"))
        .with(Reply::json(404, r#"{"error":"Route not found"}"#));
    let client = scripted(&transport);
    let request = || {
        RawRequest::new(HttpMethod::Get, "/api/v1/new/", Safety::ReadOnly)
            .credentials(&[panel_http::CredentialKind::KeyPair])
            .query("a", "b c")
    };
    assert_eq!(client.raw(request()).await.unwrap().body(), b"{}");
    let error = client.raw(request()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "GET /api/v1/new/: 404 Not Found: Route not found"
    );
    let sent = &transport.requests()[0];
    assert_eq!(sent.uri, "https://panel.example.com/api/v1/new/?a=b+c");
    assert_eq!(sent.header("x-api-key"), crate::endpoints::KEY);
    let bad = RawRequest::new(HttpMethod::Get, "/a/../b", Safety::ReadOnly);
    assert_eq!(client.raw(bad).await.unwrap_err().kind(), Kind::Encode);
}

#[test]
fn tests_of_callers_can_make_the_error_of_any_reply() {
    let error = Error::from_reply(
        CreateAccount::OPERATION,
        StatusCode::UNPROCESSABLE_ENTITY,
        &HeaderMap::new(),
        br#"{"detail":[{"loc":["body","email"],"msg":"bad","input":"x"}],"body":{"password":"canary"}}"#,
    );
    assert_eq!(error.kind(), Kind::Validation);
    assert_eq!(error.field_errors()[0].field(), "email");
    assert!(!format!("{error:?}").contains("canary"));
}
