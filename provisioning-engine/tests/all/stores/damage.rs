//! Files that are not ours, too new, or edited by hand: a typed error that says what to do, nothing overwritten.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use provisioning_core::run::journal::JournalError;
use provisioning_engine::EngineError;
use provisioning_engine::seal::{SealError, Sealer};
use provisioning_engine::store::{SqliteOptions, SqliteStore, Standing, Store, StoreError, Wanted};
use secrecy::SecretSlice;
use tempfile::TempDir;

use super::desk::{a_plan, at, claim, places, planned, room, submit};
use crate::place::{
    StoreKind, file_by_hand, file_in, killed_amid_a_change, new_store, on_every_lasting_store, open,
};
use crate::shop::{MovedClock, Shop, builder, is_awaiting_confirmation, new_run, order, over};

async fn refused(file: &Path) -> StoreError {
    let before = std::fs::read(file).unwrap();
    let error = SqliteStore::open(file).await.unwrap_err();
    assert_eq!(std::fs::read(file).unwrap(), before, "{error}");
    assert!(
        error.to_string().contains("nothing in it was changed"),
        "{error}"
    );
    error
}

#[tokio::test]
async fn a_database_of_another_program_is_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let with_tables = folder.path().join("tables.sqlite3");
    file_by_hand(
        &with_tables,
        "CREATE TABLE runs (id TEXT); INSERT INTO runs VALUES ('theirs')",
    );
    let with_application = folder.path().join("application.sqlite3");
    file_by_hand(&with_application, "PRAGMA application_id = 77");
    let with_version = folder.path().join("version.sqlite3");
    file_by_hand(&with_version, "PRAGMA user_version = 1");
    let with_log = folder.path().join("log.sqlite3");
    file_by_hand(
        &with_log,
        "PRAGMA journal_mode = WAL; CREATE TABLE theirs (id TEXT)",
    );
    for file in [with_tables, with_application, with_version, with_log] {
        let error = refused(&file).await;
        assert!(matches!(error, StoreError::NotOurs { .. }), "{error}");
        assert!(error.to_string().contains("name another file"), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(
        &file,
        "Dear diary, today I sold a hosting plan. ".repeat(100),
    )
    .unwrap();
    let error = refused(&file).await;
    assert!(matches!(error, StoreError::NotOurs { .. }), "{error}");
}

#[tokio::test]
async fn a_path_that_cannot_be_a_file_is_named() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("no-such-folder").join("runs.sqlite3");
    for place in [folder.path(), &missing] {
        let error = SqliteStore::open(place).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
        assert!(
            error.to_string().contains(&place.display().to_string()),
            "{error}"
        );
    }
}

/// What SQLite elsewhere takes for a database in memory, a temporary one or an address.
#[tokio::test]
async fn a_name_is_the_name_of_a_file_whatever_it_looks_like() {
    let folder = TempDir::new().unwrap();
    let theirs = folder.path().join("theirs.sqlite3");
    file_by_hand(&theirs, "CREATE TABLE theirs (id TEXT)");
    let before = std::fs::read(&theirs).unwrap();
    let address = format!("file:{}", theirs.display());
    for name in ["", address.as_str()] {
        let error = SqliteStore::open(name).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
    assert_eq!(std::fs::read(&theirs).unwrap(), before);

    let named = folder.path().join(":memory:");
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&named).await.unwrap());
    submit(&store, "1", at(0)).await;
    store.close().await;
    assert!(named.is_file());
}

