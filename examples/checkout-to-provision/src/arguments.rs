//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Turns a paid order into a handed-over hosting account.
///
/// With no panel configured it runs on an embedded sandbox: nothing to install, no network. Exit codes: 0 done, 2 bad
/// input (nothing sent, nothing stored), 3 a permission is missing, 4 not finished, 1 a fault of this program.
#[derive(Debug, Parser)]
#[command(name = "checkout-to-provision", version)]
pub(crate) struct Arguments {
    /// The paid order as JSON; `-` reads standard input. The bundled sample if absent (sandbox only).
    pub(crate) order: Option<String>,

    /// The order's id, for payloads that carry none of their own.
    #[arg(long, value_name = "ID")]
    pub(crate) order_id: Option<String>,

    /// Who vouches that the order is paid, for payloads that carry no evidence of payment. Default on the sandbox.
    #[arg(long, value_enum, value_name = "WHO")]
    pub(crate) paid_by: Option<PaidBy>,

    /// Show the plan and the exact requests. No write is sent; the reads that are sent are listed.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// How --dry-run shows the plan.
    #[arg(long, value_enum, default_value = "tree", requires = "dry_run")]
    pub(crate) format: Format,

    /// The result as one JSON object on standard output, everything else on standard error. It contains the password
    /// only with --confirm-saved.
    #[arg(long)]
    pub(crate) json: bool,

    /// What is sold. The bundled MigraHosting catalog if absent.
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) catalog: Option<PathBuf>,

    /// The servers and the preview domain. A dry run with --fleet sends nothing.
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) fleet: Option<PathBuf>,

    /// Where the run is kept. `memory`: a crash may leave an account whose password is lost.
    #[arg(long, value_enum, value_name = "WHERE")]
    pub(crate) state: Option<State>,

    /// The longest pause to wait out, in seconds. At a longer one the program says when it would go on, and ends.
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    pub(crate) wait: u64,

    /// Something that goes wrong on the sandbox, by name; an unknown name lists them all.
    #[arg(long, value_name = "NAME")]
    pub(crate) fault: Option<String>,

    /// Lift the fault half-way and go on with the same run.
    #[arg(long, requires = "fault")]
    pub(crate) heal: bool,

    /// Print the password and take it as saved, without asking.
    #[arg(long)]
    pub(crate) confirm_saved: bool,
}

/// Who vouches for the payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PaidBy {
    /// The person who runs this program.
    Operator,
}

/// How a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// An indented tree and the requests.
    Tree,
    /// One JSON object with plan, reads and requests.
    Json,
    /// A Mermaid flowchart.
    Mermaid,
}

/// Where runs are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum State {
    /// In this process.
    Memory,
}
