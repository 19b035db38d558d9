//! The doors an order comes in by.

use mpanel_client::{
    Generation,
    customers::CustomerId,
    jobs::{JobId, JobKind},
    order_entries::{
        CartItem, CompletedItem, CreatedItem, OrderCreated, OrderWebhook, StripeCompleted,
        StripePayment,
    },
    orders::{OrderId, OrderStatus},
    subscriptions::{SubscriptionId, SubscriptionStatus},
};
use panel_http::{
    Delivery, Kind, TransportFault,
    testing::{Reply, ScriptedTransport},
};
use provisioning_core::money::{Currency, Money};
use serde_json::json;

use super::{
    case::{CUSTOMER, JOB, ORDER, SUBSCRIPTION, call},
    script::{asked, builder, json as reply, script, with_login},
};

fn usd(cents: u64) -> Money {
    Money::from_minor(cents, Currency::USD)
}

fn payment() -> StripePayment {
    let cart = [
        CartItem::new("starter", "Starter", usd(1999))
            .set_billing_cycle("monthly")
            .set_type("hosting"),
        CartItem::new("wp_growth", "WP Growth", usd(4999)),
    ];
    StripePayment::new("pi_7", usd(6998), cart)
        .set_customer("kim@buyer.example", Some("Kim Lee".into()))
        .set_metadata("domain", "shop.example")
        .set_created_at("2027-03-04T05:06:07Z".parse().unwrap())
}

fn completed() -> StripeCompleted {
    let items = [
        CompletedItem::new("starter")
            .set_domain("shop.example")
            .set_notes("soon"),
        CompletedItem::new("wp_growth"),
    ];
    StripeCompleted::new("kim@buyer.example", items)
        .set_customer_name(Some("Kim Lee".into()))
        .set_stripe_customer_id(Some("cus_77".into()))
        .set_payment_intent(Some("pi_7".into()))
}

fn webhook() -> OrderWebhook {
    OrderWebhook::new("hoster", "kim@buyer.example", "starter-monthly", usd(1999))
        .set_customer(Some("Kim Lee".into()), Some("+43 1 555".into()))
        .set_payment_intent("pi_7")
        .set_session("cs_7")
        .set_domain("shop.example")
        .set_metadata("notes", "soon")
}

fn created() -> OrderCreated {
    let items = [
        CreatedItem::new("starter", "hosting"),
        CreatedItem::new("domain_registration", "domain").set_domain("shop.example"),
    ];
    OrderCreated::new("hoster.example", "kim@buyer.example", items)
        .set_customer_name(Some("Kim Lee".into()))
        .set_stripe(Some("cus_77".into()), Some("sub_88".into()))
}

#[tokio::test]
async fn both_replies_of_a_payment_are_the_same_order() {
    let first = call("order_entries/stripe", payment()).await.unwrap();
    assert_eq!(
        (first.order_id.clone(), first.is_replay),
        (OrderId::text(ORDER), false)
    );
    assert_eq!(first.subscription_ids.len(), 2);
    let again = call("order_entries/stripe_replay", payment())
        .await
        .unwrap();
    assert_eq!((again.order_id, again.is_replay), (first.order_id, true));
    assert!(
        again
            .subscription_ids
            .contains(&SubscriptionId::text(SUBSCRIPTION))
    );
}

#[tokio::test]
async fn a_payment_is_sent_again_under_the_same_key_after_a_lost_reply() {
    let accepted =
        json!({"ok": true, "idempotent": true, "orderId": ORDER, "subscriptions": [SUBSCRIPTION]});
    let transport = script(
        Generation::Legacy,
        vec![
            Reply::fault(TransportFault::Broken),
            Reply::status(503),
            reply(200, &accepted),
        ],
    );
    let client = with_login(&transport)
        .provisioning_token(&"shared".into())
        .build()
        .unwrap();
    let order = client.call(payment()).await.unwrap();
    assert!(order.is_replay);
    let bodies: Vec<_> = transport.requests()[1..]
        .iter()
        .map(|request| request.json())
        .collect();
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test]
async fn a_wrong_shared_token_leads_to_no_login() {
    let error = call("order_entries/stripe_wrong_token", payment())
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.key()), (Kind::Auth, Some("pi_7")));
}

