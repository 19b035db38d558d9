//! It works on what is due, says how it goes, and ends when it is told to.

use std::time::Duration;

use crate::floor::Floor;
use crate::test_database::{TestDatabase, on_both_stores};

on_both_stores!(
    "worker":
    what_another_process_submits_is_provisioned_and_counted,
    told_to_end_in_the_middle_it_gives_everything_back,
    killed_it_is_followed_by_another_that_makes_nothing_twice,
    two_of_them_share_a_store,
);

async fn what_another_process_submits_is_provisioned_and_counted(database: Option<TestDatabase>) {
    let floor = Floor::new(database, Duration::ZERO).await;
    let desk = floor.desk().await;
    floor.submit(&desk, 0..3).await;
    let worker = floor.start();
    floor.work_is_done(&desk, 3).await;
    floor.submit(&desk, 3..6).await;
    floor.work_is_done(&desk, 6).await;
    assert_eq!(floor.panel().accounts().len(), 6);

    assert_eq!(worker.get("/healthz"), (200, "ok\n".to_owned()));
    let (status, figures) = worker.get("/metrics");
    assert_eq!(status, 200);
    for part in [
        "# TYPE provisioning_calls_total counter",
        "provisioning_calls_total{server=\"127.0.0.1\"}",
        "provisioning_outcomes_total{done=\"true\"}",
        "provisioning_runs{standing=\"needs_attention\"} 0",
    ] {
        assert!(figures.contains(part), "no `{part}` in:\n{figures}");
    }
    assert_eq!(worker.get("/elsewhere").0, 404);
    for personal in ["mail.example", "shop1", "O-1"] {
        assert!(!figures.contains(personal), "{figures}");
    }

    worker.signal("-TERM");
    let (code, log) = worker.ends();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("\"message\":\"ended\""), "{log}");
    for personal in ["mail.example", "buyer1"] {
        assert!(!log.contains(personal), "{log}");
    }
}

async fn told_to_end_in_the_middle_it_gives_everything_back(database: Option<TestDatabase>) {
    let floor = Floor::new(database, Duration::from_millis(50)).await;
    let desk = floor.desk().await;
    floor.submit(&desk, 0..40).await;
    let worker = floor.start();
    floor.accounts_exist(1).await;
    worker.signal("-TERM");
    let (code, log) = worker.ends();
    assert_eq!(code, Some(0), "{log}");
    let held = desk.list(Default::default()).await.unwrap();
    assert!(held.iter().all(|run| run.lease.is_none()), "{held:?}");
    let worker = floor.start();
    floor.work_is_done(&desk, 40).await;
    assert_eq!(floor.panel().accounts().len(), 40);
    drop(worker);
}

async fn killed_it_is_followed_by_another_that_makes_nothing_twice(database: Option<TestDatabase>) {
    let floor = Floor::new(database, Duration::from_millis(20)).await;
    let desk = floor.desk().await;
    floor.submit(&desk, 0..30).await;
    let worker = floor.start();
    floor.accounts_exist(5).await;
    worker.signal("-KILL");
    drop(worker);
    let left = desk.list(Default::default()).await.unwrap();
    assert!(
        left.iter().any(|run| run.lease.is_some()),
        "it was killed in the middle"
    );
    let worker = floor.start();
    floor.work_is_done(&desk, 30).await;
    assert_eq!(floor.panel().accounts().len(), 30);
    drop(worker);
}

async fn two_of_them_share_a_store(database: Option<TestDatabase>) {
    let floor = Floor::new(database, Duration::from_millis(5)).await;
    let desk = floor.desk().await;
    floor.submit(&desk, 0..20).await;
    let workers = [floor.start(), floor.start()];
    floor.work_is_done(&desk, 20).await;
    assert_eq!(floor.panel().accounts().len(), 20);
    drop(workers);
}
