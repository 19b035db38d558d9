//! How often servers are counted, and what a count that is a moment old is good for.

use std::sync::Arc;
use std::time::Duration;

use provisioning_core::plan::id::PlanId;
use provisioning_engine::store::{MemoryStore, Standing, Store, Wanted};
use provisioning_engine::{Engine, WorkOptions};
use tokio::time::Instant;

use crate::place::{StoreKind, new_store, on_every_store};
use crate::shop::{MovedClock, builder, new_run, order};
use crate::stub::{Stub, fleet};

on_every_store!(
    thousands_of_free_slots_are_not_counted_for_each_order,
    few_free_slots_are_counted_for_each_order,
    orders_planned_with_one_count_are_spread_over_the_servers,
    a_count_that_is_a_moment_old_lets_nobody_take_a_place_twice,
);

/// Calls that an order costs beside counting: making its account and reading it back.
const CALLS: u32 = 2;

fn engine(store: &Arc<dyn Store>, stub: &Stub, servers: &[(&str, u32)]) -> Engine {
    builder(Arc::clone(store), fleet(servers), MovedClock::default())
        .executor(stub.clone())
        .build()
        .unwrap()
}

async fn submit(engine: &Engine, orders: std::ops::Range<u32>) -> Vec<PlanId> {
    let mut runs = Vec::new();
    for number in orders {
        let order = order(&format!("{number}"), &format!("buyer{number}@example.com"));
        runs.push(new_run(engine, &order).await);
    }
    runs
}

async fn standing(engine: &Engine, standing: Standing) -> usize {
    let wanted = Wanted {
        standing: Some(standing),
        ..Wanted::default()
    };
    engine.list(wanted).await.unwrap().len()
}

/// Works until so many orders are provided.
async fn work(engine: &Engine, orders: usize) {
    let all = async {
        while standing(engine, Standing::AwaitingConfirmation).await < orders {
            // The worker tells this test nothing: asked again and again, within the limit below.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let working = engine.work(WorkOptions::default(), all);
    tokio::time::timeout(Duration::from_secs(120), working)
        .await
        .expect("a run is stranded");
}

async fn thousands_of_free_slots_are_not_counted_for_each_order(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let stub = Stub::with_latency(Duration::ZERO);
    let engine = engine(&store, &stub, &[("np-1", 10_000)]);
    let began = std::time::Instant::now();
    for run in submit(&engine, 0..40).await {
        engine.plan_run(run).await.unwrap();
    }
    let counts = stub.calls_to("np-1");
    // One every two seconds.
    let most = u32::try_from(began.elapsed().as_secs()).unwrap() / 2 + 2;
    assert!(counts <= most, "{counts} counts of at most {most}");
    work(&engine, 40).await;
    assert_eq!(stub.accounts_on("np-1"), 40);
}

async fn few_free_slots_are_counted_for_each_order(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let stub = Stub::with_latency(Duration::ZERO);
    let engine = engine(&store, &stub, &[("np-1", 100)]);
    for run in submit(&engine, 0..20).await {
        engine.plan_run(run).await.unwrap();
    }
    assert_eq!(stub.calls_to("np-1"), 20);
    work(&engine, 20).await;
    assert_eq!(stub.calls_to("np-1"), 20 + 20 * CALLS);
}

async fn orders_planned_with_one_count_are_spread_over_the_servers(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let stub = Stub::with_latency(Duration::ZERO);
    let servers = [("np-1", 10_000), ("np-2", 10_000), ("np-3", 10_000)];
    let engine = engine(&store, &stub, &servers);
    submit(&engine, 0..60).await;
    work(&engine, 60).await;
    for (server, _) in servers {
        let accounts = stub.accounts_on(server);
        assert!((10..=30).contains(&accounts), "{accounts} on {server}");
    }
}

/// Two engines that know nothing of each other's counts fill a server to its last place and no further.
async fn a_count_that_is_a_moment_old_lets_nobody_take_a_place_twice(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let stub = Stub::with_latency(Duration::from_millis(1));
    let servers = [("np-1", 140)];
    let engines = [
        engine(&store, &stub, &servers),
        engine(&store, &stub, &servers),
    ];
    submit(&engines[0], 0..180).await;
    let all = async {
        while standing(&engines[0], Standing::AwaitingConfirmation).await < 140
            || standing(&engines[0], Standing::Rejected).await < 40
        {
            // The workers tell this test nothing: asked again and again, within the limit below.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let both = async {
        tokio::select! {
            _ = engines[0].work(WorkOptions::default(), std::future::pending()) => {}
            _ = engines[1].work(WorkOptions::default(), std::future::pending()) => {}
            () = all => {}
        }
    };
    tokio::time::timeout(Duration::from_secs(120), both)
        .await
        .expect("a run is stranded");
    assert_eq!(stub.accounts_on("np-1"), 140);
}

/// A list takes a panel long: whoever plans does not wait for it as long as there is a count that is good.
#[tokio::test(start_paused = true)]
async fn a_count_is_made_anew_before_anybody_has_to_wait_for_it() {
    const LIST: Duration = Duration::from_millis(500);
    let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let stub = Stub::with_latency(LIST);
    let engine = engine(&store, &stub, &[("np-1", 10_000)]);
    let runs = submit(&engine, 0..20).await;
    let mut waited = Vec::new();
    for run in runs {
        let began = Instant::now();
        engine.plan_run(run).await.unwrap();
        waited.push(began.elapsed());
        tokio::time::advance(Duration::from_millis(400)).await;
    }
    let (first, others) = waited.split_first().unwrap();
    assert!(*first >= LIST);
    assert!(others.iter().all(Duration::is_zero), "{others:?}");
    // One every two seconds, over 8 s.
    let counts = stub.calls_to("np-1");
    assert!((3..=5).contains(&counts), "{counts}");
    assert_eq!(stub.accounts_on("np-1"), 0);
}
