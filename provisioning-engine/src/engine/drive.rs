//! The loop: ask the run what to do, make it durable, do it, make what came of it durable.

use std::future::Future;
use std::pin::pin;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tracing::Instrument as _;

use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::run::directive::Directive;
use provisioning_core::run::event::Event;
use provisioning_core::run::status::RunStatus;

use super::claimed::Claimed;
use super::hold::Hold;
use super::projection::project;
use super::stop::Stop;
use super::{Engine, EngineError, RunOptions, RunView};
use crate::kill;
use crate::progress::Happened;
use crate::store::{Rest, StoreError, StoredRun, StoredState};

/// What became of a directive.
pub(super) enum Acted {
    /// It was done.
    Yes,
    /// Its server is left alone until then.
    NotBefore {
        until: Timestamp,
        step: StepPath,
        why: String,
    },
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
        self.run_until(run, options, std::future::pending()).await
    }

    /// As [`Engine::run`], until `until` comes to an end: then the call that is under way is brought to its outcome, no
    /// other is begun, and the run is given back.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub async fn run_until(
        &self,
        run: PlanId,
        options: RunOptions,
        until: impl Future<Output = ()>,
    ) -> Result<RunView, EngineError> {
        let hold = self.hold(run).await?;
        let (ask, asked) = watch::channel(false);
        let mut driven = pin!(self.take_further(hold, options, Stop::when(asked)));
        tokio::select! {
            biased;
            ended = &mut driven => ended?,
            () = until => {
                // Nobody listens only if nothing is under way.
                let _ = ask.send(true);
                driven.await?;
            }
        }
        self.inspect(run).await
    }

    /// Drives a claimed run and gives it back. What is wrong with this run alone is kept with it, and it is tried again
    /// later: it neither holds others up nor spins.
    pub(super) async fn take_further(
        &self,
        mut hold: Hold,
        options: RunOptions,
        stop: Stop,
    ) -> Result<(), EngineError> {
        // Every call of the run lies within it.
        let span = tracing::info_span!("run", run = %hold.run());
        let driven = self
            .plan_and_drive(&mut hold, options, stop)
            .instrument(span)
            .await;
        let rest = match &driven {
            Ok(rest) => rest.clone(),
            Err(error) if error.is_about_one_run() => {
                let problem = error.to_string();
                self.tell(
                    hold.run(),
                    Happened::Stuck {
                        why: problem.clone(),
                    },
                );
                Some(Rest {
                    wake_at: Some(self.after(self.inner.try_again)),
                    problem: Some(problem),
                })
            }
            Err(_) => None,
        };
        hold.release(rest).await;
        driven.map(|_| ())
    }

    async fn plan_and_drive(
        &self,
        hold: &mut Hold,
        options: RunOptions,
        stop: Stop,
    ) -> Result<Option<Rest>, EngineError> {
        kill::at("after-claimed");
        loop {
            if stop.is_asked() {
                return Ok(None);
            }
            let mut stored = self.inner.store.load(hold.run()).await?;
            if stored.payment.is_unsettled()
                || (stored.first == stored.id && stored.payment.is_due(self.now()))
            {
                if let Some(rest) = self.settle_before(hold, &stored).await? {
                    return Ok(Some(rest));
                }
                stored = self.inner.store.load(hold.run()).await?;
            }
            match self.go_further(hold, stored, options, &stop).await {
                // An event arrived, or the run ended and somebody has to see what follows.
                Err(EngineError::Store(StoreError::Unsettled(_))) => {}
                went => return went,
            }
        }
    }

    async fn go_further(
        &self,
        hold: &mut Hold,
        mut stored: StoredRun,
        options: RunOptions,
        stop: &Stop,
    ) -> Result<Option<Rest>, EngineError> {
        if self.has_to_wait_its_turn(&stored).await? {
            return Ok(Some(self.look_again()));
        }
        if let StoredState::Unplanned(_) = stored.state {
            if let Some(rest) = self.make_plan(hold, &stored).await? {
                return Ok(Some(rest));
            }
            stored = self.inner.store.load(hold.run()).await?;
        }
        let StoredState::Planned(journal) = stored.state else {
            return Ok(Some(Rest::default()));
        };
        let tenant = stored.key.tenant().clone();
        let mut claimed = Claimed::take_up(hold, tenant, *journal, stored.cancel).await?;
        let was_over = claimed.is_over();
        claimed.stop = stop.clone();
        let rest = claimed.drive(options).await?;
        // What has come to rest may have to be suspended.
        if stored.payment.version > 0 && !was_over && claimed.is_over() {
            return Err(StoreError::Unsettled(hold.run()).into());
        }
        Ok(Some(rest))
    }
}

