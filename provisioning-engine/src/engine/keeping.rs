//! Keeping what is sealed under the newest key, and forgetting what is over.

use std::collections::BTreeSet;

use provisioning_core::order::TenantId;
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::event::{CredentialSealed, Event};
use provisioning_core::run::status::RunStatus;

use super::credentials::purpose;
use super::hold::Hold;
use super::{Engine, EngineError, ORDER_PURPOSE, replay};
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
        };
        let mut tried = BTreeSet::new();
        loop {
            let key_id = self.inner.sealer.key_id();
            let runs = self.inner.store.sealed_otherwise(key_id).await?;
            let untried: Vec<PlanId> = runs.into_iter().filter(|run| tried.insert(*run)).collect();
            if untried.is_empty() {
                return Ok(rotated);
            }
            for run in untried {
                match self.reseal(run).await {
                    Ok(()) => rotated.resealed += 1,
                    Err(error) if error.is_about_one_run() => rotated.left.push((run, error)),
                    Err(error) => return Err(error),
                }
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
            run,
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

    /// Erases order, plan, journal and credentials of a run that is over. Its ids stay, so that a late delivery of the
    /// order makes no second account, and so do the ids of what exists on the panels.
    ///
    /// # Errors
    /// [`EngineError::NotOver`] if something is left to do or to ask; [`EngineError::Store`].
    pub async fn forget(&self, run: PlanId) -> Result<(), EngineError> {
        let mut hold = self.hold(run).await?;
        let forgotten = self.forget_held(&mut hold).await;
        // Forgetting ended the claim.
        if forgotten.is_err() {
            hold.release(None).await;
        }
        forgotten
    }

    async fn forget_held(&self, hold: &mut Hold) -> Result<(), EngineError> {
        let run = hold.run();
        let now = self.now();
        let stored = self.inner.store.load(run).await?;
        let is_over = match stored.state {
            StoredState::Forgotten(_) => return Err(EngineError::Forgotten(run)),
            StoredState::Unplanned(_) => stored.cancel.is_some(),
            StoredState::Planned(journal) => {
                let run = replay(run, *journal)?;
                matches!(run.status(now), RunStatus::Over(_))
            }
        };
        if !is_over {
            return Err(EngineError::NotOver(run));
        }
        Ok(self.inner.store.forget(hold.claim(), now).await?)
    }
}
