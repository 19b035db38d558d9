//! A planned run this process holds the lease of, and how its events become durable.

use std::sync::Arc;

use secrecy::SecretString;

use provisioning_core::fleet::ServerName;
use provisioning_core::order::TenantId;
use provisioning_core::plan::id::StepPath;
use provisioning_core::plan::verb::VerbName;
use provisioning_core::run::Run;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::run::journal::Journal;
use provisioning_core::run::step_state::Phase;

use super::hold::Hold;
use super::limits::{LeftAlone, Turn};
use super::projection::project;
use super::stop::Stop;
use super::{Engine, EngineError, replay};
use crate::executor::{Executor, Known};
use crate::kill;
use crate::store::{CancelWish, Room, StoreError};

/// A planned run this process holds the lease of.
pub(super) struct Claimed<'a> {
    pub(super) hold: &'a mut Hold,
    pub(super) tenant: TenantId,
    pub(super) run: Run,
    pub(super) stop: Stop,
}

/// Whether a server may be called now.
pub(super) enum Admitted {
    /// It may, and how it went is to be told. No turn is needed for what goes to no server.
    Now(Option<Turn>),
    /// It is left alone.
    LeftAlone(LeftAlone),
    /// The run has to stop before its next call.
    Stop,
}

impl<'a> Claimed<'a> {
    /// Takes a run up. What a dead process left under way is unknown from here on, and what somebody wished meanwhile is
    /// part of the journal.
    pub(super) async fn take_up(
        hold: &'a mut Hold,
        tenant: TenantId,
        journal: Journal,
        cancel: Option<CancelWish>,
    ) -> Result<Self, EngineError> {
        let run = replay(hold.run(), journal)?;
        let mut claimed = Self {
            hold,
            tenant,
            run,
            stop: Stop::never(),
        };
        for event in claimed.run.interrupted() {
            claimed.record(event).await?;
        }
        if let Some(wish) = cancel {
            claimed.cancel(wish).await?;
        }
        Ok(claimed)
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.hold.engine
    }

    /// Applies an event and makes it durable. An event that the store refuses has not happened.
    pub(super) async fn record(&mut self, event: Event) -> Result<(), EngineError> {
        self.record_all([event], None).await
    }

    /// Applies events and makes them durable in one transaction, taking the places they need if `room` still has them.
    async fn record_all(
        &mut self,
        events: impl IntoIterator<Item = Event>,
        room: Option<&Room>,
    ) -> Result<(), EngineError> {
        let mut after = self.run.clone();
        let mut entries = Vec::new();
        for event in events {
            let at = self.engine().now();
            let entry = Entry { at, event };
            after.apply(entry.clone())?;
            entries.push(entry);
        }
        let projection = project(&after, self.engine().now());
        for entry in &entries {
            kill::before(&entry.event);
        }
        let store = Arc::clone(&self.engine().inner.store);
        store
            .append(self.hold.claim(), &entries, projection, room)
            .await?;
        for entry in &entries {
            kill::after(&entry.event);
        }
        self.run = after;
        Ok(())
    }

    /// Waits for the server's turn, with signs of life.
    pub(super) async fn admitted(
        &self,
        server: Option<&ServerName>,
    ) -> Result<Admitted, EngineError> {
        let Some(server) = server else {
            return Ok(Admitted::Now(None));
        };
        let mut stop = self.stop.clone();
        let turn = async {
            tokio::select! {
                biased;
                turn = self.engine().inner.limits.turn(server) => match turn {
                    Ok(turn) => Admitted::Now(Some(turn)),
                    Err(left_alone) => Admitted::LeftAlone(left_alone),
                },
                () = stop.asked() => Admitted::Stop,
            }
        };
        self.hold.alive(turn).await
    }

    /// Puts the wish to stop into the journal. A run that has nothing left to stop stays as it is.
    pub(super) async fn cancel(&mut self, wish: CancelWish) -> Result<(), EngineError> {
        let CancelWish { by, reason, .. } = wish;
        match self.record(Event::Cancelled { by, reason }).await {
            Err(EngineError::NotAllowed(_)) => {
                let store = Arc::clone(&self.engine().inner.store);
                Ok(store.drop_cancel(self.hold.claim()).await?)
            }
            recorded => recorded,
        }
    }

    /// Records an Intent, or one with what came of it at once. Whether the call may be made: somebody may want the run to
    /// stop.
    pub(super) async fn record_intent(
        &mut self,
        events: impl IntoIterator<Item = Event>,
        room: Option<&Room>,
    ) -> Result<bool, EngineError> {
        match self.record_all(events, room).await {
            Err(EngineError::Store(StoreError::CancelWished { wish, .. })) => {
                self.cancel(wish).await?;
                Ok(false)
            }
            recorded => recorded.map(|()| true),
        }
    }

    pub(super) fn executor(&self, step: &StepPath) -> Result<Arc<dyn Executor>, EngineError> {
        let verb = self
            .run
            .plan()
            .step(step)
            .and_then(|step| step.action.verb());
        let verb = verb.as_ref().map_or("", VerbName::as_str);
        self.engine()
            .executor_for(verb, self.run.server_of(step))
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
                .engine()
                .open_password(&self.tenant, &self.run, credential),
            None => Ok(None),
        }
    }

    pub(super) async fn known(&self, server: Option<&ServerName>) -> Result<Known, EngineError> {
        match server {
            Some(server) => Ok(self.engine().inner.store.known(server).await?),
            None => Ok(Known::default()),
        }
    }

    /// Keeps what a request has taught about its server, if it is anything new.
    pub(super) async fn learn(
        &self,
        server: Option<&ServerName>,
        known: Known,
        learned: Known,
    ) -> Result<(), EngineError> {
        if let Some(server) = server
            && known.and(learned) != known
        {
            self.engine().inner.store.learn(server, learned).await?;
        }
        Ok(())
    }

    pub(super) fn is_done(&self, step: &StepPath) -> bool {
        matches!(
            self.run.step(step).map(|state| &state.phase),
            Some(Phase::Done(_))
        )
    }
}
