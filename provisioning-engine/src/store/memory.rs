//! The store that lives as long as the process: for tests and the sandboxed main job.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;

use provisioning_core::fleet::{Reservation, ServerName};
use provisioning_core::order::{Alias, OrderKey, OrderMode, TenantId};
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::run::journal::Journal;

use super::{
    Binding, Claim, Held, MOST_CRASHES, NewRun, Projection, Room, Sealed, Store, StoreError,
    StoredRun, StoredState, Submitted,
};
use crate::executor::Known;

/// Keeps runs in memory. What it holds is sealed all the same, and gone with the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    runs: BTreeMap<PlanId, Row>,
    order_of_arrival: Vec<PlanId>,
    keys: HashMap<OrderKey, PlanId>,
    /// Test and live orders of one tenant share nothing.
    aliases: HashMap<(TenantId, OrderMode, Alias), PlanId>,
    bindings: HashMap<Binding, PlanId>,
    known: HashMap<ServerName, Known>,
    /// Grows with every change of any reservation.
    version: u64,
}

#[derive(Debug)]
struct Row {
    key: OrderKey,
    content: String,
    order: Sealed,
    submitted_at: Timestamp,
    state: StoredState,
    fence: u64,
    leased_until: Option<Timestamp>,
    projection: Projection,
    /// [`State::version`] since which the reservations are what they are.
    reserved_since: u64,
    /// Workers in a row whose lease ended before they gave the run back, the present one aside. -1 takes off the lease
    /// that an absolved run may still have.
    crashes: i64,
}

impl Row {
    /// Crashes in a row as a worker that claims now sees them.
    fn crashes_at(&self, now: Timestamp) -> i64 {
        self.crashes + i64::from(self.leased_until.is_some_and(|until| until <= now))
    }

    fn claim(&mut self, run: PlanId, now: Timestamp, lease_until: Timestamp) -> Claim {
        self.crashes = self.crashes_at(now);
        self.fence += 1;
        self.leased_until = Some(lease_until);
        Claim {
            run,
            fence: self.fence,
        }
    }
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

impl State {
    fn row(&mut self, run: PlanId) -> Result<&mut Row, StoreError> {
        self.runs.get_mut(&run).ok_or(StoreError::NoRun(run))
    }

    fn fenced(&mut self, claim: &Claim) -> Result<&mut Row, StoreError> {
        let row = self.row(claim.run)?;
        if row.fence == claim.fence && row.leased_until.is_some() {
            Ok(row)
        } else {
            Err(StoreError::FencedOut(claim.run))
        }
    }

    fn check_bindings(&self, run: PlanId, projection: &Projection) -> Result<(), StoreError> {
        for binding in &projection.bindings {
            if let Some(owner) = self.bindings.get(binding)
                && *owner != run
            {
                return Err(StoreError::Bound {
                    binding: binding.clone(),
                    owner: *owner,
                });
            }
        }
        Ok(())
    }

    /// Whether the places that are to be taken are still free: what others took since the servers were counted is
    /// taken off.
    fn check_room(
        &self,
        run: PlanId,
        projection: &Projection,
        room: &Room,
    ) -> Result<(), StoreError> {
        for (server, wanted) in projection.slots_by_server() {
            let taken_since = self
                .runs
                .iter()
                .filter(|(other, row)| **other != run && row.reserved_since > room.version)
                .fold(0_u32, |sum, (_, row)| {
                    sum.saturating_add(slots_on(server, &row.projection.reservations))
                });
            let free = room.free.get(server).copied().unwrap_or(0);
            if wanted.saturating_add(taken_since) > free {
                return Err(StoreError::RoomTaken(server.clone()));
            }
        }
        Ok(())
    }

    /// Stores what follows from a run's journal.
    fn project(&mut self, claim: &Claim, projection: Projection) -> Result<(), StoreError> {
        for binding in &projection.bindings {
            self.bindings.insert(binding.clone(), claim.run);
        }
        let version = self.version + 1;
        let row = self.fenced(claim)?;
        if row.projection.reservations != projection.reservations {
            row.reserved_since = version;
            row.projection = projection;
            self.version = version;
        } else {
            row.projection = projection;
        }
        Ok(())
    }
}

fn slots_on(server: &ServerName, reservations: &[Reservation]) -> u32 {
    reservations
        .iter()
        .filter(|reservation| reservation.server() == server)
        .fold(0, |sum, reservation| {
            sum.saturating_add(reservation.slots())
        })
}

#[async_trait]
impl Store for MemoryStore {
    fn survives_the_process(&self) -> bool {
        false
    }

