//! One run: its steps, what is known and unknown, when it goes on, its journal.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use provisioning_core::plan::id::PlanId;
use provisioning_core::run::Run;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::{Engine, EngineError, RunState, RunView};

use crate::Problem;

#[derive(Serialize)]
struct Shown {
    run: String,
    order: String,
    submitted_at: Timestamp,
    /// Where it stands, in words.
    stands: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<RunStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_wake: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<String>,
    journal: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    what: String,
}

impl Shown {
    fn of(view: &RunView, now: Timestamp) -> Self {
        let status = view.status(now);
        let next_wake = match &status {
            Some(RunStatus::Waiting { until, .. }) => Some(*until),
            Some(RunStatus::Ready | RunStatus::InFlight) => Some(now),
            _ => None,
        };
        Self {
            run: view.id.to_string(),
            order: view.key.to_string(),
            submitted_at: view.submitted_at,
            stands: stands(view, status.as_ref()),
            status,
            next_wake,
            tree: view.run().map(Run::to_tree),
            journal: view.run().map(journal).unwrap_or_default(),
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "run        {}\norder      {}\nsubmitted  {}\nstands     {}\n",
            self.run,
            self.order,
            self.submitted_at,
            self.stands.replace('\n', "\n           ")
        );
        // Writing to a String cannot fail.
        let _ = match (self.next_wake, &self.status) {
            (Some(wake), _) => writeln!(text, "next wake  {wake}"),
            (None, Some(RunStatus::Over(_))) => Ok(()),
            (None, _) => writeln!(text, "next wake  none: somebody outside has to come"),
        };
        if let Some(tree) = &self.tree {
            let _ = write!(text, "\n{tree}");
        }
        if !self.journal.is_empty() {
            let _ = writeln!(text, "\njournal");
        }
        for line in &self.journal {
            let step = line
                .step
                .as_ref()
                .map(|step| format!("{step}: "))
                .unwrap_or_default();
            let _ = writeln!(text, "  {}  {step}{}", line.at, line.what);
        }
        text
    }
}

fn journal(run: &Run) -> Vec<Line> {
    run.journal()
        .entries
        .iter()
        .map(|entry| Line {
            at: entry.at,
            step: entry.event.step().map(ToString::to_string),
            what: run.describe(&entry.event),
        })
        .collect()
}

fn stands(view: &RunView, status: Option<&RunStatus>) -> String {
    match (&view.state, status) {
        (RunState::Submitted, _) => "submitted, not planned yet".to_owned(),
        (RunState::Rejected(rejection), _) => {
            format!("paid, and not plannable now; nothing was made\n{rejection}")
        }
        (RunState::Cancelled { by, reason }, _) => {
            format!("cancelled by {by} before anything was sent: {reason}")
        }
        (RunState::Forgotten { at }, _) => format!("forgotten at {at}"),
        (RunState::Planned(run), Some(status)) => match (run.cancelled(), status) {
            (Some((by, reason)), status) if !matches!(status, RunStatus::Over(_)) => format!(
                "cancelled by {by}: {reason}; not over before this is cleared up\n{}",
                in_words(status)
            ),
            _ => in_words(status),
        },
        _ => "in a state this build does not know".to_owned(),
    }
}

fn in_words(status: &RunStatus) -> String {
    use provisioning_core::run::status::Conclusion;
    match status {
        RunStatus::Ready => "ready: something can be done now".to_owned(),
        RunStatus::InFlight => "a call is under way, or was when its worker ended".to_owned(),
        RunStatus::Waiting { why, .. } => format!("waiting: {why}"),
        RunStatus::NeedsAttention { steps } => {
            let steps: Vec<String> = steps
                .iter()
                .map(|(step, why)| format!("{step}: {why}"))
                .collect();
            format!("needs attention\n{}", steps.join("\n"))
        }
        RunStatus::AwaitingConfirmation { credentials } => {
            let credentials: Vec<String> = credentials.iter().map(ToString::to_string).collect();
            format!(
                "everything works; nobody has confirmed yet that these passwords are saved: {}",
                credentials.join(", ")
            )
        }
        RunStatus::Over(Conclusion::Done) => "done".to_owned(),
        RunStatus::Over(Conclusion::DoneExceptManual { steps }) => {
            let steps: Vec<&str> = steps.iter().map(|step| step.as_str()).collect();
            format!("done, except by hand: {}", steps.join(", "))
        }
        RunStatus::Over(Conclusion::Cancelled { by, reason, exists }) => {
            let exists: Vec<&str> = exists.iter().map(|step| step.as_str()).collect();
            let exists = if exists.is_empty() {
                "nothing".to_owned()
            } else {
                exists.join(", ")
            };
            format!("cancelled by {by}: {reason}; what exists: {exists}")
        }
        RunStatus::Over(Conclusion::Abandoned { steps, .. }) => {
            let steps: Vec<&str> = steps.iter().map(|step| step.as_str()).collect();
            format!("abandoned, nothing was deleted: {}", steps.join(", "))
        }
        _ => "in a state this build does not know".to_owned(),
    }
}

pub(crate) async fn show(engine: &Engine, run: PlanId, json: bool) -> Result<String, Problem> {
    let view = engine.inspect(run).await?;
    let shown = Shown::of(&view, Timestamp::now());
    if json {
        serde_json::to_string_pretty(&shown).map_err(Problem::bad_input)
    } else {
        Ok(shown.text())
    }
}

pub(crate) async fn timeline(engine: &Engine, run: PlanId) -> Result<String, Problem> {
    let view = engine.inspect(run).await?;
    match view.run() {
        Some(run) => Ok(run.to_timeline()),
        None => Err(EngineError::NotPlanned(run).into()),
    }
}