#[tokio::test]
async fn a_file_whose_writer_was_killed_amid_a_change_opens_as_it_was_before() {
    let folder = TempDir::new().unwrap();
    let file = file_in(&folder);
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&file).await.unwrap());
    let run = submit(&store, "1", at(0)).await;
    store.close().await;
    let half_done = folder.path().join("half-done.sqlite3");
    killed_amid_a_change(&file, &half_done);

    let read_only = SqliteOptions::new(&half_done).read_only();
    let error = SqliteStore::open_with(read_only).await.unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
    let store = SqliteStore::open(&half_done).await.unwrap();
    assert_eq!(store.load(run).await.unwrap().id, run);
    store.close().await;

    let theirs = folder.path().join("theirs.sqlite3");
    file_by_hand(&theirs, "CREATE TABLE theirs (id TEXT)");
    let half_done = folder.path().join("their-half-done.sqlite3");
    killed_amid_a_change(&theirs, &half_done);
    let error = SqliteStore::open(&half_done).await.unwrap_err();
    assert!(matches!(error, StoreError::NotOurs { .. }), "{error}");
    let undone = std::fs::read(&half_done).unwrap();
    assert_eq!(undone, std::fs::read(&theirs).unwrap());
}

#[tokio::test]
async fn a_database_of_a_newer_build_is_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let file = file_in(&folder);
    SqliteStore::open(&file).await.unwrap().close().await;
    file_by_hand(
        &file,
        "PRAGMA user_version = 2; CREATE TABLE of_the_future (id TEXT)",
    );
    let error = refused(&file).await;
    assert!(
        matches!(
            error,
            StoreError::Newer {
                found: 2,
                known: 1,
                ..
            }
        ),
        "{error}"
    );
    assert!(error.to_string().contains("use the newer build"), "{error}");
}

#[tokio::test]
async fn an_empty_file_and_a_file_of_ours_open() {
    let folder = TempDir::new().unwrap();
    let file = file_in(&folder);
    std::fs::write(&file, "").unwrap();
    for _ in 0..2 {
        SqliteStore::open(&file).await.unwrap().close().await;
    }
}

async fn a_journal_that_was_edited_by_hand_stops_its_own_run_alone(kind: StoreKind) {
    let edits: [(&str, Expected); 7] = [
        (
            "UPDATE entries SET body = 'nonsense' WHERE entry = 0",
            is_damaged,
        ),
        ("DELETE FROM entries WHERE entry = 1", is_damaged),
        (
            "DELETE FROM entries WHERE entry = (SELECT max(entry) FROM entries)",
            is_damaged,
        ),
        ("UPDATE plans SET plan = '{}'", is_damaged),
        ("DELETE FROM plans", is_damaged),
        ("UPDATE plans SET journal_schema = 99", is_newer_journal),
        (
            "UPDATE entries SET body = (SELECT body FROM entries WHERE entry = 0) WHERE entry = 2",
            is_impossible,
        ),
    ];
    for (edit, expected) in edits {
        let shop = Shop::with_one_server(kind, |panel| panel).await;
        shop.arm("under-privileged-key");
        let (edited, _) = shop.run_order().await;
        shop.panels.heal();
        shop.engine.place().by_hand(edit).await;
        let error = shop.engine.resume(edited, "tests").await.unwrap_err();
        assert!(expected(&error), "{edit}: {error}");
        assert!(error.is_about_one_run(), "{edit}: {error}");
        assert!(
            error.to_string().contains("nothing was changed")
                || error.to_string().contains("edited or entries are missing"),
            "{edit}: {error}"
        );

        // Others go on, and whoever lists runs sees what is wrong with this one.
        shop.engine
            .resume_denied(&super::desk::server("np-1"), "tests")
            .await
            .unwrap();
        let (_, view) = shop.run_order().await;
        assert!(is_awaiting_confirmation(&view), "{edit}");
        let _ = shop
            .engine
            .run(edited, provisioning_engine::RunOptions::default())
            .await
            .unwrap_err();
        let listed = shop.engine.list(Wanted::default()).await.unwrap();
        let problem = listed[0].problem.as_deref().unwrap();
        assert!(error.to_string().contains(problem), "{problem}");
        assert!(listed[0].wake_at.is_some(), "it is tried again later");
    }
}

type Expected = fn(&EngineError) -> bool;

fn is_damaged(error: &EngineError) -> bool {
    matches!(error, EngineError::Store(StoreError::Damaged { .. }))
}

