//! `/api/subscriptions`

use jiff::civil::date;
use mpanel_client::{
    Generation, TenantId,
    customers::CustomerId,
    products::ProductId,
    subscriptions::{
        CancelSubscription, ChangePlan, CreateSubscription, GetSubscription, ListPlans,
        ListSubscriptions, PlanId, ReactivateSubscription, SubscribeByStripe, SubscriptionId,
        SubscriptionStatus, SuspendSubscription, UpdateSubscription,
    },
};
use panel_http::{Delivery, Kind, testing::Reply};
use provisioning_core::{
    money::{Currency, Money},
    plan::id::Mark,
    status::ProvisioningState,
};
use serde_json::json;

use super::{
    case::{CUSTOMER, PRODUCT, SUBSCRIPTION, TENANT, call, list},
    script::{asked, json as reply, script, with_login},
};

const MARK: &str = "6f1c4a52-5d3b-5e0e-9b1a-3c5d7e9f1a2b";

fn id() -> SubscriptionId {
    SubscriptionId::text(SUBSCRIPTION)
}

fn mark() -> Mark {
    serde_json::from_value(json!(MARK)).unwrap()
}

fn create() -> CreateSubscription {
    CreateSubscription::new(
        CustomerId::text(CUSTOMER),
        ProductId::text(PRODUCT),
        "monthly",
        Money::from_minor(4999, Currency::USD),
    )
    .set_next_billing_date(date(2027, 4, 4))
    .set_metadata("order", "pi_7")
    .set_mark(mark())
}

#[tokio::test]
async fn a_customers_subscriptions_are_listed_statuses_without_regard_to_case() {
    let wanted =
        ListSubscriptions::of(CustomerId::text(CUSTOMER)).with_status(SubscriptionStatus::Active);
    let rows = list("subscriptions/list", wanted).await.unwrap();
    assert_eq!(rows[0].status, Some(SubscriptionStatus::Active));
    assert_eq!(rows[0].product_name.as_deref(), Some("WP Growth"));
}

#[tokio::test]
async fn a_subscription_is_read_with_our_mark() {
    let row = call("subscriptions/get", GetSubscription(id()))
        .await
        .unwrap();
    assert!(row.carries(mark()));
    assert_eq!(row.price.as_ref().unwrap().as_str(), "49.99");
    assert_eq!(row.status, Some(SubscriptionStatus::PendingProvisioning));
    assert_eq!(row.status.unwrap().state(), ProvisioningState::Pending);
    assert_eq!(
        row.next_billing_date.unwrap().to_string(),
        "2027-04-04T05:00:00Z"
    );
}

