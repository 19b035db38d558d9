//! What is known of a run that was stopped, by a signal or because it ended this program again and again.

use provisioning_core::plan::action::Action;
use provisioning_core::run::Run;
use provisioning_core::run::step_state::Phase;
use serde::Serialize;

/// The steps of a run by what is known of them; those that people do aside.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Known {
    done: Vec<String>,
    /// A request was sent, and nobody knows what became of it.
    unknown: Vec<String>,
    waiting_for_a_person: Vec<String>,
    not_begun: Vec<String>,
}

impl Known {
    pub(crate) fn of(run: &Run) -> Self {
        let mut known = Self::default();
        for step in &run.plan().steps {
            if matches!(step.action, Action::Manual(_) | Action::HandOver(_)) {
                continue;
            }
            let Some(state) = run.step(&step.path) else {
                continue;
            };
            let list = match &state.phase {
                Phase::Done(_) => &mut known.done,
                Phase::Parked(_) => &mut known.waiting_for_a_person,
                Phase::InFlight | Phase::LookingUp { .. } => &mut known.unknown,
                _ if state.may_exist_here() => &mut known.unknown,
                _ => &mut known.not_begun,
            };
            list.push(step.path.to_string());
        }
        known
    }

    /// In words, a line for each of what there is.
    pub(crate) fn lines(&self) -> Vec<String> {
        [
            ("done      ", &self.done),
            ("unknown   ", &self.unknown),
            ("asks      ", &self.waiting_for_a_person),
            ("not begun ", &self.not_begun),
        ]
        .into_iter()
        .filter(|(_, steps)| !steps.is_empty())
        .map(|(what, steps)| format!("{what}{}", steps.join(", ")))
        .collect()
    }
}
