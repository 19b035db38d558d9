//! One's own subscriptions.

use nextpanel_client::billing::{
    BillingCycle, CancelAtPeriodEnd, CancelNow, ChangeSubscriptionPlan, GetSubscription,
    ListSubscriptions, NewSubscription, ReactivateSubscription, Subscribed, SubscriptionStatus,
};
use panel_http::Kind;
use serde_json::json;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::billing_customers::{LICENCE, PLAN, SUBSCRIPTION};
use super::billing_login::logged_in;
use super::exchange::{Exchange, golden};

#[tokio::test]
async fn subscriptions_are_listed_read_and_changed() {
    let list = golden("billing.list_subscriptions", ListSubscriptions::new()).await;
    assert_eq!(list.unwrap().len(), 1);
    let subscription = golden(
        "billing.get_subscription",
        GetSubscription::new(SUBSCRIPTION),
    )
    .await;
    assert_eq!(subscription.unwrap().id.as_str(), SUBSCRIPTION);
    let change = ChangeSubscriptionPlan::new(SUBSCRIPTION, PLAN);
    golden("billing.change_subscription_plan", change)
        .await
        .unwrap();
    let reactivate = ReactivateSubscription::new(SUBSCRIPTION);
    golden("billing.reactivate_subscription", reactivate)
        .await
        .unwrap();
}

#[tokio::test]
async fn running_out_and_ending_at_once_are_two_requests() {
    let run_out = CancelAtPeriodEnd::new(SUBSCRIPTION).set_reason("moving");
    let still = golden("billing.cancel_subscription", run_out)
        .await
        .unwrap();
    assert_eq!(still.status, SubscriptionStatus::Active);
    let ended = golden(
        "billing.cancel_subscription.now",
        CancelNow::new(SUBSCRIPTION),
    )
    .await;
    assert_eq!(ended.unwrap().status, SubscriptionStatus::Cancelled);
}

#[tokio::test]
async fn subscribing_looks_up_first() {
    let exchange = Exchange::of("billing.create_subscription");
    let new = NewSubscription::new(PLAN, BillingCycle::Monthly);
    let billing = exchange.billing();
    let Subscribed::New(subscription) = billing.subscribe(&new).await.unwrap() else {
        panic!("not new");
    };
    exchange.assert_golden();
    assert!(subscription.id.as_str().ends_with("99"));
}

#[tokio::test]
async fn a_licence_that_is_subscribed_already_is_not_subscribed_again() {
    let exchange = Exchange::of("billing.create_subscription");
    let new = NewSubscription::new(PLAN, BillingCycle::Monthly).set_license_id(LICENCE);
    let existing = exchange.billing().subscribe(&new).await.unwrap();
    assert!(matches!(existing, Subscribed::Existing(known) if known.id.as_str() == SUBSCRIPTION));
    assert_eq!(exchange.requests().len(), 1, "only the look-up was sent");
}

/// A backend whose second subscription for a plan is a 500.
async fn backend(subscriptions: serde_json::Value, create: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/api/v1/subscriptions/"))
        .respond_with(ResponseTemplate::new(200).set_body_json(subscriptions))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/api/v1/subscriptions/"))
        .respond_with(create)
        .mount(&server)
        .await;
    server
}

fn row(id: &str) -> serde_json::Value {
    json!({"id": id, "license_id": format!("l-{id}"), "status": "active"})
}

fn duplicate() -> ResponseTemplate {
    let text =
        "Internal server error: UNIQUE constraint failed: subscriptions.stripe_subscription_id";
    ResponseTemplate::new(500).set_body_json(json!({"detail": text}))
}

fn posts(requests: &[wiremock::Request]) -> usize {
    let is_create = |request: &&wiremock::Request| {
        request.method == http::Method::POST && request.url.path().ends_with("/subscriptions/")
    };
    requests.iter().filter(is_create).count()
}

#[tokio::test]
async fn the_500_of_a_second_subscription_is_a_refusal_and_not_an_unknown_outcome() {
    let server = backend(json!([row("s-1")]), duplicate()).await;
    let billing = logged_in(&server).await;
    let new = NewSubscription::new(PLAN, BillingCycle::Monthly);
    let Subscribed::Refused { existing } = billing.subscribe(&new).await.unwrap() else {
        panic!("not refused");
    };
    assert_eq!(existing[0].id.as_str(), "s-1");
    assert_eq!(posts(&server.received_requests().await.unwrap()), 1);
}

#[tokio::test]
async fn a_subscription_that_appeared_in_spite_of_a_500_is_found() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/api/v1/subscriptions/"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([row("s-1")])))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/api/v1/subscriptions/"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([row("s-1"), row("s-2")])))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/api/v1/subscriptions/"))
        .respond_with(duplicate())
        .mount(&server)
        .await;
    let billing = logged_in(&server).await;
    let new = NewSubscription::new(PLAN, BillingCycle::Monthly);
    let found = billing.subscribe(&new).await.unwrap();
    assert!(matches!(found, Subscribed::New(row) if row.id.as_str() == "s-2"));
}

#[tokio::test]
async fn what_this_client_subscribed_to_is_not_asked_for_twice() {
    let created = ResponseTemplate::new(201).set_body_json(row("s-1"));
    let server = backend(json!([row("s-1")]), created).await;
    let billing = logged_in(&server).await;
    let new = NewSubscription::new(PLAN, BillingCycle::Monthly);
    assert!(matches!(
        billing.subscribe(&new).await.unwrap(),
        Subscribed::New(_)
    ));
    assert!(matches!(
        billing.subscribe(&new).await.unwrap(),
        Subscribed::Existing(_)
    ));
    assert_eq!(posts(&server.received_requests().await.unwrap()), 1);
    let yearly = NewSubscription::new(PLAN, BillingCycle::Yearly);
    billing.subscribe(&yearly).await.unwrap();
    assert_eq!(posts(&server.received_requests().await.unwrap()), 2);
}

#[tokio::test]
async fn a_lost_answer_is_never_sent_again() {
    let gateway = ResponseTemplate::new(502).set_body_string("<html>502</html>");
    let server = backend(json!([]), gateway).await;
    let billing = logged_in(&server).await;
    let new = NewSubscription::new(PLAN, BillingCycle::Monthly);
    let error = billing.subscribe(&new).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Indeterminate);
    assert_eq!(posts(&server.received_requests().await.unwrap()), 1);
}
