//! 64 runs in flight: what one fsync is shared by, and what is left of the ideal rate.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use provisioning_engine::store::{Standing, Store, Wanted};
use provisioning_engine::{Engine, WorkOptions};

use crate::disk::Disk;
use crate::panel::Panel;
use crate::shop::{engine, planned, sqlite};
use crate::{Effort, block_on, folder, median};

const IN_FLIGHT: usize = 64;

const APPENDS_PER_FSYNC: f64 = 8.0;

const SHARE_OF_IDEAL: f64 = 0.8;

const LATENCY: Duration = Duration::from_millis(50);

/// Journal entries of an order that nothing disturbs.
const ENTRIES: usize = 5;

/// Panels that answer at once: every run wants to append all the time.
pub(crate) fn together(effort: Effort) {
    let runs = if effort.is_quick { 500 } else { 5_000 };
    block_on(async {
        let folder = folder();
        let store = sqlite(&folder).await;
        let panel = Panel::default();
        let engine = engine(Arc::clone(&store) as Arc<dyn Store>, &panel);
        planned(&engine, runs).await;
        let log = folder.path().join("runs.sqlite3-wal");
        let (commits, resets) = (store.synced_commits(), log_resets(&log));
        let seconds = work(&engine, &panel, runs).await;
        let commits = store.synced_commits() - commits;
        // When the log has grown, it is synced once more, moved into the database, and that is synced.
        let checkpoints = log_resets(&log) - resets + 1;
        let fsyncs = commits + 2 * checkpoints;
        let appends = runs * ENTRIES;
        let per_fsync = appends as f64 / fsyncs as f64;
        println!(
            "{IN_FLIGHT} in flight: {appends} appends, {commits} commits and {checkpoints} checkpoints, {per_fsync:.1} \
             appends per fsync, at least {APPENDS_PER_FSYNC:.0} ratio={:.3}",
            per_fsync / APPENDS_PER_FSYNC
        );
        println!(
            "{IN_FLIGHT} in flight: {runs} runs whose panel answers at once per_second={:.0}",
            runs as f64 / seconds
        );
        engine.close().await;
    });
}

/// Panels that take 50 ms for each call.
pub(crate) fn latency(effort: Effort) {
    let runs = IN_FLIGHT * if effort.is_quick { 4 } else { 20 };
    let rounds = effort.rounds.div_ceil(3);
    block_on(async {
        let mut disk = Disk::new();
        let mut ratios = Vec::new();
        let (mut rates, mut p50s) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let folder = folder();
            let store = sqlite(&folder).await;
            let panel = Panel::with_latency(LATENCY);
            let engine = engine(store, &panel);
            planned(&engine, runs).await;
            let mut fsyncs = disk.fsyncs(100);
            let before = panel.calls();
            let seconds = work(&engine, &panel, runs).await;
            fsyncs.extend(disk.fsyncs(100));
            let p50 = median(&mut fsyncs);
            let rate = (panel.calls() - before) as f64 / seconds;
            let ideal = IN_FLIGHT as f64 / (LATENCY.as_secs_f64() + 2.0 * p50);
            ratios.push(rate / ideal);
            rates.push(rate);
            p50s.push(p50);
            engine.close().await;
        }
        println!(
            "{IN_FLIGHT} in flight at 50 ms, fsync p50 {:.3} ms: calls per_second={:.0}",
            median(&mut p50s) * 1e3,
            median(&mut rates)
        );
        println!(
            "{IN_FLIGHT} in flight at 50 ms: share of 64 / (50 ms + 2 fsyncs), at least {SHARE_OF_IDEAL} ratio={:.3}",
            median(&mut ratios)
        );
    });
}

/// Works until every run has made its last call and recorded what came of it. The seconds it took.
async fn work(engine: &Engine, panel: &Panel, runs: usize) -> f64 {
    let all = async {
        while panel.verified() < runs {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let begun = Instant::now();
    // Stopping waits for the last outcomes.
    engine
        .work(WorkOptions::default().with_concurrency(IN_FLIGHT), all)
        .await;
    let seconds = begun.elapsed().as_secs_f64();
    let left = Wanted {
        standing: Some(Standing::Ready),
        ..Wanted::default()
    };
    assert_eq!(engine.list(left).await.unwrap().len(), 0);
    seconds
}

/// How often the log was begun anew: its header counts.
fn log_resets(log: &Path) -> u64 {
    let log = std::fs::read(log).unwrap();
    let count: [u8; 4] = log[12..16].try_into().unwrap();
    u64::from(u32::from_be_bytes(count))
}
