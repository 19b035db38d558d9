//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use host_setup::panels::{ENVIRONMENT, PanelArguments};
use host_setup::state::StateArguments;

const AFTER_HELP: &str = "\
SIGTERM and Ctrl-C: every call that is under way is brought to its end and recorded, every run is given back, then it ends
with 0. SIGKILL and power cuts lose nothing either: what was under way is looked up by whoever takes the run up next.

Exit codes:
  0  it was told to end
  1  a fault of this program
  2  it cannot begin";

/// Works on whatever is due in a store of runs, until it is told to end. Several may work on one store.
#[derive(Debug, Parser)]
#[command(name = "worker", version, after_help = AFTER_HELP, after_long_help = format!("{AFTER_HELP}\n\n{ENVIRONMENT}"))]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) state: StateArguments,

    #[command(flatten)]
    pub(crate) panels: PanelArguments,

    /// What is sold. The bundled MigraHosting catalog if absent.
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) catalog: Option<PathBuf>,

    /// How many runs are worked on at once.
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = at_least_one)]
    pub(crate) concurrency: usize,

    /// The most calls a second to each server; no limit of ours if absent.
    #[arg(long, value_name = "N")]
    pub(crate) per_second: Option<f64>,

    /// How long a run waits after its worker has died, before another takes it up.
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(crate) lease: u64,

    /// The name under which it claims runs; made of process id and chance if absent.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Where /healthz and /metrics are served: a loopback address.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9464")]
    pub(crate) listen: SocketAddr,

    /// How it logs, on standard error. RUST_LOG says what; info by default.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Log::Text)]
    pub(crate) log: Log,
}

/// How it logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Log {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it is no number of 1 or more".to_owned()),
        Ok(number) => Ok(number),
    }
}
