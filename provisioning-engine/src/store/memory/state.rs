//! Everything a store in memory holds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use provisioning_core::fleet::{Reservation, ServerName};
use provisioning_core::order::{Alias, OrderKey, OrderMode, TenantId};
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::event::Event;

use super::row::Row;
use crate::executor::Known;
use crate::store::{
    Binding, Claim, DeniedServer, FreeSlots, Held, ListedRun, MOST_CRASHES, NewRun, Projection,
    Room, StoreError, StoredState, Submitted, Wanted,
};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) runs: BTreeMap<PlanId, Row>,
    by_arrival: Vec<PlanId>,
    keys: HashMap<OrderKey, PlanId>,
    /// Test and live orders of one tenant share nothing.
    aliases: HashMap<(TenantId, OrderMode, Alias), PlanId>,
    pub(super) bindings: HashMap<Binding, PlanId>,
    pub(super) known: HashMap<ServerName, Known>,
    pub(super) denied: BTreeMap<ServerName, DeniedServer>,
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
        if let Some(run) = self.keys.get(&new.key) {
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
        for alias in new.aliases {
            self.aliases
                .insert((new.key.tenant().clone(), new.key.mode(), alias), run);
        }
        self.keys.insert(new.key.clone(), run);
        self.by_arrival.push(run);
        let row = Row {
            key: new.key,
            arrival: self.by_arrival.len() as u64,
            content: new.content,
            order: Some(new.order),
            submitted_at: new.at,
            state: StoredState::Unplanned(None),
            fence: 0,
            lease: None,
            problem: None,
            cancel: None,
            reserved_since: 0,
            crashes: 0,
            projection: Projection {
                wake_at: Some(new.at),
                ..Projection::default()
            },
        };
        self.runs.insert(run, row);
        Ok(Submitted::New { run })
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
    pub(super) fn check_room(
        &self,
        run: PlanId,
        projection: &Projection,
        room: &Room,
    ) -> Result<(), StoreError> {
        for (server, wanted) in projection.slots_by_server() {
            let FreeSlots { slots, version } = room.on(server);
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
        let version = self.version + 1;
        let row = self.fenced(claim)?;
        row.problem = None;
        let moves = !projection.keeps_places(&row.projection.reservations);
        if moves {
            row.reserved_since = version;
        }
        row.projection = projection;
        row.stop_soon();
        if moves {
            self.version = version;
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