#[tokio::test]
async fn a_500_for_an_id_that_is_no_uuid_is_the_callers_doing_and_others_are_not() {
    let error = call(
        "subscriptions/get_bad_id",
        GetSubscription(SubscriptionId::text("7")),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
    assert!(error.to_string().contains("\"7\" is no UUID"), "{error}");
    let error = call("subscriptions/get_broken", GetSubscription(id()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Api);
}

#[tokio::test]
async fn plans_are_listed() {
    let plans = list("subscriptions/plans", ListPlans).await.unwrap();
    assert_eq!(plans[0].id, PlanId::text("wp-growth"));
    assert_eq!(plans[0].price.as_ref().unwrap().as_str(), "49.99");
    assert_eq!(plans[0].billing_cycle.as_deref(), Some("monthly"));
}

#[tokio::test]
async fn a_subscription_is_created_with_exact_price_and_mark() {
    let tenant = TenantId::text(TENANT);
    let made = call(
        "subscriptions/create",
        create().set_tenant_id(tenant.clone()),
    )
    .await
    .unwrap();
    assert_eq!(made.id, id());
    assert_eq!(made.status, Some(SubscriptionStatus::Active));
    let error = call(
        "subscriptions/create_of_nobody",
        create().set_tenant_id(tenant),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
    assert!(error.to_string().contains("does not exist"), "{error}");
}

#[tokio::test]
async fn a_typescript_login_names_its_tenant_because_the_handler_reads_none_from_its_token() {
    for (generation, tenant) in [
        (Generation::Legacy, json!(null)),
        (Generation::TypeScript, json!(TENANT)),
    ] {
        let made = json!({"id": SUBSCRIPTION, "customer_id": CUSTOMER, "status": "active"});
        let transport = script(generation, vec![reply(201, &made)]);
        let client = with_login(&transport).build().unwrap();
        client.create_subscription(create()).await.unwrap();
        assert_eq!(
            asked(&transport),
            ["POST /api/auth/login", "POST /api/subscriptions"]
        );
        assert_eq!(
            transport.requests()[1].json()["tenantId"],
            tenant,
            "{generation}"
        );
    }
}

#[tokio::test]
async fn a_lost_reply_to_a_creation_names_the_mark_and_the_list_finds_it() {
    let rows = json!([
        {"id": "s-1", "customer_id": CUSTOMER, "metadata": null},
        {"id": "s-2", "customer_id": CUSTOMER, "metadata": {"provisioning_mark": MARK.to_uppercase()}},
    ]);
    let transport = script(
        Generation::Legacy,
        vec![
            Reply::fault(panel_http::TransportFault::Timeout),
            reply(200, &rows),
        ],
    );
    let client = with_login(&transport).build().unwrap();
    let error = client.create_subscription(create()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.key()),
        (Kind::Indeterminate, Some(MARK))
    );
    let found = client
        .find_created_subscription(&CustomerId::text(CUSTOMER), mark())
        .await
        .unwrap();
    assert_eq!(found.searched, 2);
    assert_eq!(found.subscriptions.len(), 1);
    assert_eq!(found.subscriptions[0].id, SubscriptionId::text("s-2"));
}

#[tokio::test]
async fn a_row_of_another_customer_is_not_taken_for_ours() {
    let made = json!({"id": SUBSCRIPTION, "customer_id": "c-9"});
    let transport = script(Generation::Legacy, vec![reply(201, &made)]);
    let client = with_login(&transport).build().unwrap();
    let error = client.create_subscription(create()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.json_path()),
        (Kind::Decode, Some("customer_id"))
    );
}

#[tokio::test]
async fn an_update_sends_what_changes_and_an_empty_one_is_not_sent() {
    let update = UpdateSubscription::new(id())
        .set_status(SubscriptionStatus::PendingProvisioning)
        .set_price(Money::from_minor(950, Currency::USD))
        .set_billing_cycle("annually")
        .set_next_billing_date(date(2028, 3, 4))
        .set_auto_renew(false);
    let row = call("subscriptions/update", update).await.unwrap();
    assert_eq!(row.status, Some(SubscriptionStatus::PendingProvisioning));
    let transport = script(Generation::Legacy, vec![]);
    let client = with_login(&transport).build().unwrap();
    let error = client
        .call(UpdateSubscription::new(id()))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (Kind::Encode, Delivery::NotSent)
    );
}

#[tokio::test]
async fn subscriptions_are_cancelled_suspended_and_reactivated() {
    let row = call("subscriptions/cancel", CancelSubscription(id()))
        .await
        .unwrap();
    assert_eq!(row.status, Some(SubscriptionStatus::Cancelled));
    let row = call("subscriptions/suspend", SuspendSubscription(id()))
        .await
        .unwrap();
    assert_eq!(row.status, Some(SubscriptionStatus::Suspended));
    let row = call("subscriptions/reactivate", ReactivateSubscription(id()))
        .await
        .unwrap();
    assert_eq!(row.status, Some(SubscriptionStatus::Active));
}

#[tokio::test]
async fn plans_are_changed_and_subscribed_to() {
    call(
        "subscriptions/change_plan",
        ChangePlan::new(id(), PlanId::text("vps-pro")),
    )
    .await
    .unwrap();
    let subscribe = || SubscribeByStripe::new(PlanId::text("wp-growth"), "pm_1");
    assert_eq!(
        call("subscriptions/by_stripe", subscribe())
            .await
            .unwrap()
            .id,
        id()
    );
    let error = call("subscriptions/by_stripe_unknown_plan", subscribe())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_500_on_cancel_is_not_found_only_where_a_read_says_so() {
    let failed = json!({"error": "Failed to cancel subscription"});
    for (read, kind) in [
        (
            reply(404, &json!({"error": "Subscription not found"})),
            Kind::NotFound,
        ),
        (
            reply(200, &json!({"id": SUBSCRIPTION})),
            Kind::Indeterminate,
        ),
        (
            Reply::fault(panel_http::TransportFault::Configuration),
            Kind::Indeterminate,
        ),
    ] {
        let transport = script(Generation::Legacy, vec![reply(500, &failed), read]);
        let client = with_login(&transport).build().unwrap();
        let error = client.cancel_subscription(&id()).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.operation(), "mpanel.cancel_subscription");
        assert_eq!(transport.requests().len(), 3);
    }
}
