//! Peak memory of a process that works while many runs are queued.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use provisioning_engine::WorkOptions;
use provisioning_engine::store::Store;

use crate::panel::Panel;
use crate::shop::{engine, sqlite, submit};
use crate::{Effort, block_on, folder};

const PERMITTED_KIB: u64 = 150 * 1_024;

pub(crate) fn run(effort: Effort) {
    let queued = if effort.is_quick { 10_000 } else { 100_000 };
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--memory", &queued.to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    let used: u64 = said.trim().parse().unwrap();
    println!(
        "{queued} queued: {used} KiB at the peak of taking them in and of working on them, of {PERMITTED_KIB} \
         ratio={:.3}",
        used as f64 / PERMITTED_KIB as f64
    );
}

/// A process of its own: takes them in, lists none, works for a while. Says its peak in KiB.
pub(crate) fn child(queued: usize) {
    block_on(async {
        let folder = folder();
        let store = sqlite(&folder).await;
        let panel = Panel::with_latency(Duration::from_millis(5));
        let engine = engine(store as Arc<dyn Store>, &panel);
        stream::iter(0..queued)
            .map(async |number| submit(&engine, number).await)
            .buffer_unordered(256)
            .for_each(async |_| {})
            .await;
        let a_while = async {
            while panel.verified() < 500 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        engine.work(WorkOptions::default(), a_while).await;
        engine.close().await;
    });
    println!("{}", kib("VmHWM:"));
}

fn kib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
