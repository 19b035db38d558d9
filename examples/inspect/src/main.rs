//! Looks at provisioning runs, answers their questions, and resumes, cancels or forgets them.
//!
//! ```text
//! inspect list --standing needs_attention
//! inspect show sample-1001
//! inspect timeline sample-1001 > course.mmd
//! inspect answer sample-1001 hosting/wp_growth exists --id 4711 --by ana
//! inspect resume sample-1001 --by ana
//! ```
//!
//! It sends nothing to any panel, opens nothing that is sealed and needs no key: whoever works on the state (the main
//! job, a worker) does what follows from an answer. Ends with 0, with 2 if it cannot begin, with 4 if what was asked does
//! not follow from where the run stands.
#![allow(clippy::print_stderr, reason = "a command-line program prints")]

mod arguments;
mod find;
mod list;
mod show;
mod tell;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::Parser;
use host_setup::exit::Exit;
use host_setup::harmless::harmless;
use host_setup::state::State;
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::FleetConfig;
use provisioning_engine::{Engine, EngineError};

use arguments::{Arguments, Command};

/// Why it did not do what was asked.
pub(crate) struct Problem {
    exit: Exit,
    text: String,
}

impl Problem {
    /// What was asked for cannot be understood, or is not there.
    pub(crate) fn bad_input(text: impl ToString) -> Self {
        Self {
            exit: Exit::BadInput,
            text: text.to_string(),
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        Self {
            exit: Exit::NotFinished,
            text: error.to_string(),
        }
    }
}

/// One look at one state: a single thread does.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match inspect(&arguments).await {
        Ok(text) => {
            match writeln!(io::stdout(), "{}", harmless(text.trim_end())) {
                // Whoever reads has seen enough, such as `| head`.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done.into(),
                Err(error) => {
                    eprintln!("it was done, and cannot be shown: {error}");
                    Exit::Fault.into()
                }
                Ok(()) => Exit::Done.into(),
            }
        }
        Err(problem) => {
            eprintln!("{}", harmless(&problem.text));
            problem.exit.into()
        }
    }
}

async fn inspect(arguments: &Arguments) -> Result<String, Problem> {
    let state = State::open_unsealed(&arguments.state)
        .await
        .map_err(Problem::bad_input)?;
    // Nothing is planned or called here, so neither a fleet nor a panel is needed.
    let fleet = FleetConfig::new([]).map_err(Problem::bad_input)?;
    let engine = Engine::builder_over(state.store, Catalog::migrahosting(), fleet)
        .sealer(state.sealer)
        .worker("inspect")
        .build()?;
    let done = carry_out(&engine, arguments).await;
    engine.close().await;
    done
}

async fn carry_out(engine: &Engine, arguments: &Arguments) -> Result<String, Problem> {
    match &arguments.command {
        Command::List(wanted) => list::list(engine, wanted, arguments.json).await,
        Command::Show { run } => {
            let run = find::find(engine, run).await?;
            show::show(engine, run, arguments.json).await
        }
        Command::Timeline { run } => {
            let run = find::find(engine, run).await?;
            show::timeline(engine, run).await
        }
        Command::Tell(told) => {
            let run = find::find(engine, told.run()).await?;
            tell::tell(engine, run, told).await?;
            show::show(engine, run, arguments.json).await
        }
    }
}
