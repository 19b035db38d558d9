//! Works on whatever is due in a store of runs, with health, metrics and traces, until it is told to end.
//!
//! ```text
//! worker --state provisioning.sqlite3 --fleet fleet.toml
//! ```

mod arguments;
mod figures;
mod logs;
mod serving;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use host_setup::exit::Exit;
use host_setup::harmless::harmless;
use host_setup::panels::Panels;
use host_setup::state::State;
use host_setup::stop;
use host_setup::text_file;
use provisioning_core::catalog::Catalog;
use provisioning_engine::{Engine, ServerLimits, WorkOptions};
use tokio::sync::Notify;

use arguments::Arguments;

/// A pause that a server asks for is the run's to wait out, so that no place is held meanwhile.
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// Why it ends early.
struct Problem {
    exit: Exit,
    lines: Vec<String>,
}

impl Problem {
    fn bad_input(lines: Vec<String>) -> Self {
        Self {
            exit: Exit::BadInput,
            lines,
        }
    }

    fn fault(what: impl ToString) -> Self {
        Self {
            exit: Exit::Fault,
            lines: vec![what.to_string()],
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match work(&arguments).await {
        Ok(()) => Exit::Done.into(),
        Err(problem) => {
            let mut out = io::stderr().lock();
            for line in &problem.lines {
                // Nothing can be done about a standard error that takes nothing.
                let _ = writeln!(out, "worker: {}", harmless(line));
            }
            problem.exit.into()
        }
    }
}

async fn work(arguments: &Arguments) -> Result<(), Problem> {
    let mut problems = Vec::new();
    if !arguments.listen.ip().is_loopback() {
        problems.push(format!(
            "--listen {}: health and metrics are served without a password, so on a loopback address only",
            arguments.listen
        ));
    }
    let panels = Panels::from_environment(&arguments.panels, LONGEST_PAUSE)
        .map_err(|more| problems.extend(more))
        .ok();
    let catalog = catalog(arguments)
        .map_err(|more| problems.extend(more))
        .ok();
    let (Some(panels), Some(catalog), true) = (panels, catalog, problems.is_empty()) else {
        return Err(Problem::bad_input(problems));
    };
    let logs = logs::begin(arguments.log).map_err(|problem| Problem::bad_input(vec![problem]))?;
    let figures = figures::install().map_err(Problem::fault)?;
    let state = State::open(&arguments.state)
        .await
        .map_err(|problem| Problem::bad_input(vec![problem]))?;
    let listener = serving::listen(arguments.listen)
        .await
        .map_err(|problem| Problem::bad_input(vec![problem]))?;
    tracing::info!(
        state = state.describe(),
        panels = panels.describe(),
        listen = listener.local_addr().map_or_else(
            |_| arguments.listen.to_string(),
            |address| address.to_string()
        ),
        "working"
    );
    let rotates = state.rotates;
    let mut limits = ServerLimits::default();
    if let Some(per_second) = arguments.per_second {
        limits = limits.with_per_second(per_second);
    }
    let mut builder = Engine::builder_over(state.store, catalog, panels.fleet.clone())
        .sealer(state.sealer)
        .limits(limits)
        .lease(Duration::from_secs(arguments.lease.max(1)));
    if let Some(name) = &arguments.name {
        builder = builder.worker(name);
    }
    let engine = panels.equip(builder).build().map_err(Problem::fault)?;
    if rotates {
        let rotated = engine.rotate().await.map_err(Problem::fault)?;
        tracing::info!(
            resealed = rotated.resealed,
            left = rotated.left.len(),
            "sealed anew with the newest key"
        );
    }

    let ended = Arc::new(Notify::new());
    let counting = tokio::spawn(figures::count(engine.clone()));
    let watching = tokio::spawn(figures::watch_store(engine.clone()));
    let serving = tokio::spawn(serving::serve(
        listener,
        engine.clone(),
        figures,
        Arc::clone(&ended),
    ));
    let options = WorkOptions::default().with_concurrency(arguments.concurrency);
    let worked = engine
        .work(options, async {
            stop::asked().await;
            tracing::info!("told to end: calls that are under way are brought to their end");
        })
        .await;
    tracing::info!(
        taken_up = worked.taken_up,
        failed = worked.failed,
        panicked = worked.panicked,
        "ended"
    );
    counting.abort();
    watching.abort();
    ended.notify_one();
    serving
        .await
        .map_err(Problem::fault)?
        .map_err(Problem::fault)?;
    engine.close().await;
    logs.end();
    Ok(())
}

fn catalog(arguments: &Arguments) -> Result<Catalog, Vec<String>> {
    let Some(path) = &arguments.catalog else {
        return Ok(Catalog::migrahosting());
    };
    let (name, text) = text_file::read(path).map_err(|problem| vec![problem])?;
    Catalog::from_toml(&name, &text)
        .map_err(|error| error.to_string().lines().map(str::to_owned).collect())
}
