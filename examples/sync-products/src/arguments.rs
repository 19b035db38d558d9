//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

const AFTER_HELP: &str = "\
Environment:
  MPANEL_URL, MPANEL_EMAIL, MPANEL_PASSWORD
          The panel and who to work as. All three. To create, the user has to be `admin` or `manager` (legacy), or
          OWNER or ADMIN of the tenant (TypeScript)
  MPANEL_TOKEN
          Taken as in the other programs, and not needed here

Exit codes:
  0  the panel has what the catalog has, perhaps because it was created now
  1  a fault of this program
  2  bad input; nothing was sent
  3  the login or a right is missing; the remedy is printed
  4  not finished: no reply, an unknown outcome, or too many requests; run it again
  5  there are differences left: nobody confirmed, or they are for a person";

/// Compares a catalog with the products and prices of an mPanel, shows the difference, and creates what is missing.
///
/// It creates after --yes, or after asking on a terminal; anywhere else it only shows. It changes and deletes nothing
/// that is there. Products of the catalog that have no price are left out.
#[derive(Debug, Parser)]
#[command(name = "sync-products", version, after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// What is sold. The bundled MigraHosting catalog if absent.
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) catalog: Option<PathBuf>,

    /// Create what is missing without asking.
    #[arg(long)]
    pub(crate) yes: bool,

    /// Believe a panel that lists no products at all. Without this an empty list is taken for a broken one.
    #[arg(long)]
    pub(crate) panel_is_empty: bool,

    /// The most requests to send: an mPanel permits 100 in 15 minutes to everybody behind one address.
    #[arg(long, value_name = "REQUESTS", default_value_t = 80, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) budget: u64,

    /// The result as one JSON object on standard output, everything else on standard error.
    #[arg(long)]
    pub(crate) json: bool,

    /// Work on an embedded stand-in of this generation: nothing to install, no network. MPANEL_* must not be set.
    #[arg(long, value_enum, value_name = "GENERATION")]
    pub(crate) sandbox: Option<Generation>,

    /// Send the password over plain http to a public host, where everybody on the way reads it.
    #[arg(long)]
    pub(crate) allow_plain_http: bool,
}

/// The generations of mPanel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Generation {
    /// The JavaScript server.
    Legacy,
    /// The TypeScript server.
    Typescript,
}
