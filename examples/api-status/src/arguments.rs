//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

const AFTER_HELP: &str = "\
Environment:
  MPANEL_URL, MPANEL_EMAIL, MPANEL_PASSWORD
          The panel and who to ask as. All three
  MPANEL_TOKEN
          Sent as x-mpanel-token, where a route asks for it. May be absent
  MPANEL_MARKETING_KEY
          Sent as x-api-key to the marketing routes, which are left out without it

Exit codes:
  0  every endpoint that can be asked was asked
  1  a fault of this program
  2  bad input; nothing was sent, but for a login where --continue names the file of another role
  3  the login was refused; only what needs none was asked
  4  not finished: the budget ended, or the panel cannot be reached; go on with --continue
  5  with --diff: something that worked no longer does";

/// Prints which endpoints of an mPanel work, which fail, and which are not there.
///
/// Read-only unless --write is given. An mPanel permits 100 requests in 15 minutes to everybody behind one address, so
/// few are spent at a time: use --continue with a file to go on later.
#[derive(Debug, Parser)]
#[command(name = "api-status", version, after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// How the table is printed.
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: Format,

    /// The most requests to send, the login included: 40 if absent, as many as there are on the sandbox.
    #[arg(long, value_name = "REQUESTS", value_parser = clap::value_parser!(u64).range(1..))]
    budget: Option<u64>,

    /// Stop when the panel permits no more than this many requests: they are left to others.
    #[arg(long, value_name = "REQUESTS", default_value_t = 50)]
    pub(crate) floor: u64,

    /// Keep what was found out in this file, and go on where it stopped. Made if it is not there.
    #[arg(long = "continue", value_name = "FILE")]
    pub(crate) state: Option<PathBuf>,

    /// Compare with an earlier run: a file of --continue, or of --format json.
    #[arg(long, value_name = "FILE")]
    pub(crate) diff: Option<PathBuf>,

    /// Ask some of the endpoints that write, too: those whose work can be undone. What is made is removed again.
    #[arg(long)]
    pub(crate) write: bool,

    /// Leave out the routes of the queue, each of which may take up to three minutes.
    #[arg(long)]
    pub(crate) skip_slow: bool,

    /// Ask an embedded stand-in of this generation: nothing to install, no network. MPANEL_* must not be set.
    #[arg(long, value_enum, value_name = "GENERATION")]
    pub(crate) sandbox: Option<Generation>,

    /// Send the password over plain http to a public host, where everybody on the way reads it.
    #[arg(long)]
    pub(crate) allow_plain_http: bool,
}

impl Arguments {
    /// The most requests to send.
    pub(crate) fn budget(&self) -> u64 {
        match (self.budget, self.sandbox) {
            (Some(budget), _) => budget,
            (None, Some(_)) => u64::MAX,
            (None, None) => 40,
        }
    }
}

/// The generations of mPanel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generation {
    /// The JavaScript server.
    Legacy,
    /// The TypeScript server.
    Typescript,
}

/// How the table is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// In columns.
    Text,
    /// As a Markdown table.
    Markdown,
    /// As one JSON object.
    Json,
}
