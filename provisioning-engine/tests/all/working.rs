//! Workers: many runs at once, leases that outlast any call, shutting down, and servers that are dead or refuse.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use provisioning_core::fleet::ServerName;
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_engine::store::{Standing, Store, StoreError, Submitted, Wanted};
use provisioning_engine::{
    Engine, EngineError, RunOptions, RunState, ServerLimits, WorkOptions, Worked,
};

use crate::place::{StoreKind, new_store, new_store_of_told_time, on_every_store};
use crate::shop::{
    MovedClock, Shop, builder, is_awaiting_confirmation, new_run, order, planned, status,
};
use crate::stub::{Stub, What, fleet};

/// An engine over a stub, with leases of that length.
fn engine(store: &Arc<dyn Store>, stub: &Stub, servers: &[(&str, u32)], lease: Duration) -> Engine {
    builder(Arc::clone(store), fleet(servers), MovedClock::default())
        .executor(stub.clone())
        .lease(lease)
        .limits(ServerLimits::default().with_circuit(3, Duration::from_millis(400)))
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

/// Until so many runs stand there.
async fn until(engine: &Engine, count: usize, there: Standing) {
    while standing(engine, there).await < count {
        // The worker tells this test nothing: asked again and again.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn work_until(engine: &Engine, count: usize, there: Standing) -> Worked {
    let working = engine.work(WorkOptions::default(), until(engine, count, there));
    tokio::time::timeout(Duration::from_secs(120), working)
        .await
        .expect("the work is never done")
}

async fn a_worker_takes_up_whatever_is_due_and_stops_when_it_is_asked_to(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let stub = Stub::with_latency(Duration::from_millis(2));
    let engine = engine(&store, &stub, &[("np-1", 100)], Duration::from_secs(5));
    let before = submit(&engine, 0..20).await;
    let work = {
        let engine = engine.clone();
        tokio::spawn(async move {
            let enough = {
                let engine = engine.clone();
                async move { until(&engine, 25, Standing::AwaitingConfirmation).await }
            };
            engine.work(WorkOptions::default(), enough).await
        })
    };
    until(&engine, 20, Standing::AwaitingConfirmation).await;
    // What is submitted while it works is taken up as well.
    submit(&engine, 20..25).await;
    let worked = work.await.unwrap();
    assert_eq!((worked.failed, worked.panicked), (0, 0), "{worked:?}");
    assert_eq!(stub.accounts_on("np-1"), 25);
    assert_eq!(stub.twice_at_once(), [""; 0]);
    let listed = engine.list(Wanted::default()).await.unwrap();
    assert!(
        listed.iter().all(|run| run.lease.is_none()),
        "all are given back"
    );
    assert_eq!(listed[0].id, before[0]);
}

/// Steps that take several leases: two workers, and no step is under way twice.
async fn a_call_that_outlasts_its_lease_is_not_taken_over(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let lease = kind.keepable(Duration::from_millis(120));
    let stub = Stub::with_latency(lease * 3);
    let one = engine(&store, &stub, &[("np-1", 100)], lease);
    let other = engine(&store, &stub, &[("np-1", 100)], lease);
    submit(&one, 0..8).await;
    let enough = || until(&one, 8, Standing::AwaitingConfirmation);
    let (first, second) = tokio::join!(
        one.work(WorkOptions::default().with_concurrency(4), enough()),
        other.work(WorkOptions::default().with_concurrency(4), enough()),
    );
    assert_eq!(stub.twice_at_once(), [""; 0]);
    assert_eq!(stub.accounts_on("np-1"), 8);
    // One create and one verification each, and nothing was looked up or sent again; counting comes on top.
    for run in one.list(Wanted::default()).await.unwrap() {
        let view = one.inspect(run.id).await.unwrap();
        assert_eq!(planned(&view).journal().entries.len(), 5, "{view:?}");
    }
    assert!(
        first.taken_up >= 1 && second.taken_up >= 1,
        "{first:?} {second:?}"
    );
    assert_eq!(first.failed + second.failed, 0, "{first:?} {second:?}");
}

async fn a_worker_that_was_taken_over_amid_its_call_drops_it_at_once(kind: StoreKind) {
    let (store, _folder) = new_store_of_told_time(kind).await;
    let stub = Stub::new(|_, number| match number {
        // Counting, the create that is taken over, and everything else.
        1 => What::Answer(Duration::ZERO),
        2 => What::Answer(Duration::from_secs(60)),
        _ => What::Answer(Duration::from_millis(1)),
    });
    let lease = Duration::from_millis(300);
    let clock = MovedClock::default();
    let slow = builder(
        Arc::clone(&store),
        fleet(&[("np-1", 9)]),
        MovedClock::default(),
    )
    .executor(stub.clone())
    .lease(lease)
    .build()
    .unwrap();
    // Its clock is an hour ahead, so it takes every lease for ended.
    clock.advance(Duration::from_secs(3_600));
    let ahead = builder(Arc::clone(&store), fleet(&[("np-1", 9)]), clock)
        .executor(stub.clone())
        .lease(lease)
        .build()
        .unwrap();
    let run = submit(&slow, 0..1).await[0];
    let dropped = tokio::spawn({
        let slow = slow.clone();
        async move { slow.run(run, RunOptions::default()).await }
    });
    while stub.calls_to("np-1") < 2 {
        // Until the call is under way, which nothing tells but its being counted.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let view = ahead.run(run, RunOptions::default()).await.unwrap();
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    let refused = dropped.await.unwrap().unwrap_err();
    assert!(
        matches!(refused, EngineError::Store(StoreError::FencedOut(_))),
        "{refused}"
    );
    assert_eq!(stub.accounts_on("np-1"), 1);
}

async fn a_worker_that_is_stopped_ends_its_calls_and_gives_everything_back(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let stub = Stub::with_latency(Duration::from_millis(150));
    let engine = engine(&store, &stub, &[("np-1", 100)], Duration::from_secs(60));
    submit(&engine, 0..6).await;
    let amid_the_creates = async {
        while stub.calls_to("np-1") < 12 {
            // As above: until the creates are under way.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let begun = Instant::now();
    engine.work(WorkOptions::default(), amid_the_creates).await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    for run in engine.list(Wanted::default()).await.unwrap() {
        assert_eq!((run.lease, run.crashes), (None, 0));
        let view = engine.inspect(run.id).await.unwrap();
        // The call that was under way came to its outcome; the next one was not begun.
        assert!(planned(&view).interrupted().is_empty());
        assert!(planned(&view).journal().entries.len() <= 5);
    }
    assert_eq!(stub.accounts_on("np-1"), 6);
    work_until(&engine, 6, Standing::AwaitingConfirmation).await;
    assert_eq!(stub.accounts_on("np-1"), 6);
}

async fn a_step_that_ends_its_workers_is_left_alone_after_three_and_holds_nobody_up(
    kind: StoreKind,
) {
    let (store, _folder) = new_store(kind).await;
    let poison = Stub::new(|_, number| match number {
        1 => What::Answer(Duration::ZERO),
        _ => What::Panic,
    });
    let lease = kind.keepable(Duration::from_millis(100));
    let first = engine(&store, &poison, &[("np-1", 100)], lease);
    let run = submit(&first, 0..1).await[0];
    let poisoned = async {
        loop {
            let listed = first.list(Wanted::default()).await.unwrap().remove(0);
            if listed.is_poisoned(jiff::Timestamp::now()) {
                break;
            }
            // Until the last of its holders has died, which nothing tells.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Time enough to be taken up again if it were.
        tokio::time::sleep(lease * 5).await;
    };
    let options = WorkOptions::default().with_idle(Duration::from_millis(20));
    let worked = first.work(options, poisoned).await;
    assert_eq!(worked.panicked, 3, "{worked:?}");

    let healthy = Stub::with_latency(Duration::ZERO);
    let second = engine(&store, &healthy, &[("np-1", 100)], lease);
    submit(&second, 1..4).await;
    work_until(&second, 3, Standing::AwaitingConfirmation).await;
    let refused = second.run(run, RunOptions::default()).await.unwrap_err();
    assert!(
        matches!(
            refused,
            EngineError::Store(StoreError::Poisoned { crashes: 3, .. })
        ),
        "{refused}"
    );
    // Somebody has looked.
    second.resume(run, "jo").await.unwrap();
    work_until(&second, 4, Standing::AwaitingConfirmation).await;
}

async fn a_dead_server_is_left_alone_and_holds_nobody_up(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let stub = Stub::new(|server, _| match server {
        "np-dead" => What::Dead(Duration::from_millis(100)),
        _ => What::Answer(Duration::from_millis(1)),
    });
    let servers = [("np-1", 1_000), ("np-dead", 1_000)];
    let engine = engine(&store, &stub, &servers, Duration::from_secs(5));
    submit(&engine, 0..200).await;
    let begun = Instant::now();
    work_until(&engine, 200, Standing::AwaitingConfirmation).await;
    assert_eq!(stub.accounts_on("np-1"), 200);
    let asked = stub.calls_to("np-dead");
    // Those that were under way when it was found dead, and one now and then.
    let tries = begun.elapsed().as_millis() / 400 + 1;
    assert!(u128::from(asked) <= 16 + tries, "asked {asked} times");
}

async fn a_run_leaves_a_server_that_died_after_planning_for_the_next_ranked_one(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    // Both are counted for each of twelve runs, because they have not plenty of room; then the first is dead.
    let stub = Stub::new(|server, number| match server {
        "np-1" if number > 12 => What::Dead(Duration::from_millis(1)),
        _ => What::Answer(Duration::from_millis(1)),
    });
    let servers = [("np-1", 100), ("np-2", 90)];
    let engine = engine(&store, &stub, &servers, Duration::from_secs(5));
    for run in submit(&engine, 0..12).await {
        engine.plan_run(run).await.unwrap();
    }
    work_until(&engine, 12, Standing::AwaitingConfirmation).await;
    assert_eq!(
        (stub.accounts_on("np-1"), stub.accounts_on("np-2")),
        (0, 12)
    );
    // 12 runs with two tries each would be 24; the server is left alone long before.
    let tried = stub.calls_to("np-1") - 12;
    assert!(tried < 24, "tried {tried} times");
}

async fn runs_on_the_only_server_wait_for_it_and_write_nothing_meanwhile(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let alive_again = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let stub = Stub::new({
        let alive_again = Arc::clone(&alive_again);
        move |_, number| {
            if number <= 10 || alive_again.load(std::sync::atomic::Ordering::Relaxed) {
                What::Answer(Duration::from_millis(1))
            } else {
                What::Dead(Duration::from_millis(1))
            }
        }
    });
    let engine = engine(&store, &stub, &[("np-1", 100)], Duration::from_secs(5));
    for run in submit(&engine, 0..10).await {
        engine.plan_run(run).await.unwrap();
    }
    let outage = async {
        // The outage is over when its time is: the worker has tried many times by then.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
    };
    engine.work(WorkOptions::default(), outage).await;
    let mut failures = 0;
    for run in engine.list(Wanted::default()).await.unwrap() {
        let view = engine.inspect(run.id).await.unwrap();
        failures += planned(&view).journal().entries.len().saturating_sub(1) / 2;
    }
    // Three opened the circuit and those under way beside them; then one try at 0.4, 1.2 seconds.
    assert!(failures <= 14, "{failures} calls in an outage");
    assert_eq!(standing(&engine, Standing::NeedsAttention).await, 0);
    alive_again.store(true, std::sync::atomic::Ordering::Relaxed);
    work_until(&engine, 10, Standing::AwaitingConfirmation).await;
    assert_eq!(stub.accounts_on("np-1"), 10);
}

async fn a_server_is_asked_no_more_at_once_than_its_limit_and_holds_no_other_up(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let slow = kind.keepable(Duration::from_millis(300));
    let stub = Stub::new(move |server, _| match server {
        "np-slow" => What::Answer(slow),
        _ => What::Answer(Duration::from_millis(1)),
    });
    // 40 go to the slow one, which takes its time for each call; 40 to the quick one, submitted behind them.
    let slow_first = fleet(&[("np-slow", 40), ("np-quick", 1)]);
    let limits = ServerLimits::default().with_concurrency(2);
    let planner = builder(Arc::clone(&store), slow_first, MovedClock::default())
        .executor(Stub::with_latency(Duration::ZERO))
        .build()
        .unwrap();
    for run in submit(&planner, 0..40).await {
        planner.plan_run(run).await.unwrap();
    }
    let both = fleet(&[("np-slow", 1), ("np-quick", 100)]);
    let engine = builder(Arc::clone(&store), both, MovedClock::default())
        .executor(stub.clone())
        .limits(limits)
        .build()
        .unwrap();
    submit(&engine, 40..80).await;
    let quick_ones_done = async {
        while stub.accounts_on("np-quick") < 39 {
            // The panel tells nobody: asked often, because the time it takes is what is looked at.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    let begun = Instant::now();
    let options = WorkOptions::default().with_concurrency(8);
    engine.work(options, quick_ones_done).await;
    // The slow ones take 40 x 2 calls / 2 at once; the quick ones do not wait for them.
    let elapsed = begun.elapsed();
    assert!(elapsed < slow * 20, "{elapsed:?}");
    assert!(stub.most_at_once_on("np-slow") <= 2);
    assert!(stub.most_at_once_on("np-quick") <= 2);
    assert!(stub.accounts_on("np-slow") < 40);
}

async fn a_refused_key_parks_every_run_and_none_spins_and_all_finish_once_it_is_mended(
    kind: StoreKind,
) {
    let shop = Shop::with_one_server(kind, |panel| panel).await;
    shop.arm("under-privileged-key");
    let runs = submit(&shop.engine, 0..30).await;
    // 15 are planned before anybody knows of the refusal; the rest find no server that takes the key.
    for run in &runs[..15] {
        shop.engine.plan_run(*run).await.unwrap();
    }
    let all_stand = async {
        while standing(&shop.engine, Standing::NeedsAttention).await
            + standing(&shop.engine, Standing::Rejected).await
            < 30
        {
            // The worker tells this test nothing: asked again and again.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    shop.engine.work(WorkOptions::default(), all_stand).await;
    let sent = shop.panel().requests().len();
    // That nothing is sent can only be seen over time: long enough for many looks.
    let a_while = tokio::time::sleep(Duration::from_millis(400));
    let worked = shop.engine.work(WorkOptions::default(), a_while).await;
    assert_eq!((worked.taken_up, shop.panel().requests().len()), (0, sent));
    assert!(standing(&shop.engine, Standing::NeedsAttention).await >= 15);
    let denied = shop.engine.denied_servers().await.unwrap();
    assert_eq!(denied[0].server.as_str(), "np-1");
    let listed = shop.engine.list(Wanted::default()).await.unwrap();
    assert!(listed[0].denied_by.contains(&denied[0].server));

    shop.panels.heal();
    let np1 = ServerName::new("np-1").unwrap();
    let resumed = shop.engine.resume_denied(&np1, "jo").await.unwrap();
    assert!(resumed >= 15, "{resumed}");
    work_until(&shop.engine, 30, Standing::AwaitingConfirmation).await;
    assert_eq!(shop.panel().created_by_clients(), 30);
    assert!(shop.engine.denied_servers().await.unwrap().is_empty());
}

async fn a_refused_key_is_tried_again_by_one_run_every_ten_minutes(kind: StoreKind) {
    let shop = Shop::with_one_server(kind, |panel| panel).await;
    shop.arm("under-privileged-key");
    let runs = submit(&shop.engine, 0..10).await;
    for run in &runs {
        shop.engine.plan_run(*run).await.unwrap();
    }
    work_until(&shop.engine, 10, Standing::NeedsAttention).await;
    let creates = || {
        shop.panel()
            .requests_for(&panel_sandbox::nextpanel_panel::operations::CREATE_ACCOUNT)
            .len()
    };
    // That only one is tried can only be seen over time: long enough for many looks.
    let a_while = || tokio::time::sleep(Duration::from_millis(250));
    assert_eq!(creates(), 10);
    for round in 1..=2 {
        shop.clock.advance(Duration::from_secs(601));
        shop.engine.work(WorkOptions::default(), a_while()).await;
        assert_eq!(creates(), 10 + round, "one run tries");
    }
    // Nobody says anything; the next try finds that the key was mended, and all go on.
    shop.panels.heal();
    shop.clock.advance(Duration::from_secs(601));
    work_until(&shop.engine, 10, Standing::AwaitingConfirmation).await;
    assert_eq!(shop.panel().created_by_clients(), 10);
}

async fn new_orders_go_where_the_key_is_taken(kind: StoreKind) {
    use panel_sandbox::nextpanel_panel::PanelSettings;
    let servers = ["np-1", "np-2"].map(PanelSettings::new);
    let shop = Shop::with_servers(kind, servers).await;
    shop.arm("under-privileged-key");
    let (first, view) = shop.run_order().await;
    assert!(matches!(status(&view), RunStatus::NeedsAttention { .. }));
    let asked = shop.panel().requests().len();
    for _ in 0..3 {
        let (_, view) = shop.run_order().await;
        assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    }
    assert_eq!(
        shop.panel().requests().len(),
        asked,
        "it is not even counted"
    );
    let np2 = shop.panels.nextpanel_panel("np-2").unwrap();
    assert_eq!(np2.created_by_clients(), 3);
    assert!(shop.engine.inspect(first).await.is_ok());
}

async fn a_full_fleet_is_planned_again_by_itself(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let stub = Stub::with_latency(Duration::ZERO);
    let make = |capacity, clock: &MovedClock| {
        builder(
            Arc::clone(&store),
            fleet(&[("np-1", capacity)]),
            clock.clone(),
        )
        .executor(stub.clone())
        .build()
        .unwrap()
    };
    let clock = MovedClock::default();
    let small = make(2, &clock);
    submit(&small, 0..5).await;
    let all_stand = async {
        until(&small, 2, Standing::AwaitingConfirmation).await;
        until(&small, 3, Standing::Rejected).await;
    };
    small.work(WorkOptions::default(), all_stand).await;
    // That nothing is taken up can only be seen over time: long enough for many looks.
    let a_while = tokio::time::sleep(Duration::from_millis(200));
    assert_eq!(
        small.work(WorkOptions::default(), a_while).await.taken_up,
        0
    );
    clock.advance(Duration::from_secs(61));
    let large = make(10, &clock);
    work_until(&large, 5, Standing::AwaitingConfirmation).await;
}

async fn a_run_is_cancelled_amid_its_call_and_begins_no_other(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let stub = Stub::with_latency(Duration::from_millis(150));
    let engine = engine(&store, &stub, &[("np-1", 100)], Duration::from_secs(60));
    let run = submit(&engine, 0..1).await[0];
    let over = until(&engine, 1, Standing::Over);
    let cancel = async {
        // Counting is the first call, creating the second.
        while stub.calls_to("np-1") < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        engine.cancel(run, "jo", "refunded").await.unwrap();
    };
    let working = engine.work(WorkOptions::default(), over);
    let ((), _) = tokio::join!(cancel, working);
    let view = engine.inspect(run).await.unwrap();
    let RunStatus::Over(Conclusion::Cancelled { by, exists, .. }) = status(&view) else {
        panic!("{:?}", status(&view))
    };
    assert_eq!((by.as_str(), exists.len()), ("jo", 1));
    assert_eq!(stub.calls_to("np-1"), 2, "nothing was verified any more");
    assert_eq!(stub.accounts_on("np-1"), 1, "what exists, exists");
}

/// What exists is found out before the run says that it is over: its call came to nothing certain.
async fn a_run_is_cancelled_amid_a_call_whose_reply_is_lost_and_says_what_exists(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    // Counting is the first call, creating the second.
    let stub = Stub::new(|_, number| match number {
        2 => What::LostReply(Duration::from_millis(150)),
        _ => What::Answer(Duration::ZERO),
    });
    let engine = engine(&store, &stub, &[("np-1", 100)], Duration::from_secs(60));
    let run = submit(&engine, 0..1).await[0];
    let over = until(&engine, 1, Standing::Over);
    let cancel = async {
        while stub.calls_to("np-1") < 2 {
            // Until the call is under way, which nothing tells but its being counted.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        engine.cancel(run, "jo", "refunded").await.unwrap();
    };
    let working = engine.work(WorkOptions::default(), over);
    let ((), _) = tokio::join!(cancel, working);
    let view = engine.inspect(run).await.unwrap();
    let RunStatus::Over(Conclusion::Cancelled { reason, exists, .. }) = status(&view) else {
        panic!("{:?}", status(&view))
    };
    assert_eq!(reason, "refunded");
    assert_eq!(exists, [crate::shop::hosting()]);
    assert_eq!(stub.calls_to("np-1"), 2, "nothing was begun any more");
    assert_eq!(stub.accounts_on("np-1"), 1, "nothing was deleted");
}

async fn an_order_without_a_plan_is_cancelled_and_never_planned(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let stub = Stub::with_latency(Duration::ZERO);
    let engine = engine(&store, &stub, &[("np-1", 100)], Duration::from_secs(60));
    let run = submit(&engine, 0..1).await[0];
    let view = engine.cancel(run, "jo", "refunded").await.unwrap();
    assert!(matches!(view.state, RunState::Cancelled { .. }), "{view:?}");
    // That nothing is taken up can only be seen over time: long enough for many looks.
    let a_while = tokio::time::sleep(Duration::from_millis(100));
    assert_eq!(
        engine.work(WorkOptions::default(), a_while).await.taken_up,
        0
    );
    let view = engine.run(run, RunOptions::default()).await.unwrap();
    assert!(matches!(view.state, RunState::Cancelled { .. }), "{view:?}");
    assert_eq!(stub.calls_to("np-1"), 0);
    let again = engine
        .submit(&order("0", "buyer0@example.com"))
        .await
        .unwrap();
    assert!(matches!(again, Submitted::Existing { .. }));
}

async fn a_wish_to_cancel_what_is_over_is_let_go_of(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let stub = Stub::with_latency(Duration::ZERO);
    let engine = engine(&store, &stub, &[("np-1", 100)], Duration::from_secs(60));
    let run = submit(&engine, 0..1).await[0];
    engine.run(run, RunOptions::default()).await.unwrap();
    engine.cancel(run, "jo", "refunded").await.unwrap();
    let wish = provisioning_engine::store::CancelWish {
        by: "jo".to_owned(),
        reason: "refunded twice".to_owned(),
        at: jiff::Timestamp::now(),
    };
    store.wish_cancel(run, wish).await.unwrap();
    // That nothing is sent can only be seen over time: long enough for many looks.
    let a_while = tokio::time::sleep(Duration::from_millis(150));
    let worked = engine.work(WorkOptions::default(), a_while).await;
    assert_eq!((worked.taken_up, worked.failed), (1, 0), "{worked:?}");
    assert_eq!(store.load(run).await.unwrap().cancel, None);
}

/// The clock is an argument, and clocks jump.
async fn a_clock_that_jumps_an_hour_either_way_makes_no_second_account(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let stub = Stub::with_latency(Duration::from_millis(40));
    let clock = MovedClock::default();
    let engine = builder(Arc::clone(&store), fleet(&[("np-1", 100)]), clock.clone())
        .executor(stub.clone())
        .lease(Duration::from_secs(30))
        .build()
        .unwrap();
    submit(&engine, 0..12).await;
    let jumping = async {
        for hours in [1_i64, -2, 3, -1] {
            // Between two jumps some of the calls of 40 ms come to their end.
            tokio::time::sleep(Duration::from_millis(45)).await;
            clock.jump(hours * 3_600);
        }
        clock.jump(4 * 3_600);
        until(&engine, 12, Standing::AwaitingConfirmation).await;
    };
    let working = engine.work(WorkOptions::default(), jumping);
    tokio::time::timeout(Duration::from_secs(20), working)
        .await
        .expect("a run is stranded");
    assert_eq!(stub.accounts_on("np-1"), 12);
}

/// A worker dies while it counts the server it would turn to: it has sent nothing there, so nothing is unknown, and whoever
/// goes on counts again.
async fn a_count_that_a_worker_died_in_leaves_nothing_unknown(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    let is_slow = Arc::new(AtomicBool::new(true));
    let slow = Arc::clone(&is_slow);
    let stub = Stub::new(move |server, number| match (server, number) {
        ("np-1", 2..) => What::Dead(Duration::ZERO),
        ("np-2", 2..) if slow.load(Ordering::Relaxed) => What::Answer(Duration::from_secs(60)),
        _ => What::Answer(Duration::ZERO),
    });
    let servers = [("np-1", 10), ("np-2", 10)];
    let engine = engine(&store, &stub, &servers, Duration::from_millis(100));
    let [run] = submit(&engine, 0..1).await.try_into().unwrap();
    let options = RunOptions::default();
    let dies = tokio::time::timeout(Duration::from_millis(500), engine.run(run, options)).await;
    assert!(dies.is_err(), "it waits for the count");
    is_slow.store(false, Ordering::Relaxed);
    // Until the lease of the one that died has ended.
    tokio::time::sleep(Duration::from_millis(150)).await;
    let view = engine.run(run, options).await.unwrap();
    assert!(is_awaiting_confirmation(&view), "{view:?}");
    let entries = &planned(&view).journal().entries;
    let interrupted = |entry: &Entry| matches!(entry.event, Event::Interrupted { .. });
    assert!(!entries.iter().any(interrupted), "{entries:?}");
    assert_eq!(stub.accounts_on("np-2"), 1);
}

/// A server that asks for a pause works: the runs that have their places there wait, and go nowhere else.
async fn a_pause_that_one_run_was_asked_for_makes_no_other_leave_its_server(kind: StoreKind) {
    let (store, _folder) = new_store(kind).await;
    // The first call after the three counts.
    let stub = Stub::new(|server, number| match (server, number) {
        ("np-1", 4) => What::Pause(Duration::from_millis(300)),
        _ => What::Answer(Duration::ZERO),
    });
    let servers = [("np-1", 10), ("np-2", 10)];
    let engine = engine(&store, &stub, &servers, Duration::from_secs(5));
    let runs = submit(&engine, 0..3).await;
    for run in &runs {
        engine.plan_run(*run).await.unwrap();
    }
    let soon = RunOptions {
        longest_wait: Duration::ZERO,
    };
    engine.run(runs[0], soon).await.unwrap();
    work_until(&engine, 3, Standing::AwaitingConfirmation).await;
    assert_eq!(stub.accounts_on("np-1"), 2);
    assert_eq!(stub.accounts_on("np-2"), 1);
    for run in engine.list(Wanted::default()).await.unwrap() {
        let view = engine.inspect(run.id).await.unwrap();
        let entries = &planned(&view).journal().entries;
        let servers: BTreeSet<_> = entries
            .iter()
            .filter_map(|entry| match &entry.event {
                Event::Intent(intent) => intent.server.clone(),
                _ => None,
            })
            .collect();
        assert_eq!(servers.len(), 1, "{entries:?}");
    }
}

on_every_store!(
    a_count_that_a_worker_died_in_leaves_nothing_unknown,
    a_pause_that_one_run_was_asked_for_makes_no_other_leave_its_server,
    a_worker_takes_up_whatever_is_due_and_stops_when_it_is_asked_to,
    a_call_that_outlasts_its_lease_is_not_taken_over,
    a_worker_that_was_taken_over_amid_its_call_drops_it_at_once,
    a_worker_that_is_stopped_ends_its_calls_and_gives_everything_back,
    a_step_that_ends_its_workers_is_left_alone_after_three_and_holds_nobody_up,
    a_dead_server_is_left_alone_and_holds_nobody_up,
    a_run_leaves_a_server_that_died_after_planning_for_the_next_ranked_one,
    runs_on_the_only_server_wait_for_it_and_write_nothing_meanwhile,
    a_server_is_asked_no_more_at_once_than_its_limit_and_holds_no_other_up,
    a_refused_key_parks_every_run_and_none_spins_and_all_finish_once_it_is_mended,
    a_refused_key_is_tried_again_by_one_run_every_ten_minutes,
    new_orders_go_where_the_key_is_taken,
    a_full_fleet_is_planned_again_by_itself,
    a_run_is_cancelled_amid_its_call_and_begins_no_other,
    a_run_is_cancelled_amid_a_call_whose_reply_is_lost_and_says_what_exists,
    an_order_without_a_plan_is_cancelled_and_never_planned,
    a_wish_to_cancel_what_is_over_is_let_go_of,
    a_clock_that_jumps_an_hour_either_way_makes_no_second_account,
);
