//! What durability costs: `cargo bench -p provisioning-engine`.
//!
//! Everything is measured against the disk it runs on: the time of one fsync is taken in the same run, next to what it is
//! compared with. A line ends with `ratio=`, what was measured divided by what it is measured against, or with
//! `per_second=`. Names given on the command line choose parts, `--quick` runs few rounds, to see that it works.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark ends where something is wrong, and its numbers are small"
)]

mod alone;
mod claiming;
mod crowd;
mod disk;
mod memory;
mod panel;
mod shop;

/// How much is measured.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// Whether to see that it works is all that is wanted.
    pub(crate) is_quick: bool,
}

type Part = fn(Effort);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, rest @ ..] = arguments.as_slice()
        && first == "--memory"
    {
        return memory::child(rest[0].parse().unwrap());
    }
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let effort = Effort {
        rounds: if is_quick { 3 } else { 15 },
        is_quick,
    };
    let names: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let parts: [(&str, Part); 6] = [
        ("disk", disk::run),
        ("alone", alone::run),
        ("together", crowd::together),
        ("latency", crowd::latency),
        ("claiming", claiming::run),
        ("memory", memory::run),
    ];
    for (name, part) in parts {
        if names.is_empty() || names.contains(&name) {
            part(effort);
        }
    }
}

/// A runtime as programs have it.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(work)
}

pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Where files lie that are measured: beside the build, which is on a disk wherever `/tmp` may be.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}
