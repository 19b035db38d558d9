//! What the call costs over hand-written reqwest: `cargo bench -p panel-http`.
//!
//! Both sides talk to the same server, a process of its own, in turns; a control runs the hand-written side against
//! itself. A line ends with the median of the paired ratios, after the interval that holds it with 95 %. Names given on
//! the command line choose parts, `--quick` runs few rounds, to see that it works.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a benchmark ends where something is wrong, and its numbers are small"
)]

mod clients;
mod concurrency;
mod instructions;
mod lists;
mod memory;
mod paired;
mod rows;
mod server;
mod small;

/// How much is measured.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// Share of the calls of a round.
    pub(crate) calls: f64,
}

impl Effort {
    pub(crate) fn calls(self, calls: usize) -> usize {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small positive numbers"
        )]
        let calls = (calls as f64 * self.calls) as usize;
        calls.max(1)
    }
}

/// Measures against the server at this base.
type Part = fn(&str, Effort);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--serve") => return server::serve(),
        Some("--calls") => return instructions::child(&arguments[1..]),
        Some("--memory") => return memory::child(&arguments[1]),
        _ => {}
    }
    let effort = if arguments.iter().any(|argument| argument == "--quick") {
        Effort {
            rounds: 5,
            calls: 0.1,
        }
    } else {
        Effort {
            rounds: 30,
            calls: 1.0,
        }
    };
    let names: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let parts: [(&str, Part); 5] = [
        ("small", small::run),
        ("instructions", instructions::run),
        ("lists", lists::run),
        ("concurrency", concurrency::run),
        ("memory", memory::run),
    ];
    let server = server::Server::start();
    for (name, part) in parts {
        if names.is_empty() || names.contains(&name) {
            part(&server.base, effort);
        }
    }
}
