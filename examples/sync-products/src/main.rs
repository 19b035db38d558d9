//! Compares a catalog with the products of an mPanel, and creates what is missing.
//!
//! The program is meant to be read and copied: [`input`] reads environment and catalog, [`listed`] the panel's products,
//! [`difference`] compares them, [`show`] shows it, [`create`] creates.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program prints"
)]

mod arguments;
mod create;
mod difference;
mod exit;
mod input;
mod listed;
mod show;

use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

use clap::Parser;
use mpanel_client::Mpanel;

use arguments::Arguments;
use difference::Difference;
use exit::{Exit, Stop};
use listed::Listed;
use show::Shown;

/// One request after the other: a single thread does.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let exit = match sync(&arguments).await {
        Ok(exit) => exit,
        Err(stop) => {
            if arguments.json && !stop.is_past_result {
                println!("{}", serde_json::json!({ "problems": stop.problems }));
            }
            for problem in &stop.problems {
                eprintln!("{problem}");
            }
            stop.exit
        }
    };
    ExitCode::from(exit as u8)
}

async fn sync(arguments: &Arguments) -> Result<Exit, Stop> {
    let catalog = input::catalog(arguments.catalog.as_deref())?;
    let given = input::panel(arguments).await?;
    let panel = given.client.clone();
    let listed = Listed::read(&panel, &catalog, arguments.panel_is_empty).await?;
    let mut difference = Difference::between(&catalog, &listed);
    if !arguments.json {
        print(&table(&panel, &listed, &difference, &[]).to_string())?;
    }
    let created = if difference.steps.is_empty() {
        Ok(())
    } else if is_confirmed(arguments, &difference)? {
        let created = create::missing(&panel, listed.dialect, &mut difference).await;
        if !arguments.json {
            println!();
            print(&table(&panel, &listed, &difference, &[]).to_string())?;
        }
        created
    } else {
        Ok(())
    };
    let problems = created.as_ref().err().map(|stop| stop.problems.as_slice());
    if arguments.json {
        let shown = table(&panel, &listed, &difference, problems.unwrap_or_default());
        print(&format!("{}\n", shown.json()))?;
    }
    created.map_err(Stop::past_result)?;
    if difference.has_open_lines() {
        eprintln!("there are differences left");
        return Ok(Exit::Different);
    }
    Ok(Exit::InStep)
}

fn table<'a>(
    panel: &Mpanel,
    listed: &'a Listed,
    difference: &'a Difference,
    problems: &'a [String],
) -> Shown<'a> {
    Shown {
        panel: panel.base_url().join("/api", None).to_string(),
        dialect: listed.dialect.to_string(),
        products_broken: listed.broken.as_deref(),
        lines: &difference.lines,
        without_price: difference.without_price,
        problems,
    }
}

/// Whether to create: by `--yes`, or by a person at a terminal. Nobody is asked anywhere else.
fn is_confirmed(arguments: &Arguments, difference: &Difference) -> Result<bool, Stop> {
    let what = show::to_create(difference);
    if arguments.yes {
        return Ok(true);
    }
    if !io::stdin().is_terminal() || arguments.json {
        eprintln!("to be created: {what}. Nothing was: give --yes");
        return Ok(false);
    }
    eprint!("\nCreate {what}? [y/N] ");
    let told = |error: io::Error| Stop::fault(format!("terminal: {error}"));
    io::stderr().flush().map_err(told)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(told)?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}

/// A reader that has seen enough, such as `head`, is no fault.
fn print(text: &str) -> Result<(), Stop> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Stop::fault(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}
