//! A disk that is full, and a file that may only be read.

use std::sync::Arc;
use std::time::Duration;

use provisioning_engine::store::{
    SqliteOptions, SqliteStore, Standing, Store, StoreError, Submitted, Wanted,
};
use provisioning_engine::{RunOptions, WorkOptions};
use tempfile::TempDir;

use super::desk::{an_order, at, new_run, submit};
use crate::place::{StoreKind, file_by_hand, file_in};
use crate::shop::{MovedClock, Shop, builder, is_awaiting_confirmation, over, status};

#[tokio::test]
async fn a_full_disk_refuses_what_does_not_fit_and_keeps_what_did() {
    let folder = TempDir::new().unwrap();
    let file = file_in(&folder);
    let limited = SqliteOptions::new(&file).with_most_pages(60);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open_with(limited).await.unwrap());
    let mut kept = Vec::new();
    let refused = loop {
        let number = kept.len();
        match store.submit(new_run(&number.to_string(), at(0))).await {
            Ok(Submitted::New { run }) => kept.push(run),
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Full { .. }), "{refused}");
    assert!(refused.to_string().contains("make room"), "{refused}");
    assert!(kept.len() > 10);
    for run in &kept {
        assert!(store.load(*run).await.is_ok());
    }
    store.close().await;

    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&file).await.unwrap());
    let again = store
        .submit(new_run(&kept.len().to_string(), at(0)))
        .await
        .unwrap();
    assert!(
        matches!(again, Submitted::New { .. }),
        "it was not half stored"
    );
}

/// The Intent is durable before the call: a disk that fills up at any moment never leaves an account nobody knows of.
#[tokio::test]
async fn an_order_that_the_disk_interrupts_anywhere_is_finished_once_there_is_room() {
    let mut interrupted = 0;
    let mut pages = 40;
    loop {
        let shop = Shop::with_one_server(StoreKind::Memory, |panel| panel).await;
        let folder = TempDir::new().unwrap();
        let file = file_in(&folder);
        // Small pages, so that there are many moments at which one more is wanted.
        let small = "PRAGMA page_size = 512; CREATE TABLE t (id); DROP TABLE t;";
        file_by_hand(&file, small);
        SqliteStore::open(&file).await.unwrap().close().await;
        let (executor, fleet) = over(&shop.panels, &[]);
        let clock = MovedClock::default();
        let limited = SqliteOptions::new(&file).with_most_pages(pages);
        let Ok(store) = SqliteStore::open_with(limited).await else {
            pages += 1;
            continue;
        };
        let engine = builder(Arc::new(store), fleet.clone(), clock.clone())
            .executor(executor.clone())
            .build()
            .unwrap();
        let order = an_order("7");
        let Ok(Submitted::New { run }) = engine.submit(&order).await else {
            pages += 1;
            continue;
        };
        let first = engine.run(run, RunOptions::default()).await;
        engine.close().await;
        if first.is_ok() {
            break;
        }
        interrupted += 1;
        // The lease could not be given back either.
        clock.advance(Duration::from_secs(60));
        let store = SqliteStore::open(&file).await.unwrap();
        let engine = builder(Arc::new(store), fleet, clock)
            .executor(executor)
            .build()
            .unwrap();
        let view = engine.run(run, RunOptions::default()).await.unwrap();
        assert!(
            is_awaiting_confirmation(&view),
            "{pages}: {:?}",
            status(&view)
        );
        assert_eq!(shop.panel().created_by_clients(), 1, "{pages} pages");
        pages += 1;
    }
    assert!(interrupted >= 5, "{interrupted}");
}

/// Nobody restarts anything: the worker finds out by itself that there is room again.
#[tokio::test]
async fn a_worker_on_a_full_disk_loses_nothing_and_goes_on_when_there_is_room() {
    const ORDERS: usize = 6;
    let shop = Shop::with_one_server(StoreKind::Memory, |panel| panel).await;
    let folder = TempDir::new().unwrap();
    let file = file_in(&folder);
    let limited = SqliteOptions::new(&file).with_most_pages(400);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open_with(limited).await.unwrap());
    let (executor, fleet) = over(&shop.panels, &[]);
    let engine = builder(Arc::clone(&store), fleet, MovedClock::default())
        .executor(executor)
        .lease(Duration::from_millis(300))
        .build()
        .unwrap();
    for number in 0..ORDERS {
        engine.submit(&an_order(&number.to_string())).await.unwrap();
    }
    // Somebody else fills the disk.
    let pages = "WITH RECURSIVE page(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM page WHERE n < 500) \
        SELECT zeroblob(4000) FROM page";
    file_by_hand(
        &file,
        &format!("CREATE TABLE filler (bytes BLOB); INSERT INTO filler {pages};"),
    );
    let done = async || {
        let wanted = Wanted {
            standing: Some(Standing::AwaitingConfirmation),
            ..Wanted::default()
        };
        engine.list(wanted).await.unwrap().len()
    };
    let until = async {
        // While the disk is full nothing happens that could be waited for: time for many tries.
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(done().await < ORDERS, "the disk is full");
        file_by_hand(&file, "DROP TABLE filler");
        while done().await < ORDERS {
            // The worker tells this test nothing: asked again and again, within the limit below.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let working = engine.work(WorkOptions::default(), until);
    let worked = tokio::time::timeout(Duration::from_secs(60), working)
        .await
        .expect("it never goes on");
    assert_eq!(worked.panicked, 0);
    assert_eq!(shop.panel().created_by_clients(), ORDERS);
}

#[tokio::test]
async fn a_file_that_may_only_be_read_is_refused_with_what_to_do() {
    let folder = TempDir::new().unwrap();
    let file = file_in(&folder);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&file).await.unwrap());
    submit(&store, "1", at(0)).await;
    store.close().await;
    let before = std::fs::read(&file).unwrap();
    let read_only = SqliteOptions::new(&file).read_only();
    let error = SqliteStore::open_with(read_only).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    assert!(error.to_string().contains("mode=ro"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn a_closed_store_says_so_and_everything_is_in_the_file() {
    let folder = TempDir::new().unwrap();
    let file = file_in(&folder);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&file).await.unwrap());
    let writing: Vec<_> = (0..50)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { submit(&store, &number.to_string(), at(0)).await })
        })
        .collect();
    let mut runs = Vec::new();
    for run in writing {
        runs.push(run.await.unwrap());
    }
    store.close().await;
    assert!(!folder.path().join("runs.sqlite3-wal").exists());
    let error = store.submit(new_run("late", at(0))).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(store.load(runs[0]).await.is_err());
    store.close().await;
    let store = SqliteStore::open(&file).await.unwrap();
    for run in runs {
        assert!(store.load(run).await.is_ok());
    }
}
