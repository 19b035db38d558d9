//! The store that lives as long as the process: for tests and the sandboxed main job.

mod events;
mod row;
mod state;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;

use provisioning_core::fleet::ServerName;
use provisioning_core::order::OrderKey;
use provisioning_core::permission::Denial;
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::run::journal::Journal;

use super::{
    Binding, CancelWish, Claim, Delivered, DeniedServer, FurtherRun, Held, KeptCustomer, Lease,
    ListedRun, MOST_CRASHES, NewEvent, NewRun, PaymentNote, Projection, Resealed, Rest, Room,
    Sealed, Settled, Standing, Store, StoreError, StoredEvent, StoredRun, StoredState, Submitted,
    Taking, Wanted, begins_a_call, cancels, got_on,
};
use crate::executor::Known;
use state::State;

/// Keeps runs in memory. What it holds is sealed all the same, and gone with the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A thread that panicked while it held the lock has left the maps whole: every change below is prepared first.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn survives_the_process(&self) -> bool {
        false
    }

    async fn submit(&self, new: NewRun) -> Result<Submitted, StoreError> {
        self.lock().submit(new)
    }

    async fn add(&self, first: &Claim, further: FurtherRun) -> Result<bool, StoreError> {
        self.lock().add(first, further)
    }

    async fn load(&self, run: PlanId) -> Result<StoredRun, StoreError> {
        let mut state = self.lock();
        let payment = state.payment(run).cloned().unwrap_or_default();
        let row = state.row(run)?;
        Ok(StoredRun {
            id: run,
            key: row.key.clone(),
            operation: row.operation,
            generation: row.generation,
            first: row.first,
            order: row.order.clone(),
            submitted_at: row.submitted_at,
            state: row.state.clone(),
            cancel: row.cancel.clone(),
            payment,
        })
    }

    async fn runs_of(&self, order: &OrderKey) -> Result<Vec<PlanId>, StoreError> {
        Ok(self.lock().keys.get(order).cloned().unwrap_or_default())
    }

    async fn list(&self, wanted: Wanted) -> Result<Vec<ListedRun>, StoreError> {
        Ok(self.lock().list(&wanted))
    }

    async fn claim(
        &self,
        run: PlanId,
        by: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Claim, StoreError> {
        let mut state = self.lock();
        let row = state.row(run)?;
        if let Some(Lease { by, until }) = row.lease.clone()
            && until > now
        {
            return Err(StoreError::Claimed { run, until, by });
        }
        let crashes = row.crashes_at(now);
        if crashes >= MOST_CRASHES {
            return Err(StoreError::Poisoned { run, crashes });
        }
        Ok(row.claim(run, by, now, lease_until))
    }

    async fn claim_due(
        &self,
        by: &str,
        now: Timestamp,
        lease_until: Timestamp,
        most: u32,
        busy: &BTreeSet<ServerName>,
    ) -> Result<Vec<Claim>, StoreError> {
        let mut state = self.lock();
        let due = state.due(now, most, busy);
        due.into_iter()
            .map(|run| Ok(state.row(run)?.claim(run, by, now, lease_until)))
            .collect()
    }

    async fn absolve(&self, run: PlanId) -> Result<(), StoreError> {
        let mut state = self.lock();
        let row = state.row(run)?;
        row.crashes = -i64::from(row.lease.is_some());
        Ok(())
    }

    async fn extend(&self, claim: &Claim) -> Result<(), StoreError> {
        self.lock().fenced(claim).map(|_| ())
    }

    async fn release(&self, claim: &Claim, rest: Option<Rest>) -> Result<(), StoreError> {
        let mut state = self.lock();
        let row = state.fenced(claim)?;
        row.lease = None;
        if let Some(Rest { wake_at, problem }) = rest {
            row.crashes = 0;
            row.projection.wake_at = wake_at;
            row.problem = problem;
        }
        row.stop_soon();
        row.decide_soon();
        Ok(())
    }

    async fn planned(
        &self,
        claim: &Claim,
        plan: Plan,
        projection: Projection,
        room: &Room,
    ) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.check_bindings(claim.run, &projection)?;
        state.unplanned(claim)?;
        if state.is_unsettled(claim.run) {
            return Err(StoreError::Unsettled(claim.run));
        }
        state.check_room(claim.run, &Taking::all(&projection, room))?;
        let row = state.fenced(claim)?;
        row.state = StoredState::Planned(Box::new(Journal::new(plan)));
        state.project(claim, projection)
    }

    async fn rejected(
        &self,
        claim: &Claim,
        rejection: Rejection,
        projection: Projection,
    ) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.unplanned(claim)?;
        state.fenced(claim)?.state = StoredState::Unplanned(Some(rejection));
        state.project(claim, projection)
    }

    async fn append(
        &self,
        claim: &Claim,
        entries: &[Entry],
        projection: Projection,
        room: Option<&Room>,
    ) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.check_bindings(claim.run, &projection)?;
        let held = &state.fenced(claim)?.projection.reservations;
        let room = room.filter(|_| !projection.keeps_places(held));
        let has_room = room.map_or(Ok(()), |room| {
            state.check_room(claim.run, &Taking::on_counted(&projection, room))
        });
        let is_unsettled = state.is_unsettled(claim.run);
        let row = state.fenced(claim)?;
        if begins_a_call(entries) {
            let run = claim.run;
            if let Some(wish) = row.cancel.clone() {
                return Err(StoreError::CancelWished { run, wish });
            }
            if is_unsettled {
                return Err(StoreError::Unsettled(run));
            }
        }
        has_room?;
        let StoredState::Planned(journal) = &mut row.state else {
            return Err(StoreError::NoRun(claim.run));
        };
        for entry in entries {
            if let Event::CredentialErased { credential } = &entry.event {
                row::erase(journal, credential);
            }
            journal.entries.push(entry.clone());
        }
        if got_on(entries) {
            row.crashes = 0;
        }
        if cancels(entries) {
            row.cancel = None;
        }
        state.project(claim, projection)
    }

    async fn wish_cancel(&self, run: PlanId, wish: CancelWish) -> Result<(), StoreError> {
        let mut state = self.lock();
        let row = state.row(run)?;
        row.cancel = Some(wish);
        row.stop_soon();
        row.decide_soon();
        Ok(())
    }

    async fn drop_cancel(&self, claim: &Claim) -> Result<(), StoreError> {
        self.lock().fenced(claim)?.cancel = None;
        Ok(())
    }

    async fn keep_event(&self, event: NewEvent) -> Result<Delivered, StoreError> {
        self.lock().keep_event(event)
    }

    async fn events(&self, first: PlanId) -> Result<(Vec<StoredEvent>, u64), StoreError> {
        let mut state = self.lock();
        let version = state.row(first)?.payment.version;
        Ok((state.events.of(first), version))
    }

    async fn settle(&self, first: &Claim, settled: Settled) -> Result<(), StoreError> {
        let mut state = self.lock();
        let row = state.fenced(first)?;
        row.payment = PaymentNote {
            version: row.payment.version,
            settled: settled.version,
            decide_at: settled.decide_at,
            unpaid: settled.unpaid,
            question: settled.question,
        };
        row.decide_soon();
        Ok(())
    }

    async fn events_sealed_otherwise(&self, key_id: &str) -> Result<Vec<StoredEvent>, StoreError> {
        Ok(self.lock().events.sealed_otherwise(key_id))
    }

    async fn reseal_event(&self, event: &StoredEvent, details: Sealed) -> Result<(), StoreError> {
        self.lock().events.reseal(event, details);
        Ok(())
    }

    async fn customer(&self, indexes: &[String]) -> Result<Option<Sealed>, StoreError> {
        let state = self.lock();
        Ok(indexes.iter().find_map(|index| {
            let kept = state.customers.iter().find(|kept| kept.index == *index)?;
            Some(kept.customer.clone())
        }))
    }

    async fn keep_customer(&self, customer: KeptCustomer) -> Result<(), StoreError> {
        let mut state = self.lock();
        let is_same =
            |kept: &KeptCustomer| kept.index == customer.index && kept.run == customer.run;
        if !state.customers.iter().any(is_same) {
            state.customers.push(customer);
        }
        Ok(())
    }

    async fn customers_sealed_otherwise(
        &self,
        key_id: &str,
    ) -> Result<Vec<KeptCustomer>, StoreError> {
        let state = self.lock();
        let otherwise = state
            .customers
            .iter()
            .filter(|kept| kept.customer.key_id != key_id);
        Ok(otherwise.take(1_000).cloned().collect())
    }

    async fn reseal_customer(
        &self,
        before: &KeptCustomer,
        after: KeptCustomer,
    ) -> Result<(), StoreError> {
        let mut state = self.lock();
        let found = state
            .customers
            .iter_mut()
            .find(|kept| kept.index == before.index && kept.run == before.run);
        if let Some(kept) = found {
            *kept = after;
        }
        Ok(())
    }

    async fn sealed_otherwise(&self, key_id: &str) -> Result<Vec<PlanId>, StoreError> {
        Ok(self.lock().sealed_otherwise(key_id))
    }

    async fn reseal(&self, claim: &Claim, resealed: Resealed) -> Result<(), StoreError> {
        let mut state = self.lock();
        let row = state.fenced(claim)?;
        if resealed.order.is_some() {
            row.order = resealed.order;
        }
        if let StoredState::Planned(journal) = &mut row.state {
            for entry in &mut journal.entries {
                if let Event::CredentialSealed(sealed) = &mut entry.event
                    && let Some(new) = resealed
                        .credentials
                        .iter()
                        .find(|new| new.credential == sealed.credential)
                {
                    *sealed = new.clone();
                }
            }
        }
        Ok(())
    }

    async fn forget(&self, claim: &Claim, at: Timestamp) -> Result<(), StoreError> {
        let mut state = self.lock();
        let row = state.fenced(claim)?;
        row.order = None;
        row.problem = None;
        row.cancel = None;
        row.state = StoredState::Forgotten(at);
        row.payment = PaymentNote {
            version: row.payment.version,
            settled: row.payment.version,
            ..PaymentNote::default()
        };
        state.events.forget(claim.run);
        state.customers.retain(|kept| kept.run != claim.run);
        let projection = Projection {
            standing: Standing::Forgotten,
            ..Projection::default()
        };
        state.project(claim, projection)?;
        state.fenced(claim)?.lease = None;
        Ok(())
    }

    async fn reservations(&self, except: Option<PlanId>) -> Result<Held, StoreError> {
        Ok(self.lock().held(except))
    }

    async fn bound_to(&self, binding: &Binding) -> Result<Option<PlanId>, StoreError> {
        Ok(self.lock().bindings.get(binding).copied())
    }

    async fn known(&self, server: &ServerName) -> Result<Known, StoreError> {
        Ok(self.lock().known.get(server).copied().unwrap_or_default())
    }

    async fn learn(&self, server: &ServerName, learned: Known) -> Result<(), StoreError> {
        let mut state = self.lock();
        let known = state.known.entry(server.clone()).or_default();
        *known = known.and(learned);
        Ok(())
    }

    async fn deny(
        &self,
        server: &ServerName,
        denial: &Denial,
        next_try: Timestamp,
    ) -> Result<(), StoreError> {
        let mut state = self.lock();
        let denied = state
            .denied
            .entry(server.clone())
            .or_insert_with(|| DeniedServer {
                server: server.clone(),
                denial: denial.clone(),
                next_try,
            });
        denied.denial = denial.clone();
        Ok(())
    }

    async fn denied(&self) -> Result<Vec<DeniedServer>, StoreError> {
        Ok(self.lock().denied.values().cloned().collect())
    }

    async fn take_try(
        &self,
        server: &ServerName,
        now: Timestamp,
        next_try: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut state = self.lock();
        let Some(denied) = state.denied.get_mut(server) else {
            return Ok(false);
        };
        let is_due = denied.next_try <= now;
        if is_due {
            denied.next_try = next_try;
        }
        Ok(is_due)
    }

    async fn admit(&self, server: &ServerName) -> Result<(), StoreError> {
        self.lock().denied.remove(server);
        Ok(())
    }

    async fn denied_by(&self, server: &ServerName, most: u32) -> Result<Vec<PlanId>, StoreError> {
        Ok(self.lock().denied_by(server, most))
    }

    async fn wake_rejected(&self, now: Timestamp) -> Result<(), StoreError> {
        for row in self.lock().runs.values_mut() {
            if row.projection.standing == Standing::Rejected && row.lease.is_none() {
                row.projection.wake_at = Some(now);
            }
        }
        Ok(())
    }
}
