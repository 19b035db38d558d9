//! Planning: read the order back, count the servers, decide once.

use futures_util::future::join_all;

use provisioning_core::fleet::{Fleet, Observation, Reservation, ServerName, ServerState};
use provisioning_core::order::PaidOrder;
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::planner::{Inputs, plan};

use super::{Engine, EngineError, ORDER_PURPOSE};
use crate::executor::PreviewedRequest;
use crate::progress::Happened;
use crate::seal::SealContext;
use crate::store::StoredRun;

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
        let fleet = self.observe(id).await?;
        Ok(self.plan_with(order, &fleet))
    }

    /// As [`Engine::plan`], with a fleet that the caller has observed or assumed. Nothing is sent.
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
    pub(super) async fn observe(&self, run: PlanId) -> Result<Fleet, EngineError> {
        let reservations = self.inner.store.reservations(Some(run)).await?;
        let counted = join_all(self.placeable_servers().into_iter().map(|server| {
            let there: Vec<Reservation> = reservations
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
        Ok(fleet)
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
