//! One purchase is one run, whichever door it comes by and however often.

use provisioning_core::order::{Intake, PaidOrder, PaymentEvidence, TenantId, read_order};
use provisioning_core::plan::id::PlanId;
use provisioning_engine::store::{Submitted, Wanted};
use provisioning_engine::{Engine, RunOptions, RunState};

use crate::place::{StoreKind, on_every_store};
use crate::shop::{Shop, is_awaiting_confirmation, new_run, order, order_of};

async fn all_runs(shop: &Shop) -> Vec<PlanId> {
    let runs = shop.engine.list(Wanted::default()).await.unwrap();
    runs.into_iter().map(|run| run.id).collect()
}

async fn a_submitted_order_is_stored_before_anything_is_sent(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let run = new_run(&shop.engine, &shop.order()).await;
    assert!(shop.panel().requests().is_empty());
    assert!(matches!(
        shop.engine.inspect(run).await.unwrap().state,
        RunState::Submitted
    ));
    assert_eq!(all_runs(&shop).await, [run]);
}

async fn the_same_order_again_is_the_run_it_has(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let first = new_run(&shop.engine, &order("77", "a@example.com")).await;
    shop.go_on(first).await;
    for _ in 0..3 {
        match shop
            .engine
            .submit(&order("77", "a@example.com"))
            .await
            .unwrap()
        {
            Submitted::Existing { run, .. } => assert_eq!(run, first),
            other => panic!("{other:?}"),
        }
    }
    shop.go_on(first).await;
    assert_eq!(shop.panel().created_by_clients(), 1);
}

async fn the_same_id_with_other_content_is_a_conflict_and_changes_nothing(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let first = new_run(&shop.engine, &order("77", "a@example.com")).await;
    let two = r#"{"code":"wp_growth","domain":"example.com"},{"code":"daily_backups_30d"}"#;
    for other in [
        order("77", "b@example.com"),
        order_of("77", "a@example.com", two),
    ] {
        match shop.engine.submit(&other).await.unwrap() {
            Submitted::Conflict { run, .. } => assert_eq!(run, first),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(all_runs(&shop).await, [first]);
}

async fn a_hundred_deliveries_at_once_are_one_run_and_one_account(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let deliveries: Vec<_> = (0..100)
        .map(|_| {
            let engine = Engine::clone(&shop.engine);
            tokio::spawn(async move {
                let submitted = engine.submit(&order("77", "a@example.com")).await.unwrap();
                let run = match submitted {
                    Submitted::New { run } | Submitted::Existing { run, .. } => run,
                    other => panic!("{other:?}"),
                };
                // Whoever is not first finds the run claimed, or finished.
                let _ = engine
                    .run(run, provisioning_engine::RunOptions::default())
                    .await;
                run
            })
        })
        .collect();
    let mut runs = std::collections::BTreeSet::new();
    for delivery in deliveries {
        runs.insert(delivery.await.unwrap());
    }
    assert_eq!(runs.len(), 1);
    assert_eq!(shop.panel().created_by_clients(), 1);
}

/// The same purchase as the shop, Stripe and mPanel's storefront tell it: they share the payment.
fn three_doors() -> [PaidOrder; 3] {
    let created = r#"{"source": "shop.example", "stripeCustomerId": "cus_Ada", "stripeSubscriptionId": "sub_Ada1",
        "paymentIntentId": "pi_Ada1", "customerEmail": "ada@example.com", "customerName": "Ada Byron",
        "items": [{"code": "wp_growth", "type": "hosting", "domain": "ada.example"}]}"#;
    let event = r#"{"id": "evt_Ada1", "object": "event", "created": 1795157386, "livemode": true,
        "type": "checkout.session.completed", "data": {"object": {
            "id": "cs_live_Ada1", "object": "checkout.session", "livemode": true, "mode": "subscription",
            "amount_total": 4999, "currency": "usd", "customer": "cus_Ada", "subscription": "sub_Ada1",
            "payment_intent": "pi_Ada1", "payment_status": "paid", "status": "complete",
            "customer_details": {"email": "ada@example.com", "name": "Ada Byron"},
            "custom_fields": [{"key": "domain", "type": "text", "text": {"value": "ada.example"}}],
            "line_items": {"object": "list", "has_more": false, "data": [{"id": "li_1", "quantity": 1,
                "price": {"id": "price_1", "lookup_key": "wp_growth_monthly", "unit_amount": 4999, "product": "prod_1",
                    "recurring": {"interval": "month", "interval_count": 1}}}]}}}}"#;
    let webhook = r#"{"customer": {"email": "ada@example.com", "fullName": "Ada Byron"}, "priceSlug": "wp_growth-monthly",
        "totalAmountCents": 4999, "currency": "usd", "stripePaymentIntentId": "pi_Ada1",
        "stripeSessionId": "cs_live_Ada1", "metadata": {"domain": "ada.example"}}"#;
    [created, event, webhook].map(|payload| {
        let intake = Intake::new(TenantId::new("shop").unwrap()).with_evidence(
            PaymentEvidence::VerifiedSender {
                by: "a shared secret".to_owned(),
            },
        );
        read_order(payload.as_bytes(), &intake).unwrap()
    })
}

async fn a_purchase_that_comes_a_hundred_times_by_three_doors_is_one_run_and_one_account(
    store: StoreKind,
) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let doors = three_doors();
    let deliveries: Vec<_> = (0..100)
        .map(|number| {
            let engine = Engine::clone(&shop.engine);
            let order = doors[number % 3].clone();
            tokio::spawn(async move {
                let submitted = engine.submit(&order).await.unwrap();
                let (run, is_new) = match submitted {
                    Submitted::New { run } => (run, 1),
                    Submitted::Existing { run, .. } => (run, 0),
                    other => panic!("{other:?}"),
                };
                // Whoever is not first finds the run claimed, or finished.
                let _ = engine.run(run, RunOptions::default()).await;
                (run, is_new)
            })
        })
        .collect();
    let mut runs = std::collections::BTreeSet::new();
    let mut new = 0;
    for delivery in deliveries {
        let (run, is_new) = delivery.await.unwrap();
        runs.insert(run);
        new += is_new;
    }
    assert_eq!((runs.len(), new), (1, 1));
    assert_eq!(all_runs(&shop).await.len(), 1);
    let run = runs.into_iter().next().unwrap();
    assert!(is_awaiting_confirmation(&shop.go_on(run).await));
    assert_eq!(shop.panel().created_by_clients(), 1);
    // Any of its ids leads there later, too.
    for door in &doors {
        let again = shop.engine.submit(door).await.unwrap();
        assert!(matches!(again, Submitted::Existing { .. }), "{again:?}");
    }
}

async fn an_order_nobody_can_plan_is_kept_with_its_reasons(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let order = order_of("78", "a@example.com", r#"{"code":"no_such_product"}"#);
    let run = new_run(&shop.engine, &order).await;
    let view = shop.go_on(run).await;
    let RunState::Rejected(rejection) = &view.state else {
        panic!("{:?}", view.state)
    };
    assert!(!rejection.may_pass());
    assert!(
        rejection.to_string().starts_with("items[0]: "),
        "{rejection}"
    );
}

on_every_store!(
    a_submitted_order_is_stored_before_anything_is_sent,
    the_same_order_again_is_the_run_it_has,
    the_same_id_with_other_content_is_a_conflict_and_changes_nothing,
    a_hundred_deliveries_at_once_are_one_run_and_one_account,
    a_purchase_that_comes_a_hundred_times_by_three_doors_is_one_run_and_one_account,
    an_order_nobody_can_plan_is_kept_with_its_reasons,
);
