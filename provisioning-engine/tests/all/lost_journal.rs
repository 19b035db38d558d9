//! A store that was lost, or restored from before: its accounts are on the panel, and get no siblings.

use provisioning_core::run::attention::Attention;
use provisioning_core::run::facts::Proof;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::store::{SqliteStore, Store as _};

use crate::place::{StoreKind, file_in};
use crate::shop::{
    MovedClock, Shop, builder, hosting, is_awaiting_confirmation, new_run, order, over, planned,
    status,
};

#[tokio::test]
async fn an_account_whose_journal_is_lost_is_named_and_gets_no_sibling() {
    for shows_marks in [true, false] {
        let shop = Shop::with_one_server(StoreKind::Memory, |panel| {
            panel.with_billing_id_in_rows(shows_marks)
        })
        .await;
        shop.go_on(new_run(&shop.engine, &order("7", "ada@example.com")).await)
            .await;
        let before = shop.panel().accounts().remove(0);

        let (executor, fleet) = over(&shop.panels, &[]);
        let empty = builder(
            std::sync::Arc::new(provisioning_engine::store::MemoryStore::new()),
            fleet,
            MovedClock::default(),
        )
        .executor(executor)
        .build()
        .unwrap();
        let run = new_run(&empty, &order("7", "ada@example.com")).await;
        let view = empty.run(run, Default::default()).await.unwrap();
        if shows_marks {
            let RunStatus::NeedsAttention { steps } = status(&view) else {
                panic!("{:?}", status(&view))
            };
            assert_eq!(
                steps[0].1,
                Attention::PasswordUnknown {
                    remote_id: before.id.to_string()
                }
            );
            assert_eq!(shop.panel().created_by_clients(), 1);
            assert!(empty.unconfirmed(run).await.unwrap().is_empty());
        } else {
            // Nothing shows whose it is, so it is a stranger's.
            assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
        }
    }
}

#[tokio::test]
async fn a_store_restored_from_before_the_call_adopts_what_its_own_password_opens() {
    for shows_marks in [true, false] {
        let shop = Shop::with_one_server(StoreKind::Memory, |panel| {
            panel.with_billing_id_in_rows(shows_marks)
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let (file, backup) = (file_in(&folder), folder.path().join("backup.sqlite3"));
        let (executor, fleet) = over(&shop.panels, &[]);
        let open = async |file: &std::path::Path| {
            let store = SqliteStore::open(file).await.unwrap();
            builder(
                std::sync::Arc::new(store),
                fleet.clone(),
                MovedClock::default(),
            )
            .executor(executor.clone())
            .build()
            .unwrap()
        };
        // A refusal parks the run with its password made and nothing created: that is what the backup holds.
        let engine = open(&file).await;
        shop.arm("under-privileged-key");
        let run = new_run(&engine, &order("7", "ada@example.com")).await;
        engine.run(run, Default::default()).await.unwrap();
        engine.close().await;
        std::fs::copy(&file, &backup).unwrap();

        shop.panels.heal();
        let engine = open(&file).await;
        engine.resume(run, "tests").await.unwrap();
        let view = engine.run(run, Default::default()).await.unwrap();
        assert!(is_awaiting_confirmation(&view));
        engine.close().await;

        let restored = open(&backup).await;
        restored.resume(run, "tests").await.unwrap();
        let view = restored.run(run, Default::default()).await.unwrap();
        assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
        let expected = if shows_marks {
            Proof::MarkReadsBack
        } else {
            Proof::PasswordLogsIn
        };
        assert_eq!(planned(&view).account(&hosting()).unwrap().proof, expected);
        assert_eq!(shop.panel().created_by_clients(), 1);
        let shown = restored.unconfirmed(run).await.unwrap().remove(0);
        assert!(
            shop.panel()
                .password_is(shown.username(), shown.expose_password())
        );
        SqliteStore::open(&backup).await.unwrap().close().await;
    }
}
