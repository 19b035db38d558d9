//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use host_setup::panels::{ENVIRONMENT, PanelArguments};
use host_setup::state::StateArguments;

const AFTER_HELP: &str = "\
ORDERS.csv has a header; its columns, in any order:
  order_id, email, product                   wanted on every line
  domain, quantity, cycle, amount, currency  of the line's product, where known; amount is the price of one
  name, company, phone, country              of the customer, where known
  payment_reference                          what was looked up at the payment provider; without it --vouched-by is wanted
Lines with the same order_id are one order of several products.

The same command again goes on where the last one ended, however it ended: orders that are known are not made twice, and
passwords that are in the credentials file already are not written again.

Exit codes:
  0  every order is done, perhaps except manual steps
  1  a fault of this program
  2  bad input; nothing was sent or stored
  3  a permission is missing; the remedy is printed
  4  everything else that is not finished";

/// Provisions a CSV of paid orders, resumably, with progress.
#[derive(Debug, Parser)]
#[command(name = "bulk-provision", version, after_help = AFTER_HELP, after_long_help = format!("{AFTER_HELP}\n\n{ENVIRONMENT}"))]
pub(crate) struct Arguments {
    /// The orders; `-` reads standard input.
    pub(crate) orders: String,

    /// Who vouches that the orders without a payment_reference are paid.
    #[arg(long, value_name = "NAME")]
    pub(crate) vouched_by: Option<String>,

    /// The provider at which the payment references were looked up.
    #[arg(long, value_name = "NAME", default_value = "stripe")]
    pub(crate) provider: String,

    /// The shop the orders come from: part of their identity.
    #[arg(long, value_name = "NAME", default_value = "bulk")]
    pub(crate) source: String,

    /// What is sold. The bundled MigraHosting catalog if absent.
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) catalog: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) panels: PanelArguments,

    #[command(flatten)]
    pub(crate) state: StateArguments,

    /// Appends passwords to this file (made with mode 0600). Each is on the disk before it counts as confirmed. Without
    /// it the runs stay awaiting confirmation.
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) credentials_out: Option<PathBuf>,

    /// Writes how every order ended to this file.
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) results: Option<PathBuf>,

    /// Checks everything and sends and stores nothing.
    #[arg(long)]
    pub(crate) check: bool,

    /// How many orders are worked on at once.
    #[arg(long, value_name = "N", default_value_t = 64)]
    pub(crate) concurrency: usize,

    /// The most calls a second to each server; no limit of ours if absent.
    #[arg(long, value_name = "N")]
    pub(crate) per_second: Option<f64>,

    /// The longest pause to wait out, such as one that a panel's limiter asks for. Orders that wait longer are left for
    /// the next time.
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    pub(crate) wait: u64,

    /// No progress bar.
    #[arg(long)]
    pub(crate) quiet: bool,
}

impl Arguments {
    pub(crate) fn wait(&self) -> Duration {
        Duration::from_secs(self.wait)
    }
}
