//! Which orders are not paid any more, and what follows from it: suspends them, cancels what was not begun, and says what
//! a person has to decide. Nothing is ever terminated here.
//!
//! ```text
//! suspend-overdue --state provisioning.sqlite3 --fleet fleet.toml --dry-run
//! ```
//!
//! Ends with 0 if nothing is left to do, with 2 if it cannot begin, with 3 if somebody has to look at an order, with 4 if
//! there is something to do and nobody agreed to it.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program prints"
)]

mod arguments;
mod carry_out;
mod overdue;
mod panels;
mod state;
mod table;

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use overdue::Overdue;

const DONE: u8 = 0;
const CANNOT_BEGIN: u8 = 2;
const SOMEBODY_HAS_TO_LOOK: u8 = 3;
const NOT_AGREED: u8 = 4;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments).await {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(CANNOT_BEGIN)
        }
    }
}

async fn run(arguments: &Arguments) -> Result<u8, String> {
    let engine = state::engine(arguments).await?;
    let overdue = overdue::find(&engine)
        .await
        .map_err(|error| error.to_string())?;
    if overdue.is_empty() {
        println!("every order is paid");
        return Ok(DONE);
    }
    print!("{}", table::of_orders(&overdue));
    let asks = overdue.iter().any(|order| order.next.asks());
    let (to_do, rest): (Vec<Overdue>, Vec<Overdue>) =
        overdue.into_iter().partition(|order| order.next.is_to_do());
    if to_do.is_empty() {
        println!("\nnothing to do now");
        return Ok(if asks { SOMEBODY_HAS_TO_LOOK } else { DONE });
    }
    if arguments.dry_run {
        println!(
            "\ndry run: {} of {} would be acted on; nothing was changed or sent",
            to_do.len(),
            to_do.len() + rest.len()
        );
        return Ok(DONE);
    }
    if !arguments.yes && !agrees(to_do.len()) {
        println!("\nnothing was changed or sent");
        return Ok(NOT_AGREED);
    }
    let results = carry_out::all(&engine, &to_do).await;
    engine.close().await;
    print!("\n{}", table::of_results(&results));
    let all_done = results.iter().all(|result| result.is_done);
    Ok(if all_done && !asks {
        DONE
    } else {
        SOMEBODY_HAS_TO_LOOK
    })
}

/// Asks on the terminal; elsewhere nobody agrees.
fn agrees(orders: usize) -> bool {
    if !std::io::stdin().is_terminal() {
        println!("\nsay --yes to go on");
        return false;
    }
    print!("\ngo on with {orders}? [y/N] ");
    let mut answer = String::new();
    let _ = std::io::stdout().flush();
    std::io::stdin().read_line(&mut answer).is_ok()
        && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}
