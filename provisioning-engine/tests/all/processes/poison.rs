//! A step that ends its workers.

use provisioning_engine::store::{Standing, StoreError, Wanted};
use provisioning_engine::{EngineError, RunOptions};

use super::scene::{Purchase, Scene, lease};
use super::worker::{Ended, ended, start, work};
use crate::place::{StoreKind, on_every_lasting_store};
use crate::shop::order;

/// Three processes die of the same step; the fourth leaves it alone and does everybody else's work.
async fn a_step_that_ends_three_processes_is_left_alone_until_somebody_has_looked(kind: StoreKind) {
    let scene = Scene::start(kind, Purchase::Account).await;
    for worker in ["worker-1", "worker-2", "worker-3"] {
        let ended = work(&scene.job(worker), Some("after-intent")).await;
        assert_eq!(ended, Ended::Killed, "{worker}");
    }
    // Until the last one's lease has ended.
    tokio::time::sleep(lease(kind)).await;
    let mut job = scene.job("worker-4");
    let engine = job.engine(None).await;
    engine
        .submit(&order("K-2", "jo@example.com"))
        .await
        .unwrap();
    job.orders.clear();
    let fourth = start(&job, None).await;
    let poisoned = loop {
        let runs = engine.list(Wanted::default()).await.unwrap();
        if runs.iter().any(|run| run.standing == Standing::Over) {
            break runs
                .into_iter()
                .find(|run| run.is_poisoned(jiff::Timestamp::now()));
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    let poisoned = poisoned.expect("one is left alone").id;
    assert_eq!(scene.panels.nextpanel_panels()[0].created_by_clients(), 1);
    let refused = engine.run(poisoned, RunOptions::default()).await;
    assert!(
        matches!(
            refused,
            Err(EngineError::Store(StoreError::Poisoned { crashes: 3, .. }))
        ),
        "{refused:?}"
    );
    // Somebody has looked; the worker that waits takes it up.
    engine.resume(poisoned, "jo").await.unwrap();
    assert_eq!(ended(fourth).await, Ended::Done);
    assert_eq!(scene.panels.nextpanel_panels()[0].created_by_clients(), 2);
    engine.close().await;
}

on_every_lasting_store!(a_step_that_ends_three_processes_is_left_alone_until_somebody_has_looked,);
