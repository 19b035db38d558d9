//! What is in the files: before a password is confirmed no plain text of it, afterwards nothing of it at all.

use std::path::Path;
use std::time::Duration;

use panel_sandbox::nextpanel_panel::KeyKind;
use provisioning_core::order::{Intake, PaymentEvidence, TenantId, read_order};
use provisioning_core::plan::id::PlanId;
use provisioning_engine::seal::Sealer;
use provisioning_engine::store::{SqliteStore, Standing, Submitted, Wanted};
use provisioning_engine::{EngineError, RunOptions, RunState};
use secrecy::{ExposeSecret as _, SecretSlice};

use crate::place::{StoreKind, on_every_store};
use crate::shop::{MovedClock, Shop, hosting, is_awaiting_confirmation, over, planned, status};
use crate::stub::{Stub, What, fleet};

/// The files of a store that hold this, by name.
fn files_with(file: &Path, needle: &str) -> Vec<String> {
    let name = file.file_name().unwrap().to_str().unwrap();
    ["", "-wal", "-shm"]
        .into_iter()
        .filter_map(|end| {
            let path = file.with_file_name(format!("{name}{end}"));
            let bytes = std::fs::read(&path).ok()?;
            let found = memchr::memmem::find(&bytes, needle.as_bytes()).is_some();
            found.then(|| path.display().to_string())
        })
        .collect()
}

fn sealed_bytes(shop_view: &provisioning_engine::RunView) -> String {
    let run = planned(shop_view);
    let credential = &run.plan().credentials[0].id;
    run.sealed(credential).unwrap().sealed.clone()
}

#[tokio::test]
async fn a_confirmed_password_is_in_no_file_any_more_sealed_or_not() {
    let shop = Shop::with_one_server(StoreKind::Sqlite, |panel| panel).await;
    let file = shop.engine.file();
    // Many, so that pages split and are moved about, and in an order that is not that of their making.
    let mut runs = Vec::new();
    for _ in 0..60 {
        let (run, view) = shop.run_order().await;
        let shown = shop.engine.unconfirmed(run).await.unwrap().remove(0);
        let sealed = sealed_bytes(&view);
        assert!(files_with(&file, shown.expose_password()).is_empty());
        assert!(
            !files_with(&file, &sealed).is_empty(),
            "the search finds what is there"
        );
        runs.push((run, shown, sealed));
    }
    let mut gone = Vec::new();
    while !runs.is_empty() {
        let (run, shown, sealed) = runs.swap_remove(runs.len() / 3);
        let password = shown.expose_password().to_owned();
        shop.engine
            .confirm(run, &shown.confirm("tests"))
            .await
            .unwrap();
        gone.push((password, sealed));
        for (password, sealed) in &gone {
            assert_eq!(files_with(&file, password), [""; 0]);
            assert_eq!(files_with(&file, sealed), [""; 0]);
        }
    }
}

/// Another process that is reading keeps the log from being emptied; it is emptied as soon as that ends.
#[tokio::test]
async fn a_reader_delays_the_emptying_of_the_log_and_does_not_prevent_it() {
    let shop = Shop::with_one_server(StoreKind::Sqlite, |panel| panel).await;
    let file = shop.engine.file();
    let (run, view) = shop.run_order().await;
    let sealed = sealed_bytes(&view);
    let reader = rusqlite::Connection::open(&file).unwrap();
    let reading = reader.unchecked_transaction().unwrap();
    reading
        .query_row("SELECT count(*) FROM runs", [], |row| row.get::<_, i64>(0))
        .unwrap();
    let shown = shop.engine.unconfirmed(run).await.unwrap().remove(0);
    shop.engine
        .confirm(run, &shown.confirm("tests"))
        .await
        .unwrap();
    assert!(!files_with(&file, &sealed).is_empty());
    reading.rollback().unwrap();
    reader.close().unwrap();
    let emptied = async {
        while !files_with(&file, &sealed).is_empty() {
            // The log is emptied by a task of its own: asked again and again.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), emptied)
        .await
        .unwrap();
}

const CANARY_FIELD: &str = "canary-of-a-dropped-field";
const CANARY_NAME: &str = "Canary Lovelace-Byron";

/// An order with fields that nobody understands.
fn odd_order() -> provisioning_core::order::PaidOrder {
    let payload = format!(
        r#"{{"source":"shop.example","stripeCustomerId":"cus_7","customerEmail":"canary@example.com",
            "customerName":"{CANARY_NAME}","internalNote":"{CANARY_FIELD}",
            "items":[{{"code":"wp_growth","type":"hosting","giftCard":"{CANARY_FIELD}"}}]}}"#
    );
    let intake = Intake::new(TenantId::new("shop").unwrap())
        .with_order_id("order-of-odd-fields")
        .with_evidence(PaymentEvidence::Operator {
            name: "tests".to_owned(),
        });
    read_order(payload.as_bytes(), &intake).unwrap()
}

