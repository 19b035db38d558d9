//! The main job: read, submit, drive, show, hand over.

mod drive;
mod hand_over;
mod patience;
mod payment;
mod told;

use std::sync::Arc;
use std::time::Duration;

use provisioning_core::catalog::Catalog;
use provisioning_core::order::PaymentEvent;
use provisioning_core::plan::id::PlanId;
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_engine::store::Submitted;
use provisioning_engine::{Engine, EngineError, RunView};

use crate::answers::OPERATOR;
use crate::arguments::{Arguments, EventAt};
use crate::ending::{awaits_confirmation, exit_of};
use crate::exit::{Exit, Stop};
use crate::interrupt::Interrupt;
use crate::panels::Panels;
use crate::preflight::{Input, Ready, preflight};
use crate::report::Report;
use crate::state::State;
use crate::{dry_run, show};

pub(crate) use hand_over::can_ask;

/// How long a run stays in hand of a process that died. While a process lives it says so three times as often.
const LEASE: Duration = Duration::from_secs(3);

pub(crate) async fn run(arguments: &Arguments, report: Report) -> Result<Exit, Stop> {
    let Ready {
        input,
        catalog,
        chosen,
        kept,
        event,
    } = preflight(arguments)?;
    let state = State::open(&kept).await?;
    let interrupt = Interrupt::listen(report).map_err(Stop::fault)?;
    let panels = chosen.start(arguments).await?;
    let job = Job {
        engine: engine(&panels, &state, catalog.clone())?,
        panels,
        state,
        interrupt,
        arguments,
        report,
        event,
    };
    show::intro(&job.panels, &job.state, arguments, report);
    show::order(&input, &catalog, report);
    if arguments.dry_run {
        return dry_run::run(&job.engine, &job.panels, &input, arguments, report).await;
    }
    let ended = job.provision(&input).await;
    job.engine.close().await;
    ended
}

/// The engine as this program wants it.
fn engine(panels: &Panels, state: &State, catalog: Catalog) -> Result<Engine, Stop> {
    let store = Arc::clone(&state.store);
    let builder = Engine::builder_over(store, catalog, panels.fleet.clone())
        .retry(retry(panels))
        .sealer(state.sealer.clone())
        .lease(LEASE);
    let mut builder = panels.equip(builder);
    if let Ok(name) = std::env::var("PROVISIONING_WORKER") {
        builder = builder.worker(name);
    }
    Ok(builder.build()?)
}

/// On the sandbox nobody has to wait for a panel that is down.
fn retry(panels: &Panels) -> RetryPolicy {
    let usual = RetryPolicy::default();
    if panels.sandbox.is_some() {
        RetryPolicy {
            initial_ms: 50,
            cap_ms: 2_000,
            ..usual
        }
    } else {
        let first = panels.first_pause;
        let initial_ms = first.and_then(|first| u64::try_from(first.as_millis()).ok());
        RetryPolicy {
            initial_ms: initial_ms.unwrap_or(usual.initial_ms),
            ..usual
        }
    }
}

/// One order, and everything its way needs.
struct Job<'a> {
    engine: Engine,
    panels: Panels,
    state: State,
    interrupt: Interrupt,
    arguments: &'a Arguments,
    report: Report,
    event: Option<PaymentEvent>,
}

impl Job<'_> {
    async fn provision(&self, input: &Input) -> Result<Exit, Stop> {
        if self.state.rotates {
            self.rotate().await?;
        } else if let Some(note) = self
            .state
            .sealed_otherwise()
            .await
            .map_err(EngineError::from)?
        {
            self.report.say(&format!("state: {note}"));
        }
        if self.is_told() {
            self.refuse_telling_a_new_order(input).await?;
        }
        let run = self.submit(input).await?;
        if self.arguments.resume {
            self.patiently(|| self.engine.resume(run, OPERATOR)).await?;
        }
        if self.is_told() {
            self.tell(run).await?;
        }
        let mut followed = self.payment_event(run, EventAt::Submitted).await?;
        let mut view = self.drive(run).await?;
        let stands_still = exit_of(&view) != Exit::Done && !awaits_confirmation(&view);
        if self.arguments.heal && stands_still && self.interrupt.by().is_none() {
            view = self.heal(view).await?;
        }
        let ended = self.finish(input, view).await?;
        followed = followed.or(self.payment_event(run, EventAt::Provided).await?);
        Ok(match followed {
            // What the event asked for is what counts, unless the order itself is not finished.
            Some(followed) if ended == Exit::Done => followed,
            _ => ended,
        })
    }

    /// Seals everything anew that the key before has sealed.
    async fn rotate(&self) -> Result<(), Stop> {
        let rotated = self.engine.rotate().await?;
        let left = rotated.left.len();
        self.report.say(&format!(
            "state: orders sealed anew with the present key: {}; still with another: {left}",
            rotated.resealed
        ));
        for (run, why) in rotated.left {
            self.report.say(&format!("  {run}: {why}"));
        }
        Ok(())
    }

    /// The run of the order: a new one, or the one it has.
    async fn submit(&self, input: &Input) -> Result<PlanId, Stop> {
        match self.engine.submit(&input.order).await? {
            Submitted::New { run } | Submitted::Existing { run, .. } => Ok(run),
            Submitted::Conflict { run, through } => Err(Stop::not_finished(
                "conflict",
                format!(
                    "{through} is known with other content (run {run}); nothing was done. If this is another purchase, \
                     it needs an id of its own; if it is the same one, changed, a human has to look"
                ),
            )),
            other => Err(Stop::fault(format!(
                "unexpected answer of the store: {other:?}"
            ))),
        }
    }

    async fn finish(&self, input: &Input, view: RunView) -> Result<Exit, Stop> {
        let Self {
            panels,
            state,
            report,
            ..
        } = self;
        if let Some(sandbox) = &panels.sandbox {
            sandbox.settle().await;
        }
        show::result(&view, panels, *report);
        let view = self.hand_over(&view, input).await?.unwrap_or(view);
        show::attention(&view, panels, state, *report);
        show::ending(&view, panels, state, self.interrupt.by(), *report);
        Ok(exit_of(&view))
    }
}
