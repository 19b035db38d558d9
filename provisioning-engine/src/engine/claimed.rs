//! A run this process holds the lease of, and how its events become durable.

use std::sync::Arc;

use secrecy::SecretString;

use provisioning_core::fleet::ServerName;
use provisioning_core::order::TenantId;
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::plan::verb::VerbName;
use provisioning_core::run::Run;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::run::step_state::Phase;

use super::projection::project;
use super::{Engine, EngineError, replay};
use crate::executor::{Executor, Known};
use crate::store::{Claim, StoredState};

/// A run this process holds the lease of.
pub(super) struct Claimed {
    pub(super) engine: Engine,
    pub(super) claim: Claim,
    pub(super) tenant: TenantId,
    pub(super) run: Run,
}

impl Engine {
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

impl Claimed {
    /// Applies an event and makes it durable. An event that the store refuses has not happened.
    pub(super) async fn record(&mut self, event: Event) -> Result<(), EngineError> {
        let entry = Entry {
            at: self.engine.now(),
            event,
        };
        let mut after = self.run.clone();
        after.apply(entry.clone())?;
        let projection = project(&after, self.engine.now());
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

    pub(super) fn executor(&self, step: &StepPath) -> Result<Arc<dyn Executor>, EngineError> {
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

    pub(super) fn password(&self, step: &StepPath) -> Result<Option<SecretString>, EngineError> {
        let Some(action) = self.run.plan().step(step).map(|step| &step.action) else {
            return Ok(None);
        };
        let credential = Engine::credential_of(&self.run, action);
        match credential {
            Some(credential) => self
                .engine
                .open_password(&self.tenant, &self.run, credential),
            None => Ok(None),
        }
    }

    pub(super) async fn known(&self, server: Option<&ServerName>) -> Result<Known, EngineError> {
        match server {
            Some(server) => Ok(self.engine.inner.store.known(server).await?),
            None => Ok(Known::default()),
        }
    }

    pub(super) fn is_done(&self, step: &StepPath) -> bool {
        matches!(
            self.run.step(step).map(|state| &state.phase),
            Some(Phase::Done(_))
        )
    }
}
