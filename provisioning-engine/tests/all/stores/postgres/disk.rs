//! A disk that is full, a server that takes no writes, and one that takes no more connections.

use std::sync::Arc;
use std::time::{Duration, Instant};

use provisioning_core::order::{OrderMode, PaymentEventKind, TenantId};
use provisioning_core::run::event::Entry;
use provisioning_engine::executor::Known;
use provisioning_engine::store::{
    KeptCustomer, LeaseClock, NewEvent, PostgresStore, Sealed, Settled, Standing, Store,
    StoreError, Submitted, Wanted,
};
use provisioning_engine::{EngineError, RunOptions, WorkOptions};

use super::hindrance::Hindrance;
use super::role::Role;
use crate::place::{Schema, StoreKind, database_url, terminate};
use crate::shop::{MovedClock, Shop, builder, is_awaiting_confirmation, over, status};
use crate::stores::desk::{
    LEASE, a_plan, an_order, at, new_run, places, room, sealed, server, submit,
};

const DISK_FULL: &str = "53100";

/// A store with one connection, so that what it writes is the same every time, and what hinders it.
struct Desk {
    store: Arc<dyn Store>,
    hindrance: Hindrance,
    /// Dropped with this.
    schema: Schema,
}

impl Desk {
    async fn new() -> Option<Self> {
        database_url()?;
        let schema = Schema::new();
        let store = PostgresStore::open_with(schema.options().with_connections(1)).await;
        let store: Arc<dyn Store> = Arc::new(store.unwrap());
        let hindrance = Hindrance::prepare(&schema).await;
        // The connection's own row is written with its first transaction.
        submit(&store, "before", at(0)).await;
        Some(Self {
            store,
            hindrance,
            schema,
        })
    }

    /// Asks with the disk full from the first write on, then from the second one, and so on to the COMMIT; then with room.
    async fn full_at_every_write<T>(
        &mut self,
        what: &str,
        ask: impl AsyncFn(&dyn Store) -> Result<T, StoreError>,
    ) -> T {
        let before = self.hindrance.dump().await;
        for write in 1.. {
            self.hindrance.begin(write, DISK_FULL).await;
            let answer = ask(&*self.store).await;
            let was_refused = self.hindrance.end().await;
            match answer {
                Err(error) => {
                    assert!(
                        matches!(error, StoreError::Full { .. }),
                        "{what}, write {write}: {error}"
                    );
                    assert!(error.to_string().contains("make room"), "{error}");
                    assert!(!error.is_about_one_run());
                    let after = self.hindrance.dump().await;
                    assert_eq!(before, after, "{what} is half stored after write {write}");
                }
                Ok(value) => {
                    assert!(!was_refused, "{what} is said to be stored");
                    // Its number, something, and the COMMIT.
                    assert!(write > 3, "{what} writes {write} times");
                    return value;
                }
            }
        }
        unreachable!()
    }
}

#[tokio::test]
async fn whatever_is_asked_of_a_full_disk_is_refused_whole_and_done_once_there_is_room() {
    let Some(mut desk) = Desk::new().await else {
        return;
    };
    let new = new_run("1", at(0));
    let submitted = desk
        .full_at_every_write("submit", async |store| store.submit(new.clone()).await)
        .await;
    assert!(matches!(submitted, Submitted::New { .. }), "{submitted:?}");
    let run = new.id;
    let claim = desk
        .full_at_every_write("claim", async |store| {
            store.claim(run, "tests", at(0), at(0) + LEASE).await
        })
        .await;
    assert_eq!(claim.fence, 1);
    desk.full_at_every_write("extend", async |store| store.extend(&claim).await)
        .await;
    let plan = a_plan("1");
    let projection = places(&plan, at(0));
    desk.full_at_every_write("planned", async |store| {
        let (plan, projection) = (plan.clone(), projection.clone());
        store
            .planned(&claim, plan, projection, &room(u64::MAX >> 1, 1))
            .await
    })
    .await;
    let entry = Entry {
        at: at(1),
        event: sealed(&provisioning_core::run::Run::start(plan.clone()), "bytes"),
    };
    desk.full_at_every_write("append", async |store| {
        let entries = std::slice::from_ref(&entry);
        store
            .append(&claim, entries, projection.clone(), None)
            .await
    })
    .await;
    let event = NewEvent {
        tenant: TenantId::new("shop").unwrap(),
        mode: OrderMode::Live,
        id: "evt_1".to_owned(),
        aliases: new.aliases.clone(),
        kind: PaymentEventKind::Refunded,
        occurred_at: at(2),
        details: Sealed {
            key_id: "tests".to_owned(),
            value: "sealed event".to_owned(),
        },
        at: at(2),
    };
    desk.full_at_every_write("keep_event", async |store| {
        store.keep_event(event.clone()).await
    })
    .await;
    let settled = Settled {
        version: 1,
        decide_at: None,
        unpaid: None,
        question: None,
    };
    desk.full_at_every_write("settle", async |store| {
        store.settle(&claim, settled.clone()).await
    })
    .await;
    let customer = KeptCustomer {
        index: "hash".to_owned(),
        run,
        customer: event.details.clone(),
    };
    desk.full_at_every_write("keep_customer", async |store| {
        store.keep_customer(customer.clone()).await
    })
    .await;
    let learned = Known {
        shows_marks: true,
        logins_work: false,
    };
    desk.full_at_every_write("learn", async |store| {
        store.learn(&server("np-1"), learned).await
    })
    .await;
    desk.full_at_every_write("release", async |store| store.release(&claim, None).await)
        .await;
    let claim = desk
        .store
        .claim(run, "tests", at(0), at(0) + LEASE)
        .await
        .unwrap();
    desk.full_at_every_write("forget", async |store| store.forget(&claim, at(9)).await)
        .await;
    desk.store.close().await;
}

