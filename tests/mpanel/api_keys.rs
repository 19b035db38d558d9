//! `/api/api-keys`

use mpanel_client::api_keys::{
    ApiKeyId, CreateApiKey, CreateWebhook, DeleteWebhook, ListApiKeys, ListWebhookDeliveries,
    ListWebhooks, RevokeApiKey, UpdateWebhook, WebhookId,
};
use secrecy::ExposeSecret;

use super::case::{KEY, call, list};

#[tokio::test]
async fn a_keys_secret_is_shown_once_and_never_printed() {
    let keys = list("api_keys/list", ListApiKeys).await.unwrap();
    assert_eq!(keys[0].id, ApiKeyId::text(KEY));
    let create = CreateApiKey::new("ci")
        .set_permissions(vec!["read".into()])
        .set_expires_at("2028-01-01T00:00:00Z".parse().unwrap());
    let made = call("api_keys/create", create).await.unwrap();
    assert_eq!(made.secret.expose_secret(), "mpanel_canary");
    assert!(!format!("{made:?}").contains("canary"));
    let done = call("api_keys/revoke", RevokeApiKey(ApiKeyId::text(KEY)))
        .await
        .unwrap();
    assert_eq!(
        done.message.as_deref(),
        Some("API key revoked successfully")
    );
}

#[tokio::test]
async fn webhooks_have_numbers_for_ids_and_leak_their_secret() {
    let hooks = list("api_keys/webhooks", ListWebhooks).await.unwrap();
    assert_eq!(hooks[0].id.as_number(), Some(12));
    assert_eq!(
        hooks[0].secret.as_ref().unwrap().expose_secret(),
        "canary-hook"
    );
    assert!(!format!("{hooks:?}").contains("canary"));
    let url = |path: &str| format!("https://hooks.example/{path}").parse().unwrap();
    let create = CreateWebhook::new(url("h"), vec!["server.created".into()])
        .set_secret("canary-hook".into());
    call("api_keys/create_webhook", create).await.unwrap();
    let update = UpdateWebhook::new(WebhookId::number(12))
        .set_url(url("h2"))
        .set_events(vec!["order.paid".into()])
        .set_enabled(false);
    assert_eq!(
        call("api_keys/update_webhook", update)
            .await
            .unwrap()
            .enabled,
        Some(false)
    );
    let deliveries = list(
        "api_keys/deliveries",
        ListWebhookDeliveries(WebhookId::number(12)),
    )
    .await
    .unwrap();
    assert_eq!(deliveries[0].response_status, Some(502));
    call(
        "api_keys/delete_webhook",
        DeleteWebhook(WebhookId::number(12)),
    )
    .await
    .unwrap();
}
