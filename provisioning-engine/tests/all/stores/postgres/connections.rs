//! Connections that are lost: what was not committed is done again, what may have been committed is looked up.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use provisioning_engine::WorkOptions;
use provisioning_engine::store::{
    PostgresOptions, PostgresStore, Standing, Store, StoreError, StoredState, Submitted, Wanted,
};
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use crate::place::{Schema, database_url, terminate};
use crate::shop::{MovedClock, builder, new_run, order};
use crate::stores::desk::{append, new_run as a_run, planned, sealed};
use crate::stores::wire::{Cut, Wire};
use crate::stub::{Stub, fleet};

/// Where the database listens.
async fn database(url: &str) -> SocketAddr {
    let options: PgConnectOptions = url.parse().unwrap();
    let host = (options.get_host(), options.get_port());
    tokio::net::lookup_host(host).await.unwrap().next().unwrap()
}

/// A store whose connections all go through a relay.
async fn through(wire: &Wire, schema: &Schema, patience: Duration) -> Arc<dyn Store> {
    let connect: PgConnectOptions = schema.url.parse().unwrap();
    let connect = connect
        .host(&wire.address().ip().to_string())
        .port(wire.address().port())
        // The relay has to see where a COMMIT is.
        .ssl_mode(PgSslMode::Disable)
        .application_name(&schema.name);
    let options = PostgresOptions::new(connect)
        .with_schema(schema.name.parse().unwrap())
        .with_connections(4)
        .with_patience(patience)
        .allow_fsync_off();
    Arc::new(PostgresStore::open_with(options).await.unwrap())
}

#[tokio::test]
async fn a_commit_that_did_not_arrive_is_done_again_and_one_whose_reply_was_lost_is_not() {
    let Some(url) = database_url() else { return };
    for cut in [Cut::BeforeCommit, Cut::BeforeReply] {
        let schema = Schema::new();
        let wire = Wire::to(database(&url).await).await;
        let store = through(&wire, &schema, Duration::from_secs(10)).await;
        let now = Timestamp::now();

        wire.cut(cut, 1);
        let submitted = store.submit(a_run("1", now)).await.unwrap();
        assert!(
            matches!(submitted, Submitted::New { .. }),
            "{cut:?}: {submitted:?}"
        );

        wire.cut(cut, 2);
        let new = a_run("2", now);
        store.submit(new.clone()).await.unwrap();
        let claim = store
            .claim(new.id, "tests", now, now + SignedDuration::from_mins(1))
            .await
            .unwrap();
        assert_eq!(claim.fence, 1, "{cut:?}: claimed once");

        let (claim, mut run) = planned(&store, "3", now).await;
        wire.cut(cut, 1);
        let event = sealed(&run, "bytes");
        append(&store, &claim, &mut run, event, now).await.unwrap();
        let StoredState::Planned(journal) = store.load(claim.run).await.unwrap().state else {
            panic!()
        };
        assert_eq!(journal.entries.len(), 1, "{cut:?}");
        assert_eq!(wire.cuts(), 4);
        assert_eq!(store.list(Wanted::default()).await.unwrap().len(), 3);
    }
}

/// Places are committed first and made durable afterwards: a loss between the two is looked up as well.
#[tokio::test]
async fn places_whose_commit_was_cut_are_taken_once() {
    let Some(url) = database_url() else { return };
    for cut in [Cut::BeforeCommit, Cut::BeforeReply] {
        let schema = Schema::new();
        let wire = Wire::to(database(&url).await).await;
        let store = through(&wire, &schema, Duration::from_secs(10)).await;
        let now = Timestamp::now();
        let new = a_run("1", now);
        store.submit(new.clone()).await.unwrap();
        let until = now + SignedDuration::from_mins(1);
        let claim = store.claim(new.id, "tests", now, until).await.unwrap();
        let plan = crate::stores::desk::a_plan("1");
        let places = crate::stores::desk::places(&plan, now);
        wire.cut(cut, 1);
        let room = crate::stores::desk::room(0, 1);
        store.planned(&claim, plan, places, &room).await.unwrap();
        let held = store.reservations(None).await.unwrap();
        assert_eq!((held.version, held.reservations.len()), (1, 1), "{cut:?}");
        assert_eq!(wire.cuts(), 1);
    }
}

/// Nothing comes back, and nobody says that the connection is gone.
#[tokio::test]
async fn a_database_that_says_nothing_any_more_is_waited_for_only_so_long() {
    let Some(url) = database_url() else { return };
    let schema = Schema::new();
    let wire = Wire::to(database(&url).await).await;
    let patience = Duration::from_secs(2);
    let store = through(&wire, &schema, patience).await;
    let new = a_run("1", Timestamp::now());
    store.submit(new.clone()).await.unwrap();
    wire.flow(false);
    let error = store.load(new.id).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("within"), "{error}");
    let now = Timestamp::now();
    let until = now + SignedDuration::from_mins(1);
    let error = store.claim(new.id, "tests", now, until).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    wire.flow(true);
    let claimed = store.claim(new.id, "tests", now, until).await;
    assert!(claimed.is_ok(), "{claimed:?}");
}

