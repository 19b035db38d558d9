//! Payment events in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::SignedDuration;

use provisioning_core::order::{Alias, OrderMode, TenantId};
use provisioning_core::plan::id::PlanId;

use super::state::State;
use crate::store::{
    Delivered, EARLY_EVENTS_KEPT, MOST_EARLY_EVENTS, NewEvent, Sealed, StoreError, StoredEvent,
    StoredState,
};

/// Test and live orders of one tenant share nothing.
pub(super) type Scope = (TenantId, OrderMode);

/// All payment events, in the order of their arrival.
#[derive(Debug, Default)]
pub(super) struct Events {
    arrivals: u64,
    by_arrival: BTreeMap<u64, Event>,
    by_id: HashMap<(TenantId, OrderMode, String), u64>,
    early: BTreeSet<u64>,
}

#[derive(Debug)]
struct Event {
    stored: StoredEvent,
    run: Option<PlanId>,
    /// The ids of its order, as long as that has not come.
    aliases: Vec<Alias>,
}

impl Events {
    /// Gives an order that has just come the events that came before it. Whether there are any.
    pub(super) fn attach(&mut self, scope: &Scope, aliases: &[Alias], run: PlanId) -> bool {
        let Self {
            by_arrival, early, ..
        } = self;
        let before = early.len();
        early.retain(|arrival| {
            let Some(event) = by_arrival.get_mut(arrival) else {
                return false;
            };
            let is_its_own = (&event.stored.tenant, event.stored.mode) == (&scope.0, scope.1)
                && event.aliases.iter().any(|alias| aliases.contains(alias));
            if is_its_own {
                event.run = Some(run);
                event.aliases.clear();
            }
            !is_its_own
        });
        early.len() < before
    }

    pub(super) fn of(&self, run: PlanId) -> Vec<StoredEvent> {
        self.by_arrival
            .values()
            .filter(|event| event.run == Some(run))
            .map(|event| event.stored.clone())
            .collect()
    }

    pub(super) fn forget(&mut self, run: PlanId) {
        self.drop_where(|event| event.run == Some(run));
    }

    pub(super) fn sealed_otherwise(&self, key_id: &str) -> Vec<StoredEvent> {
        self.by_arrival
            .values()
            .map(|event| &event.stored)
            .filter(|event| event.details.key_id != key_id)
            .take(1_000)
            .cloned()
            .collect()
    }

    pub(super) fn reseal(&mut self, event: &StoredEvent, details: Sealed) {
        let key = (event.tenant.clone(), event.mode, event.id.clone());
        if let Some(arrival) = self.by_id.get(&key)
            && let Some(event) = self.by_arrival.get_mut(arrival)
        {
            event.stored.details = details;
        }
    }

    fn insert(&mut self, event: Event) {
        self.arrivals += 1;
        let StoredEvent {
            tenant, mode, id, ..
        } = &event.stored;
        self.by_id
            .insert((tenant.clone(), *mode, id.clone()), self.arrivals);
        if event.run.is_none() {
            self.early.insert(self.arrivals);
        }
        self.by_arrival.insert(self.arrivals, event);
    }

    fn drop_where(&mut self, is_dropped: impl Fn(&Event) -> bool) {
        let Self {
            by_arrival,
            by_id,
            early,
            ..
        } = self;
        by_arrival.retain(|arrival, event| {
            let dropped = is_dropped(event);
            if dropped {
                let StoredEvent {
                    tenant, mode, id, ..
                } = &event.stored;
                by_id.remove(&(tenant.clone(), *mode, id.clone()));
                early.remove(arrival);
            }
            !dropped
        });
    }

    /// Keeps no more events whose order has not come than is bearable.
    fn bound_early(&mut self, now: jiff::Timestamp) {
        let oldest = SignedDuration::try_from(EARLY_EVENTS_KEPT)
            .ok()
            .and_then(|kept| now.checked_sub(kept).ok());
        self.drop_where(|event| {
            event.run.is_none() && oldest.is_some_and(|oldest| event.stored.received_at < oldest)
        });
        while self.early.len() > MOST_EARLY_EVENTS as usize
            && let Some(arrival) = self.early.pop_first()
        {
            if let Some(Event { stored, .. }) = self.by_arrival.remove(&arrival) {
                self.by_id.remove(&(stored.tenant, stored.mode, stored.id));
            }
        }
    }
}

impl State {
    pub(super) fn keep_event(&mut self, event: NewEvent) -> Result<Delivered, StoreError> {
        let key = (event.tenant.clone(), event.mode, event.id.clone());
        if let Some(arrival) = self.events.by_id.get(&key) {
            let run = self
                .events
                .by_arrival
                .get(arrival)
                .and_then(|event| event.run);
            return Ok(Delivered::Redelivered { run });
        }
        let mut orders: Vec<PlanId> = Vec::new();
        for alias in &event.aliases {
            let alias = (event.tenant.clone(), event.mode, alias.clone());
            if let Some(run) = self.aliases.get(&alias)
                && !orders.contains(run)
            {
                orders.push(*run);
            }
        }
        let run = match orders.as_slice() {
            [] => None,
            [run] => Some(*run),
            _ => return Ok(Delivered::Conflict { runs: orders }),
        };
        if let Some(run) = run {
            let row = self.row(run)?;
            if matches!(row.state, StoredState::Forgotten(_)) {
                return Ok(Delivered::Forgotten { run });
            }
            row.unsettle();
        }
        let now = event.at;
        self.events.insert(Event {
            stored: StoredEvent {
                tenant: event.tenant,
                mode: event.mode,
                id: event.id,
                kind: event.kind,
                occurred_at: event.occurred_at,
                received_at: event.at,
                details: event.details,
            },
            run,
            aliases: if run.is_none() {
                event.aliases
            } else {
                Vec::new()
            },
        });
        match run {
            Some(run) => Ok(Delivered::New { run }),
            None => {
                self.events.bound_early(now);
                Ok(Delivered::Early)
            }
        }
    }
}
