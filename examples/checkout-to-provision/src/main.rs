//! The main job: a paid order in, a handed-over hosting account out.
//!
//! The program is meant to be read and copied. An order's way through it: [`preflight`] reads and checks everything,
//! [`state`] opens what the run is kept in, [`panels`] sets the servers up, [`job`] submits, drives the run and
//! hands the password over, [`show`] says what happened.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program prints"
)]

mod answers;
mod arguments;
mod denied;
mod dry_run;
mod ending;
mod exit;
mod input;
mod interrupt;
mod job;
mod panels;
mod preflight;
mod progress;
mod report;
mod show;
mod state;

use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use exit::Stop;
use report::Report;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let report = Report::new(&arguments);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let stop = Stop::fault(format!("the runtime does not start: {error}"));
            report.stop(&stop);
            return ExitCode::from(stop.exit as u8);
        }
    };
    let ended = runtime.block_on(job::run(&arguments, report));
    // A question that nobody has answered must not keep the program.
    runtime.shutdown_background();
    let exit = ended.unwrap_or_else(|stop| {
        report.stop(&stop);
        stop.exit
    });
    ExitCode::from(exit as u8)
}
