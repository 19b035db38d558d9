//! The main job: read, submit, drive, show, hand over.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use provisioning_core::catalog::Catalog;
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::Run;
use provisioning_core::run::event::Event;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::store::{StoreError, Submitted};
use provisioning_engine::{Engine, EngineError, RunOptions, RunState, RunView};

use crate::arguments::Arguments;
use crate::exit::{Exit, Stop};
use crate::panels::Panels;
use crate::preflight::{Input, Ready, preflight};
use crate::progress::Watcher;
use crate::report::Report;
use crate::state::State;
use crate::{denied, dry_run, hand_over, show};

/// The least that is waited before a run is asked for again.
const A_MOMENT: Duration = Duration::from_millis(20);

/// How long a run stays in hand of a process that died. While a process lives it says so three times as often.
const LEASE: Duration = Duration::from_secs(3);

pub(crate) async fn run(arguments: &Arguments, report: Report) -> Result<Exit, Stop> {
    let Ready {
        input,
        catalog,
        chosen,
        kept,
    } = preflight(arguments)?;
    let state = State::open(&kept).await?;
    let panels = chosen.start(arguments.wait()).await?;
    let job = Job {
        engine: engine(&panels, &state, catalog.clone())?,
        panels,
        state,
        arguments,
        report,
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

/// The engine as this program wants it. The state's key may have changed; then everything is sealed anew.
fn engine(panels: &Panels, state: &State, catalog: Catalog) -> Result<Engine, Stop> {
    let store = Arc::clone(&state.store);
    let mut builder = Engine::builder_over(store, catalog, panels.fleet.clone())
        .executor(panels.executor.clone())
        .retry(retry(panels))
        .sealer(state.sealer.clone())
        .lease(LEASE);
    if let Ok(name) = std::env::var("PROVISIONING_WORKER") {
        builder = builder.worker(name);
    }
    builder.build().map_err(stop)
}

/// One order, and everything its way needs.
struct Job<'a> {
    engine: Engine,
    panels: Panels,
    state: State,
    arguments: &'a Arguments,
    report: Report,
}

impl Job<'_> {
    async fn provision(&self, input: &Input) -> Result<Exit, Stop> {
        let Self {
            engine, arguments, ..
        } = self;
        if self.state.rotates {
            self.rotate().await?;
        }
        let run = match engine.submit(&input.order).await.map_err(stop)? {
            Submitted::New { run } | Submitted::Existing { run, .. } => run,
            Submitted::Conflict { run, through } => {
                return Err(Stop::not_finished(
                    "conflict",
                    format!(
                        "{through} is known with other content (run {run}): a human has to look; nothing was done"
                    ),
                ));
            }
            other => {
                return Err(Stop::fault(format!(
                    "unexpected answer of the store: {other:?}"
                )));
            }
        };
        if arguments.resume {
            self.patiently(|| engine.resume(run, "operator")).await?;
        }
        let mut view = self.drive(run).await?;
        if arguments.heal && exit_of(&view) != Exit::Done && !is_waiting_for_confirmation(&view) {
            view = self.heal(view).await?;
        }
        self.finish(input, view).await
    }

    /// Seals everything anew that the key before has sealed.
    async fn rotate(&self) -> Result<(), Stop> {
        let rotated = self.engine.rotate().await.map_err(stop)?;
        let left = rotated.left.len();
        self.report.say(&format!(
            "state: {} runs are sealed with the present key now, {left} still with another",
            rotated.resealed
        ));
        for (run, why) in rotated.left {
            self.report.say(&format!("  {run}: {why}"));
        }
        Ok(())
    }

    /// Plans the run, shows the plan, and drives it as far as it goes without somebody outside.
    async fn drive(&self, run: PlanId) -> Result<RunView, Stop> {
        let Self {
            engine,
            panels,
            arguments,
            report,
            ..
        } = self;
        let before = engine.inspect(run).await.map_err(stop)?;
        let had_plan = before.run().is_some();
        if is_parked(&before) && !arguments.heal {
            // Whoever runs this again has seen what was wrong.
            self.patiently(|| engine.resume(run, "operator")).await?;
        }
        let watcher = Watcher::start(engine, *report);
        let planned = self.patiently(|| engine.plan_run(run)).await;
        watcher.finish().await;
        let view = planned?;
        let Some(planned) = view.run() else {
            return Ok(view);
        };
        if !had_plan {
            show::plan(planned.plan(), *report);
        }
        if panels.sandbox.is_none() && !has_begun(planned) {
            self.refuse_second_account(planned.plan()).await?;
        }
        let watcher = Watcher::start(engine, *report);
        let options = RunOptions {
            longest_wait: arguments.wait(),
        };
        let driven = self.patiently(|| engine.run(run, options)).await;
        watcher.finish().await;
        driven
    }

    /// Does something with a run, once no other process has it in hand. One that died lets go of it within seconds.
    async fn patiently<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, Stop>
    where
        F: Future<Output = Result<T, EngineError>>,
    {
        let deadline = Instant::now() + self.arguments.wait();
        let mut said = false;
        loop {
            match attempt().await {
                Err(EngineError::Store(StoreError::Claimed { until, by, .. })) => {
                    let now = Instant::now();
                    if now >= deadline {
                        return Err(Stop::not_finished(
                            "busy",
                            format!(
                                "another process ({by}) has this order in hand; run this again when it has ended"
                            ),
                        ));
                    }
                    if !said {
                        self.report.say(&format!(
                            "  waiting  another process ({by}) has this order in hand, at least until {until:.0}"
                        ));
                        said = true;
                    }
                    let pause = until.duration_since(jiff::Timestamp::now());
                    let pause = Duration::try_from(pause).unwrap_or_default();
                    tokio::time::sleep(pause.clamp(A_MOMENT, deadline - now + A_MOMENT)).await;
                }
                done => return done.map_err(stop),
            }
        }
    }

    /// The order is new to this state, and may not be new to the panels.
    async fn refuse_second_account(&self, plan: &Plan) -> Result<(), Stop> {
        let earlier = self.panels.earlier_accounts(plan).await;
        for server in &earlier.not_searched {
            self.report
                .say(&format!("  not searched for an earlier account: {server}"));
        }
        if earlier.accounts.is_empty() {
            return Ok(());
        }
        let mut stop = Stop::not_finished(
            "exists",
            "this order has an account already, from an earlier process that took the password with it; nothing was \
             made. Set a new password in the panel:"
                .to_owned(),
        );
        stop.problems = earlier.accounts;
        Err(stop)
    }

    /// Lifts the fault and takes the same run up where it stands.
    async fn heal(&self, view: RunView) -> Result<RunView, Stop> {
        let Some(sandbox) = &self.panels.sandbox else {
            return Ok(view);
        };
        show::attention(&view, &self.panels, self.report);
        sandbox.heal();
        let fault = sandbox
            .fault()
            .map(|fault| fault.to_string())
            .unwrap_or_default();
        self.report.say(&format!(
            "\nhealed: the fault {fault} is lifted; the same run goes on where it stands"
        ));
        self.engine
            .resume(view.id, "operator")
            .await
            .map_err(stop)?;
        // What refused our key is fit again, so new orders may go there too.
        for denied in self.engine.denied_servers().await.map_err(stop)? {
            let resumed = self.engine.resume_denied(&denied.server, "operator");
            resumed.await.map_err(stop)?;
        }
        self.drive(view.id).await
    }

    async fn finish(&self, input: &Input, view: RunView) -> Result<Exit, Stop> {
        let Self {
            engine,
            panels,
            state,
            arguments,
            report,
        } = self;
        if let Some(sandbox) = &panels.sandbox {
            sandbox.settle().await;
        }
        show::result(&view, panels, *report);
        let handed_over =
            hand_over::hand_over(engine, &view, input, panels, state, arguments, *report).await?;
        if let Some(view) = handed_over {
            show::ending(&view, panels, state, *report);
            return Ok(exit_of(&view));
        }
        show::attention(&view, panels, *report);
        show::ending(&view, panels, state, *report);
        Ok(exit_of(&view))
    }
}

