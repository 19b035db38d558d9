//! The loop: ask the run what to do, make it durable, do it, make what came of it durable.

use jiff::SignedDuration;

use provisioning_core::fleet::Reservation;
use provisioning_core::order::TenantId;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::plan::step::CredentialId;
use provisioning_core::plan::verb::VerbName;
use provisioning_core::run::Run;
use provisioning_core::run::directive::{Call, Directive, LookUp};
use provisioning_core::run::event::{Entry, Event, Intent};
use provisioning_core::run::facts::Facts;
use provisioning_core::run::finding::{Finding, Verdict, judge};
use provisioning_core::run::outcome::Outcome;
use provisioning_core::run::status::RunStatus;
use provisioning_core::run::step_state::Phase;

use super::{Engine, EngineError, RunOptions, RunView, replay};
use crate::executor::{Executor, Known};
use crate::progress::Happened;
use crate::store::{Binding, Claim, Projection, StoredState};

/// A run this process holds the lease of.
pub(super) struct Claimed {
    engine: Engine,
    claim: Claim,
    tenant: TenantId,
    run: Run,
}

impl Engine {
    /// Drives a run until nothing can be done without somebody outside, or before a pause longer than
    /// `options.longest_wait`.
    ///
    /// It may be called again at any time, by any process that shares the store: the run goes on where it stands.
    /// Dropping the future is as safe as a crash: what was under way becomes an unknown outcome and is looked up.
    ///
    /// # Errors
    /// [`EngineError::Store`] if another worker holds the run or the store fails; what was recorded stays recorded.
    pub async fn run(&self, run: PlanId, options: RunOptions) -> Result<RunView, EngineError> {
        let stored = self.inner.store.load(run).await?;
        if let StoredState::Unplanned(_) = stored.state
            && !self.make_plan(run).await?
        {
            return self.inspect(run).await;
        }
        let mut claimed = self.claim(run).await?;
        let driven = claimed.drive(options).await;
        claimed.release().await;
        driven?;
        self.inspect(run).await
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
    async fn make_plan(&self, id: PlanId) -> Result<bool, EngineError> {
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
        let fleet = self.observe(id).await?;
        match self.plan_with(&order, &fleet) {
            Ok(plan) => {
                let steps = plan.steps.iter().map(|step| step.path.clone()).collect();
                let projection = project(&Run::start(plan.clone()), self);
                self.inner
                    .store
                    .planned(claim, Ok(plan), projection)
                    .await?;
                self.tell(id, Happened::Planned { steps });
                Ok(true)
            }
            Err(rejection) => {
                let why = rejection.to_string();
                self.inner
                    .store
                    .planned(claim, Err(rejection), Projection::default())
                    .await?;
                self.tell(id, Happened::Rejected { why });
                Ok(false)
            }
        }
    }

    /// Claims a planned run. What a dead process left under way is unknown from here on.
    pub(super) async fn claim(&self, id: PlanId) -> Result<Claimed, EngineError> {
        let claim = self
            .inner
            .store
            .claim(id, self.now(), self.lease_until())
            .await?;
        let taken_up = self.take_up(id, claim.clone()).await;
        if taken_up.is_err() {
            let _ = self.inner.store.release(&claim).await;
        }
        taken_up
    }

    async fn take_up(&self, id: PlanId, claim: Claim) -> Result<Claimed, EngineError> {
        let stored = self.inner.store.load(id).await?;
        let StoredState::Planned(journal) = stored.state else {
            return Err(EngineError::NotPlanned(id));
        };
        let run = replay(id, *journal)?;
        let mut claimed = Claimed {
            engine: self.clone(),
            claim,
            tenant: stored.key.tenant().clone(),
            run,
        };
        for event in claimed.run.interrupted() {
            claimed.record(event).await?;
        }
        Ok(claimed)
    }
}

/// What the store keeps beside the journal, derived from the run alone.
fn project(run: &Run, engine: &Engine) -> Projection {
    let now = engine.now();
    let status = run.status(now);
    let over = matches!(status, RunStatus::Over(_));
    let mut projection = Projection {
        wake_at: match status {
            RunStatus::Ready | RunStatus::InFlight => Some(now),
            RunStatus::Waiting { until, .. } => Some(until),
            _ => None,
        },
        ..Projection::default()
    };
    for step in &run.plan().steps {
        let Action::CreateHostingAccount(create) = &step.action else {
            continue;
        };
        let Some(state) = run.step(&step.path) else {
            continue;
        };
        if let Some(account) = run.account(&step.path) {
            projection.bindings.push(Binding {
                server: account.server.clone(),
                remote_id: account.remote_id.clone(),
            });
        }
        if over || matches!(state.phase, Phase::GivenUp { .. }) {
            continue;
        }
        if let (Some(server), Some(username)) = (
            run.server_of(&step.path),
            create.usernames.get(state.candidate as usize),
        ) {
            let holder = format!("{}/{}", run.plan().id, step.path);
            projection.reservations.push(
                Reservation::new(server.clone(), username.clone(), holder)
                    .with_slots(create.weight),
            );
        }
    }
    projection
}

impl Claimed {
    /// Applies an event and makes it durable. An event that the store refuses has not happened.
    pub(super) async fn record(&mut self, event: Event) -> Result<(), EngineError> {
        let entry = Entry {
            at: self.engine.now(),
            event,
        };
        let mut after = self.run.clone();
        after.apply(entry.clone())?;
        let projection = project(&after, &self.engine);
        self.engine
            .inner
            .store
            .append(&self.claim, &[entry], projection)
            .await?;
        self.run = after;
        Ok(())
    }