/// The Intent is durable before the call: a disk that fills up at any moment never leaves an account nobody knows of.
#[tokio::test]
async fn an_order_that_the_disk_interrupts_anywhere_is_finished_once_there_is_room() {
    if database_url().is_none() {
        return;
    }
    let schema = Schema::new();
    let open = async || {
        // Leases move with the clock of this test.
        let options = schema.options().with_lease_clock(LeaseClock::Caller);
        PostgresStore::open_with(options).await.unwrap()
    };
    let shop = Shop::with_one_server(StoreKind::Memory, |panel| panel.with_capacity(1_000)).await;
    let (executor, fleet) = over(&shop.panels, &[]);
    let clock = MovedClock::default();
    let make = |store: PostgresStore| {
        builder(Arc::new(store), fleet.clone(), clock.clone())
            .executor(executor.clone())
            .build()
            .unwrap()
    };
    // One meets the full disk; what the other one knows it has read.
    let (one, other) = (make(open().await), make(open().await));
    let mut hindrance = Hindrance::prepare(&schema).await;
    let mut interrupted = 0;
    for write in 1.. {
        let order = an_order(&write.to_string());
        hindrance.begin(write, DISK_FULL).await;
        let first = async {
            let submitted = one.submit(&order).await?;
            let run = match submitted {
                Submitted::New { run } => run,
                other => panic!("{write}: {other:?}"),
            };
            one.run(run, RunOptions::default()).await
        };
        let first = first.await;
        let was_refused = hindrance.end().await;
        if let Err(error) = first {
            assert!(was_refused, "{write}: {error}");
            assert!(
                matches!(error, EngineError::Store(StoreError::Full { .. })),
                "{write}: {error}"
            );
            interrupted += 1;
        }
        let run = match other.submit(&order).await.unwrap() {
            Submitted::New { run } | Submitted::Existing { run, .. } => run,
            other => panic!("{write}: {other:?}"),
        };
        // The lease could not be given back either.
        clock.advance(Duration::from_secs(60));
        let view = other.run(run, RunOptions::default()).await.unwrap();
        assert!(
            is_awaiting_confirmation(&view),
            "{write}: {:?}",
            status(&view)
        );
        let orders = usize::try_from(write).unwrap();
        assert_eq!(shop.panel().created_by_clients(), orders, "write {write}");
        if !was_refused {
            break;
        }
    }
    // As many as an order has writes and COMMITs that something depends on.
    assert!(interrupted > 25, "{interrupted}");
    one.close().await;
    other.close().await;
}