/// Why the engine stopped, as an ending of this program: what concerns the state is for somebody who can mend it.
pub(crate) fn stop(error: EngineError) -> Stop {
    match error {
        EngineError::Store(StoreError::Poisoned { .. }) => {
            Stop::not_finished("left_alone", format!("{error}; --resume does that"))
        }
        EngineError::NotAllowed(_) => Stop::not_finished(
            "meanwhile",
            format!(
                "another process was faster: {error}; run this again to see how the order stands"
            ),
        ),
        EngineError::Store(_) | EngineError::Seal { .. } | EngineError::Order { .. } => {
            Stop::not_finished("state", error.to_string())
        }
        other => Stop::fault(other),
    }
}

fn is_parked(view: &RunView) -> bool {
    matches!(
        view.status(jiff::Timestamp::now()),
        Some(RunStatus::NeedsAttention { .. })
    )
}

/// Whether anything was ever sent for a run.
fn has_begun(run: &Run) -> bool {
    let entries = &run.journal().entries;
    entries
        .iter()
        .any(|entry| matches!(entry.event, Event::Intent(_)))
}

/// On the sandbox nobody has to wait for a panel that is down.
fn retry(panels: &Panels) -> RetryPolicy {
    if panels.sandbox.is_some() {
        RetryPolicy {
            initial_ms: 50,
            cap_ms: 2_000,
            ..RetryPolicy::default()
        }
    } else {
        RetryPolicy::default()
    }
}

pub(crate) fn is_waiting_for_confirmation(view: &RunView) -> bool {
    matches!(
        view.status(jiff::Timestamp::now()),
        Some(RunStatus::AwaitingConfirmation { .. })
    )
}

pub(crate) fn exit_of(view: &RunView) -> Exit {
    match &view.state {
        RunState::Rejected(rejection) => exit_of_rejection(rejection),
        RunState::Planned(run) => match run.status(jiff::Timestamp::now()) {
            RunStatus::Over(conclusion) if conclusion.is_done() => Exit::Done,
            RunStatus::NeedsAttention { steps } if steps.iter().any(|(_, why)| why.is_denied()) => {
                Exit::Denied
            }
            _ => Exit::NotFinished,
        },
        _ => Exit::NotFinished,
    }
}

/// How a run without a plan ends.
pub(crate) fn exit_of_rejection(rejection: &Rejection) -> Exit {
    if denied::of_rejection(rejection).is_empty() {
        Exit::NotFinished
    } else {
        Exit::Denied
    }
}
