//! A large file of orders, from start to end, in the program as it is shipped: `cargo bench -p bulk-provision`.
//!
//! The panels are stand-ins in a process of their own and take 50 ms for each request. A line ends with `ratio=`, what was
//! measured divided by what it is measured against, or with `per_second=`. `--quick` takes few orders, to see that it
//! works; `--orders N` as many as it says.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark ends where something is wrong, and its numbers are small"
)]

mod bare;
mod disk;
mod panels;
mod program;

use std::time::Duration;

use disk::Disk;
use panels::Panels;
use program::Ended;

/// How long a panel takes for each request.
pub(crate) const LATENCY: Duration = Duration::from_millis(50);

/// How many orders are worked on at once.
pub(crate) const IN_FLIGHT: usize = 64;

const SHARE_OF_IDEAL: f64 = 0.75;

const PERMITTED_KIB: u64 = 200 * 1_024;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let position = arguments.iter().position(|argument| argument == name)?;
        arguments.get(position + 1)
    };
    if let Some(capacity) = value("--panels") {
        return panels::child(capacity.parse().unwrap());
    }
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let orders = match value("--orders") {
        Some(orders) => orders.parse().unwrap(),
        None if is_quick => 500,
        None => 10_000,
    };
    bare::run(if is_quick { 1_000 } else { 10_000 });
    bulk(orders);
}

/// The file from start to end.
fn bulk(orders: usize) {
    let mut disk = Disk::new();
    let panels = Panels::start(orders);
    let mut fsyncs = disk.fsyncs(200);
    let Ended {
        seconds,
        peak_kib,
        processor_seconds,
    } = program::run(&panels, orders);
    fsyncs.extend(disk.fsyncs(200));
    fsyncs.sort_unstable_by(f64::total_cmp);
    let p50 = fsyncs[fsyncs.len() / 2];
    let asked = panels.end();
    assert_eq!(asked.accounts, orders, "an account for every order");
    println!(
        "{orders} orders in {seconds:.1} s, of which {processor_seconds:.1} s of a processor; each costs {:.2} calls, and \
         the panels were counted with {} reads taking {:.1} s of their processor per_second={:.0}",
        asked.calls as f64 / orders as f64,
        asked.lists,
        asked.processor_seconds,
        orders as f64 / seconds
    );
    let rate = asked.calls as f64 / seconds;
    let ideal = IN_FLIGHT as f64 / (LATENCY.as_secs_f64() + 2.0 * p50);
    println!(
        "{IN_FLIGHT} in flight at 50 ms, fsync p50 {:.3} ms: calls per_second={rate:.0}",
        p50 * 1e3
    );
    println!(
        "{IN_FLIGHT} in flight at 50 ms: share of 64 / (50 ms + 2 fsyncs), at least {SHARE_OF_IDEAL} ratio={:.3}",
        rate / ideal
    );
    println!(
        "{orders} orders: {peak_kib} KiB at the peak, of {PERMITTED_KIB} ratio={:.3}",
        peak_kib as f64 / PERMITTED_KIB as f64
    );
}
