//! Keeping what is sealed under the newest key, and forgetting what is over.

use std::collections::BTreeSet;

use provisioning_core::order::TenantId;
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::event::{CredentialSealed, Event};
use provisioning_core::run::status::RunStatus;

use super::credentials::purpose;
use super::hold::Hold;
use super::{Engine, EngineError, ORDER_PURPOSE, replay};
use crate::kill;
use crate::seal::SealContext;
use crate::store::{Resealed, Sealed, StoredState};

/// What became of changing the sealing key.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rotated {
    /// How many runs are sealed with the newest key now.
    pub resealed: usize,
    /// Runs that are still sealed with an older one, and why: somebody works on them, or they do not open.
    pub left: Vec<(PlanId, EngineError)>,
    /// How many payment events are sealed with the newest key now.
    pub resealed_events: usize,
    /// Payment events that are still sealed with an older one, by their ids, and why.
    pub left_events: Vec<(String, EngineError)>,
}

impl Engine {
    /// Seals everything anew that an older key has sealed: see
    /// [`Sealer::with_older`](crate::seal::Sealer::with_older). Once nothing is left, the older key is not needed any more.
    ///
    /// # Errors
    /// [`EngineError::Store`] if the store fails; what was sealed anew before stays so.
    pub async fn rotate(&self) -> Result<Rotated, EngineError> {
        let mut rotated = Rotated {
            resealed: 0,
            left: Vec::new(),
            resealed_events: 0,
            left_events: Vec::new(),
        };
        let mut tried = BTreeSet::new();
        loop {
            let key_id = self.inner.sealer.key_id();
            let runs = self.inner.store.sealed_otherwise(key_id).await?;
            let untried: Vec<PlanId> = runs.into_iter().filter(|run| tried.insert(*run)).collect();
            if untried.is_empty() {
                break;
            }
            for run in untried {
                match self.reseal(run).await {
                    Ok(()) => rotated.resealed += 1,
                    Err(error) if error.is_about_one_run() => rotated.left.push((run, error)),
                    Err(error) => return Err(error),
                }
            }
        }
        self.reseal_events(&mut rotated).await?;
        self.reseal_customers(&mut rotated).await?;
        Ok(rotated)
    }

    async fn reseal_customers(&self, rotated: &mut Rotated) -> Result<(), EngineError> {
        let mut tried = BTreeSet::new();
        loop {
            let key_id = self.inner.sealer.key_id();
            let customers = self.inner.store.customers_sealed_otherwise(key_id).await?;
            let mut any = false;
            for before in customers {
                if !tried.insert((before.index.clone(), before.run)) {
                    continue;
                }
                any = true;
                let run = before.run;
                let stored = self.inner.store.load(run).await?;
                match self
                    .inner
                    .customers
                    .sealed_anew(stored.key.tenant(), &before)
                {
                    Ok(after) => self.inner.store.reseal_customer(&before, after).await?,
                    Err(problem) => rotated.left.push((run, EngineError::Seal { run, problem })),
                }
            }
            if !any {
                return Ok(());
            }
        }
    }

    async fn reseal_events(&self, rotated: &mut Rotated) -> Result<(), EngineError> {
        let mut tried = BTreeSet::new();
        loop {
            let key_id = self.inner.sealer.key_id();
            let events = self.inner.store.events_sealed_otherwise(key_id).await?;
            let mut any = false;
            for event in events {
                if !tried.insert((event.tenant.clone(), event.mode, event.id.clone())) {
                    continue;
                }
                any = true;
                match self.reseal_event(&event).await {
                    Ok(()) => rotated.resealed_events += 1,
                    Err(error) if error.is_about_one_run() => {
                        rotated.left_events.push((event.id, error));
                    }
                    Err(error) => return Err(error),
                }
            }
            if !any {
                return Ok(());
            }
        }
    }

    async fn reseal(&self, run: PlanId) -> Result<(), EngineError> {
        let mut hold = self.hold(run).await?;
        let resealed = self.reseal_held(&mut hold).await;
        hold.release(None).await;
        resealed
    }

