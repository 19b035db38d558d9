//! Handing the password over: shown, confirmed as saved, then erased.

use std::io::{self, BufRead, IsTerminal};

use provisioning_core::handover::Unconfirmed;
use provisioning_engine::{Engine, RunView};

use crate::arguments::Arguments;
use crate::exit::Stop;
use crate::panels::Panels;
use crate::preflight::Input;
use crate::report::Report;
use crate::show::JsonResult;
use crate::state::State;

/// Whether somebody can be asked: they see the password and the question, and their answer comes back.
pub(crate) fn can_ask(arguments: &Arguments) -> bool {
    !arguments.json && io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Shows the passwords that nobody has confirmed, and confirms them once they are saved. In JSON mode this writes the
/// result. The run as it stands afterwards, if a password was handed over.
pub(crate) async fn hand_over(
    engine: &Engine,
    view: &RunView,
    input: &Input,
    panels: &Panels,
    state: &State,
    arguments: &Arguments,
    report: Report,
) -> Result<Option<RunView>, Stop> {
    let shown = match view.run() {
        Some(_) => engine.unconfirmed(view.id).await?,
        None => Vec::new(),
    };
    if report.is_json() {
        let result = JsonResult::new(view, panels, input, &shown, arguments.confirm_saved);
        let text = serde_json::to_string_pretty(&result).map_err(Stop::fault)?;
        // Written and flushed first: a password that did not get out is not saved.
        report
            .result(&text)
            .map_err(|error| not_written(view, state, &error))?;
        return if arguments.confirm_saved {
            confirm_all(engine, view, shown)
                .await
                .map_err(Stop::past_result)
        } else {
            Ok(None)
        };
    }
    if shown.is_empty() || !(arguments.confirm_saved || can_ask(arguments)) {
        return Ok(None);
    }
    for credential in &shown {
        let line = format!(
            "\npassword of the {} `{}`: {}",
            credential.opens(),
            credential.username(),
            credential.expose_password()
        );
        report
            .try_say(&line)
            .map_err(|error| not_written(view, state, &error))?;
    }
    if !arguments.confirm_saved && !ask(report)? {
        return Ok(None);
    }
    confirm_all(engine, view, shown).await
}

async fn confirm_all(
    engine: &Engine,
    view: &RunView,
    shown: Vec<Unconfirmed>,
) -> Result<Option<RunView>, Stop> {
    let mut after = None;
    for credential in shown {
        after = Some(
            engine
                .confirm(view.id, &credential.confirm("operator"))
                .await?,
        );
    }
    Ok(after)
}

fn ask(report: Report) -> Result<bool, Stop> {
    report.say("Have you saved the password? It cannot be shown again once you say yes. [y/N]");
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(Stop::fault)?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}

fn not_written(view: &RunView, state: &State, error: &io::Error) -> Stop {
    let mut stop = Stop::not_finished(
        "not_written",
        format!(
            "awaiting confirmation: standard output takes nothing ({error}), so a password counts as not saved"
        ),
    )
    .past_result();
    stop.problems = view
        .run()
        .map(|run| state.left_behind(run))
        .unwrap_or_default();
    stop
}
