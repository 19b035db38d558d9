//! Planning: read the order back, count the servers, decide once.

use std::future::Future;
use std::time::Duration;

use provisioning_core::fleet::{Fleet, Observation, ServerName, ServerState};
use provisioning_core::order::PaidOrder;
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::PlanId;
use provisioning_core::planner::lifecycle::Observed;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::planner::{Inputs, plan, plan_amended};
use provisioning_core::run::Run;

use super::counting::{Age, Seen};
use super::hold::Hold;
use super::order_runs::OrderRuns;
use super::projection::project;
use super::{Engine, EngineError, ORDER_PURPOSE, RunView};
use crate::executor::PreviewedRequest;
use crate::kill;
use crate::progress::Happened;
use crate::seal::SealContext;
use crate::store::{Projection, Rest, Standing, StoreError, StoredRun, StoredState};

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
        let seen = self.observe(id, Age::New).await?;
        Ok(self.plan_with(order, &seen.fleet))
    }

    /// Plans a submitted order without doing anything for it yet, so that the plan can be read first. A run that has a
    /// plan keeps it; one that was rejected is tried again.
    ///
    /// # Errors
    /// [`EngineError::Store`] if another worker holds the run or the store fails.
    pub async fn plan_run(&self, run: PlanId) -> Result<RunView, EngineError> {
        self.plan_run_until(run, std::future::pending()).await
    }

    /// As [`Engine::plan_run`], unless `until` comes to an end before: then nothing is counted any more, and the run is
    /// given back without a plan.
    ///
    /// # Errors
    /// As [`Engine::plan_run`].
    pub async fn plan_run_until(
        &self,
        run: PlanId,
        until: impl Future<Output = ()>,
    ) -> Result<RunView, EngineError> {
        let mut hold = self.hold(run).await?;
        let planned = tokio::select! {
            biased;
            planned = self.plan_held(&mut hold) => planned,
            () = until => Ok(None),
        };
        let rest = planned.as_ref().ok().cloned().flatten();
        hold.release(rest).await;
        planned?;
        self.inspect(run).await
    }

    async fn plan_held(&self, hold: &mut Hold) -> Result<Option<Rest>, EngineError> {
        // Read under the claim: another worker may have planned it meanwhile, and the stored plan wins.
        loop {
            let stored = self.inner.store.load(hold.run()).await?;
            if !matches!(stored.state, StoredState::Unplanned(_)) {
                return Ok(None);
            }
            if stored.payment.is_unsettled()
                && let Some(rest) = self.settle_before(hold, &stored).await?
            {
                return Ok(Some(rest));
            }
            let stored = self.inner.store.load(hold.run()).await?;
            match self.make_plan(hold, &stored).await {
                Err(EngineError::Store(StoreError::Unsettled(_))) => {}
                made => return made,
            }
        }
    }

    /// Plans a stored order. If there is no plan now, when the run wants to be taken up again.
    pub(super) async fn make_plan(
        &self,
        hold: &mut Hold,
        stored: &StoredRun,
    ) -> Result<Option<Rest>, EngineError> {
        if stored.cancel.is_some() {
            return Ok(Some(Rest::default()));
        }
        let id = hold.run();
        // What is there and what was ordered last matters only to what was provided or amended before.
        let everything = if stored.generation > 0 || stored.payment.version > 0 {
            Some(self.order_runs(stored.first).await?)
        } else {
            None
        };
        let order = match &everything {
            Some(everything) => everything.order.clone(),
            None => self.open_order(stored)?,
        };
        let mut tries = PLANNING_TRIES;
        let mut age = Age::Recent;
        loop {
            let Seen {
                fleet,
                room,
                is_new,
            } = hold.alive(self.observe(id, age)).await??;
            let planned = match &everything {
                Some(everything) => self.plan_generation(stored.generation, everything, &fleet),
                None => self.plan_with(&order, &fleet),
            };
            let plan = match planned {
                Ok(plan) => plan,
                // What is kept for people was looked at when they asked for it.
                Err(_) if !is_new && age == Age::Recent => {
                    age = Age::New;
                    continue;
                }
                Err(rejection) => {
                    let again = planned_again_after(&fleet, self.inner.plan_again);
                    return self.keep_rejection(hold, rejection, again).await;
                }
            };
            let steps = plan.steps.iter().map(|step| step.path.clone()).collect();
            let projection = project(&Run::start(plan.clone()), self.now());
            self.inner
                .counts
                .planned(&room, projection.slots_by_server());
            tries -= 1;
            kill::at("before-planned");
            match self
                .inner
                .store
                .planned(hold.claim(), plan, projection, &room)
                .await
            {
                Ok(()) => {
                    kill::at("after-planned");
                    self.tell(id, Happened::Planned { steps });
                    return Ok(None);
                }
                // Somebody else took the place that was counted on; what is left is counted anew.
                Err(StoreError::RoomTaken(_)) if tries > 0 => age = Age::New,
                Err(StoreError::RoomTaken(_)) => {
                    return Ok(Some(Rest {
                        wake_at: Some(self.now()),
                        problem: None,
                    }));
                }
                Err(StoreError::CancelWished { .. }) => return Ok(Some(Rest::default())),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Keeps why there is no plan. What time alone may mend is planned again later.
    async fn keep_rejection(
        &self,
        hold: &mut Hold,
        rejection: Rejection,
        again: Duration,
    ) -> Result<Option<Rest>, EngineError> {
        let why = rejection.to_string();
        let wake_at = rejection.may_pass().then(|| self.after(again));
        let projection = Projection {
            standing: Standing::Rejected,
            wake_at,
            ..Projection::default()
        };
        match self
            .inner
            .store
            .rejected(hold.claim(), rejection, projection)
            .await
        {
            Ok(()) => self.tell(hold.run(), Happened::Rejected { why }),
            Err(StoreError::CancelWished { .. }) => return Ok(Some(Rest::default())),
            Err(error) => return Err(error.into()),
        }
        Ok(Some(Rest {
            wake_at,
            problem: None,
        }))
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
                && let Some(executor) =
                    self.executor_for(verb.as_str(), first_server(plan, &step.action))
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

    pub(super) fn plan_with(&self, order: &PaidOrder, fleet: &Fleet) -> Result<Plan, Rejection> {
        let inputs = self.inputs();
        plan(order, &self.inner.catalog, fleet, &inputs, self.now())
    }

    /// What is ordered now, less what is there.
    fn plan_generation(
        &self,
        generation: u32,
        everything: &OrderRuns,
        fleet: &Fleet,
    ) -> Result<Plan, Rejection> {
        plan_amended(
            &everything.order,
            everything.payment.amendment(),
            &Observed::of(&everything.runs),
            &self.inner.catalog,
            fleet,
            &self.inputs().with_generation(generation),
            self.now(),
        )
    }

    /// What every plan is made with.
    pub(super) fn inputs(&self) -> Inputs {
        Inputs::new(self.inner.capabilities.clone()).with_retry(self.inner.retry.clone())
    }

    pub(super) fn open_order(&self, stored: &StoredRun) -> Result<PaidOrder, EngineError> {
        let context = SealContext {
            tenant: stored.key.tenant(),
            run: Some(stored.id),
            purpose: ORDER_PURPOSE,
        };
        let sealed = stored
            .order
            .as_ref()
            .ok_or(EngineError::Forgotten(stored.id))?;
        let plain = self
            .inner
            .sealer
            .open(context, &sealed.key_id, &sealed.value)
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

/// The server that a step of a plan goes to first.
fn first_server<'a>(plan: &'a Plan, action: &'a Action) -> Option<&'a ServerName> {
    match action {
        Action::CreateHostingAccount(create) => create.servers.first().map(|first| &first.name),
        Action::VerifyHostingAccount(verify) => {
            let account = plan.step(&verify.account)?;
            matches!(account.action, Action::CreateHostingAccount(_))
                .then(|| first_server(plan, &account.action))
                .flatten()
        }
        action => action.known_account().map(|known| &known.account.server),
    }
}

/// How soon another plan is worth its requests: as usual, unless every server that could take the account is left alone
/// for longer.
fn planned_again_after(fleet: &Fleet, usual: Duration) -> Duration {
    fleet
        .servers()
        .filter(|(server, _)| server.state() == ServerState::Open)
        .map(|(_, observation)| match observation {
            Observation::LeftAlone { retry_after, .. } => usual.max(*retry_after),
            _ => usual,
        })
        .min()
        .unwrap_or(usual)
}

#[cfg(test)]
mod tests {
    use provisioning_core::fleet::{FleetConfig, ServerConfig};

    use super::*;

    #[test]
    fn planning_waits_as_long_as_all_servers_asked_for_and_no_longer() {
        let server = |number: u32, state| {
            let name = ServerName::new(format!("np-{number}")).unwrap();
            let url = format!("https://np-{number}.example").parse().unwrap();
            ServerConfig::new(name, url, 10).unwrap().with_state(state)
        };
        let [open, closed] = [ServerState::Open, ServerState::Draining];
        let config =
            FleetConfig::new([server(1, open), server(2, open), server(3, closed)]).unwrap();
        let names: Vec<_> = config
            .servers()
            .iter()
            .map(|one| one.name().clone())
            .collect();
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let left_alone = |pause| Observation::LeftAlone {
            text: "429".to_owned(),
            retry_after: minutes(pause),
        };
        let full = Observation::Counted {
            accounts: 10,
            reserved_uncounted: 0,
        };
        for (first, second, expected) in [
            (left_alone(15), left_alone(9), 9),
            (left_alone(15), full.clone(), 2),
            (full.clone(), full, 2),
            (left_alone(1), left_alone(9), 2),
        ] {
            let fleet = Fleet::new(config.clone())
                .with_observation(&names[0], first)
                .with_observation(&names[1], second);
            assert_eq!(planned_again_after(&fleet, minutes(2)), minutes(expected));
        }
    }
}
