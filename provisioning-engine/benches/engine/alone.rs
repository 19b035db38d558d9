//! One run with nobody else there: what the store on the disk adds to the same run in memory, against one fsync for each
//! of its appends.

use std::sync::Arc;
use std::time::Instant;

use provisioning_engine::store::{MemoryStore, Store};
use provisioning_engine::{Engine, RunOptions};

use crate::disk::Disk;
use crate::panel::Panel;
use crate::shop::{engine, sqlite, submit};
use crate::{Effort, block_on, folder, median};

const BOUND: f64 = 1.10;

const RUNS: usize = 12;

pub(crate) fn run(effort: Effort) {
    block_on(async {
        let folder = folder();
        let on_disk = sqlite(&folder).await;
        let panel = Panel::default();
        let durable = engine(Arc::clone(&on_disk) as Arc<dyn Store>, &panel);
        let in_memory = engine(Arc::new(MemoryStore::new()), &panel);
        let mut disk = Disk::new();
        let mut ratios = Vec::new();
        let (mut added, mut fsync, mut numbers) = (Vec::new(), Vec::new(), 0..);
        let mut appends = 0;
        // The first round opens what is opened once.
        for round in 0..=effort.rounds {
            let (mut with, mut without, mut fsyncs) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..RUNS {
                let number = numbers.next().unwrap();
                fsyncs.extend(disk.fsyncs(8));
                let (seconds, recorded) = drive(&durable, number).await;
                appends = recorded;
                with.push(seconds);
                without.push(drive(&in_memory, number).await.0);
            }
            if round == 0 {
                continue;
            }
            let one = median(&mut fsyncs);
            let adds = median(&mut with) - median(&mut without);
            ratios.push(adds / (appends as f64 * one));
            added.push(adds);
            fsync.push(one);
        }
        println!(
            "one run alone: the store adds {:.3} ms to {appends} appends, one fsync takes {:.3} ms, bound {BOUND:.2} ratio={:.3}",
            median(&mut added) * 1e3,
            median(&mut fsync) * 1e3,
            median(&mut ratios)
        );
        durable.close().await;
    });
}

/// Drives a new order. How many seconds it took, and what was appended: the plan and the journal.
async fn drive(engine: &Engine, number: usize) -> (f64, usize) {
    let run = submit(engine, number).await;
    let begun = Instant::now();
    let view = engine.run(run, RunOptions::default()).await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    let journal = view.run().unwrap().journal();
    (seconds, journal.entries.len() + 1)
}
