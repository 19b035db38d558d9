//! Everything a store in memory holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use provisioning_core::fleet::{Reservation, ServerName};
use provisioning_core::order::{Alias, OrderKey, OrderMode, TenantId};
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::run::event::Event;
use provisioning_core::run::journal::Journal;

use super::events::Events;
use super::row::Row;
use crate::executor::Known;
use crate::store::{
    Binding, Claim, DeniedServer, FreeSlots, FurtherRun, Held, KeptCustomer, ListedRun,
    MOST_CRASHES, NewRun, PaymentNote, Projection, Standing, StoreError, StoredState, Submitted,
    Taking, Wanted,
};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) runs: BTreeMap<PlanId, Row>,
    by_arrival: Vec<PlanId>,
    /// The runs of each order, the first one first.
    pub(super) keys: HashMap<OrderKey, Vec<PlanId>>,
    /// Test and live orders of one tenant share nothing.
    pub(super) aliases: HashMap<(TenantId, OrderMode, Alias), PlanId>,
    pub(super) bindings: HashMap<Binding, PlanId>,
    pub(super) known: HashMap<ServerName, Known>,
    pub(super) denied: BTreeMap<ServerName, DeniedServer>,
    pub(super) events: Events,
    pub(super) customers: Vec<KeptCustomer>,
    /// Grows whenever a place is taken, moved or given back.
    version: u64,
}

impl State {
    pub(super) fn row(&mut self, run: PlanId) -> Result<&mut Row, StoreError> {
        self.runs.get_mut(&run).ok_or(StoreError::NoRun(run))
    }

    /// The run of a claim that still counts, with its lease moved.
    pub(super) fn fenced(&mut self, claim: &Claim) -> Result<&mut Row, StoreError> {
        let row = self.row(claim.run)?;
        match &mut row.lease {
            Some(lease) if row.fence == claim.fence => {
                lease.until = claim.until;
                Ok(row)
            }
            _ => Err(StoreError::FencedOut(claim.run)),
        }
    }

    /// Whether a claimed run may be given a plan, or a reason why it has none.
    pub(super) fn unplanned(&mut self, claim: &Claim) -> Result<(), StoreError> {
        let row = self.fenced(claim)?;
        if !matches!(row.state, StoredState::Unplanned(_)) {
            return Err(StoreError::Planned(claim.run));
        }
        match row.cancel.clone() {
            Some(wish) => Err(StoreError::CancelWished {
                run: claim.run,
                wish,
            }),
            None => Ok(()),
        }
    }

    pub(super) fn submit(&mut self, new: NewRun) -> Result<Submitted, StoreError> {
        let mut hits: Vec<(PlanId, String)> = Vec::new();
        if let Some(run) = self.keys.get(&new.key).and_then(|runs| runs.first()) {
            hits.push((*run, format!("order id {}", new.key)));
        }
        for alias in &new.aliases {
            if let Some(run) =
                self.aliases
                    .get(&(new.key.tenant().clone(), new.key.mode(), alias.clone()))
            {
                hits.push((*run, alias.to_string()));
            }
        }
        if let Some((run, through)) = hits.first().cloned() {
            // Ids that lead to different runs are a conflict whatever the content is.
            let one_run = hits.iter().all(|(other, _)| *other == run);
            let same = one_run && self.row(run)?.content == new.content;
            return Ok(if same {
                Submitted::Existing { run, through }
            } else {
                Submitted::Conflict { run, through }
            });
        }
        let run = new.id;
        let scope = (new.key.tenant().clone(), new.key.mode());
        let early = self.events.attach(&scope, &new.aliases, run);
        for alias in new.aliases {
            self.aliases.insert((scope.0.clone(), scope.1, alias), run);
        }
        let row = Row {
            content: new.content,
            order: Some(new.order),
            projection: Projection {
                wake_at: Some(new.at),
                ..Projection::default()
            },
            ..self.new_row(run, new.key, new.at)
        };
        let row = self.insert(run, row);
        if early {
            row.unsettle();
        }
        Ok(Submitted::New { run })
    }

    /// A run as it begins.
    fn new_row(&self, first: PlanId, key: OrderKey, at: Timestamp) -> Row {
        Row {
            key,
            operation: Operation::Provision,
            generation: 0,
            first,
            arrival: self.by_arrival.len() as u64 + 1,
            content: String::new(),
            order: None,
            submitted_at: at,
            state: StoredState::Unplanned(None),
            fence: 0,
            lease: None,
            problem: None,
            cancel: None,
            reserved_since: 0,
            crashes: 0,
            payment: PaymentNote::default(),
            projection: Projection::default(),
        }
    }

    fn insert(&mut self, run: PlanId, row: Row) -> &mut Row {
        self.by_arrival.push(run);
        self.keys.entry(row.key.clone()).or_default().push(run);
        self.runs.entry(run).or_insert(row)
    }

    pub(super) fn add(&mut self, first: &Claim, further: FurtherRun) -> Result<bool, StoreError> {
        self.fenced(first)?;
        if self.runs.contains_key(&further.id) {
            return Ok(false);
        }
        let (state, projection) = match further.planned {
            Some((plan, projection)) => (
                StoredState::Planned(Box::new(Journal::new(plan))),
                projection,
            ),
            None => (
                StoredState::Unplanned(None),
                Projection {
                    wake_at: Some(further.at),
                    ..Projection::default()
                },
            ),
        };
        let row = Row {
            operation: further.operation,
            generation: further.generation,
            state,
            projection,
            ..self.new_row(first.run, further.key, further.at)
        };
        self.insert(further.id, row);
        Ok(true)
    }

