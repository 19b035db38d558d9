//! The lease of a run: signs of life while something takes long, and giving it back.

use std::future::Future;

use provisioning_core::plan::id::PlanId;

use super::{Engine, EngineError};
use crate::kill;
use crate::store::{Claim, Rest, StoreError};

/// A run this process holds the lease of.
pub(super) struct Hold {
    pub(super) engine: Engine,
    claim: Claim,
}

impl Engine {
    pub(super) async fn hold(&self, run: PlanId) -> Result<Hold, EngineError> {
        let claim = self
            .inner
            .store
            .claim(run, &self.inner.worker, self.now(), self.lease_until())
            .await?;
        Ok(self.holding(claim))
    }

    pub(super) fn holding(&self, claim: Claim) -> Hold {
        Hold {
            engine: self.clone(),
            claim,
        }
    }
}

impl Hold {
    pub(super) const fn run(&self) -> PlanId {
        self.claim.run
    }

    /// The claim, for a write: every write moves the lease.
    pub(super) fn claim(&mut self) -> &Claim {
        self.claim.until = self.engine.lease_until();
        &self.claim
    }

    /// Does something that may take longer than the lease, with signs of life meanwhile. Once another worker has taken
    /// the run over, what is under way is dropped at once.
    pub(super) async fn alive<T>(&self, work: impl Future<Output = T>) -> Result<T, EngineError> {
        let signs_of_life = async {
            let pause = self.engine.inner.lease / 3;
            loop {
                tokio::time::sleep(pause).await;
                let claim = Claim {
                    until: self.engine.lease_until(),
                    ..self.claim.clone()
                };
                match self.engine.inner.store.extend(&claim).await {
                    Err(lost @ (StoreError::FencedOut(_) | StoreError::NoRun(_))) => return lost,
                    // What is under way is not given up because the store is slow; the next sign may get through.
                    Err(problem) => tracing::warn!(run = %self.run(), %problem, "no sign of life"),
                    Ok(()) => {}
                }
            }
        };
        tokio::select! {
            biased;
            done = work => Ok(done),
            lost = signs_of_life => Err(lost.into()),
        }
    }

    pub(super) async fn release(mut self, rest: Option<Rest>) {
        let store = std::sync::Arc::clone(&self.engine.inner.store);
        kill::at("before-release");
        // The lease may be over or taken; then there is nothing to give back.
        if let Err(problem) = store.release(self.claim(), rest).await {
            tracing::debug!(run = %self.run(), %problem, "not given back");
        }
        kill::at("after-release");
    }
}