    async fn reseal_held(&self, hold: &mut Hold) -> Result<(), EngineError> {
        let run = hold.run();
        let stored = self.inner.store.load(run).await?;
        let tenant = stored.key.tenant();
        if let StoredState::Forgotten(_) = stored.state {
            return Err(EngineError::Forgotten(run));
        }
        let order = match &stored.order {
            Some(order) => Some(self.sealed_anew(tenant, run, ORDER_PURPOSE, order)?),
            None => None,
        };
        let mut credentials = Vec::new();
        if let StoredState::Planned(journal) = &stored.state {
            for entry in &journal.entries {
                let Event::CredentialSealed(sealed) = &entry.event else {
                    continue;
                };
                if sealed.sealed.is_empty() {
                    continue;
                }
                let before = Sealed {
                    key_id: sealed.key_id.clone(),
                    value: sealed.sealed.clone(),
                };
                let purpose = purpose(&sealed.credential);
                let after = self.sealed_anew(tenant, run, &purpose, &before)?;
                credentials.push(CredentialSealed {
                    credential: sealed.credential.clone(),
                    key_id: after.key_id,
                    sealed: after.value,
                });
            }
        }
        let resealed = Resealed { order, credentials };
        Ok(self.inner.store.reseal(hold.claim(), resealed).await?)
    }

    fn sealed_anew(
        &self,
        tenant: &TenantId,
        run: PlanId,
        purpose: &str,
        before: &Sealed,
    ) -> Result<Sealed, EngineError> {
        let sealer = &self.inner.sealer;
        let context = SealContext {
            tenant,
            run: Some(run),
            purpose,
        };
        let value = sealer
            .open(context, &before.key_id, &before.value)
            .and_then(|plain| sealer.seal(context, &plain))
            .map_err(|problem| EngineError::Seal { run, problem })?;
        Ok(Sealed {
            key_id: sealer.key_id().to_owned(),
            value,
        })
    }

    /// Erases order, plans, journals, credentials and payment events of an order whose runs are all over, whichever of
    /// them is named. Its ids stay, so that a late delivery of the order makes no second account, and so do the ids of
    /// what exists on the panels.
    ///
    /// # Errors
    /// [`EngineError::NotOver`] if something is left to do or to ask; [`EngineError::Forgotten`] if nothing was left to
    /// erase; [`EngineError::Store`]. Where it fails amid several runs, calling it again finishes it.
    pub async fn forget(&self, run: PlanId) -> Result<(), EngineError> {
        let stored = self.inner.store.load(run).await?;
        let first = stored.first;
        let mut runs = self.inner.store.runs_of(&stored.key).await?;
        // The first one goes last: it has the order, and without it the others could not be found to be over.
        runs.retain(|run| *run != first);
        let mut holds = vec![self.hold(first).await?];
        let mut gathered = Ok(());
        for run in runs {
            match self.hold(run).await {
                Ok(hold) => holds.push(hold),
                Err(error) => gathered = Err(error),
            }
        }
        let mut kept = Vec::new();
        for hold in &holds {
            match self.may_be_forgotten(hold.run()).await {
                Ok(is_kept) => kept.push(is_kept),
                Err(error) => gathered = gathered.and(Err(error)),
            }
        }
        if gathered.is_ok() && !kept.contains(&true) {
            gathered = Err(EngineError::Forgotten(run));
        }
        let now = self.now();
        while let Some(mut hold) = holds.pop() {
            let is_kept = kept.get(holds.len()).copied().unwrap_or_default();
            if gathered.is_ok() && is_kept {
                kill::at("before-forgotten");
                gathered = self
                    .inner
                    .store
                    .forget(hold.claim(), now)
                    .await
                    .map_err(EngineError::from);
                if gathered.is_ok() {
                    kill::at("after-forgotten");
                    // Forgetting ended the claim.
                    continue;
                }
            }
            hold.release(None).await;
        }
        gathered
    }

    /// Whether there is anything to forget of a run.
    async fn may_be_forgotten(&self, run: PlanId) -> Result<bool, EngineError> {
        let stored = self.inner.store.load(run).await?;
        let is_over = match stored.state {
            StoredState::Forgotten(_) => return Ok(false),
            StoredState::Unplanned(_) => stored.cancel.is_some(),
            StoredState::Planned(journal) => {
                let run = replay(run, *journal)?;
                matches!(run.status(self.now()), RunStatus::Over(_))
            }
        };
        if is_over {
            Ok(true)
        } else {
            Err(EngineError::NotOver(run))
        }
    }
}