    pub(super) async fn release(self) {
        // The lease may be over or taken; then there is nothing to give back.
        let _ = self.engine.inner.store.release(&self.claim).await;
    }

    async fn drive(&mut self, options: RunOptions) -> Result<(), EngineError> {
        let id = self.run.plan().id;
        loop {
            let directives = self.run.next(self.engine.now());
            let mut earliest = None;
            let mut acted = false;
            for directive in directives {
                match directive {
                    Directive::Wait { until, step, why } => {
                        if earliest.as_ref().is_none_or(|(known, _, _)| until < *known) {
                            earliest = Some((until, step, why));
                        }
                        continue;
                    }
                    Directive::AskHuman { .. } | Directive::Confirm(_) | Directive::Done(_) => {
                        continue;
                    }
                    act => self.act(act).await?,
                }
                // What is next may have changed with it.
                acted = true;
                break;
            }
            if acted {
                continue;
            }
            if let Some((until, step, why)) = earliest {
                self.engine.tell(id, Happened::Waiting { step, until, why });
                let pause = until.duration_since(self.engine.now());
                let longest =
                    SignedDuration::try_from(options.longest_wait).unwrap_or(SignedDuration::MAX);
                if pause <= longest {
                    tokio::time::sleep(pause.max(SignedDuration::ZERO).unsigned_abs()).await;
                    continue;
                }
            }
            return self.tell_where_it_stands();
        }
    }

    fn tell_where_it_stands(&self) -> Result<(), EngineError> {
        let id = self.run.plan().id;
        match self.run.status(self.engine.now()) {
            RunStatus::NeedsAttention { steps } => {
                for (step, why) in steps {
                    self.engine.tell(
                        id,
                        Happened::NeedsAttention {
                            step,
                            why: why.to_string(),
                        },
                    );
                }
            }
            RunStatus::Over(conclusion) => self.engine.tell(id, Happened::Over(conclusion)),
            _ => {}
        }
        Ok(())
    }

