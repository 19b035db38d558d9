//! How many orders stand where, kept up from what the engine tells.

use std::collections::HashMap;

use provisioning_core::plan::id::PlanId;
use provisioning_core::run::status::Conclusion;
use provisioning_engine::progress::Happened;
use provisioning_engine::store::{ListedRun, Standing};

/// Where an order stands, as far as a bar of progress goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Stand {
    /// Nothing has happened yet, or something is under way.
    Going,
    /// It waits for an instant.
    Waiting,
    /// Somebody has to come.
    NeedsAttention,
    /// It works; its passwords are not confirmed.
    Unconfirmed,
    /// Done, perhaps except by hand.
    Done,
    /// Over without being done: cancelled or abandoned.
    Failed,
}

/// Every order of the file, and where it stands.
#[derive(Debug, Default)]
pub(crate) struct Board {
    stands: HashMap<PlanId, Stand>,
    counts: HashMap<Stand, u64>,
}

impl Board {
    pub(crate) fn new(runs: impl IntoIterator<Item = PlanId>) -> Self {
        let mut board = Self::default();
        for run in runs {
            board.stands.insert(run, Stand::Going);
        }
        board.counts.insert(Stand::Going, board.stands.len() as u64);
        board
    }

    /// Takes note of what happened. Whether it is about an order of the file.
    pub(crate) fn happened(&mut self, run: PlanId, what: &Happened) -> bool {
        let stand = match what {
            Happened::Waiting { .. } => Stand::Waiting,
            // Full servers are planned for again by themselves; a missing permission is not mended by itself.
            Happened::Rejected { .. }
            | Happened::NeedsAttention { .. }
            | Happened::Stuck { .. } => Stand::NeedsAttention,
            Happened::AwaitingConfirmation { .. } => Stand::Unconfirmed,
            Happened::Over(conclusion) => of_conclusion(conclusion),
            _ => Stand::Going,
        };
        self.set(run, stand)
    }

    /// Takes note of where a run stands in the store.
    pub(crate) fn listed(&mut self, listed: &ListedRun) -> bool {
        let stand = match listed.standing {
            Standing::Submitted | Standing::Ready => Stand::Going,
            Standing::Waiting => Stand::Waiting,
            Standing::AwaitingConfirmation => Stand::Unconfirmed,
            // Whether it was done or cancelled is in its journal; the results say which.
            Standing::Over | Standing::Forgotten => Stand::Done,
            _ => Stand::NeedsAttention,
        };
        self.set(listed.id, stand)
    }

    fn set(&mut self, run: PlanId, stand: Stand) -> bool {
        let Some(known) = self.stands.get_mut(&run) else {
            return false;
        };
        let before = std::mem::replace(known, stand);
        if before != stand {
            if let Some(count) = self.counts.get_mut(&before) {
                *count = count.saturating_sub(1);
            }
            *self.counts.entry(stand).or_default() += 1;
        }
        true
    }

    pub(crate) fn count(&self, stand: Stand) -> u64 {
        self.counts.get(&stand).copied().unwrap_or_default()
    }

    /// How many orders nothing more will happen to by itself.
    pub(crate) fn settled(&self) -> u64 {
        [
            Stand::NeedsAttention,
            Stand::Unconfirmed,
            Stand::Done,
            Stand::Failed,
        ]
        .into_iter()
        .map(|stand| self.count(stand))
        .sum()
    }

    pub(crate) fn all(&self) -> u64 {
        self.stands.len() as u64
    }

    pub(crate) fn stand(&self, run: PlanId) -> Option<Stand> {
        self.stands.get(&run).copied()
    }
}

const fn of_conclusion(conclusion: &Conclusion) -> Stand {
    if conclusion.is_done() {
        Stand::Done
    } else {
        Stand::Failed
    }
}