#[tokio::test]
async fn amounts_the_columns_do_not_hold_and_mixed_currencies_are_not_sent() {
    let transport = ScriptedTransport::new();
    let client = builder(&transport)
        .provisioning_token(&"shared".into())
        .build()
        .unwrap();
    let euro = CartItem::new("a", "A", Money::from_minor(1, Currency::EUR));
    for (payment, word) in [
        (StripePayment::new("pi_7", usd(1), []), "cart is empty"),
        (
            StripePayment::new(" ", usd(1), [CartItem::new("a", "A", usd(1))]),
            "intent is empty",
        ),
        (StripePayment::new("pi_7", usd(1), [euro]), "currency"),
        (
            StripePayment::new("pi_7", usd(1 << 31), [CartItem::new("a", "A", usd(1))]),
            "column",
        ),
    ] {
        let error = client.call(payment).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (Kind::Encode, Delivery::NotSent)
        );
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[tokio::test]
async fn without_its_shared_token_a_payment_is_not_sent() {
    let transport = ScriptedTransport::new();
    let error = with_login(&transport)
        .build()
        .unwrap()
        .call(payment())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Config);
    assert!(error.to_string().contains("x-mpanel-token"), "{error}");
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn a_completed_checkout_is_accepted_whole() {
    let checkout = call("order_entries/stripe_completed", completed())
        .await
        .unwrap();
    assert_eq!(checkout.customer_id, Some(CustomerId::text(CUSTOMER)));
    assert_eq!(checkout.subscriptions.len(), 2);
    assert_eq!(
        checkout.subscriptions[0].status,
        Some(SubscriptionStatus::PendingProvisioning)
    );
    let error = call("order_entries/stripe_completed_refused", completed())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
}

#[tokio::test]
async fn items_skipped_in_silence_are_an_error_that_names_them() {
    let error = call("order_entries/stripe_completed_skipped", completed())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Api);
    let text = error.to_string();
    assert!(text.contains("skipped 1 of 2 items"), "{text}");
    assert!(
        text.contains("wp_growth") && !text.contains("starter"),
        "{text}"
    );
    assert!(
        text.contains(SUBSCRIPTION) && text.contains(CUSTOMER),
        "{text}"
    );
    let error = call("order_entries/stripe_completed_all_skipped", completed())
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("starter, wp_growth") && text.contains("no subscription was made"),
        "{text}"
    );
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn a_lost_checkout_is_sent_once() {
    let transport = ScriptedTransport::new().with(Reply::fault(TransportFault::Timeout));
    let error = builder(&transport)
        .build()
        .unwrap()
        .call(completed())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Indeterminate);
    assert_eq!(transport.requests().len(), 1);
}

#[tokio::test]
async fn an_order_comes_back_with_its_jobs() {
    let order = call("order_entries/webhook", webhook()).await.unwrap();
    assert_eq!(order.order_id, OrderId::text(ORDER));
    assert_eq!(order.status, Some(OrderStatus::Paid));
    assert_eq!(order.total_amount_cents, Some(1999));
    let jobs = order.jobs.unwrap();
    assert_eq!(
        (jobs[0].id.clone(), jobs[0].kind.clone()),
        (JobId::text(JOB), Some(JobKind::Dns))
    );
    let error = call("order_entries/webhook_wrong_key", webhook())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
}

#[tokio::test]
async fn an_order_of_nothing_is_not_sent_and_a_lost_one_names_its_payment() {
    let transport = script(Generation::TypeScript, vec![Reply::status(504)]);
    let client = with_login(&transport)
        .internal_key(&"shared".into())
        .build()
        .unwrap();
    let free = OrderWebhook::new("hoster", "kim@buyer.example", "starter-monthly", usd(0));
    assert_eq!(client.call(free).await.unwrap_err().kind(), Kind::Encode);
    let error = client.call(webhook()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.key()),
        (Kind::Indeterminate, Some("pi_7"))
    );
    assert_eq!(
        asked(&transport),
        ["POST /api/auth/login", "POST /api/orders/webhook"]
    );
}

#[tokio::test]
async fn order_created_is_not_implemented_only_where_the_server_says_so() {
    let reply = call("order_entries/order_created", created())
        .await
        .unwrap();
    assert_eq!(reply["orderId"], ORDER);
    for name in [
        "order_entries/order_created_absent_legacy",
        "order_entries/order_created_absent_typescript",
        "order_entries/order_created_broken_tail",
    ] {
        let error = call(name, created()).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.delivery()),
            (Kind::NotImplemented, Delivery::Answered),
            "{name}"
        );
    }
    for lost in [
        Reply::fault(TransportFault::Timeout),
        Reply::status(504),
        Reply::status(500).with_body("<html>Bad gateway</html>"),
    ] {
        let transport = script(Generation::Legacy, vec![lost]);
        let client = with_login(&transport).build().unwrap();
        let error = client.call(created()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Indeterminate, "{error}");
    }
}
