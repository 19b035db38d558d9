//! The main job: a paid order in, a handed-over hosting account out.
//!
//! The program is meant to be read and copied. An order's way through it: [`input`] reads, [`panels`] sets the servers
//! up, [`job`] submits and drives the run, [`show`] says what happened, [`hand_over`] shows the password and asks.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program prints"
)]

mod arguments;
mod dry_run;
mod exit;
mod hand_over;
mod input;
mod job;
mod panels;
mod progress;
mod report;
mod show;

use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use exit::{Exit, Stop};
use report::Report;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let report = Report::new(arguments.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            report.problem(&format!("the runtime does not start: {error}"));
            return ExitCode::from(Exit::Fault as u8);
        }
    };
    let ended = runtime.block_on(job::run(&arguments, &report));
    let exit = ended.unwrap_or_else(|Stop { exit, lines }| {
        for line in lines {
            report.problem(&line);
        }
        exit
    });
    ExitCode::from(exit as u8)
}
