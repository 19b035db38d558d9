//! Planning: read the order back, count the servers, decide once.

use futures_util::future::join_all;

use provisioning_core::fleet::{
    Fleet, Observation, Reservation, ServerConfig, ServerName, ServerState,
};
use provisioning_core::order::PaidOrder;
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::planner::{Inputs, plan};
use provisioning_core::run::Run;

use super::projection::{holder, project};
use super::{Engine, EngineError, ORDER_PURPOSE, RunView};
use crate::executor::PreviewedRequest;
use crate::progress::Happened;
use crate::seal::SealContext;
use crate::store::{Claim, Projection, Room, StoreError, StoredRun, StoredState};

const PLANNING_TRIES: u32 = 16;

impl Engine {
    /// The plan that [`Engine::run`] would store for `order` if it were submitted now. Servers are counted for it, so
    /// requests are sent, none of which changes anything; nothing is stored.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn plan(&self, order: &PaidOrder) -> Result<Result<Plan, Rejection>, EngineError> {
        let id = PlanId::new(
            order.key(),
            provisioning_core::plan::id::Operation::Provision,
            0,
        );
        let (fleet, _) = self.observe(id).await?;
        Ok(self.plan_with(order, &fleet))
    }

    /// Plans a submitted order without doing anything for it yet, so that the plan can be read first. A run that has a
    /// plan keeps it; one that was rejected is tried again.
    ///
    /// # Errors
    /// [`EngineError::Store`] if another worker holds the run or the store fails.
    pub async fn plan_run(&self, run: PlanId) -> Result<RunView, EngineError> {
        self.make_plan(run).await?;
        self.inspect(run).await
    }

    /// Plans a stored order. Whether there is a plan now.
    pub(super) async fn make_plan(&self, id: PlanId) -> Result<bool, EngineError> {
        let claim = self
            .inner
            .store
            .claim(id, self.now(), self.lease_until())
            .await?;
        let planned = self.make_plan_claimed(id, &claim).await;
        // The lease may be over already; then there is nothing to give back.
        let _ = self.inner.store.release(&claim).await;
        planned
    }

    async fn make_plan_claimed(&self, id: PlanId, claim: &Claim) -> Result<bool, EngineError> {
        // Read again under the claim: another worker may have planned it meanwhile, and the stored plan wins.
        let stored = self.inner.store.load(id).await?;
        if matches!(stored.state, StoredState::Planned(_)) {
            return Ok(true);
        }
        let order = self.open_order(&stored)?;
        let mut tries = PLANNING_TRIES;
        loop {
            let (fleet, room) = self.observe(id).await?;
            let plan = match self.plan_with(&order, &fleet) {
                Ok(plan) => plan,
                Err(rejection) => {
                    let why = rejection.to_string();
                    self.inner
                        .store
                        .rejected(claim, rejection, Projection::default())
                        .await?;
                    self.tell(id, Happened::Rejected { why });
                    return Ok(false);
                }
            };
            let steps = plan.steps.iter().map(|step| step.path.clone()).collect();
            let projection = project(&Run::start(plan.clone()), self.now());
            tries -= 1;
            match self
                .inner
                .store
                .planned(claim, plan, projection, &room)
                .await
            {
                Ok(()) => {
                    self.tell(id, Happened::Planned { steps });
                    return Ok(true);
                }
                // Somebody else took the place that was counted on; what is left is counted anew.
                Err(StoreError::RoomTaken(_)) if tries > 0 => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// As [`Engine::plan`], with a fleet that the caller has observed or assumed. Nothing is sent.
    ///
    /// # Errors
    /// The [`Rejection`], with every reason.
    pub fn plan_for(&self, order: &PaidOrder, fleet: &Fleet) -> Result<Plan, Rejection> {
        self.plan_with(order, fleet)
    }

    /// The exact requests a plan would send, in order of its steps. Nothing is sent.
    #[must_use]
    pub fn preview(&self, plan: &Plan) -> Vec<PreviewedRequest> {
        let mut requests = Vec::new();
        for step in &plan.steps {
            if let Some(verb) = step.action.verb()
                && let Some(executor) = self.executor_for(verb.as_str())
            {
                requests.extend(executor.preview(plan, &step.path));
            }
        }
        requests
    }

    /// The read requests that planning sends to count the servers. Nothing is sent.
    #[must_use]
    pub fn preview_reads(&self) -> Vec<PreviewedRequest> {
        let mut requests = Vec::new();
        for server in self.placeable_servers() {
            for executor in &self.inner.executors {
                requests.extend(executor.preview_observe(&server));
            }
        }
        requests
    }

    /// Counts every server that may take accounts, all at once: a dead one costs its own time-out only.
    pub(super) async fn observe(&self, run: PlanId) -> Result<(Fleet, Room), EngineError> {
        let held = self.inner.store.reservations(Some(run)).await?;
        let counted = join_all(self.placeable_servers().into_iter().map(|server| {
            let there: Vec<Reservation> = held
                .reservations
                .iter()
                .filter(|reservation| *reservation.server() == server)
                .cloned()
                .collect();
            async move {
                for executor in &self.inner.executors {
                    match executor.observe(&server, &there).await {
                        Observation::NotObserved => {}
                        observed => return (server, observed),
                    }
                }
                (server, Observation::NotObserved)
            }
        }))
        .await;
        let mut fleet = Fleet::new(self.inner.fleet.clone());
        for (server, observation) in counted {
            self.tell(
                run,
                Happened::Observed {
                    server: server.clone(),
                    observation: observation.clone(),
                },
            );
            fleet = fleet.with_observation(&server, observation);
        }
        let free = fleet
            .servers()
            .filter_map(|(server, _)| Some((server.name().clone(), fleet.free(server.name())?)))
            .collect();
        Ok((
            fleet,
            Room {
                version: held.version,
                free,
            },
        ))
    }

    /// How many slots are free on one server for a step of `run`, counted now; or why that is not known. The places of
    /// the run's other steps are taken, like everybody's.
    pub(super) async fn count_room(
        &self,
        run: PlanId,
        step: &StepPath,
        server: &ServerName,
    ) -> Result<Result<u32, String>, EngineError> {
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
                return Ok(observed.free(capacity).ok_or_else(|| observed.to_string()));
            }
        }
        Ok(Err(format!("{server} cannot be counted here")))
    }

    fn placeable_servers(&self) -> Vec<ServerName> {
        self.inner
            .fleet
            .servers()
            .iter()
            .filter(|server| server.state() == ServerState::Open)
            .map(|server| server.name().clone())
            .collect()
    }

    pub(super) fn plan_with(&self, order: &PaidOrder, fleet: &Fleet) -> Result<Plan, Rejection> {
        plan(
            order,
            &self.inner.catalog,
            fleet,
            &Inputs::new(self.inner.capabilities.clone()).with_retry(self.inner.retry.clone()),
            self.now(),
        )
    }

    pub(super) fn open_order(&self, stored: &StoredRun) -> Result<PaidOrder, EngineError> {
        let context = SealContext {
            tenant: stored.key.tenant(),
            run: stored.id,
            purpose: ORDER_PURPOSE,
        };
        let plain = self
            .inner
            .sealer
            .open(context, &stored.order.key_id, &stored.order.value)
            .map_err(|problem| EngineError::Seal {
                run: stored.id,
                problem,
            })?;
        serde_json::from_slice(&plain).map_err(|error| EngineError::Order {
            run: stored.id,
            problem: error.to_string(),
        })
    }
}
