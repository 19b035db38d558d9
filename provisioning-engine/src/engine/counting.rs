//! Counting servers before something is placed on them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use provisioning_core::fleet::{
    Fleet, Observation, Reservation, ServerConfig, ServerName, ServerState,
};
use provisioning_core::plan::id::{PlanId, StepPath};

use super::projection::holder;
use super::{Engine, EngineError};
use crate::progress::Happened;
use crate::store::{FreeSlots, Room};

/// A count that leaves plenty is used again for so long. A list of thousands of accounts takes a panel longer than making
/// one, so a list for each order would be most of what thousands of orders cost.
const GOOD_FOR: Duration = Duration::from_secs(5);

/// A count that is older than this is made anew while it is still used: otherwise whoever plans in the moment after it has
/// aged waits for a list, and all at once.
const RENEWED_AFTER: Duration = Duration::from_secs(2);

/// So many free slots are plenty: nobody else makes as many accounts on a server while a count is good. What our own
/// orders take meanwhile the store takes off, whoever planned them.
const PLENTY: u32 = 128;

/// How old a count may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    /// A moment, where it leaves plenty.
    Recent,
    /// It is begun after it was asked for.
    New,
}

/// The last count of each server.
#[derive(Debug, Default)]
pub(super) struct Counts(Mutex<HashMap<ServerName, Arc<LastCount>>>);

#[derive(Debug, Default)]
struct LastCount {
    /// Held while the server is being counted.
    turn: Arc<tokio::sync::Mutex<()>>,
    counted: Mutex<Option<Counted>>,
}

#[derive(Debug, Clone)]
struct Counted {
    begun: Instant,
    /// What reservations stood at before it was begun.
    version: u64,
    observation: Observation,
    /// Slots that this process has planned with since. Without them every plan would choose the same server until the
    /// next count.
    planned: u32,
}

/// The servers as they were counted.
pub(super) struct Seen {
    pub(super) fleet: Fleet,
    pub(super) room: Room,
    /// Every count was begun after it was asked for.
    pub(super) is_new: bool,
}

impl Counts {
    fn of(&self, server: &ServerName) -> Arc<LastCount> {
        let mut counts = lock(&self.0);
        Arc::clone(counts.entry(server.clone()).or_default())
    }

    /// Takes note of a plan that was made with this room.
    pub(super) fn planned<'s>(
        &self,
        room: &Room,
        slots: impl IntoIterator<Item = (&'s ServerName, u32)>,
    ) {
        for (server, slots) in slots {
            let last = self.of(server);
            if let Some(counted) = lock(&last.counted).as_mut()
                && counted.version == room.on(server).version
            {
                counted.planned = counted.planned.saturating_add(slots);
            }
        }
    }
}

impl LastCount {
    /// What was planned since this count was begun, as far as it is still the last one.
    fn planned_since(&self, counted: &Counted) -> u32 {
        match &*lock(&self.counted) {
            Some(last) if last.version == counted.version => last.planned,
            _ => counted.planned,
        }
    }

    /// Slots that were planned with the last count.
    fn planned(&self) -> u32 {
        lock(&self.counted)
            .as_ref()
            .map_or(0, |counted| counted.planned)
    }

    fn begun_since(&self, asked: Instant) -> Option<Counted> {
        let counted = lock(&self.counted);
        counted
            .as_ref()
            .filter(|counted| counted.begun >= asked)
            .cloned()
    }

    fn recent(&self, capacity: u32) -> Option<Counted> {
        let counted = lock(&self.counted);
        let is_good = |counted: &&Counted| {
            let free = counted.observation.free(capacity);
            counted.begun.elapsed() < GOOD_FOR
                && free.is_some_and(|free| free.saturating_sub(counted.planned) >= PLENTY)
        };
        counted.as_ref().filter(is_good).cloned()
    }
}

impl Counted {
    /// As planning sees it, with what was planned since.
    fn with(self, planned: u32) -> Observation {
        match self.observation {
            Observation::Counted {
                accounts,
                reserved_uncounted,
            } => Observation::Counted {
                accounts,
                reserved_uncounted: reserved_uncounted.saturating_add(planned),
            },
            other => other,
        }
    }
}

impl Engine {
    /// Counts every server that may take accounts, all at once: a dead one costs its own time-out only, and is not asked
    /// at all while it is left alone. One that refuses our key is not asked either.
    pub(super) async fn observe(&self, run: PlanId, age: Age) -> Result<Seen, EngineError> {
        let asked = Instant::now();
        let denied = self.inner.store.denied().await?;
        let counted = join_all(self.placeable_servers().into_iter().map(|server| {
            let denial = denied
                .iter()
                .find(|denied| denied.server == server)
                .map(|denied| Box::new(denied.denial.clone()));
            async move {
                let counted = match denial {
                    Some(denial) => Ok(Counted {
                        begun: Instant::now(),
                        version: 0,
                        observation: Observation::KeyDenied { denial },
                        planned: 0,
                    }),
                    None => self.count_once(run, &server, age).await,
                };
                counted.map(|counted| (server, counted))
            }
        }))
        .await;
        let mut fleet = Fleet::new(self.inner.fleet.clone());
        let mut servers = BTreeMap::new();
        let mut is_new = true;
        for counted in counted {
            let (server, counted) = counted?;
            is_new &= counted.begun >= asked;
            let capacity = self
                .inner
                .fleet
                .server(&server)
                .map_or(0, ServerConfig::capacity);
            if let Some(slots) = counted.observation.free(capacity) {
                let version = counted.version;
                servers.insert(server.clone(), FreeSlots { slots, version });
            }
            // Asked at the end: whoever waited for the same count may have planned since.
            let planned = self.inner.counts.of(&server).planned_since(&counted);
            let observation = counted.with(planned);
            self.tell(
                run,
                Happened::Observed {
                    server: server.clone(),
                    observation: observation.clone(),
                },
            );
            fleet = fleet.with_observation(&server, observation);
        }
        Ok(Seen {
            fleet,
            room: Room { servers },
            is_new,
        })
    }

