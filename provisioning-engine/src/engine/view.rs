//! What can be seen of a run.

use jiff::Timestamp;

use provisioning_core::order::OrderKey;
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::Run;
use provisioning_core::run::status::RunStatus;

use super::{EngineError, replay};
use crate::store::{CancelWish, PaymentNote, StoredRun, StoredState};

/// A run as it is stored.
#[derive(Debug, Clone)]
pub struct RunView {
    /// Identity.
    pub id: PlanId,
    /// The order.
    pub key: OrderKey,
    /// What it does for the order.
    pub operation: Operation,
    /// Which of this operation: 0 for the first.
    pub generation: u32,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// Where it stands.
    pub state: RunState,
    /// What is known about the payment of the order.
    pub payment: PaymentNote,
}

/// Where a run stands.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RunState {
    /// Stored, not planned yet.
    Submitted,
    /// Paid and authentic, but not plannable: it needs attention, or room on a server.
    Rejected(Rejection),
    /// Planned.
    Planned(Box<Run>),
    /// Cancelled before it was planned: nothing was ever sent for it.
    Cancelled {
        /// Who cancelled it.
        by: String,
        /// Why.
        reason: String,
    },
    /// Over, and everything about the order and its customer is erased.
    Forgotten {
        /// When.
        at: Timestamp,
    },
}

impl RunView {
    /// The run, once it is planned.
    #[must_use]
    pub fn run(&self) -> Option<&Run> {
        match &self.state {
            RunState::Planned(run) => Some(run),
            _ => None,
        }
    }

    /// The status of a planned run at `now`.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> Option<RunStatus> {
        self.run().map(|run| run.status(now))
    }
}

pub(super) fn of(stored: StoredRun) -> Result<RunView, EngineError> {
    let StoredRun {
        id,
        key,
        operation,
        generation,
        submitted_at,
        state,
        cancel,
        payment,
        ..
    } = stored;
    let state = match (state, cancel) {
        (StoredState::Forgotten(at), _) => RunState::Forgotten { at },
        (StoredState::Unplanned(_), Some(CancelWish { by, reason, .. })) => {
            RunState::Cancelled { by, reason }
        }
        (StoredState::Unplanned(None), None) => RunState::Submitted,
        (StoredState::Unplanned(Some(rejection)), None) => RunState::Rejected(rejection),
        (StoredState::Planned(journal), _) => RunState::Planned(Box::new(replay(id, *journal)?)),
    };
    Ok(RunView {
        id,
        key,
        operation,
        generation,
        submitted_at,
        state,
        payment,
    })
}
