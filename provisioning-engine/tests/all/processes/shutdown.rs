//! SIGTERM amid a step: the call comes to its end, the lease is given back, and nobody waits for it.

use std::time::{Duration, Instant};

use panel_sandbox::nextpanel_panel::operations::CREATE_ACCOUNT;
use panel_sandbox::{Count, Fault};
use provisioning_engine::store::Wanted;
use rustix::process::{Pid, Signal, kill_process};

use super::scene::{Purchase, Scene};
use super::worker::{Ended, ended, start};
use crate::place::{StoreKind, on_every_lasting_store};
use crate::shop::planned;

async fn a_process_that_is_asked_to_stop_ends_its_call_and_gives_its_runs_back(kind: StoreKind) {
    let scene = Scene::start(kind, Purchase::Account).await;
    let panel = &scene.panels.nextpanel_panels()[0];
    panel
        .arm_for(Fault::Delay, CREATE_ACCOUNT, Count::Times(1))
        .unwrap();
    let mut job = scene.job("worker-1");
    // Whoever had to wait for this lease would not be done within the test.
    job.lease = Duration::from_secs(600);
    let child = start(&job, None).await;
    while panel.created_by_clients() == 0 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let pid = i32::try_from(child.id().unwrap()).unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::TERM).unwrap();
    assert_eq!(ended(child).await, Ended::Done);

    let engine = scene.job("the test").engine(None).await;
    let listed = engine.list(Wanted::default()).await.unwrap().remove(0);
    assert_eq!((listed.lease, listed.crashes), (None, 0));
    let view = engine.inspect(listed.id).await.unwrap();
    assert!(planned(&view).interrupted().is_empty(), "{view:#?}");
    engine.close().await;

    job.worker = "worker-2".to_owned();
    let begun = Instant::now();
    assert_eq!(ended(start(&job, None).await).await, Ended::Done);
    assert!(begun.elapsed() < Duration::from_secs(60));
    scene.is_finished("after SIGTERM").await;
}

on_every_lasting_store!(a_process_that_is_asked_to_stop_ends_its_call_and_gives_its_runs_back,);