/// All connections of all workers are ended again and again, and nobody but the log hears of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_survive_the_end_of_all_their_connections_again_and_again() {
    const ORDERS: usize = 60;
    if database_url().is_none() {
        return;
    }
    let schema = Schema::new();
    let stub = Stub::with_latency(Duration::from_millis(20));
    let mut engines = Vec::new();
    for _ in 0..2 {
        let engine = builder(
            Arc::new(schema.open().await),
            fleet(&[("np-1", 1_000)]),
            MovedClock::default(),
        )
        .executor(stub.clone())
        .build()
        .unwrap();
        engines.push(engine);
    }
    for number in 0..ORDERS {
        let order = order(&format!("{number}"), &format!("buyer{number}@example.com"));
        new_run(&engines[number % 2], &order).await;
    }
    let all_done = async |engine: &provisioning_engine::Engine| {
        let wanted = Wanted {
            standing: Some(Standing::AwaitingConfirmation),
            ..Wanted::default()
        };
        while engine
            .list(wanted.clone())
            .await
            .is_ok_and(|done| done.len() < ORDERS)
        {
            // Asking too often would be load of its own; the test below limits the whole.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let mut administrator = schema.connect().await;
    let ending = async {
        let mut ended = 0;
        for _ in 0..12 {
            // Time for new connections to be made and used before they are ended as well.
            tokio::time::sleep(Duration::from_millis(100)).await;
            ended += terminate(&mut administrator, &schema.name).await;
        }
        ended
    };
    let [one, other] = &engines[..] else { panic!() };
    let options = WorkOptions::default().with_concurrency(8);
    let working = async {
        tokio::join!(
            one.work(options, all_done(one)),
            other.work(options, all_done(other)),
            ending
        )
    };
    let (first, second, ended) = tokio::time::timeout(Duration::from_secs(120), working)
        .await
        .expect("the work is never done");
    assert!(ended > 20, "{ended} connections were ended");
    assert_eq!(first.panicked + second.panicked, 0);
    assert_eq!(stub.accounts_on("np-1"), ORDERS);
    assert_eq!(stub.twice_at_once(), [""; 0]);
}

/// A worker is cut off for longer than its lease: another one takes its run, and when it is back it changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_was_cut_off_for_longer_than_its_lease_does_no_harm_when_it_returns() {
    let Some(url) = database_url() else { return };
    let schema = Schema::new();
    let wire = Wire::to(database(&url).await).await;
    let lease = Duration::from_secs(1);
    let stub = Stub::new(|_, number| match number {
        // The first create is answered while its worker is cut off: 1 counts the server, 2 creates.
        2 => crate::stub::What::Answer(Duration::from_millis(2_500)),
        _ => crate::stub::What::Answer(Duration::from_millis(1)),
    });
    let cut_off = through(&wire, &schema, Duration::from_secs(30)).await;
    let make = |store: Arc<dyn Store>| {
        builder(store, fleet(&[("np-1", 9)]), MovedClock::default())
            .executor(stub.clone())
            .lease(lease)
            .build()
            .unwrap()
    };
    let (slow, other) = (make(cut_off), make(Arc::new(schema.open().await)));
    let run = new_run(&slow, &order("1", "ada@example.com")).await;
    let returning = tokio::spawn({
        let slow = slow.clone();
        async move {
            slow.run(run, provisioning_engine::RunOptions::default())
                .await
        }
    });
    while stub.calls_to("np-1") < 2 {
        // Until the call is under way, which nothing tells but its being counted.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    wire.flow(false);
    // Taken over as soon as the lease is over; the account that is being made is nobody's second one.
    let taken_over = async {
        loop {
            match other
                .run(run, provisioning_engine::RunOptions::default())
                .await
            {
                Ok(view) if crate::shop::is_awaiting_confirmation(&view) => return view,
                Ok(_) => {}
                Err(error) => assert!(error.is_about_one_run(), "{error}"),
            }
            // Until the lease of the one that was dropped has ended.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), taken_over)
        .await
        .expect("it is never taken over");
    let before = other.inspect(run).await.unwrap();
    wire.flow(true);
    let refused = returning.await.unwrap().unwrap_err();
    assert!(
        matches!(
            refused,
            provisioning_engine::EngineError::Store(StoreError::FencedOut(_))
        ),
        "{refused}"
    );
    let after = other.inspect(run).await.unwrap();
    let entries = |view| crate::shop::planned(view).journal().entries.len();
    assert_eq!(entries(&before), entries(&after), "it wrote nothing");
    assert_eq!(stub.accounts_on("np-1"), 1);
}

#[tokio::test]
async fn what_is_submitted_in_one_process_is_heard_of_in_the_others() {
    if database_url().is_none() {
        return;
    }
    let schema = Schema::new();
    let (one, other) = (schema.open().await, schema.open().await);
    // What was said before the other listened is lost, which is why nothing depends on it: so it is said again.
    let saying = async {
        for number in 0.. {
            let new = a_run(&format!("{number}"), Timestamp::now());
            one.submit(new).await.unwrap();
            // The other may not listen yet: time to hear this one before the next.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::select! {
        () = saying => {}
        heard = tokio::time::timeout(Duration::from_secs(30), other.due_elsewhere()) => heard.unwrap(),
        () = one.due_elsewhere() => panic!("it hears itself"),
    }
    let busy = BTreeSet::new();
    let now = Timestamp::now();
    let due = other.claim_due("tests", now, now + SignedDuration::from_mins(1), 9, &busy);
    assert!(!due.await.unwrap().is_empty());
}