/// Nobody restarts anything: the worker finds out by itself that there is room again.
#[tokio::test]
async fn a_worker_on_a_full_disk_loses_nothing_and_goes_on_when_there_is_room() {
    const ORDERS: usize = 24;
    if database_url().is_none() {
        return;
    }
    let schema = Schema::new();
    let store: Arc<dyn Store> = Arc::new(schema.open().await);
    let mut hindrance = Hindrance::prepare(&schema).await;
    let shop = Shop::with_one_server(StoreKind::Memory, |panel| panel).await;
    let (executor, fleet) = over(&shop.panels, &[]);
    let engine = builder(Arc::clone(&store), fleet, MovedClock::default())
        .executor(executor)
        .lease(StoreKind::Postgres.keepable(Duration::from_millis(300)))
        .build()
        .unwrap();
    for number in 0..ORDERS {
        engine.submit(&an_order(&number.to_string())).await.unwrap();
    }
    let done = async || {
        let wanted = Wanted {
            standing: Some(Standing::AwaitingConfirmation),
            ..Wanted::default()
        };
        engine.list(wanted).await.unwrap().len()
    };
    // So late that something is done already.
    hindrance.begin(60, DISK_FULL).await;
    let until = async {
        // While the disk is full nothing happens that could be waited for: time for many tries.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(done().await < ORDERS, "the disk is full");
        assert!(hindrance.end().await);
        while done().await < ORDERS {
            // The worker tells this test nothing: asked again and again, within the limit below.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let working = engine.work(WorkOptions::default(), until);
    // Well below the longest time that a store is left alone: many runs that fail at once are one failure.
    let worked = tokio::time::timeout(Duration::from_secs(20), working)
        .await
        .expect("it never goes on");
    assert_eq!(worked.panicked, 0);
    assert_eq!(shop.panel().created_by_clients(), ORDERS);
    engine.close().await;
}

#[tokio::test]
async fn what_the_database_says_is_told_with_what_to_do_about_it() {
    let Some(mut desk) = Desk::new().await else {
        return;
    };
    let is_full: fn(&StoreError) -> bool = |error| matches!(error, StoreError::Full { .. });
    let is_read_only: fn(&StoreError) -> bool =
        |error| matches!(error, StoreError::ReadOnly { .. });
    let is_unavailable: fn(&StoreError) -> bool =
        |error| matches!(error, StoreError::Unavailable { .. });
    for (what, code, expected, advice) in [
        ("the disk is full", DISK_FULL, is_full, "make room"),
        (
            "a read-only transaction",
            "25006",
            is_read_only,
            "a server that takes writes",
        ),
        (
            "a right is missing",
            "42501",
            is_read_only,
            "every table of the schema",
        ),
        ("out of memory", "53200", is_unavailable, "can be repeated"),
        ("a limit", "53400", is_unavailable, "can be repeated"),
        ("cancelled", "57014", is_unavailable, "can be repeated"),
        ("a broken disk", "58030", is_unavailable, "can be repeated"),
        ("starting up", "57P03", is_unavailable, "can be repeated"),
    ] {
        let new = new_run(code, at(0));
        let before = desk.hindrance.dump().await;
        desk.hindrance.begin(2, code).await;
        let error = desk.store.submit(new.clone()).await.unwrap_err();
        assert!(expected(&error), "{what}: {error}");
        let told = error.to_string();
        assert!(told.contains("hindered"), "what it said: {told}");
        assert!(told.contains(advice), "{what}: {told}");
        assert!(!error.is_about_one_run(), "{what}");
        assert!(desk.hindrance.end().await);
        let runs = |dump: &str| dump.matches("shop/").count();
        assert_eq!(runs(&desk.hindrance.dump().await), runs(&before), "{what}");
        let again = desk.store.submit(new).await.unwrap();
        assert!(matches!(again, Submitted::New { .. }), "{what}: {again:?}");
    }
    // Opening it writes too.
    desk.hindrance.begin(1, DISK_FULL).await;
    let opened = PostgresStore::open_with(desk.schema.options()).await;
    let error = opened.unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    assert!(error.to_string().contains(&desk.schema.name), "{error}");
    desk.store.close().await;
}

/// As after a failover, when the name still leads to the server that only follows now: what it says is told at once, and
/// what can be read is read.
#[tokio::test]
async fn a_server_that_takes_no_writes_any_more_is_read_and_written_again_when_it_takes_them() {
    if database_url().is_none() {
        return;
    }
    let schema = Schema::new();
    schema.open().await.close().await;
    let role = Role::new(&schema).await;
    let patience = Duration::from_secs(5);
    let options = role.options().with_connections(2).with_patience(patience);
    let store: Arc<dyn Store> = Arc::new(PostgresStore::open_with(options).await.unwrap());
    let run = submit(&store, "1", at(0)).await;
    role.alter("SET default_transaction_read_only = on").await;
    terminate(&mut schema.connect().await, &schema.name).await;

    assert!(store.load(run).await.is_ok());
    let begun = Instant::now();
    let error = store.submit(new_run("2", at(0))).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    assert!(
        error.to_string().contains("a server that takes writes"),
        "{error}"
    );
    assert!(begun.elapsed() < patience, "it was told before");
    assert!(store.load(run).await.is_ok());

    role.alter("RESET default_transaction_read_only").await;
    // The connection that read may still be one that takes no writes.
    let written = async {
        while let Err(error) = store.submit(new_run("2", at(0))).await {
            assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
        }
    };
    tokio::time::timeout(patience, written)
        .await
        .expect("it is never written again");
    store.close().await;
    role.drop().await;
}

#[tokio::test]
async fn a_server_that_takes_no_more_connections_is_waited_for_only_so_long() {
    if database_url().is_none() {
        return;
    }
    let schema = Schema::new();
    schema.open().await.close().await;
    let role = Role::new(&schema).await;
    let options = || {
        role.options()
            .with_connections(4)
            .with_patience(Duration::from_millis(500))
    };
    let store = PostgresStore::open_with(options()).await.unwrap();
    let new = new_run("1", at(0));
    store.submit(new.clone()).await.unwrap();
    role.alter("CONNECTION LIMIT 0").await;
    terminate(&mut schema.connect().await, &schema.name).await;
    let at_opening = PostgresStore::open_with(options()).await.unwrap_err();
    let at_work = store.load(new.id).await.unwrap_err();
    for error in [&at_opening, &at_work] {
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
        assert!(error.to_string().contains("connections"), "{error}");
    }
    role.alter("CONNECTION LIMIT -1").await;
    assert!(store.load(new.id).await.is_ok());
    let again = store.submit(new_run("2", at(0))).await.unwrap();
    assert!(matches!(again, Submitted::New { .. }), "{again:?}");
    store.close().await;
    role.drop().await;
}
