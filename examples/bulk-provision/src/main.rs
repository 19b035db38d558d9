//! Provisions a CSV of paid orders: resumably, with progress, a file of results and a file of credentials.
//!
//! ```text
//! bulk-provision orders.csv --fleet fleet.toml --vouched-by ana --credentials-out credentials.csv --results results.csv
//! ```
//!
//! Everything that is wrong with the file is said at once, by line and column, before anything is sent or stored. What
//! was stored is never lost: after Ctrl-C, a crash or a power cut the same command goes on.
#[macro_use]
mod words;

mod arguments;
mod bar;
mod board;
mod cause;
mod credentials;
mod drive;
mod elsewhere;
mod files;
mod handing_over;
mod input;
mod orders;
mod pace;
mod place;
mod results;
mod submit;
mod table;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use host_setup::earlier::MarkedAccounts;
use host_setup::exit::Exit;
use host_setup::harmless::harmless;
use host_setup::state::State;
use host_setup::stop;
use provisioning_engine::{Engine, ServerLimits};

use arguments::Arguments;
use bar::Bar;
use drive::{Driving, drive};
use handing_over::HandedOver;
use input::Ready;
use results::Results;

/// How long the orders of a program that was killed wait before the next one takes them up.
const LEASE: Duration = Duration::from_secs(10);

/// The program cannot go on: how it ends and what is wrong.
pub(crate) struct Problem {
    exit: Exit,
    headline: &'static str,
    lines: Vec<String>,
}

impl Problem {
    pub(crate) fn bad_input(lines: Vec<String>) -> Self {
        Self {
            exit: Exit::BadInput,
            headline: "not started; nothing was sent or stored:",
            lines,
        }
    }

    fn fault(what: impl ToString) -> Self {
        Self {
            exit: Exit::Fault,
            headline: "ended early; what was stored is stored, and the same command goes on:",
            lines: vec![what.to_string()],
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match bulk(&arguments).await {
        Ok(exit) => exit.into(),
        Err(problem) => {
            complain!("{}", problem.headline);
            for line in &problem.lines {
                complain!("  {}", harmless(line));
            }
            problem.exit.into()
        }
    }
}

async fn bulk(arguments: &Arguments) -> Result<Exit, Problem> {
    let Ready {
        orders,
        catalog,
        panels,
        demand,
        allowed,
    } = input::ready(arguments)?;
    say!("{} orders for {}", orders.len(), panels.describe());
    if arguments.check {
        say!("checked; nothing was sent or stored");
        return Ok(Exit::Done);
    }
    let state = State::open(&arguments.state)
        .await
        .map_err(|problem| Problem::bad_input(vec![problem]))?;
    say!("state: {}", state.describe());
    let mut limits = ServerLimits::default();
    if let Some(per_second) = arguments.per_second {
        limits = limits.with_per_second(per_second);
    }
    let rotates = state.rotates;
    let store = Arc::clone(&state.store);
    let builder = Engine::builder_over(state.store, catalog, panels.fleet.clone())
        .sealer(state.sealer)
        .limits(limits)
        .lease(LEASE);
    let engine = panels.equip(builder).build().map_err(Problem::fault)?;
    if rotates {
        engine.rotate().await.map_err(Problem::fault)?;
    }

    let marked = tokio::select! {
        marked = MarkedAccounts::search(&panels.clients) => marked,
        () = stop::asked() => {
            say!("stopped; nothing was sent, and the same command begins anew");
            return Ok(Exit::NotFinished);
        }
    };
    for server in &marked.not_searched {
        complain!(
            "not searched for accounts that another state has made for these orders: {}",
            harmless(server)
        );
    }
    let (orders, elsewhere) = elsewhere::take_out(&engine, &store, &panels.fleet, &marked, orders)
        .await
        .map_err(Problem::fault)?;
    let mut taken = submit::submit(&engine, &orders)
        .await
        .map_err(Problem::fault)?;
    taken.refused.extend(elsewhere);
    say!(
        "{} orders are new, {} were known before",
        taken.new,
        taken.submitted.len() - taken.new
    );
    let driving = Driving {
        submitted: &taken.submitted,
        credentials_out: arguments.credentials_out.as_deref(),
        concurrency: arguments.concurrency,
        longest_wait: arguments.wait(),
    };
    let bar = Bar::new(
        taken.submitted.len() as u64,
        demand.shortest(allowed),
        arguments.quiet,
    );
    let driven = drive(&engine, &driving, bar, stop::asked())
        .await
        .map_err(Problem::fault)?;

    let HandedOver { problems, finished } = driven.handed_over;
    let mut problems: Vec<String> = problems
        .iter()
        .map(|problem| format!("credentials: {problem}"))
        .collect();
    let mut results = Results::read(&engine, &taken.submitted, finished, &panels)
        .await
        .map_err(Problem::fault)?;
    results.refused(taken.refused);
    if let Some(path) = &arguments.results {
        // How it ended is worth more than the file: it is said either way.
        if let Err(problem) = results.write(path) {
            problems.push(format!(
                "--results: {problem}; the same command again writes it"
            ));
        }
    }
    engine.close().await;
    say!("{}", harmless(results.summary().trim_end()));
    if driven.was_stopped {
        say!("\nstopped: every call was brought to its end, and the same command goes on");
    }
    for problem in &problems {
        complain!("{}", harmless(problem));
    }
    let exit = results.exit();
    let is_whole = problems.is_empty();
    Ok(if exit == Exit::Done && !is_whole {
        Exit::NotFinished
    } else {
        exit
    })
}
