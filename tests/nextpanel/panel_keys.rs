//! API keys.

use nextpanel_client::panel::{CreateApiKey, Panel};
use panel_http::Kind;
use provisioning_core::permission::PermissionLevel;
use secrecy::ExposeSecret;
use serde_json::json;

use super::exchange::Exchange;

fn shop() -> CreateApiKey {
    CreateApiKey::new("shop", PermissionLevel::SuperAdmin)
        .set_allowed_ips(vec!["198.51.100.20".parse().unwrap()])
        .set_rate_limit(5_000, 50_000)
}

#[tokio::test]
async fn a_key_is_created_by_an_administrator_and_shown_once_as_secrets() {
    let exchange = Exchange::of("panel.create_api_key");
    let created = exchange.panel().call(shop()).await.unwrap();
    exchange.assert_golden();
    let credentials = &created.credentials;
    assert!(credentials.key().expose_secret().starts_with("npk_made"));
    assert!(credentials.secret().expose_secret().starts_with("nps_made"));
    let printed = format!("{created:?} {credentials:?}");
    assert!(!printed.contains("made0"), "{printed}");
}

#[tokio::test]
async fn a_key_whose_secret_is_lost_is_indeterminate_and_not_asked_for_again() {
    for body in [
        json!({"key_id": "npk_x"}),
        json!({"key_id": "npk_x", "key_secret": null}),
        json!({"key_id": "npk_x", "key_secret": ""}),
        json!({"key_secret": "nps_canary"}),
    ] {
        let exchange = Exchange::with_last_reply("panel.create_api_key", 201, body);
        let error = exchange.panel().call(shop()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Indeterminate);
        assert!(!format!("{error:?}").contains("canary"));
        assert_eq!(exchange.requests().len(), 2);
    }
}

#[tokio::test]
async fn without_an_administrators_login_nothing_is_sent() {
    let panel = Panel::without_key("http://127.0.0.1:9").no_proxy();
    let error = panel.build().unwrap().call(shop()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.attempts().is_empty());
}

#[tokio::test]
async fn a_level_the_panel_does_not_know_is_refused_before_sending() {
    let exchange = Exchange::of("panel.create_api_key");
    let odd = CreateApiKey::new("shop", PermissionLevel::Unknown("galactic".to_owned()));
    let error = exchange.panel().call(odd).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Encode);
    assert!(exchange.requests().is_empty());
}