fn is_newer_journal(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Store(StoreError::Journal {
            problem: JournalError::Newer { .. },
            ..
        })
    )
}

fn is_impossible(error: &EngineError) -> bool {
    matches!(
        error,
        EngineError::Store(StoreError::Journal {
            problem: JournalError::Impossible { .. },
            ..
        })
    )
}

/// Who counts with too few places held would give a place to two.
async fn places_that_do_not_read_back_are_never_left_out(kind: StoreKind) {
    for edit in [
        "UPDATE reservations SET server = ''",
        "UPDATE reservations SET username = 'not a name'",
        "UPDATE reservations SET slots = -1",
        "UPDATE reservations SET slots = 5000000000",
        "UPDATE reservations SET mark = 'no mark'",
        "UPDATE reservations SET account = 'perhaps'",
        "DELETE FROM reservation_version",
    ] {
        let (store, place) = new_store(kind).await;
        planned(&store, "1", at(0)).await;
        planned(&store, "2", at(0)).await;
        place.by_hand(edit).await;
        let error = store.reservations(None).await.unwrap_err();
        assert!(
            matches!(error, StoreError::Damaged { .. }),
            "{edit}: {error}"
        );
        assert!(error.to_string().contains("backup"), "{edit}: {error}");
    }
    let (store, place) = new_store(kind).await;
    let run = submit(&store, "1", at(0)).await;
    let claim = claim(&store, run, at(0)).await;
    place.by_hand("DELETE FROM reservation_version").await;
    let plan = a_plan("1");
    let wanted = places(&plan, at(0));
    let refused = store.planned(&claim, plan, wanted, &room(0, 1)).await;
    let error = refused.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

async fn a_wrong_sealing_key_stops_the_runs_it_did_not_seal_and_no_others(kind: StoreKind) {
    for wrong in [
        Sealer::with_key("another", &SecretSlice::from(vec![9; 32])).unwrap(),
        Sealer::with_key("tests", &SecretSlice::from(vec![9; 32])).unwrap(),
    ] {
        let shop = Shop::with_one_server(kind, |panel| panel).await;
        let sealed_before = new_run(&shop.engine, &order("before", "a@example.com")).await;
        let store = open(kind, &shop.engine.place().name()).await;
        let (executor, fleet) = over(&shop.panels, &[]);
        let clock = MovedClock::default();
        let engine = builder(store, fleet, clock.clone())
            .sealer(wrong)
            .executor(executor)
            .build()
            .unwrap();
        let error = engine
            .run(sealed_before, provisioning_engine::RunOptions::default())
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                EngineError::Seal {
                    problem: SealError::OtherKey { .. } | SealError::DoesNotOpen,
                    ..
                }
            ),
            "{error}"
        );
        let sealed_now = new_run(&engine, &order("now", "b@example.com")).await;
        let worked = engine
            .work(provisioning_engine::WorkOptions::default(), async {
                while engine.inspect(sealed_now).await.unwrap().run().is_none()
                    || !is_awaiting_confirmation(&engine.inspect(sealed_now).await.unwrap())
                {
                    // The worker tells this test nothing: asked again and again.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            })
            .await;
        assert!(worked.taken_up < 5, "nothing spins: {worked:?}");
        let listed = engine.list(Wanted::default()).await.unwrap();
        assert_eq!(listed[0].standing, Standing::Submitted);
        assert!(listed[0].problem.is_some());
        // With the right key it goes on.
        shop.clock.advance(Duration::from_secs(601));
        shop.engine
            .resume_denied(&super::desk::server("np-1"), "tests")
            .await
            .unwrap();
        let view = shop.go_on(sealed_before).await;
        assert!(is_awaiting_confirmation(&view));
    }
}

on_every_lasting_store!(
    places_that_do_not_read_back_are_never_left_out,
    a_journal_that_was_edited_by_hand_stops_its_own_run_alone,
    a_wrong_sealing_key_stops_the_runs_it_did_not_seal_and_no_others,
);
