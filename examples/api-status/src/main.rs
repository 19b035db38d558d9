//! The endpoint status table of an mPanel: what works, what fails, what is not there.
//!
//! The program is meant to be read and copied: [`panel`] sets the client up from the environment with a budget, [`run`]
//! asks one endpoint after the other as [`probes`] says, [`verdict`] says what an answer means, [`show`] prints it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program prints"
)]

mod arguments;
mod changes;
mod exit;
mod known;
mod panel;
mod probes;
mod report;
mod run;
mod show;
mod undoable;
mod verdict;

use std::{
    io::{self, Write},
    process::ExitCode,
};

use clap::Parser;

use arguments::Arguments;
use changes::Change;
use exit::{Exit, Stop};
use panel::Panel;
use report::Report;
use run::{Asking, Ended};
use show::Shown;

/// One request after the other: a single thread does.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let exit = match status(&arguments).await {
        Ok(exit) => exit,
        Err(stop) => {
            for problem in &stop.problems {
                eprintln!("{problem}");
            }
            stop.exit
        }
    };
    ExitCode::from(exit as u8)
}

async fn status(arguments: &Arguments) -> Result<Exit, Stop> {
    let panel = Panel::new(arguments).await?;
    let before = arguments.diff.as_deref().map(Report::read).transpose()?;
    // However it was written: with or without `/api`, with or without a slash.
    let url = panel.client.base_url().join("/api", None);
    let mut report = match &arguments.state {
        Some(path) => {
            let report = Report::resumed(path, &url)?;
            report.can_be_kept(path)?;
            report
        }
        None => Report::new(&url),
    };
    let ended = Asking::new(&panel, arguments, &mut report)
        .everything()
        .await?;
    let changes = before.map(|before| changes::between(&before, &report));
    let shown = Shown {
        report: &report,
        format: arguments.format,
        changes: changes.as_deref(),
    };
    print(&shown)?;
    tell(&panel, arguments, &report, &ended);
    let is_worse = changes.iter().flatten().any(Change::is_worse);
    Ok(match ended {
        Ended::LoginRefused => Exit::LoginRefused,
        _ if is_worse => Exit::Worse,
        Ended::Early(_) => Exit::NotFinished,
        Ended::Complete => Exit::Done,
    })
}

/// A reader that has seen enough, such as `head`, is no fault.
fn print(shown: &Shown<'_>) -> Result<(), Stop> {
    match write!(io::stdout().lock(), "{shown}") {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Stop::fault(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// How it ended, on standard error.
fn tell(panel: &Panel, arguments: &Arguments, report: &Report, ended: &Ended) {
    let spent = panel.budget.spent();
    match panel.budget.remaining() {
        Some(left) => eprintln!("{spent} requests sent; the panel permits {left} more"),
        None => eprintln!("{spent} requests sent"),
    }
    for leftover in &report.leftovers {
        eprintln!("left behind on the panel: {leftover}");
    }
    match ended {
        Ended::Complete => {}
        Ended::LoginRefused => {
            let row = report
                .endpoints
                .iter()
                .find(|row| row.operation == run::LOG_IN);
            let note = row.map_or("", |row| row.note.as_str());
            eprintln!("no login: {note}");
        }
        Ended::Early(why) => {
            eprintln!("not finished: {why}");
            match &arguments.state {
                Some(path) => eprintln!(
                    "go on with the same command; {} has what was found out",
                    path.display()
                ),
                None => eprintln!("to go on where it stops, give --continue FILE from the start"),
            }
        }
    }
}
