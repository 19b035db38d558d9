//! `/api/billing/subscriptions`, TypeScript

use mpanel_client::{
    subscriptions::{SubscriptionId, SubscriptionStatus},
    tenant_subscriptions::{
        ActivateTenantSubscription, CancelTenantSubscription, GetTenantSubscription,
        ListTenantSubscriptions,
    },
};
use panel_http::Kind;

use super::case::{SUBSCRIPTION, call, list};

fn id() -> SubscriptionId {
    SubscriptionId::text(SUBSCRIPTION)
}

#[tokio::test]
async fn subscriptions_are_read_and_settled() {
    let rows = list("tenant_subscriptions/list", ListTenantSubscriptions)
        .await
        .unwrap();
    assert_eq!(rows[0].price.as_ref().unwrap().as_str(), "49.99");
    let row = call("tenant_subscriptions/get", GetTenantSubscription(id()))
        .await
        .unwrap();
    assert_eq!(row.status, Some(SubscriptionStatus::Active));
    call(
        "tenant_subscriptions/activate",
        ActivateTenantSubscription(id()),
    )
    .await
    .unwrap();
    // Cancelled at the end of its period, it is active until then.
    let cancel = CancelTenantSubscription::at_period_end(id());
    let row = call("tenant_subscriptions/cancel", cancel).await.unwrap();
    assert_eq!(row.status, Some(SubscriptionStatus::Active));
}

#[tokio::test]
async fn the_nested_error_is_read_and_a_bad_id_is_told_as_such() {
    let error = call(
        "tenant_subscriptions/get_unknown",
        GetTenantSubscription(id()),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(error.server_message(), Some("Subscription not found"));
    assert_eq!(error.server().code(), Some("NOT_FOUND"));
    let bad = GetTenantSubscription(SubscriptionId::text("x"));
    let error = call("tenant_subscriptions/get_bad_id", bad)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
}
