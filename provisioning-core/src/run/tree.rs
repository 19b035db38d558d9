//! Where every step of a run stands, as an indented tree.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::Run;
use super::step_state::{Phase, StepState};
use crate::plan::id::StepPath;
use crate::plan::step::Step;

impl Run {
    /// The plan's steps as a tree, each with where it stands: what is known, what is not, what it waits for.
    #[must_use]
    pub fn to_tree(&self) -> String {
        let plan = self.plan();
        let mut out = format!(
            "{} {} for order {}\n",
            plan.operation.as_str(),
            plan.id,
            plan.order
        );
        let last = plan.steps.len().saturating_sub(1);
        for (index, step) in plan.steps.iter().enumerate() {
            let (branch, stem) = if index == last {
                ("└─ ", "   ")
            } else {
                ("├─ ", "│  ")
            };
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{branch}{}: {}", step.path, self.word(step));
            for line in self.lines(step) {
                let _ = writeln!(out, "{stem}   {line}");
            }
        }
        out
    }

    /// Where a step stands, in one word or two.
    fn word(&self, step: &Step) -> &'static str {
        match self.step(&step.path).map(|state| &state.phase) {
            Some(Phase::Ready { .. }) if !self.is_due(&step.path) => "not yet",
            Some(Phase::Ready {
                not_before: Some(_),
                ..
            }) => "waiting",
            Some(Phase::Ready { .. }) => "ready",
            Some(Phase::InFlight) => "under way",
            Some(Phase::LookingUp { .. }) => "unknown, to be looked up",
            Some(Phase::Parked(_)) => "needs attention",
            Some(Phase::Done(_)) => "done",
            Some(Phase::Manual {
                confirmed_by: Some(_),
            }) => "done by hand",
            Some(Phase::Manual { .. }) => "by hand",
            Some(Phase::GivenUp { .. }) => "given up",
            Some(Phase::HandOver) => self.hand_over_word(step),
            None => "not in the plan",
        }
    }

    fn hand_over_word(&self, step: &Step) -> &'static str {
        let crate::plan::action::Action::HandOver(hand_over) = &step.action else {
            return "not yet";
        };
        let all = &hand_over.credentials;
        if all.iter().all(|id| self.confirmed_by(id).is_some()) {
            "done"
        } else if self.next(Timestamp::MAX).iter().any(
            |directive| matches!(directive, super::directive::Directive::Confirm(id) if all.contains(id)),
        ) {
            "awaiting confirmation"
        } else {
            "not yet"
        }
    }

    fn lines(&self, step: &Step) -> Vec<String> {
        let Some(state) = self.step(&step.path) else {
            return Vec::new();
        };
        let mut lines = match &state.phase {
            Phase::Ready { .. } if !self.is_due(&step.path) => {
                let needs: Vec<&str> = step.needs.iter().map(StepPath::as_str).collect();
                vec![format!("after {}", needs.join(", "))]
            }
            Phase::Ready {
                not_before: Some(until),
                why,
            } => vec![not_before(*until, why.as_deref())],
            Phase::InFlight => vec![format!(
                "call {} has begun and its outcome is not recorded",
                state.attempt
            )],
            Phase::LookingUp {
                not_before: until,
                text,
            } => until
                .map(|until| not_before(until, None))
                .into_iter()
                .chain([text.clone()])
                .collect(),
            Phase::Parked(attention) => vec![
                attention.to_string(),
                format!("can be answered: {}", attention.choices().join("; ")),
            ],
            Phase::Done(facts) => vec![facts.describe()],
            Phase::Manual {
                confirmed_by: Some(by),
            } => vec![format!("{by} said so")],
            Phase::Manual { .. } => self
                .instructions(&step.path)
                .map(|work| format!("{}: {}", work.what, work.instructions))
                .into_iter()
                .collect(),
            Phase::GivenUp { why } => vec![why.clone()],
            Phase::Ready { .. } | Phase::HandOver => Vec::new(),
        };
        lines.extend(self.doubt(state, &step.path));
        lines
    }

    /// What is not known about a step beyond its phase.
    fn doubt(&self, state: &StepState, path: &StepPath) -> Option<String> {
        let is_open = !matches!(state.phase, Phase::Done(_) | Phase::InFlight);
        if !(is_open && state.may_exist_here()) {
            return None;
        }
        let place = self
            .server_of(path)
            .map(|server| format!(" on {server}"))
            .unwrap_or_default();
        Some(format!(
            "not known: a call of ours may have made it{place}, and no look-up has cleared that up"
        ))
    }
}

fn not_before(until: Timestamp, why: Option<&str>) -> String {
    match why {
        Some(why) => format!("not before {until}: {why}"),
        None => format!("not before {until}"),
    }
}
