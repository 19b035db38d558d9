//! Logging in: two token shapes, two lifetimes, and refusals that are none.

use std::time::Duration;

use mpanel_client::{
    Generation, Mpanel,
    customers::{CustomerId, GetCustomer, ListCustomers},
    products::ListProducts,
};
use panel_http::{
    Kind,
    testing::{Reply, ScriptedTransport},
};
use serde_json::json;

use super::{
    case::{CUSTOMER, LEGACY_TOKEN, TYPESCRIPT_TOKEN},
    script::{asked, json as reply, log_in, script, with_login},
};

fn customer() -> Reply {
    reply(200, &json!({"success": true, "customer": {"id": CUSTOMER}}))
}

fn get() -> GetCustomer {
    GetCustomer(CustomerId::text(CUSTOMER))
}

#[tokio::test]
async fn both_token_shapes_are_used_as_bearer() {
    for (generation, token) in [
        (Generation::Legacy, LEGACY_TOKEN),
        (Generation::TypeScript, TYPESCRIPT_TOKEN),
    ] {
        let transport = script(generation, vec![customer(), customer()]);
        let client = with_login(&transport).build().unwrap();
        client.call(get()).await.unwrap();
        client.call(get()).await.unwrap();
        let requests = transport.requests();
        assert_eq!(requests.len(), 3, "one login serves both");
        assert_eq!(
            requests[2].header("authorization"),
            format!("Bearer {token}")
        );
        assert!(!format!("{client:?}").contains("of-the-operator"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_typescript_token_is_renewed_after_its_fifteen_minutes_and_a_legacy_one_lives_a_week() {
    let renewed = reply(
        200,
        &json!({"accessToken": TYPESCRIPT_TOKEN, "refreshToken": "r-2", "expiresIn": 900}),
    );
    let transport = script(
        Generation::TypeScript,
        vec![customer(), renewed, customer()],
    );
    let client = with_login(&transport).build().unwrap();
    client.call(get()).await.unwrap();
    tokio::time::advance(Duration::from_secs(901)).await;
    client.call(get()).await.unwrap();
    assert_eq!(asked(&transport)[2], "POST /api/auth/refresh");
    assert_eq!(transport.requests()[2].json()["refreshToken"], "refresh-me");

    let transport = script(
        Generation::Legacy,
        vec![
            customer(),
            customer(),
            log_in(Generation::Legacy),
            customer(),
        ],
    );
    let client = with_login(&transport).build().unwrap();
    client.call(get()).await.unwrap();
    tokio::time::advance(Duration::from_secs(6 * 24 * 60 * 60)).await;
    client.call(get()).await.unwrap();
    tokio::time::advance(Duration::from_secs(2 * 24 * 60 * 60)).await;
    client.call(get()).await.unwrap();
    assert_eq!(
        asked(&transport)
            .iter()
            .filter(|asked| asked.ends_with("/login"))
            .count(),
        2
    );
}

#[tokio::test]
async fn a_403_that_says_expired_is_expiry_and_the_request_is_sent_again() {
    let expired = reply(403, &json!({"error": "Invalid or expired token"}));
    let transport = script(
        Generation::Legacy,
        vec![expired, log_in(Generation::Legacy), customer()],
    );
    let client = with_login(&transport).build().unwrap();
    client.call(get()).await.unwrap();
    assert_eq!(transport.requests().len(), 4);
}

#[tokio::test]
async fn a_token_refused_twice_is_not_signed_in_and_no_third_login_is_tried() {
    let expired = || reply(403, &json!({"error": "Invalid or expired token"}));
    let transport = script(
        Generation::Legacy,
        vec![expired(), log_in(Generation::Legacy), expired()],
    );
    let client = with_login(&transport).build().unwrap();
    let error = client.call(get()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert_eq!(transport.requests().len(), 4);
}

#[tokio::test]
async fn any_other_403_is_denied_at_once() {
    let transport = script(
        Generation::Legacy,
        vec![reply(403, &json!({"error": "Insufficient permissions"}))],
    );
    let client = with_login(&transport).build().unwrap();
    assert_eq!(client.call(get()).await.unwrap_err().kind(), Kind::Denied);
    assert_eq!(transport.requests().len(), 2);
}

#[tokio::test]
async fn a_broken_login_check_never_leads_to_another_login() {
    let broken =
        json!({"error": "Internal server error", "message": "Authentication check failed"});
    let transport = script(
        Generation::TypeScript,
        vec![reply(500, &broken), reply(500, &broken)],
    );
    let client = with_login(&transport).build().unwrap();
    for _ in 0..2 {
        let error = client.list(ListProducts).collect().await.unwrap_err();
        assert_eq!(error.kind(), Kind::Api);
        assert!(
            error.to_string().contains("login check is broken"),
            "{error}"
        );
    }
    assert_eq!(transport.requests().len(), 3);
}

#[tokio::test]
async fn a_500_is_never_repeated_because_it_means_bad_input() {
    let transport = script(
        Generation::Legacy,
        vec![reply(500, &json!({"success": false, "error": "boom"}))],
    );
    let client = with_login(&transport).build().unwrap();
    let error = client.list(ListCustomers).collect().await.unwrap_err();
    assert_eq!((error.kind(), transport.requests().len()), (Kind::Api, 2));
}

#[tokio::test]
async fn a_login_that_is_refused_is_the_calls_error() {
    let refused = || reply(401, &json!({"error": "Invalid credentials"}));
    let transport = ScriptedTransport::new().with(refused()).with(refused());
    let client = with_login(&transport).build().unwrap();
    let error = client.call(get()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.operation()),
        (Kind::Auth, "mpanel.get_customer")
    );
    assert!(error.to_string().contains("Invalid credentials"), "{error}");
    assert_eq!(client.session().await.unwrap_err().kind(), Kind::Auth);
}

#[tokio::test]
async fn a_token_from_elsewhere_is_used_as_it_is() {
    let transport = ScriptedTransport::new().with(customer());
    let client = super::script::builder(&transport)
        .token(&LEGACY_TOKEN.into())
        .build()
        .unwrap();
    let session = client.session().await.unwrap();
    assert_eq!(
        (session.role(), session.generation()),
        (Some("admin"), Some(Generation::Legacy))
    );
    client.call(get()).await.unwrap();
    assert_eq!(
        asked(&transport),
        [format!("GET /api/customers/{CUSTOMER}")]
    );
}

#[tokio::test]
async fn a_client_without_login_says_so() {
    let transport = ScriptedTransport::new();
    let client = super::script::builder(&transport).build().unwrap();
    for error in [
        client.call(get()).await.unwrap_err(),
        client.session().await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Config, "{error}");
    }
    assert!(transport.requests().is_empty());
}

#[test]
fn what_cannot_be_used_is_found_when_the_client_is_built() {
    for error in [
        Mpanel::builder("ftp://panel.hoster.example")
            .build()
            .unwrap_err(),
        Mpanel::builder("http://panel.hoster.example")
            .build()
            .unwrap_err(),
        Mpanel::builder("https://panel.hoster.example")
            .token(&"can\nary".into())
            .build()
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), Kind::Config);
        assert!(!error.to_string().contains("nary"), "{error}");
    }
}
