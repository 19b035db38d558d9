//! Counting servers before something is placed on them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

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

/// The last count of each server.
#[derive(Debug, Default)]
pub(super) struct Counts(Mutex<HashMap<ServerName, LastCount>>);

/// Locked while the server is being counted.
type LastCount = Arc<tokio::sync::Mutex<Option<Counted>>>;

#[derive(Debug, Clone)]
struct Counted {
    begun: Instant,
    /// What reservations stood at before it was begun.
    version: u64,
    observation: Observation,
}

impl Counts {
    fn of(&self, server: &ServerName) -> LastCount {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(counts.entry(server.clone()).or_default())
    }
}

impl Engine {
    /// Counts every server that may take accounts, all at once: a dead one costs its own time-out only, and is not asked
    /// at all while it is left alone. One that refuses our key is not asked either.
    pub(super) async fn observe(&self, run: PlanId) -> Result<(Fleet, Room), EngineError> {
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
                    }),
                    None => self.count_once(run, &server).await,
                };
                counted.map(|counted| (server, counted))
            }
        }))
        .await;
        let mut fleet = Fleet::new(self.inner.fleet.clone());
        let mut versions = BTreeMap::new();
        for counted in counted {
            let (
                server,
                Counted {
                    observation,
                    version,
                    ..
                },
            ) = counted?;
            self.tell(
                run,
                Happened::Observed {
                    server: server.clone(),
                    observation: observation.clone(),
                },
            );
            fleet = fleet.with_observation(&server, observation);
            versions.insert(server, version);
        }
        let servers = versions
            .into_iter()
            .filter_map(|(server, version)| {
                let slots = fleet.free(&server)?;
                Some((server, FreeSlots { slots, version }))
            })
            .collect();
        Ok((fleet, Room { servers }))
    }

    /// Counts a server, or takes the count that another planner has begun meanwhile: a hundred orders that come at once
    /// need no hundred lists of the same accounts.
    async fn count_once(&self, run: PlanId, server: &ServerName) -> Result<Counted, EngineError> {
        let asked = Instant::now();
        let last = self.inner.counts.of(server);
        let mut last = last.lock().await;
        if let Some(counted) = last.as_ref().filter(|counted| counted.begun >= asked) {
            return Ok(counted.clone());
        }
        let begun = Instant::now();
        // Read before the server is counted: what ends meanwhile is then seen at least once.
        let held = self.inner.store.reservations(Some(run)).await?;
        let there: Vec<Reservation> = held
            .reservations
            .into_iter()
            .filter(|reservation| reservation.server() == server)
            .collect();
        let counted = Counted {
            begun,
            version: held.version,
            observation: self.count(server, &there).await,
        };
        *last = Some(counted.clone());
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
