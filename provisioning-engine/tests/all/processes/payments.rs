//! SIGKILL at every point of a payment event: whoever comes next acts on what was stored, once.

use std::collections::BTreeMap;

use panel_sandbox::nextpanel_panel::operations::{CREATE_ACCOUNT, SUSPEND_ACCOUNT};
use provisioning_core::plan::id::Operation;
use provisioning_engine::PAYMENT_KILL_POINTS;
use provisioning_engine::store::Wanted;

use super::job::{Happens, Job};
use super::scene::{Purchase, Scene};
use super::worker::{Ended, work};
use crate::place::{StoreKind, on_every_lasting_store};
use crate::shop::planned;

fn job(scene: &Scene, worker: &str, before_work: bool) -> Job {
    let payload =
        r#"{"id":"r-1","event":"refunded","orderId":"K-1","occurredAt":"2026-01-15T09:30:00Z"}"#;
    Job {
        events: vec![Happens {
            payload: payload.to_owned(),
            before_work,
        }],
        ..scene.job(worker)
    }
}

/// Kills a worker at every point, the first time it comes there, and lets the next one finish. Where it was killed.
async fn at_every_point(
    kind: StoreKind,
    before_work: bool,
    is_right: impl AsyncFn(&Scene, &str),
) -> BTreeMap<&'static str, bool> {
    let mut came = BTreeMap::new();
    for point in PAYMENT_KILL_POINTS {
        let scene = Scene::start(kind, Purchase::Account).await;
        let first = job(&scene, "worker-1", before_work);
        let ended = work(&first, Some(&format!("{point}:1"))).await;
        if ended == Ended::Killed {
            let second = job(&scene, "worker-2", before_work);
            assert_eq!(work(&second, None).await, Ended::Done, "{point}");
        }
        is_right(&scene, point).await;
        came.insert(*point, ended == Ended::Killed);
    }
    came
}

async fn operations(scene: &Scene) -> Vec<Operation> {
    let engine = scene.job("the test").engine(None).await;
    let runs = engine.list(Wanted::default()).await.unwrap();
    runs.iter().map(|run| run.operation).collect()
}

async fn a_refund_after_hosting_suspends_once_whoever_is_killed(kind: StoreKind) {
    let came = at_every_point(kind, false, async |scene, point| {
        let panel = &scene.panels.nextpanel_panels()[0];
        let accounts = panel.accounts();
        assert_eq!(accounts.len(), 1, "{point}");
        assert!(!accounts[0].is_active, "{point}");
        assert_eq!(panel.requests_for(&SUSPEND_ACCOUNT).len(), 1, "{point}");
        let made = operations(scene).await;
        assert_eq!(made, [Operation::Provision, Operation::Suspend], "{point}");
    })
    .await;
    for point in [
        "before-event-kept",
        "after-event-kept",
        "before-added",
        "after-added",
        "before-settled",
        "after-settled",
    ] {
        assert!(came[point], "{point}: {came:?}");
    }
}

async fn a_refund_before_hosting_cancels_whoever_is_killed(kind: StoreKind) {
    let came = at_every_point(kind, true, async |scene, point| {
        let panel = &scene.panels.nextpanel_panels()[0];
        assert_eq!(panel.requests_for(&CREATE_ACCOUNT).len(), 0, "{point}");
        let engine = scene.job("the test").engine(None).await;
        let runs = engine.list(Wanted::default()).await.unwrap();
        assert_eq!(runs.len(), 1, "{point}");
        let view = engine.inspect(runs[0].id).await.unwrap();
        let is_cancelled = match view.state {
            provisioning_engine::RunState::Cancelled { .. } => true,
            _ => planned(&view).cancelled().is_some(),
        };
        assert!(is_cancelled, "{point}");
    })
    .await;
    for point in ["after-event-kept", "after-wished", "before-settled"] {
        assert!(came[point], "{point}: {came:?}");
    }
}

on_every_lasting_store!(
    a_refund_after_hosting_suspends_once_whoever_is_killed,
    a_refund_before_hosting_cancels_whoever_is_killed,
);