impl Claimed<'_> {
    /// Records a confirmation and erases what it confirms. Nothing else: whoever confirms a password must not find that
    /// another account was made meanwhile, whose password nobody has seen.
    pub(super) async fn confirm_and_erase(
        &mut self,
        confirmation: Event,
    ) -> Result<(), EngineError> {
        self.record(confirmation).await?;
        for directive in self.run.next(self.engine().now()) {
            if let Directive::Erase(credential) = directive {
                self.act(Directive::Erase(credential)).await?;
            }
        }
        self.tell_where_it_stands();
        Ok(())
    }

    /// Drives the run as far as it goes. When it wants to be taken up again.
    async fn drive(&mut self, options: RunOptions) -> Result<Rest, EngineError> {
        let longest = SignedDuration::try_from(options.longest_wait).unwrap_or(SignedDuration::MAX);
        loop {
            if self.stop.is_asked() {
                return Ok(self.rest(None));
            }
            let Some((until, step, why)) = self.do_what_is_due().await? else {
                continue;
            };
            let Some(until) = until else {
                self.tell_where_it_stands();
                return Ok(self.rest(None));
            };
            let id = self.run.plan().id;
            self.engine()
                .tell(id, Happened::Waiting { step, until, why });
            let pause = until.duration_since(self.engine().now());
            if pause > longest {
                self.tell_where_it_stands();
                return Ok(self.rest(Some(until)));
            }
            let pause = pause.max(SignedDuration::ZERO).unsigned_abs();
            let mut stop = self.stop.clone();
            let waiting = async {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = stop.asked() => {}
                }
            };
            self.hold.alive(waiting).await?;
        }
    }

    /// Does one thing that is due: then nothing is returned, because what is next may have changed with it. Otherwise how
    /// long there is nothing to do, and why; without an instant, until somebody outside comes.
    async fn do_what_is_due(
        &mut self,
    ) -> Result<Option<(Option<Timestamp>, StepPath, String)>, EngineError> {
        let mut earliest: Option<(Timestamp, StepPath, String)> = None;
        let mut wait = |until: Timestamp, step: StepPath, why: String| {
            if earliest.as_ref().is_none_or(|(known, _, _)| until < *known) {
                earliest = Some((until, step, why));
            }
        };
        for directive in self.run.next(self.engine().now()) {
            match directive {
                Directive::Wait { until, step, why } => wait(until, step, why),
                Directive::AskHuman { .. } | Directive::Confirm(_) | Directive::Done(_) => {}
                act => match self.act(act).await? {
                    Acted::Yes => return Ok(None),
                    Acted::NotBefore { until, step, why } => wait(until, step, why),
                },
            }
        }
        Ok(Some(match earliest {
            Some((until, step, why)) => (Some(until), step, why),
            None => (None, StepPath::from(""), String::new()),
        }))
    }

    /// How the run is given back: due when its journal says so, or when its server is no longer left alone.
    fn rest(&self, until: Option<Timestamp>) -> Rest {
        let due = project(&self.run, self.engine().now()).wake_at;
        Rest {
            wake_at: due.map(|due| until.map_or(due, |until| until.max(due))),
            problem: None,
        }
    }

    fn is_over(&self) -> bool {
        let now = self.engine().now();
        matches!(self.run.status(now), RunStatus::Over(_))
    }

    fn tell_where_it_stands(&self) {
        let id = self.run.plan().id;
        match self.run.status(self.engine().now()) {
            RunStatus::NeedsAttention { steps } => {
                for (step, why) in steps {
                    self.engine().tell(
                        id,
                        Happened::NeedsAttention {
                            step,
                            why: why.to_string(),
                        },
                    );
                }
            }
            RunStatus::AwaitingConfirmation { credentials } => self
                .engine()
                .tell(id, Happened::AwaitingConfirmation { credentials }),
            RunStatus::Over(conclusion) => self.engine().tell(id, Happened::Over(conclusion)),
            _ => {}
        }
    }

    async fn act(&mut self, directive: Directive) -> Result<Acted, EngineError> {
        let id = self.run.plan().id;
        kill::at("between-steps");
        match directive {
            Directive::Seal(spec) => {
                let event = self.engine().make_credential(&self.tenant, id, &spec)?;
                self.record(event).await?;
                self.engine().tell(
                    id,
                    Happened::Sealed {
                        credential: spec.id,
                    },
                );
            }
            Directive::Call(call) => return self.call(call).await,
            Directive::LookUp(look_up) => return self.look_up(look_up).await,
            Directive::LookUpRecord(look_up) => return self.look_up_record(look_up).await,
            Directive::Erase(credential) => {
                self.record(Event::CredentialErased {
                    credential: credential.clone(),
                })
                .await?;
                self.engine().tell(id, Happened::Erased { credential });
            }
            _ => {}
        }
        Ok(Acted::Yes)
    }
}
