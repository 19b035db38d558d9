//! API keys and webhooks (contract section 7). No route of mPanel accepts the keys made here.

mod key;
mod webhook;

use panel_http::{HttpMethod, Operation, Safety};
use provisioning_core::permission::Verb;

pub use self::{
    key::{ApiKey, ApiKeyId, CreateApiKey, CreatedApiKey, ListApiKeys, RevokeApiKey},
    webhook::{
        CreateWebhook, DeleteWebhook, ListWebhookDeliveries, ListWebhooks, UpdateWebhook, Webhook,
        WebhookDelivery, WebhookDeliveryId, WebhookId,
    },
};
use crate::{
    endpoints::{change, read, repeatable},
    route::Route,
};

pub(crate) const LIST: Operation = read("mpanel.list_api_keys", "/api/api-keys/keys");
/// Sent twice, it makes two; the secret is shown once.
pub(crate) const CREATE: Operation = change(
    "mpanel.create_api_key",
    HttpMethod::Post,
    "/api/api-keys/keys",
    Safety::Unsafe,
);
pub(crate) const REVOKE: Operation = repeatable(
    "mpanel.revoke_api_key",
    HttpMethod::Delete,
    "/api/api-keys/keys/{id}",
);
pub(crate) const WEBHOOKS: Operation = read("mpanel.list_webhooks", "/api/api-keys/webhooks");
pub(crate) const CREATE_WEBHOOK: Operation = change(
    "mpanel.create_webhook",
    HttpMethod::Post,
    "/api/api-keys/webhooks",
    Safety::Unsafe,
);
pub(crate) const UPDATE_WEBHOOK: Operation = repeatable(
    "mpanel.update_webhook",
    HttpMethod::Put,
    "/api/api-keys/webhooks/{id}",
);
pub(crate) const DELETE_WEBHOOK: Operation = repeatable(
    "mpanel.delete_webhook",
    HttpMethod::Delete,
    "/api/api-keys/webhooks/{id}",
);
pub(crate) const DELIVERIES: Operation = read(
    "mpanel.list_webhook_deliveries",
    "/api/api-keys/webhooks/{id}/deliveries",
);

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&LIST).asks(Verb::MpanelManageApiKeys),
    Route::both(&CREATE).asks(Verb::MpanelManageApiKeys),
    Route::both(&REVOKE).asks(Verb::MpanelManageApiKeys),
    Route::both(&WEBHOOKS).asks(Verb::MpanelManageApiKeys),
    Route::both(&CREATE_WEBHOOK).asks(Verb::MpanelManageApiKeys),
    Route::both(&UPDATE_WEBHOOK).asks(Verb::MpanelManageApiKeys),
    Route::both(&DELETE_WEBHOOK).asks(Verb::MpanelManageApiKeys),
    Route::both(&DELIVERIES).asks(Verb::MpanelManageApiKeys),
];
