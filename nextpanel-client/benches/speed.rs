//! The two speeds that matter to a host: the status of a fleet, and accounts created at the same time.
//!
//! Both run against a small HTTP server in this process, which shares the cores with the client.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a benchmark prints, and ends where it cannot go on"
)]

#[path = "speed/bare.rs"]
mod bare;
#[path = "speed/creates.rs"]
mod creates;
#[path = "speed/stand_in.rs"]
mod stand_in;
#[path = "speed/status.rs"]
mod status;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        status::run().await;
        creates::run().await;
    });
}

/// The middle of an odd number of rounds.
fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds[rounds.len() / 2]
}

fn held(holds: bool) -> &'static str {
    if holds { "held" } else { "MISSED" }
}
