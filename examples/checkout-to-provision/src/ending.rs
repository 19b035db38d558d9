//! How where a run stands, or why the engine stopped, becomes an ending of this program.

use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::store::StoreError;
use provisioning_engine::{EngineError, RunState, RunView};

use crate::denied;
use crate::exit::{Exit, Stop};

/// How the program ends where a run stands like this.
pub(crate) fn exit_of(view: &RunView) -> Exit {
    match &view.state {
        RunState::Rejected(rejection) => exit_of_rejection(rejection),
        RunState::Planned(run) => match run.status(jiff::Timestamp::now()) {
            RunStatus::Over(conclusion) if conclusion.is_done() => Exit::Done,
            RunStatus::NeedsAttention { steps } if steps.iter().any(|(_, why)| why.is_denied()) => {
                Exit::Denied
            }
            _ => Exit::NotFinished,
        },
        _ => Exit::NotFinished,
    }
}

/// How a run without a plan ends.
pub(crate) fn exit_of_rejection(rejection: &Rejection) -> Exit {
    if denied::of_rejection(rejection).is_empty() {
        Exit::NotFinished
    } else {
        Exit::Denied
    }
}

pub(crate) fn awaits_confirmation(view: &RunView) -> bool {
    matches!(
        view.status(jiff::Timestamp::now()),
        Some(RunStatus::AwaitingConfirmation { .. })
    )
}

/// Whether something is left to do that only this process has not done: as a signal leaves it.
pub(crate) fn is_cut_short(view: &RunView) -> bool {
    match &view.state {
        RunState::Submitted => true,
        RunState::Planned(run) => matches!(
            run.status(jiff::Timestamp::now()),
            RunStatus::Ready | RunStatus::InFlight | RunStatus::Waiting { .. }
        ),
        _ => false,
    }
}

pub(crate) fn is_parked(view: &RunView) -> bool {
    matches!(
        view.status(jiff::Timestamp::now()),
        Some(RunStatus::NeedsAttention { .. })
    )
}

impl From<EngineError> for Stop {
    /// What concerns the state is for somebody who can mend it; the rest is a fault of this program.
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(StoreError::Poisoned { .. }) => {
                Self::not_finished("left_alone", error.to_string())
            }
            EngineError::NotAllowed(_) => Self::not_finished(
                "meanwhile",
                format!(
                    "another process was faster: {error}; run this again to see how the order stands"
                ),
            ),
            EngineError::NoExecutor { .. } | EngineError::Forgotten(_) => {
                Self::not_finished("not_possible", error.to_string())
            }
            EngineError::Seal { .. } => Self::not_finished(
                "state",
                format!(
                    "{error}. Here the key is PROVISIONING_SEALING_KEY, or the file beside the state that ends in .key"
                ),
            ),
            EngineError::Store(_) | EngineError::Order { .. } => {
                Self::not_finished("state", error.to_string())
            }
            other => Self::fault(other),
        }
    }
}
