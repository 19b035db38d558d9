//! What the store keeps beside the journal, derived from the run alone.

use jiff::Timestamp;

use provisioning_core::fleet::Reservation;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::run::Run;
use provisioning_core::run::status::RunStatus;
use provisioning_core::run::step_state::Phase;

use crate::store::{Binding, Projection};

/// The places, bindings and next wake-up of a run at `now`.
pub(super) fn project(run: &Run, now: Timestamp) -> Projection {
    let status = run.status(now);
    let over = matches!(status, RunStatus::Over(_));
    let mut projection = Projection {
        wake_at: match status {
            RunStatus::Ready | RunStatus::InFlight => Some(now),
            RunStatus::Waiting { until, .. } => Some(until),
            _ => None,
        },
        ..Projection::default()
    };
    for step in &run.plan().steps {
        let Action::CreateHostingAccount(create) = &step.action else {
            continue;
        };
        let Some(state) = run.step(&step.path) else {
            continue;
        };
        if let Some(account) = run.account(&step.path) {
            projection.bindings.push(Binding {
                server: account.server.clone(),
                remote_id: account.remote_id.clone(),
            });
        }
        if over || matches!(state.phase, Phase::GivenUp { .. }) {
            continue;
        }
        if let (Some(server), Some(username)) = (
            run.server_of(&step.path),
            create.usernames.get(state.candidate as usize),
        ) {
            let holder = holder(run.plan().id, &step.path);
            projection.reservations.push(
                Reservation::new(server.clone(), username.clone(), holder)
                    .with_slots(create.weight),
            );
        }
    }
    projection
}

/// Whose a place is: a step of a run.
pub(super) fn holder(run: PlanId, step: &StepPath) -> String {
    format!("{run}/{step}")
}