    /// Counts a server, or takes the count that another planner has begun meanwhile: a hundred orders that come at once
    /// need no hundred lists of the same accounts.
    async fn count_once(
        &self,
        run: PlanId,
        server: &ServerName,
        age: Age,
    ) -> Result<Counted, EngineError> {
        let asked = Instant::now();
        let last = self.inner.counts.of(server);
        let capacity = self
            .inner
            .fleet
            .server(server)
            .map_or(0, ServerConfig::capacity);
        let recent = || {
            (age == Age::Recent)
                .then(|| last.recent(capacity))
                .flatten()
        };
        if let Some(counted) = recent() {
            if counted.begun.elapsed() >= RENEWED_AFTER {
                self.count_ahead(server, &last);
            }
            return Ok(counted);
        }
        let _turn = last.turn.lock().await;
        if let Some(counted) = last.begun_since(asked).or_else(recent) {
            return Ok(counted);
        }
        self.count_now(Some(run), server, &last).await
    }

    /// Begins a count that nobody waits for, unless one is under way. If it fails, whoever plans next has no recent count,
    /// makes one and is told why it fails.
    fn count_ahead(&self, server: &ServerName, last: &Arc<LastCount>) {
        let Ok(turn) = Arc::clone(&last.turn).try_lock_owned() else {
            return;
        };
        let (engine, server, last) = (self.clone(), server.clone(), Arc::clone(last));
        tokio::spawn(async move {
            let _turn = turn;
            if let Err(problem) = engine.count_now(None, &server, &last).await {
                tracing::debug!(%server, %problem, "a count ahead of its time failed");
            }
        });
    }

    /// Counts a server; the caller has its turn. What the run that is planned holds itself is left out.
    async fn count_now(
        &self,
        run: Option<PlanId>,
        server: &ServerName,
        last: &LastCount,
    ) -> Result<Counted, EngineError> {
        let planned_before = last.planned();
        let begun = Instant::now();
        // Read before the server is counted: what ends meanwhile is then seen at least once.
        let held = self.inner.store.reservations(run).await?;
        let there: Vec<Reservation> = held
            .reservations
            .into_iter()
            .filter(|reservation| reservation.server() == server)
            .collect();
        let observation = self.count(server, &there).await;
        let counted = Counted {
            begun,
            version: held.version,
            observation,
            // What was planned meanwhile with the count before may or may not be in the list.
            planned: last.planned().saturating_sub(planned_before),
        };
        *lock(&last.counted) = Some(counted.clone());
        Ok(counted)
    }

    async fn count(&self, server: &ServerName, reservations: &[Reservation]) -> Observation {
        let turn = match self.inner.limits.turn_to_count(server) {
            Ok(turn) => turn,
            Err(left_alone) => {
                return Observation::LeftAlone {
                    text: left_alone.why.to_owned(),
                    retry_after: left_alone.for_another,
                };
            }
        };
        for executor in &self.inner.executors {
            let observation = executor.observe(server, reservations).await;
            match &observation {
                Observation::NotObserved => continue,
                Observation::LeftAlone { retry_after, .. } => turn.asked_for_a_pause(*retry_after),
                Observation::Offline { .. } | Observation::CountFailed { .. } => turn.failed(),
                _ => turn.answered(),
            }
            return observation;
        }
        Observation::NotObserved
    }

    /// How many slots are free on one server for a step of `run`, counted now; or why that is not known. The places of
    /// the run's other steps are taken, like everybody's.
    pub(super) async fn count_room(
        &self,
        run: PlanId,
        step: &StepPath,
        server: &ServerName,
    ) -> Result<Result<FreeSlots, String>, EngineError> {
        let mut held = self.inner.store.reservations(None).await?;
        let own = holder(run, step);
        held.reservations
            .retain(|reservation| reservation.holder() != own);
        let Some(capacity) = self.inner.fleet.server(server).map(ServerConfig::capacity) else {
            return Ok(Err(format!("{server} is not in the fleet any more")));
        };
        for executor in &self.inner.executors {
            let observed = executor.observe(server, &held.reservations).await;
            if observed != Observation::NotObserved {
                let version = held.version;
                let free = observed.free(capacity);
                return Ok(free
                    .map(|slots| FreeSlots { slots, version })
                    .ok_or_else(|| observed.to_string()));
            }
        }
        Ok(Err(format!("{server} cannot be counted here")))
    }

    pub(super) fn placeable_servers(&self) -> Vec<ServerName> {
        self.inner
            .fleet
            .servers()
            .iter()
            .filter(|server| server.state() == ServerState::Open)
            .map(|server| server.name().clone())
            .collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
