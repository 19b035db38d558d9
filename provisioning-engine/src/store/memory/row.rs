//! One run in memory.

use jiff::Timestamp;

use provisioning_core::order::OrderKey;
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::plan::step::CredentialId;
use provisioning_core::run::event::Event;
use provisioning_core::run::journal::Journal;

use crate::store::{
    CancelWish, Claim, Lease, ListedRun, PaymentNote, Projection, Sealed, Standing, StoredState,
};

#[derive(Debug)]
pub(super) struct Row {
    pub(super) key: OrderKey,
    pub(super) operation: Operation,
    pub(super) generation: u32,
    pub(super) first: PlanId,
    pub(super) arrival: u64,
    pub(super) content: String,
    pub(super) order: Option<Sealed>,
    pub(super) submitted_at: Timestamp,
    pub(super) state: StoredState,
    pub(super) fence: u64,
    pub(super) lease: Option<Lease>,
    pub(super) projection: Projection,
    pub(super) problem: Option<String>,
    pub(super) cancel: Option<CancelWish>,
    /// Version of all reservations since which those of this run are where they are.
    pub(super) reserved_since: u64,
    /// Workers in a row whose lease ended before they gave the run back, the present one aside. -1 takes off the lease
    /// that an absolved run may still have.
    pub(super) crashes: i64,
    /// The payment of the order, in its first run alone.
    pub(super) payment: PaymentNote,
}

impl Row {
    /// Crashes in a row as a worker that claims now sees them.
    pub(super) fn crashes_at(&self, now: Timestamp) -> i64 {
        self.crashes + i64::from(self.lease.as_ref().is_some_and(|lease| lease.until <= now))
    }

    pub(super) fn claim(
        &mut self,
        run: PlanId,
        by: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Claim {
        self.crashes = self.crashes_at(now);
        self.fence += 1;
        self.lease = Some(Lease {
            by: by.to_owned(),
            until,
        });
        Claim {
            run,
            fence: self.fence,
            until,
        }
    }

    /// A run that somebody wants to stop is due at once, so that the wish gets into its journal; without a plan there is
    /// nothing to stop, and it is over.
    pub(super) fn stop_soon(&mut self) {
        if self.cancel.is_none() {
            return;
        }
        match self.state {
            StoredState::Planned(_) => self.projection.wake_at = Some(self.submitted_at),
            _ => {
                self.projection.wake_at = None;
                self.projection.standing = Standing::Over;
            }
        }
    }

    /// A run whose order's payment is to be decided anew is due then, whatever else it waits for.
    pub(super) fn decide_soon(&mut self) {
        if matches!(self.state, StoredState::Forgotten(_)) {
            return;
        }
        let wake_at = &mut self.projection.wake_at;
        if self.payment.is_unsettled() {
            *wake_at = Some(self.submitted_at);
        } else if let Some(decide_at) = self.payment.decide_at {
            *wake_at = Some(wake_at.map_or(decide_at, |wake_at| wake_at.min(decide_at)));
        }
    }

    /// Leaves the payment of the order to be decided anew.
    pub(super) fn unsettle(&mut self) {
        if !matches!(self.state, StoredState::Forgotten(_)) {
            self.payment.version += 1;
            self.decide_soon();
        }
    }

    pub(super) fn listed(&self, id: PlanId) -> ListedRun {
        ListedRun {
            id,
            key: self.key.clone(),
            operation: self.operation,
            generation: self.generation,
            submitted_at: self.submitted_at,
            arrival: self.arrival,
            standing: self.projection.standing,
            wake_at: self.projection.wake_at,
            lease: self.lease.clone(),
            crashes: self.crashes,
            problem: self.problem.clone(),
            denied_by: self.projection.denied_by.clone(),
            payment: self.payment.clone(),
        }
    }
}

pub(super) fn erase(journal: &mut Journal, credential: &CredentialId) {
    for entry in &mut journal.entries {
        if let Event::CredentialSealed(sealed) = &mut entry.event
            && sealed.credential == *credential
        {
            sealed.sealed.clear();
        }
    }
}
