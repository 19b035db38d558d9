//! What lists and polls of an mPanel cost: `cargo bench -p mpanel-client`.
//!
//! The panel is a process of its own, so that its work is not counted. Each line ends with what was found by what is
//! permitted; above 1 the bound is broken, and the program ends with 1. Names given on the command line choose parts.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark ends where something is wrong, and its numbers are small"
)]

mod customers;
mod panel;
mod polls;

use std::process::ExitCode;

use mpanel_client::{Mpanel, MpanelBuilder};
use panel_http::Login;

/// Measures against the panel at this base; the ratios of its lines.
type Part = fn(&str) -> Vec<f64>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--serve") => {
            panel::serve();
            return ExitCode::SUCCESS;
        }
        Some("--customers") => {
            customers::child(&arguments[1]);
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    let names: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let parts: [(&str, Part); 2] = [("customers", customers::run), ("polls", polls::run)];
    let panel = panel::Panel::start();
    let ratios: Vec<f64> = parts
        .iter()
        .filter(|(name, _)| names.is_empty() || names.contains(name))
        .flat_map(|(_, part)| part(&panel.base))
        .collect();
    if ratios.iter().all(|ratio| *ratio <= 1.0) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// A client that will log in.
fn client(base: &str) -> MpanelBuilder {
    Mpanel::builder(base)
        .login(Login::new("ops@hoster.example", "of-the-operator".into()))
        .no_proxy()
}