    async fn submit(&self, new: NewRun) -> Result<Submitted, StoreError> {
        let mut state = self.lock();
        let mut hits: Vec<(PlanId, String)> = Vec::new();
        if let Some(run) = state.keys.get(&new.key) {
            hits.push((*run, format!("order id {}", new.key)));
        }
        for alias in &new.aliases {
            if let Some(run) =
                state
                    .aliases
                    .get(&(new.key.tenant().clone(), new.key.mode(), alias.clone()))
            {
                hits.push((*run, alias.to_string()));
            }
        }
        if let Some((run, through)) = hits.first().cloned() {
            // Ids that lead to different runs are a conflict whatever the content is.
            let one_run = hits.iter().all(|(other, _)| *other == run);
            let same = one_run && state.row(run)?.content == new.content;
            return Ok(if same {
                Submitted::Existing { run, through }
            } else {
                Submitted::Conflict { run, through }
            });
        }
        let run = new.id;
        for alias in new.aliases {
            state
                .aliases
                .insert((new.key.tenant().clone(), new.key.mode(), alias), run);
        }
        state.keys.insert(new.key.clone(), run);
        state.order_of_arrival.push(run);
        let row = Row {
            key: new.key,
            content: new.content,
            order: new.order,
            submitted_at: new.at,
            state: StoredState::Unplanned(None),
            fence: 0,
            reserved_since: 0,
            crashes: 0,
            leased_until: None,
            projection: Projection {
                wake_at: Some(new.at),
                ..Projection::default()
            },
        };
        state.runs.insert(run, row);
        Ok(Submitted::New { run })
    }

    async fn load(&self, run: PlanId) -> Result<StoredRun, StoreError> {
        let mut state = self.lock();
        let row = state.row(run)?;
        Ok(StoredRun {
            id: run,
            key: row.key.clone(),
            order: row.order.clone(),
            submitted_at: row.submitted_at,
            state: row.state.clone(),
        })
    }

    async fn list(&self) -> Result<Vec<PlanId>, StoreError> {
        Ok(self.lock().order_of_arrival.clone())
    }

    async fn claim(
        &self,
        run: PlanId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Claim, StoreError> {
        let mut state = self.lock();
        let row = state.row(run)?;
        if let Some(until) = row.leased_until
            && until > now
        {
            return Err(StoreError::Claimed { run, until });
        }
        if row.crashes_at(now) >= MOST_CRASHES {
            let crashes = row.crashes_at(now);
            return Err(StoreError::Poisoned { run, crashes });
        }
        Ok(row.claim(run, now, lease_until))
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        let mut state = self.lock();
        let due = state
            .runs
            .iter()
            .filter(|(_, row)| row.leased_until.is_none_or(|until| until <= now))
            .filter(|(_, row)| row.crashes_at(now) < MOST_CRASHES)
            .filter_map(|(run, row)| row.projection.wake_at.map(|wake_at| (wake_at, *run)))
            .filter(|(wake_at, _)| *wake_at <= now)
            .min();
        match due {
            Some((_, run)) => Ok(Some(state.row(run)?.claim(run, now, lease_until))),
            None => Ok(None),
        }
    }

    async fn absolve(&self, run: PlanId) -> Result<(), StoreError> {
        let mut state = self.lock();
        let row = state.row(run)?;
        row.crashes = -i64::from(row.leased_until.is_some());
        Ok(())
    }

    async fn extend(&self, claim: &Claim, lease_until: Timestamp) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.fenced(claim)?.leased_until = Some(lease_until);
        Ok(())
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        let mut state = self.lock();
        let row = state.fenced(claim)?;
        row.leased_until = None;
        row.crashes = 0;
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
        if matches!(state.fenced(claim)?.state, StoredState::Planned(_)) {
            return Err(StoreError::Planned(claim.run));
        }
        state.check_room(claim.run, &projection, room)?;
        state.fenced(claim)?.state = StoredState::Planned(Box::new(Journal::new(plan)));
        state.project(claim, projection)
    }

    async fn rejected(
        &self,
        claim: &Claim,
        rejection: Rejection,
        projection: Projection,
    ) -> Result<(), StoreError> {
        let mut state = self.lock();
        let row = state.fenced(claim)?;
        if matches!(row.state, StoredState::Planned(_)) {
            return Err(StoreError::Planned(claim.run));
        }
        row.state = StoredState::Unplanned(Some(rejection));
        state.project(claim, projection)
    }

    async fn append(
        &self,
        claim: &Claim,
        entries: &[Entry],
        projection: Projection,
    ) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.check_bindings(claim.run, &projection)?;
        let row = state.fenced(claim)?;
        let StoredState::Planned(journal) = &mut row.state else {
            return Err(StoreError::NoRun(claim.run));
        };
        for entry in entries {
            if let Event::CredentialErased { credential } = &entry.event {
                erase(journal, credential);
            }
            journal.entries.push(entry.clone());
        }
        state.project(claim, projection)
    }

    async fn reservations(&self, except: Option<PlanId>) -> Result<Held, StoreError> {
        let state = self.lock();
        let reservations = state
            .runs
            .iter()
            .filter(|(run, _)| Some(**run) != except)
            .flat_map(|(_, row)| row.projection.reservations.iter().cloned())
            .collect();
        Ok(Held {
            version: state.version,
            reservations,
        })
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
}

fn erase(journal: &mut Journal, credential: &provisioning_core::plan::step::CredentialId) {
    for entry in &mut journal.entries {
        if let Event::CredentialSealed(sealed) = &mut entry.event
            && sealed.credential == *credential
        {
            sealed.sealed.clear();
        }
    }
}