    async fn act(&mut self, directive: Directive) -> Result<(), EngineError> {
        let id = self.run.plan().id;
        self.engine
            .inner
            .store
            .extend(&self.claim, self.engine.lease_until())
            .await?;
        match directive {
            Directive::Seal(spec) => {
                let event = self.engine.make_credential(&self.tenant, id, &spec)?;
                self.record(event).await?;
                self.engine.tell(
                    id,
                    Happened::Sealed {
                        credential: spec.id,
                    },
                );
                Ok(())
            }
            Directive::Call(call) => self.call(call).await,
            Directive::LookUp(look_up) => self.look_up(look_up).await,
            Directive::Erase(credential) => {
                self.record(Event::CredentialErased {
                    credential: credential.clone(),
                })
                .await?;
                self.engine.tell(id, Happened::Erased { credential });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn executor(&self, step: &StepPath) -> Result<std::sync::Arc<dyn Executor>, EngineError> {
        let verb = self
            .run
            .plan()
            .step(step)
            .and_then(|step| step.action.verb());
        let verb = verb.as_ref().map_or("", VerbName::as_str);
        self.engine
            .executor_for(verb)
            .cloned()
            .ok_or_else(|| EngineError::NoExecutor {
                step: step.clone(),
                verb: verb.to_owned(),
            })
    }

    fn password(&self, step: &StepPath) -> Result<Option<secrecy::SecretString>, EngineError> {
        let Some(action) = self.run.plan().step(step).map(|step| &step.action) else {
            return Ok(None);
        };
        let credential: Option<&CredentialId> = Engine::credential_of(&self.run, action);
        match credential {
            Some(credential) => self
                .engine
                .open_password(&self.tenant, &self.run, credential),
            None => Ok(None),
        }
    }

    async fn known(
        &self,
        call: &Option<provisioning_core::fleet::ServerName>,
    ) -> Result<Known, EngineError> {
        match call {
            Some(server) => Ok(self.engine.inner.store.known(server).await?),
            None => Ok(Known::default()),
        }
    }

    async fn call(&mut self, call: Call) -> Result<(), EngineError> {
        let id = self.run.plan().id;
        let executor = self.executor(&call.step)?;
        let password = self.password(&call.step)?;
        let known = self.known(&call.server).await?;
        self.record(Event::Intent(Intent {
            step: call.step.clone(),
            attempt: call.attempt,
            candidate: call.candidate,
            server: call.server.clone(),
            key: call.key,
        }))
        .await?;
        self.engine.tell(
            id,
            Happened::Calling {
                step: call.step.clone(),
                attempt: call.attempt,
                server: call.server.clone(),
            },
        );
        let report = executor.call(&call, password.as_ref(), known).await;
        if let Some(server) = &call.server {
            self.engine
                .inner
                .store
                .learn(server, report.learned)
                .await?;
        }
        let outcome = self.not_another_runs(report.outcome).await?;
        let words = describe_outcome(&outcome);
        self.record(Event::Outcome {
            step: call.step.clone(),
            attempt: call.attempt,
            outcome,
        })
        .await?;
        let done = self.is_done(&call.step);
        self.engine.tell(
            id,
            Happened::Came {
                step: call.step,
                done,
                outcome: words,
            },
        );
        Ok(())
    }

    /// An answer that names an account of another run is not believed: it is looked up like any unknown outcome.
    async fn not_another_runs(&self, outcome: Outcome) -> Result<Outcome, EngineError> {
        if let Outcome::Ok {
            facts: Facts::HostingAccount(account),
        } = &outcome
        {
            let binding = Binding {
                server: account.server.clone(),
                remote_id: account.remote_id.clone(),
            };
            if let Some(owner) = self.engine.inner.store.bound_to(&binding).await?
                && owner != self.run.plan().id
            {
                let text = format!(
                    "the panel answered with account {}, which belongs to run {owner}",
                    account.remote_id
                );
                return Ok(Outcome::Unknown { text });
            }
        }
        Ok(outcome)
    }

    async fn look_up(&mut self, look_up: LookUp) -> Result<(), EngineError> {
        let id = self.run.plan().id;
        let executor = self.executor(&look_up.step)?;
        let password = self.password(&look_up.step)?;
        let known = self.known(&look_up.server).await?;
        self.engine.tell(
            id,
            Happened::LookingUp {
                step: look_up.step.clone(),
                server: look_up.server.clone(),
            },
        );
        let report = executor.look_up(&look_up, password.as_ref(), known).await;
        let mut finding = report.finding;
        if let (Finding::Read { matches, .. }, Some(server)) = (&mut finding, &look_up.server) {
            for found in matches {
                let binding = Binding {
                    server: server.clone(),
                    remote_id: found.remote_id.clone(),
                };
                if let Some(owner) = self.engine.inner.store.bound_to(&binding).await?
                    && owner != id
                {
                    found.bound_to = Some(owner.to_string());
                }
            }
            self.engine
                .inner
                .store
                .learn(server, report.learned)
                .await?;
        }
        let words = describe_finding(&finding);
        self.record(Event::LookedUp {
            step: look_up.step.clone(),
            finding,
        })
        .await?;
        let done = self.is_done(&look_up.step);
        self.engine.tell(
            id,
            Happened::LookedUp {
                step: look_up.step,
                done,
                found: words,
            },
        );
        Ok(())
    }

    fn is_done(&self, step: &StepPath) -> bool {
        matches!(
            self.run.step(step).map(|state| &state.phase),
            Some(Phase::Done(_))
        )
    }
}

fn describe_outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::NotSent {
            text,
            not_before: Some(until),
            ..
        } => format!("not executed, wanted again after {until}: {text}"),
        Outcome::NotSent { text, .. } => format!("not sent: {text}"),
        Outcome::Ok {
            facts: Facts::HostingAccount(account),
        } => {
            format!(
                "account {} `{}` on {}",
                account.remote_id, account.username, account.server
            )
        }
        Outcome::Ok {
            facts: Facts::Verified(verified),
        } => verified.describe().join("; "),
        Outcome::Ok { .. } => "done".to_owned(),
        Outcome::Unknown { text } => format!("unknown, looking instead of guessing: {text}"),
        Outcome::Denied { text, .. } => format!("denied: {text}"),
        Outcome::Rejected { text, .. } => format!("refused: {text}"),
    }
}

fn describe_finding(finding: &Finding) -> String {
    match judge(finding) {
        Verdict::Ours { found, proof } => format!(
            "account {} `{}`: {}",
            found.remote_id,
            found.username,
            proof.describe()
        ),
        Verdict::Foreign => "somebody else holds it".to_owned(),
        Verdict::Absent => "nothing there".to_owned(),
        Verdict::Several(matches) => format!("{} accounts that are ours", matches.len()),
        Verdict::Undecidable(_) => {
            "something is there, provable neither as ours nor as foreign".to_owned()
        }
        Verdict::NotWhole => "nothing seen, but the list cannot be shown to be whole".to_owned(),
        Verdict::NotPossible(text, _) => format!("the look-up did not succeed: {text}"),
        Verdict::Denied(_, text) => format!("the look-up was refused: {text}"),
    }
}
