//! The loop: ask the run what to do, make it durable, do it, make what came of it durable.

use jiff::SignedDuration;

use provisioning_core::plan::id::PlanId;
use provisioning_core::run::directive::Directive;
use provisioning_core::run::event::Event;
use provisioning_core::run::status::RunStatus;

use super::claimed::Claimed;
use super::{Engine, EngineError, RunOptions, RunView};
use crate::progress::Happened;
use crate::store::StoredState;

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
}

impl Claimed {
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
            Directive::LookUpRecord(look_up) => self.look_up_record(look_up).await,
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
}
