//! A process that ends amid a call leaves an unknown outcome, and the next one looks.

use std::time::Duration;

use provisioning_core::run::event::Event;
use provisioning_core::run::facts::Proof;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::store::StoreError;
use provisioning_engine::{Engine, EngineError, RunOptions};

use crate::place::{StoreKind, on_every_store};
use crate::shop::{Shop, hosting, is_awaiting_confirmation, new_run, planned, status};

async fn a_run_dropped_amid_its_call_is_looked_up_before_anything_is_sent_again(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| {
        panel.with_wire(panel_sandbox::WireSettings::new().with_delay(Duration::from_secs(60)))
    })
    .await;
    // The account is made at once, its answer would come in a minute.
    shop.arm("delay");
    let run = new_run(&shop.engine, &shop.order()).await;
    let engine = Engine::clone(&shop.engine);
    let driving = tokio::spawn(async move { engine.run(run, RunOptions::default()).await });
    while shop.panel().created_by_clients() == 0 {
        tokio::task::yield_now().await;
    }
    driving.abort();
    assert!(driving.await.unwrap_err().is_cancelled());

    // The dead worker's lease keeps others away until it ends.
    let refused = shop
        .engine
        .run(run, RunOptions::default())
        .await
        .unwrap_err();
    assert!(
        matches!(refused, EngineError::Store(StoreError::Claimed { .. })),
        "{refused}"
    );
    let view = shop.engine.inspect(run).await.unwrap();
    assert_eq!(planned(&view).interrupted().len(), 1);

    shop.clock.advance(Duration::from_secs(600));
    let view = shop.go_on(run).await;
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    assert_eq!(
        planned(&view).account(&hosting()).unwrap().proof,
        Proof::MarkReadsBack
    );
    assert_eq!(shop.panel().created_by_clients(), 1);
}

async fn a_run_asked_to_stop_brings_its_call_to_its_outcome_and_begins_no_other(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| {
        panel.with_wire(panel_sandbox::WireSettings::new().with_delay(Duration::from_millis(200)))
    })
    .await;
    // The account is made at once, its answer comes later.
    shop.arm("delay");
    let run = new_run(&shop.engine, &shop.order()).await;
    let until = async {
        while shop.panel().created_by_clients() == 0 {
            tokio::task::yield_now().await;
        }
    };
    let options = RunOptions::default();
    let view = shop.engine.run_until(run, options, until).await.unwrap();
    assert_eq!(
        planned(&view).account(&hosting()).unwrap().proof,
        Proof::Created
    );
    let intents = planned(&view).journal().entries.iter();
    let intents = intents.filter(|entry| matches!(entry.event, Event::Intent(_)));
    assert_eq!(intents.count(), 1);
    assert_eq!(status(&view), RunStatus::Ready);
    // It was given back, so nobody waits for a lease.
    let view = shop.go_on(run).await;
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
}

async fn an_order_whose_planning_was_stopped_is_given_back_and_planned_later(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let run = new_run(&shop.engine, &shop.order()).await;
    let stopped = shop.engine.plan_run_until(run, std::future::ready(()));
    assert!(stopped.await.unwrap().run().is_none());
    assert!(shop.engine.plan_run(run).await.unwrap().run().is_some());
}

on_every_store!(
    a_run_dropped_amid_its_call_is_looked_up_before_anything_is_sent_again,
    a_run_asked_to_stop_brings_its_call_to_its_outcome_and_begins_no_other,
    an_order_whose_planning_was_stopped_is_given_back_and_planned_later,
);
