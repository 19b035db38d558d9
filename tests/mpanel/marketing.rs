//! `/api/marketing`

use std::time::Duration;

use mpanel_client::{
    api_keys::ApiKeyId,
    customers::CustomerId,
    marketing::{
        CheckCoupon, CreateCheckoutIntent, CreateMarketingAccount, CreateMarketingKey,
        GetCheckoutSession, GetCustomersReport, GetMarketingStatus, GetOrderStatus,
        GetProductAvailability, GetRevenueReport, GetSystemStatus, GetUsageReport,
        ListCustomerServices, ListMarketingCatalog, ListMarketingKeys, MarketingPath,
        ProvisionMarketingService, RegisterMarketingWebhook, RevokeMarketingKey, UpgradeService,
        marketing_api::{AccountReply, AccountRequest},
    },
    products::ProductId,
    subscriptions::PlanId,
    tasks::ServiceId,
};
use panel_http::Kind;
use secrecy::ExposeSecret;
use serde_json::json;

use super::{
    case::{CUSTOMER, KEY, PRODUCT, SERVICE, call, list},
    script::{asked, json as reply, script, with_login},
};

fn plan() -> PlanId {
    PlanId::text("starter")
}

#[tokio::test]
async fn statuses_and_reports_are_handed_on() {
    let status = call("marketing/status", GetMarketingStatus).await.unwrap();
    assert_eq!(status["status"], "operational");
    assert_eq!(
        call("marketing/system_status", GetSystemStatus)
            .await
            .unwrap()["api"],
        "up"
    );
    let rows = call("marketing/revenue_report", GetRevenueReport)
        .await
        .unwrap();
    assert_eq!(rows[0]["count"], "6");
    assert_eq!(
        call("marketing/customers_report", GetCustomersReport)
            .await
            .unwrap()
            .len(),
        1
    );
    assert_eq!(
        call("marketing/usage_report", GetUsageReport)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_coupon_is_worth_something_or_not_found() {
    let coupon = CheckCoupon::new("WELCOME10").set_plan(plan());
    let coupon = call("marketing/coupon", coupon).await.unwrap();
    assert_eq!(coupon.discount_value.unwrap().as_str(), "10");
    let error = call("marketing/coupon_over", CheckCoupon::new("WELCOME10"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(error.server_message(), Some("Coupon has expired"));
}

#[tokio::test]
async fn checkouts_are_begun_and_followed() {
    let plain = || CreateCheckoutIntent::new(plan(), "kim@buyer.example", "canary-secret".into());
    let intent = plain()
        .set_billing_cycle("monthly")
        .set_addons(vec!["addon-cdn".into()])
        .set_coupon("WELCOME10")
        .set_name("Kim", "Lee")
        .set_domain("register", "shop.example")
        .with_trial();
    assert!(!format!("{intent:?}").contains("canary"));
    let begun = call("marketing/checkout_intent", intent).await.unwrap();
    assert_eq!(begun.price.as_ref().unwrap().as_str(), "17.99");
    assert_eq!(begun.customer_id, Some(CustomerId::text(CUSTOMER)));
    let refused = plain().set_addons(vec!["addon-cdn".into()]);
    let error = call("marketing/checkout_intent_bad_addon", refused)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
    let session = || GetCheckoutSession("cs_1".into());
    assert_eq!(
        call("marketing/checkout_session", session()).await.unwrap()["status"],
        "paid"
    );
    let error = call("marketing/checkout_session_unknown", session())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.server().fact("sessionId")),
        (Kind::NotFound, Some("cs_1"))
    );
    let status = call("marketing/order_status", GetOrderStatus("cs_1".into()))
        .await
        .unwrap();
    assert_eq!(status["status"], "paid");
}

#[tokio::test]
async fn an_account_that_exists_is_a_conflict_that_names_the_customer() {
    let plain = || CreateMarketingAccount::new("kim@buyer.example", "Kim", "Lee");
    let create = plain()
        .set_plan(plan(), "monthly")
        .set_promo_code("WELCOME10")
        .set_source("site")
        .set_utm("utm_source", "ad");
    let made = call("marketing/create_account", create).await.unwrap();
    assert_eq!(made.customer_id, CustomerId::text(CUSTOMER));
    assert_eq!(
        made.reset_token.as_ref().unwrap().expose_secret(),
        "canary-reset"
    );
    assert!(!format!("{made:?}").contains("canary"));
    let error = call("marketing/create_account_again", plain())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert_eq!(error.server().fact("customerId"), Some(CUSTOMER));
}

#[tokio::test]
async fn services_are_provisioned_within_their_own_limit() {
    let provision = ProvisionMarketingService::for_email("kim@buyer.example", plan())
        .set_billing_cycle("monthly")
        .set_domain("shop.example")
        .set_auto_setup(true);
    let made = call("marketing/provision", provision).await.unwrap();
    assert_eq!(made["serviceId"], SERVICE);
    let provision = ProvisionMarketingService::for_customer(CustomerId::text(CUSTOMER), plan());
    let error = call("marketing/provision_rate_limited", provision)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(90)));
    let services = ListCustomerServices(CustomerId::text(CUSTOMER));
    let services = list("marketing/services", services).await.unwrap();
    assert_eq!(services[0].disk_used, Some(5));
    let upgrade = UpgradeService::new(ServiceId::text(SERVICE), PlanId::text("premium"));
    assert_eq!(
        call("marketing/upgrade", upgrade).await.unwrap()["id"],
        SERVICE
    );
}

