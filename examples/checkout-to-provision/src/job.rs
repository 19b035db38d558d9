//! The main job: read, submit, drive, show, hand over.

use std::time::Duration;

use provisioning_core::fleet::Observation;
use provisioning_core::permission::Denial;
use provisioning_core::placement::Constraint;
use provisioning_core::plan::id::PlanId;
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_core::planner::check;
use provisioning_core::planner::rejection::{Reason, Rejection};
use provisioning_core::run::status::RunStatus;
use provisioning_engine::store::{MemoryStore, Submitted};
use provisioning_engine::{Engine, RunOptions, RunState, RunView};

use crate::arguments::Arguments;
use crate::exit::{Exit, Stop};
use crate::panels::{self, Environment, Panels};
use crate::progress::Watcher;
use crate::report::Report;
use crate::{dry_run, hand_over, input, show};

pub(crate) async fn run(arguments: &Arguments, report: &Report) -> Result<Exit, Stop> {
    let environment = Environment::read();
    let on_sandbox = !environment.means_real_panels(arguments);
    if !on_sandbox {
        panels::refuse_assumptions(arguments)?;
    }
    let input = input::order(arguments, on_sandbox)?;
    let catalog = input::catalog(arguments)?;
    let panels = if on_sandbox {
        panels::start_sandbox(arguments).await?
    } else {
        environment.panels(arguments)?
    };

    let engine = Engine::builder(MemoryStore::new(), catalog.clone(), panels.fleet.clone())
        .executor(panels.executor.clone())
        .retry(retry(on_sandbox))
        .build()
        .map_err(Stop::fault)?;
    check(&input.order, &catalog, &panels.fleet, engine.capabilities()).map_err(|problems| {
        let mut lines = vec![format!(
            "{} is not taken; nothing was sent or stored:",
            input.from
        )];
        lines.extend(problems.iter().map(|problem| format!("  {problem}")));
        Stop::bad_input(lines)
    })?;

    show::intro(&panels, *report);
    show::order(&input, &catalog, *report);
    if arguments.dry_run {
        return dry_run::run(&engine, &panels, &input, arguments, *report).await;
    }

    let run = match engine.submit(&input.order).await.map_err(Stop::fault)? {
        Submitted::New { run } | Submitted::Existing { run, .. } => run,
        Submitted::Conflict { run, through } => {
            let line = format!(
                "{through} is known with other content (run {run}): a human has to look; nothing was done"
            );
            return Err(Stop {
                exit: Exit::NotFinished,
                lines: vec![line],
            });
        }
        other => {
            return Err(Stop::fault(format!(
                "unexpected answer of the store: {other:?}"
            )));
        }
    };
    let mut view = drive(&engine, run, arguments, *report).await?;
    if arguments.heal && exit_of(&view) != Exit::Done && !is_waiting_for_confirmation(&view) {
        view = heal(&engine, &panels, view, arguments, *report).await?;
    }
    finish(&engine, &panels, &input, view, arguments, *report).await
}

/// On the sandbox nobody has to wait for a panel that is down.
fn retry(on_sandbox: bool) -> RetryPolicy {
    if on_sandbox {
        RetryPolicy {
            initial_ms: 50,
            cap_ms: 2_000,
            ..RetryPolicy::default()
        }
    } else {
        RetryPolicy::default()
    }
}

/// Plans the run, shows the plan, and drives it as far as it goes without somebody outside.
async fn drive(
    engine: &Engine,
    run: PlanId,
    arguments: &Arguments,
    report: Report,
) -> Result<RunView, Stop> {
    let had_plan = engine
        .inspect(run)
        .await
        .map_err(Stop::fault)?
        .run()
        .is_some();
    let watcher = Watcher::start(engine, report);
    let planned = engine.plan_run(run).await;
    watcher.finish().await;
    let view = planned.map_err(Stop::fault)?;
    let Some(planned) = view.run() else {
        return Ok(view);
    };
    if !had_plan {
        show::plan(planned.plan(), report);
    }
    let watcher = Watcher::start(engine, report);
    let options = RunOptions {
        longest_wait: Duration::from_secs(arguments.wait),
    };
    let driven = engine.run(run, options).await;
    watcher.finish().await;
    driven.map_err(Stop::fault)
}

/// Lifts the fault and takes the same run up where it stands.
async fn heal(
    engine: &Engine,
    panels: &Panels,
    view: RunView,
    arguments: &Arguments,
    report: Report,
) -> Result<RunView, Stop> {
    let Some(sandbox) = &panels.sandbox else {
        return Ok(view);
    };
    show::attention(&view, panels, report);
    sandbox.heal();
    let fault = sandbox
        .fault()
        .map(|fault| fault.to_string())
        .unwrap_or_default();
    report.say(&format!(
        "\nhealed: the fault {fault} is lifted; the same run goes on where it stands"
    ));
    if view.run().is_some() {
        engine
            .resume(view.id, "operator")
            .await
            .map_err(Stop::fault)?;
    }
    drive(engine, view.id, arguments, report).await
}

async fn finish(
    engine: &Engine,
    panels: &Panels,
    input: &input::Input,
    view: RunView,
    arguments: &Arguments,
    report: Report,
) -> Result<Exit, Stop> {
    if let Some(sandbox) = &panels.sandbox {
        sandbox.settle().await;
    }
    show::result(&view, panels, report);
    let handed_over = hand_over::hand_over(engine, &view, input, panels, arguments, report).await?;
    if let Some(view) = handed_over {
        show::ending(&view, panels, report);
        return Ok(exit_of(&view));
    }
    show::attention(&view, panels, report);
    show::ending(&view, panels, report);
    Ok(exit_of(&view))
}

pub(crate) fn is_waiting_for_confirmation(view: &RunView) -> bool {
    matches!(
        view.status(jiff::Timestamp::now()),
        Some(RunStatus::AwaitingConfirmation { .. })
    )
}

pub(crate) fn exit_of(view: &RunView) -> Exit {
    match &view.state {
        RunState::Rejected(rejection) if denial_of(rejection).is_some() => Exit::Denied,
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

/// The denial that keeps every server from being counted, if that is why there is no plan.
pub(crate) fn denial_of(
    rejection: &Rejection,
) -> Option<(provisioning_core::fleet::ServerName, Denial)> {
    rejection.reasons.iter().find_map(|reason| match reason {
        Reason::NoServer { refusals, .. } => {
            refusals
                .iter()
                .find_map(|refusal| match &refusal.constraint {
                    Constraint::NotCounted {
                        observation: Observation::KeyDenied { denial },
                    } => Some((refusal.name.clone(), (**denial).clone())),
                    _ => None,
                })
        }
        _ => None,
    })
}