#[tokio::test]
async fn neither_keys_nor_dropped_fields_are_ever_in_a_file() {
    for fault in [
        "",
        "lost-reply",
        "under-privileged-key",
        "ip-refused",
        "html-502",
        "error-500-once",
        "username-taken-by-other",
    ] {
        let shop = Shop::with_one_server(StoreKind::Sqlite, |panel| panel).await;
        if !fault.is_empty() {
            shop.arm(fault);
        }
        let Submitted::New { run } = shop.engine.submit(&odd_order()).await.unwrap() else {
            panic!()
        };
        shop.go_on(run).await;
        let file = shop.engine.file();
        let key = shop.panel().key(KeyKind::SuperAdmin);
        for secret in [key.id(), key.secret().expose_secret(), CANARY_FIELD] {
            assert_eq!(files_with(&file, secret), [""; 0], "{fault}");
        }
    }
}

async fn what_a_panel_echoes_is_taken_out_before_it_is_stored_or_told(store: StoreKind) {
    let (stored, place) = crate::place::new_store(store).await;
    let stub = Stub::new(|_, number| {
        if number == 1 {
            What::Answer(Duration::ZERO)
        } else {
            What::Echo
        }
    });
    let engine = crate::shop::builder(stored, fleet(&[("np-1", 9)]), MovedClock::default())
        .executor(stub)
        .build()
        .unwrap();
    let mut progress = engine.progress();
    let Submitted::New { run } = engine.submit(&odd_order()).await.unwrap() else {
        panic!()
    };
    let view = engine.run(run, RunOptions::default()).await.unwrap();
    let provisioning_core::run::status::RunStatus::NeedsAttention { steps } = status(&view) else {
        panic!("{:?}", status(&view))
    };
    assert_eq!(
        steps[0].1.to_string(),
        "the panel refused it; nothing was created: invalid input: email [redacted], \
         name Some(\"[redacted]\"), password Some(\"[redacted]\")"
    );
    let mut told = String::new();
    while let Ok(event) = progress.try_recv() {
        told.push_str(&format!("{event:?}"));
    }
    assert!(told.contains("[redacted]"));
    for canary in ["CANARY@EXAMPLE.COM", CANARY_NAME] {
        assert!(!told.contains(canary), "{told}");
        if let Some(file) = place.file() {
            assert_eq!(files_with(&file, "CANARY@EXAMPLE.COM"), [""; 0]);
        }
    }
}

async fn forgetting_leaves_ids_and_nothing_of_the_customer(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let order = odd_order();
    let Submitted::New { run } = shop.engine.submit(&order).await.unwrap() else {
        panic!()
    };
    let refused = shop.engine.forget(run).await.unwrap_err();
    assert!(matches!(refused, EngineError::NotOver(_)), "{refused}");
    let view = shop.go_on(run).await;
    let sealed = sealed_bytes(&view);
    let username = planned(&view).account(&hosting()).unwrap().username.clone();
    let refused = shop.engine.forget(run).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("cancel it or bring it to its end"),
        "{refused}"
    );
    let shown = shop.engine.unconfirmed(run).await.unwrap().remove(0);
    shop.engine
        .confirm(run, &shown.confirm("tests"))
        .await
        .unwrap();

    shop.engine.forget(run).await.unwrap();
    let view = shop.engine.inspect(run).await.unwrap();
    assert!(
        matches!(view.state, RunState::Forgotten { .. }),
        "{:?}",
        view.state
    );
    let listed = shop.engine.list(Wanted::default()).await.unwrap().remove(0);
    assert_eq!(
        (listed.standing, listed.wake_at, listed.lease),
        (Standing::Forgotten, None, None)
    );
    let seen = format!("{:?}", shop.engine);
    for erased in [
        "canary@example.com",
        CANARY_NAME,
        CANARY_FIELD,
        &sealed,
        &username,
    ] {
        assert!(!seen.contains(erased), "{erased}");
        if store == StoreKind::Sqlite {
            assert_eq!(files_with(&shop.engine.file(), erased), [""; 0], "{erased}");
        }
    }
    // A late delivery of the same order is known and makes nothing.
    match shop.engine.submit(&order).await.unwrap() {
        Submitted::Existing { run: known, .. } => assert_eq!(known, run),
        other => panic!("{other:?}"),
    }
    let view = shop.go_on(run).await;
    assert!(matches!(view.state, RunState::Forgotten { .. }));
    assert_eq!(shop.panel().created_by_clients(), 1);
    assert!(matches!(
        shop.engine.resume(run, "tests").await,
        Err(EngineError::Forgotten(_))
    ));
}