#[tokio::test]
async fn the_catalog_is_read_and_webhooks_are_registered() {
    let products = list("marketing/catalog", ListMarketingCatalog)
        .await
        .unwrap();
    assert_eq!(products[0].price.as_ref().unwrap().as_str(), "19.99");
    let availability = GetProductAvailability(ProductId::text(PRODUCT));
    let availability = call("marketing/availability", availability).await.unwrap();
    assert_eq!(availability["available"], true);
    let hook = RegisterMarketingWebhook::new(
        "https://hooks.example/m".parse().unwrap(),
        vec!["order.paid".into()],
    )
    .set_secret("canary-hook".into());
    assert_eq!(
        call("marketing/register_webhook", hook).await.unwrap()["id"],
        "wh-1"
    );
}

#[tokio::test]
async fn marketing_keys_are_kept() {
    let keys = list("marketing/keys", ListMarketingKeys).await.unwrap();
    assert_eq!(keys[0].scope.as_deref(), Some("marketing"));
    let made = call(
        "marketing/create_key",
        CreateMarketingKey::new("site").set_days(30),
    )
    .await
    .unwrap();
    assert_eq!(made.secret.expose_secret(), "mk_canary");
    let error = call(
        "marketing/create_key_forbidden",
        CreateMarketingKey::new("site"),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    call(
        "marketing/revoke_key",
        RevokeMarketingKey(ApiKeyId::text(KEY)),
    )
    .await
    .unwrap();
}

#[test]
fn the_shapes_nobody_serves_are_read_and_written() {
    let sent = json!({
        "email": "kim@buyer.example", "name": "Kim Lee", "plan_type": "shared",
        "resources": {"disk_quota_mb": 10240, "bandwidth_quota_mb": -1},
        "source": "marketing_website", "stripe_customer_id": "cus_77",
        "metadata": {"created_via": "stripe_checkout"},
    });
    let request: AccountRequest = serde_json::from_value(sent.clone()).unwrap();
    assert_eq!(request.plan_type.as_deref(), Some("shared"));
    assert_eq!(serde_json::to_value(&request).unwrap(), sent);
    assert!(!format!("{request:?}").contains("kim@"));
    let reply: AccountReply =
        serde_json::from_value(json!({"tenant_id": "t", "user_id": "u", "reset_token": "canary"}))
            .unwrap();
    assert!(!format!("{reply:?}").contains("canary"));
}

#[tokio::test]
async fn the_second_spelling_of_the_path_has_the_same_routes() {
    let answers = || {
        vec![
            reply(
                200,
                &json!({"success": true, "data": {"status": "operational"}}),
            ),
            reply(200, &json!({"success": true, "data": [], "count": 0})),
            reply(404, &json!({"error": "Route not found"})),
        ]
    };
    for (path, begin) in [
        (MarketingPath::default(), "/api/marketing/"),
        (MarketingPath::MarketingApi, "/api/marketing-api/"),
    ] {
        let transport = script(mpanel_client::Generation::TypeScript, answers());
        let client = with_login(&transport)
            .marketing_key(&"mk_of-the-site".into())
            .marketing_path(path)
            .build()
            .unwrap();
        client.call(GetMarketingStatus).await.unwrap();
        client.list(ListMarketingCatalog).collect().await.unwrap();
        let services = ListCustomerServices(CustomerId::text(CUSTOMER));
        let error = client.list(services).collect().await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotImplemented, "{error}");
        assert_eq!(
            asked(&transport)[1..],
            [
                format!("GET {begin}status/public"),
                format!("GET {begin}products/catalog"),
                format!("GET {begin}customers/{CUSTOMER}/services"),
            ]
        );
    }
}
