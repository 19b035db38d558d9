//! Peak memory of a list of 100,000 rows that comes twice in one reply.

use std::{fs, process::Command, time::Instant};

use futures_util::TryStreamExt;

use crate::{Effort, clients::ours, lists::Streamed, rows::TolerantCustomer};

const PERMITTED_KIB: u64 = 8 * 1024;

pub(crate) fn run(base: &str, _effort: Effort) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--memory", base])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let mut numbers = said
        .split_whitespace()
        .map(|number| number.parse().unwrap());
    let (rows, used, milliseconds): (u64, u64, u64) = (
        numbers.next().unwrap(),
        numbers.next().unwrap(),
        numbers.next().unwrap(),
    );
    println!(
        "{rows} rows that come twice: {used} KiB above the rows at the peak, of which permitted {PERMITTED_KIB}, {milliseconds} ms ratio={:.3}",
        used as f64 / PERMITTED_KIB as f64
    );
}

pub(crate) fn child(base: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let list = |count| Streamed::<TolerantCustomer>::new("twice", count);
    runtime.block_on(async {
        let client = ours(base);
        // What the first call sets up is not the list's.
        client.list(list(1_000)).items().try_next().await.unwrap();
        let before = kib("VmRSS:");
        let started = Instant::now();
        let mut items = client.list(list(100_000)).items();
        let mut rows = 0;
        while let Some(_row) = items.try_next().await.unwrap() {
            rows += 1;
        }
        println!(
            "{rows} {} {}",
            kib("VmHWM:").saturating_sub(before),
            started.elapsed().as_millis()
        );
    });
}

fn kib(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