async fn a_cancelled_run_is_forgotten_with_its_sealed_password(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let (run, view) = shop.run_order().await;
    let sealed = sealed_bytes(&view);
    shop.engine.cancel(run, "jo", "refunded").await.unwrap();
    shop.engine.forget(run).await.unwrap();
    assert!(!format!("{:?}", shop.engine).contains(&sealed));
    if store == StoreKind::Sqlite {
        assert_eq!(files_with(&shop.engine.file(), &sealed), [""; 0]);
    }
}

async fn changing_the_key_seals_everything_anew_and_the_old_key_is_not_needed_any_more(
    store: StoreKind,
) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let (run, view) = shop.run_order().await;
    let before = sealed_bytes(&view);
    let password = shop.engine.unconfirmed(run).await.unwrap()[0]
        .expose_password()
        .to_owned();
    let unplanned = match shop.engine.submit(&odd_order()).await.unwrap() {
        Submitted::New { run } => run,
        other => panic!("{other:?}"),
    };

    let new = SecretSlice::from(vec![8; 32]);
    let with_both = shop.engine.again_with(
        Sealer::with_key("new", &new)
            .unwrap()
            .with_older("tests", &SecretSlice::from(vec![7; 32]))
            .unwrap(),
        &shop,
    );
    assert_eq!(
        with_both.unconfirmed(run).await.unwrap()[0].expose_password(),
        password
    );
    let rotated = with_both.rotate().await.unwrap();
    assert_eq!((rotated.resealed, rotated.left.len()), (2, 0));
    assert_eq!(with_both.rotate().await.unwrap().resealed, 0);
    if store == StoreKind::Sqlite {
        assert_eq!(files_with(&shop.engine.file(), &before), [""; 0]);
    }

    let with_new = shop
        .engine
        .again_with(Sealer::with_key("new", &new).unwrap(), &shop);
    assert_eq!(
        with_new.unconfirmed(run).await.unwrap()[0].expose_password(),
        password
    );
    let view = with_new
        .run(unplanned, RunOptions::default())
        .await
        .unwrap();
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    let refused = shop.engine.unconfirmed(run).await.unwrap_err();
    assert!(matches!(refused, EngineError::Seal { .. }), "{refused}");
}

async fn a_key_that_does_not_open_leaves_the_run_as_it_is_when_keys_are_changed(store: StoreKind) {
    let shop = Shop::with_one_server(store, |panel| panel).await;
    let (run, _) = shop.run_order().await;
    let stranger = shop.engine.again_with(
        Sealer::with_key("new", &SecretSlice::from(vec![8; 32])).unwrap(),
        &shop,
    );
    let rotated = stranger.rotate().await.unwrap();
    assert_eq!(rotated.resealed, 0);
    let (left, why): &(PlanId, EngineError) = &rotated.left[0];
    assert_eq!(*left, run);
    assert!(why.to_string().contains("`tests`"), "{why}");
    assert_eq!(shop.engine.unconfirmed(run).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_store_that_survives_the_process_wants_a_key_that_does() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(crate::place::file_in(&folder))
        .await
        .unwrap();
    let shop = Shop::with_one_server(StoreKind::Memory, |panel| panel).await;
    let (executor, fleet) = over(&shop.panels, &[]);
    let engine = provisioning_engine::Engine::builder(
        store,
        provisioning_core::catalog::Catalog::migrahosting(),
        fleet.clone(),
    )
    .executor(executor)
    .build();
    assert!(matches!(engine, Err(EngineError::NoSealingKey)));
}

on_every_store!(
    what_a_panel_echoes_is_taken_out_before_it_is_stored_or_told,
    forgetting_leaves_ids_and_nothing_of_the_customer,
    a_cancelled_run_is_forgotten_with_its_sealed_password,
    changing_the_key_seals_everything_anew_and_the_old_key_is_not_needed_any_more,
    a_key_that_does_not_open_leaves_the_run_as_it_is_when_keys_are_changed,
);

/// Names and addresses of customers are in it as well: a file that is made is its owner's alone, and so is its log.
#[cfg(unix)]
#[tokio::test]
async fn nobody_else_on_the_host_reads_a_file_that_is_made() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::TempDir::new().unwrap();
    let store = SqliteStore::open(crate::place::file_in(&folder))
        .await
        .unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", entry.path().display());
        files += 1;
    }
    assert!(files >= 2, "the file and its log");
    drop(store);
}