    /// Whether the order of a run has payment events that were not acted on.
    pub(super) fn is_unsettled(&self, run: PlanId) -> bool {
        self.payment(run)
            .is_some_and(|payment| payment.is_unsettled())
    }

    /// What the first run of a run's order keeps about its payment.
    pub(super) fn payment(&self, run: PlanId) -> Option<&PaymentNote> {
        let first = self.runs.get(&run)?.first;
        self.runs.get(&first).map(|row| &row.payment)
    }

    pub(super) fn list(&self, wanted: &Wanted) -> Vec<ListedRun> {
        self.by_arrival
            .iter()
            .skip(usize::try_from(wanted.after).unwrap_or(usize::MAX))
            .filter_map(|run| self.runs.get(run).map(|row| (run, row)))
            .filter(|(_, row)| {
                wanted
                    .standing
                    .is_none_or(|standing| row.projection.standing == standing)
            })
            .take(wanted.most as usize)
            .map(|(run, row)| row.listed(*run))
            .collect()
    }

    pub(super) fn due(
        &self,
        now: Timestamp,
        most: u32,
        busy: &BTreeSet<ServerName>,
    ) -> Vec<PlanId> {
        let mut due: Vec<(Timestamp, u64, PlanId)> = self
            .runs
            .iter()
            .filter(|(_, row)| row.lease.as_ref().is_none_or(|lease| lease.until <= now))
            .filter(|(_, row)| row.crashes_at(now) < MOST_CRASHES)
            .filter(|(_, row)| {
                let server = row.projection.server.as_ref();
                server.is_none_or(|server| !busy.contains(server))
            })
            .filter_map(|(run, row)| {
                let wake_at = row.projection.wake_at.filter(|wake_at| *wake_at <= now)?;
                Some((wake_at, row.arrival, *run))
            })
            .collect();
        due.sort_unstable();
        due.truncate(most as usize);
        due.into_iter().map(|(_, _, run)| run).collect()
    }

    pub(super) fn sealed_otherwise(&self, key_id: &str) -> Vec<PlanId> {
        let otherwise = |row: &Row| {
            let order = row
                .order
                .as_ref()
                .is_some_and(|order| order.key_id != key_id);
            let credential = match &row.state {
                StoredState::Planned(journal) => journal.entries.iter().any(|entry| {
                    matches!(&entry.event, Event::CredentialSealed(sealed)
                        if !sealed.sealed.is_empty() && sealed.key_id != key_id)
                }),
                _ => false,
            };
            order || credential
        };
        self.runs
            .iter()
            .filter(|(_, row)| otherwise(row))
            .map(|(run, _)| *run)
            .take(1_000)
            .collect()
    }

    pub(super) fn denied_by(&self, server: &ServerName, most: u32) -> Vec<PlanId> {
        self.by_arrival
            .iter()
            .filter(|run| {
                self.runs
                    .get(run)
                    .is_some_and(|row| row.projection.denied_by.contains(server))
            })
            .take(most as usize)
            .copied()
            .collect()
    }

    pub(super) fn held(&self, except: Option<PlanId>) -> Held {
        let reservations = self
            .runs
            .iter()
            .filter(|(run, _)| Some(**run) != except)
            .flat_map(|(_, row)| &row.projection.reservations)
            .filter(|reservation| reservation.holds_beyond_a_count())
            .cloned()
            .collect();
        Held {
            version: self.version,
            reservations,
        }
    }

    pub(super) fn check_bindings(
        &self,
        run: PlanId,
        projection: &Projection,
    ) -> Result<(), StoreError> {
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
    pub(super) fn check_room(&self, run: PlanId, taking: &Taking<'_>) -> Result<(), StoreError> {
        for (server, wanted, FreeSlots { slots, version }) in taking.each() {
            let taken_since = self
                .runs
                .iter()
                .filter(|(other, row)| **other != run && row.reserved_since > version)
                .fold(0_u32, |sum, (_, row)| {
                    sum.saturating_add(slots_on(server, &row.projection.reservations))
                });
            if wanted.saturating_add(taken_since) > slots {
                return Err(StoreError::RoomTaken(server.clone()));
            }
        }
        Ok(())
    }

    /// Stores what follows from a run's journal.
    pub(super) fn project(
        &mut self,
        claim: &Claim,
        projection: Projection,
    ) -> Result<(), StoreError> {
        for binding in &projection.bindings {
            self.bindings.insert(binding.clone(), claim.run);
        }
        let first = self.row(claim.run)?.first;
        for binding in &projection.released {
            let is_its_own = self
                .bindings
                .get(binding)
                .and_then(|owner| self.runs.get(owner))
                .is_some_and(|owner| owner.first == first);
            if is_its_own {
                self.bindings.remove(binding);
            }
        }
        let version = self.version + 1;
        let row = self.fenced(claim)?;
        row.problem = None;
        let moves = !projection.keeps_places(&row.projection.reservations);
        if moves {
            row.reserved_since = version;
        }
        let ends =
            projection.standing == Standing::Over && row.projection.standing != Standing::Over;
        row.projection = projection;
        row.stop_soon();
        row.decide_soon();
        let first = row.first;
        if moves {
            self.version = version;
        }
        if ends
            && let Some(first) = self.runs.get_mut(&first)
            && first.payment.version > 0
        {
            first.unsettle();
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
