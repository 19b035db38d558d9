//! One purchase is one run, whichever door it comes by and however often.

use provisioning_core::plan::id::PlanId;
use provisioning_engine::store::{Submitted, Wanted};
use provisioning_engine::{Engine, RunState};

use crate::place::{StoreKind, on_every_store};
use crate::shop::{Shop, new_run, order, order_of};

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
    an_order_nobody_can_plan_is_kept_with_its_reasons,
);
