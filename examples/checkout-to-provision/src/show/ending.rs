//! How it ended, in one line, and what is left for people.

use provisioning_core::plan::id::StepPath;
use provisioning_core::run::Run;
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_engine::{RunState, RunView};

use super::Known;
use crate::denied;
use crate::ending::is_cut_short;
use crate::panels::{Held, Panels};
use crate::report::Report;
use crate::state::State;

/// How it ended, in one line, and what is left for people.
pub(crate) fn ending(
    view: &RunView,
    panels: &Panels,
    state: &State,
    interrupted_by: Option<&str>,
    report: Report,
) {
    if let Some(run) = view.run() {
        manual(run, state, report);
        if panels.sandbox.is_none() {
            for line in state.left_behind(run) {
                report.say(&format!("\n{line}"));
            }
        }
    }
    match interrupted_by.filter(|_| is_cut_short(view)) {
        Some(signal) => {
            report.say(&format!("\ninterrupted by {signal}; of the plan's steps"));
            match view.run() {
                Some(run) => {
                    for line in Known::of(run).lines() {
                        report.say(&format!("  {line}"));
                    }
                }
                None => report.say("  none was planned, so nothing was sent that changes anything"),
            }
            report.say(&format!("\nnot finished: {}", state.how_to_go_on()));
        }
        None => report.say(&format!("\n{}", last_line(view, state))),
    }
    if let Some(sandbox) = &panels.sandbox {
        report.say(&format!("the sandbox holds {}", held(&sandbox.holds())));
        if let Some(held) = sandbox.holds_on_mpanel() {
            report.say(&format!("its mPanel holds {}", held.describe()));
        }
    }
}

fn held(accounts: &[Held]) -> String {
    let word = if accounts.len() == 1 {
        "account"
    } else {
        "accounts"
    };
    let list: Vec<String> = accounts
        .iter()
        .map(|held| {
            format!(
                "{} on {} (id {})",
                held.username, held.server, held.account_id
            )
        })
        .collect();
    let colon = if list.is_empty() { "" } else { ": " };
    format!(
        "{} {word} made for customers{colon}{}",
        accounts.len(),
        list.join(", ")
    )
}

fn manual(run: &Run, state: &State, report: Report) {
    let mut is_first = true;
    for step in &run.plan().steps {
        // What cannot be done yet is in the plan; here stands what can.
        let Some(work) = run
            .instructions(&step.path)
            .filter(|_| run.is_due(&step.path))
        else {
            continue;
        };
        if std::mem::take(&mut is_first) {
            report.say("\nby hand");
        }
        report.say(&match (work.confirmed_by, state.is_file()) {
            (Some(who), _) => format!("  {}: done, says {who}", work.what),
            (None, true) => format!(
                "  {}: {}; then: --confirm-manual '{}'",
                work.what, work.instructions, step.path
            ),
            (None, false) => format!("  {}: {}", work.what, work.instructions),
        });
    }
}

const DENIED: &str = "denied: nothing more happens until the permission is there";

fn last_line(view: &RunView, state: &State) -> String {
    let run = match &view.state {
        RunState::Planned(run) => run,
        RunState::Rejected(rejection) if !denied::of_rejection(rejection).is_empty() => {
            return DENIED.to_owned();
        }
        RunState::Rejected(_) => return "not finished: nothing was made; run it again once what stands above has changed".to_owned(),
        _ => return "not finished: stored, not planned yet".to_owned(),
    };
    match run.status(jiff::Timestamp::now()) {
        RunStatus::Over(Conclusion::Done) => "done".to_owned(),
        RunStatus::Over(Conclusion::DoneExceptManual { steps }) => {
            let steps: Vec<&str> = steps.iter().map(StepPath::as_str).collect();
            let word = if steps.len() == 1 { "step" } else { "steps" };
            format!("done except {} manual {word}: {}", steps.len(), steps.join(", "))
        }
        RunStatus::Over(Conclusion::Cancelled { by, reason, .. }) => format!("cancelled by {by}: {reason}"),
        RunStatus::Over(Conclusion::Abandoned { .. }) => "abandoned; nothing was deleted".to_owned(),
        RunStatus::NeedsAttention { steps } if steps.iter().any(|(_, why)| why.is_denied()) => {
            DENIED.to_owned()
        }
        RunStatus::NeedsAttention { .. } => "not finished: a human has to answer".to_owned(),
        RunStatus::AwaitingConfirmation { .. } => {
            "awaiting confirmation: everything works; somebody has to confirm that the password is saved \
             (--confirm-saved, or answer on a terminal)"
                .to_owned()
        }
        RunStatus::Waiting { until, why } => format!(
            "not finished: would go on at {until:.0} ({why}); --wait waits longer{}",
            if state.is_file() { ", and the same command goes on then" } else { "" }
        ),
        _ => "not finished".to_owned(),
    }
}
