use panel_http::{
    CredentialKind, Endpoint, HttpMethod, Kind, Preview, RawRequest, RequestBody, Safety,
    testing::ScriptedTransport,
};
use secrecy::SecretString;

use crate::endpoints::{Charge, CreateAccount, KEY, PASSWORD, SECRET, Suspend, builder, scripted};

#[test]
fn a_prepared_request_is_the_one_that_goes_out() {
    let transport = ScriptedTransport::new();
    let request = scripted(&transport)
        .prepare(&CreateAccount::acme())
        .unwrap();
    assert_eq!(request.method(), http::Method::POST);
    assert_eq!(request.uri(), "https://panel.example.com/api/v1/accounts");
    assert_eq!(request.headers()["x-api-key"], KEY);
    assert_eq!(request.headers()["x-api-secret"], SECRET);
    assert_eq!(request.headers()["content-type"], "application/json");
    let body: serde_json::Value = serde_json::from_slice(&request.body().expose_bytes()).unwrap();
    assert_eq!(
        body,
        serde_json::json!({"username": "acme1", "password": PASSWORD})
    );
    assert!(transport.requests().is_empty());
    assert!(!format!("{request:?}").contains("canary"));
}

#[test]
fn a_preview_shows_all_but_the_secrets() {
    let preview = scripted(&ScriptedTransport::new())
        .preview(&CreateAccount::acme())
        .unwrap();
    assert_eq!(
        preview.to_string(),
        "POST https://panel.example.com/api/v1/accounts\n\
         accept: application/json\n\
         content-type: application/json\n\
         x-api-key: [secret]\n\
         x-api-secret: [secret]\n\n\
         {\"username\":\"acme1\",\"password\":\"[secret]\"}"
    );
    let json = serde_json::to_string(&preview).unwrap();
    assert!(!json.contains("canary"), "{json}");
}

#[test]
fn a_request_that_no_endpoint_describes_is_previewed_too() {
    let body = RequestBody::object(|body| {
        body.field("name", "acme1")?;
        body.secret("password", &SecretString::from(PASSWORD))
    });
    let request = RawRequest::new(HttpMethod::Post, "/api/v1/odd", Safety::Unsafe)
        .credentials(&[CredentialKind::KeyPair])
        .body(body.unwrap());
    let transport = ScriptedTransport::new();
    let preview = scripted(&transport).preview_raw(request).unwrap();
    assert_eq!(
        preview.to_string(),
        "POST https://panel.example.com/api/v1/odd\n\
         accept: application/json\n\
         content-type: application/json\n\
         x-api-key: [secret]\n\
         x-api-secret: [secret]\n\n\
         {\"name\":\"acme1\",\"password\":\"[secret]\"}"
    );
    assert!(transport.requests().is_empty());
    let outside = RawRequest::new(HttpMethod::Get, "/a/../b", Safety::ReadOnly);
    let refused = scripted(&transport).preview_raw(outside).unwrap_err();
    assert_eq!(refused.kind(), Kind::Encode);
}

#[test]
fn values_not_known_yet_stay_readable() {
    let endpoint = Suspend {
        id: "{customer.id}".to_owned(),
    };
    let preview = scripted(&ScriptedTransport::new())
        .preview(&endpoint)
        .unwrap();
    assert_eq!(
        preview.url(),
        "https://panel.example.com/api/v1/accounts/{customer.id}/suspend"
    );
    assert_eq!(preview.body(), None);
}

#[test]
fn a_credential_a_login_would_bring_is_shown_as_secret() {
    let client = scripted(&ScriptedTransport::new());
    assert!(
        client
            .prepare(&Charge)
            .unwrap()
            .headers()
            .get("authorization")
            .is_none()
    );
    let preview = client.preview(&Charge).unwrap();
    assert!(preview.to_string().contains("authorization: [secret]"));
}

#[test]
fn a_request_that_cannot_be_made_is_not_prepared() {
    let client = scripted(&ScriptedTransport::new());
    let error = client.prepare(&Suspend { id: ".".to_owned() }).unwrap_err();
    assert_eq!(error.kind(), Kind::Encode);
    assert_eq!(error.operation(), Suspend::OPERATION.name);
}

#[test]
fn a_shared_secret_goes_into_its_own_header() {
    let client = builder("https://h")
        .secret_header("x-token", &SecretString::from("canary"))
        .build()
        .unwrap();
    let request = client.prepare(&Charge).unwrap();
    assert_eq!(request.headers()["x-token"], "canary");
    assert!(!Preview::of(&request).to_string().contains("canary"));
    assert!(
        Charge::OPERATION
            .credentials
            .contains(&CredentialKind::Bearer)
    );
}
