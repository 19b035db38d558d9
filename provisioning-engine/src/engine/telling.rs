//! What people tell a run: answers, that the way is open again, that it has to stop.

use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::run::event::{Answer, Event};

use super::claimed::Claimed;
use super::hold::Hold;
use super::{Engine, EngineError, RunView};
use crate::store::{CancelWish, Rest, StoreError, StoredState};

impl Engine {
    /// Records a human's answer to what a parked step asks.
    ///
    /// # Errors
    /// [`EngineError::NotAllowed`] if the step asks nothing or the answer is none to its question.
    pub async fn answer(
        &self,
        run: PlanId,
        step: StepPath,
        answer: Answer,
        by: &str,
    ) -> Result<RunView, EngineError> {
        self.record(
            run,
            Event::HumanAnswered {
                step,
                answer,
                by: by.to_owned(),
            },
        )
        .await
    }

    /// Says that the way is open again, such as after a key was replaced: parked steps go on where they stood. A run
    /// without a plan is planned again, and one that was left alone because it ended its workers is let in again.
    ///
    /// # Errors
    /// [`EngineError::Store`] if another worker holds the run or the store fails.
    pub async fn resume(&self, run: PlanId, by: &str) -> Result<RunView, EngineError> {
        let mut hold = match self.hold(run).await {
            Err(EngineError::Store(StoreError::Poisoned { .. })) => {
                self.inner.store.absolve(run).await?;
                match self.hold(run).await {
                    // A worker that saw it let in was quicker, and goes on with it.
                    Err(EngineError::Store(StoreError::Claimed { .. })) => {
                        return self.inspect(run).await;
                    }
                    held => held?,
                }
            }
            held => held?,
        };
        let event = Event::Resumed { by: by.to_owned() };
        let recorded = match self.record_held(&mut hold, event).await {
            Err(EngineError::NotPlanned(_)) => Ok(Some(Rest {
                wake_at: Some(self.now()),
                problem: None,
            })),
            recorded => recorded.map(|()| None),
        };
        let rest = recorded.as_ref().ok().cloned().flatten();
        hold.release(rest).await;
        recorded?;
        self.inner.arrived.notify_one();
        self.inspect(run).await
    }

    /// Records that a manual step was done.
    ///
    /// # Errors
    /// [`EngineError::NotAllowed`] if the step is no open manual step.
    pub async fn manual_done(
        &self,
        run: PlanId,
        step: StepPath,
        by: &str,
    ) -> Result<RunView, EngineError> {
        self.record(
            run,
            Event::ManualConfirmed {
                step,
                by: by.to_owned(),
            },
        )
        .await
    }

    /// Stops a run before its next call. What exists, exists: nothing is deleted. While another worker holds the run,
    /// the wish is kept where that worker sees it before its next call; the run is cancelled once it has.
    ///
    /// # Errors
    /// [`EngineError::NotAllowed`] if it is cancelled already.
    pub async fn cancel(
        &self,
        run: PlanId,
        by: &str,
        reason: &str,
    ) -> Result<RunView, EngineError> {
        let event = Event::Cancelled {
            by: by.to_owned(),
            reason: reason.to_owned(),
        };
        let wish = CancelWish {
            by: by.to_owned(),
            reason: reason.to_owned(),
            at: self.now(),
        };
        match self.record(run, event).await {
            Err(EngineError::NotPlanned(_) | EngineError::Store(StoreError::Claimed { .. })) => {
                self.inner.store.wish_cancel(run, wish).await?;
                self.inner.arrived.notify_one();
                self.inspect(run).await
            }
            recorded => recorded,
        }
    }

    /// Claims a run, records one event, and lets it go again.
    pub(super) async fn record(&self, run: PlanId, event: Event) -> Result<RunView, EngineError> {
        let mut hold = self.hold(run).await?;
        let recorded = self.record_held(&mut hold, event).await;
        hold.release(None).await;
        recorded?;
        self.inner.arrived.notify_one();
        self.inspect(run).await
    }

    pub(super) async fn record_held(
        &self,
        hold: &mut Hold,
        event: Event,
    ) -> Result<(), EngineError> {
        self.take_up(hold).await?.record(event).await
    }

    /// The run of a claim, to be recorded in.
    pub(super) async fn take_up<'hold>(
        &self,
        hold: &'hold mut Hold,
    ) -> Result<Claimed<'hold>, EngineError> {
        let run = hold.run();
        let stored = self.inner.store.load(run).await?;
        let journal = match stored.state {
            StoredState::Planned(journal) => journal,
            StoredState::Unplanned(_) => return Err(EngineError::NotPlanned(run)),
            StoredState::Forgotten(_) => return Err(EngineError::Forgotten(run)),
        };
        let tenant = stored.key.tenant().clone();
        Claimed::take_up(hold, tenant, *journal, stored.cancel).await
    }
}
