//! The main job: read, submit, drive, show, hand over.

use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::store::{MemoryStore, Submitted};
use provisioning_engine::{Engine, RunOptions, RunState, RunView};

use crate::arguments::Arguments;
use crate::exit::{Exit, Stop};
use crate::panels::Panels;
use crate::preflight::{Input, Ready, preflight};
use crate::progress::Watcher;
use crate::report::Report;
use crate::{denied, dry_run, hand_over, show};

pub(crate) async fn run(arguments: &Arguments, report: Report) -> Result<Exit, Stop> {
    let Ready {
        input,
        catalog,
        chosen,
    } = preflight(arguments)?;
    let panels = chosen.start(arguments).await?;
    let builder = Engine::builder(MemoryStore::new(), catalog.clone(), panels.fleet.clone());
    let engine = panels
        .equip(builder)
        .retry(retry(&panels))
        .build()
        .map_err(Stop::fault)?;

    show::intro(&panels, arguments, report);
    show::order(&input, &catalog, report);
    if arguments.dry_run {
        return dry_run::run(&engine, &panels, &input, arguments, report).await;
    }

    let run = match engine.submit(&input.order).await.map_err(Stop::fault)? {
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
    let mut view = drive(&engine, run, &panels, arguments, report).await?;
    if arguments.heal && exit_of(&view) != Exit::Done && !is_waiting_for_confirmation(&view) {
        view = heal(&engine, &panels, view, arguments, report).await?;
    }
    finish(&engine, &panels, &input, view, arguments, report).await
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

/// Plans the run, shows the plan, and drives it as far as it goes without somebody outside.
async fn drive(
    engine: &Engine,
    run: PlanId,
    panels: &Panels,
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
        if panels.sandbox.is_none() {
            refuse_second_account(panels, planned.plan()).await?;
        }
    }
    let watcher = Watcher::start(engine, report);
    let options = RunOptions {
        longest_wait: arguments.wait(),
    };
    let driven = engine.run(run, options).await;
    watcher.finish().await;
    driven.map_err(Stop::fault)
}

/// The run is new to this process, and the order may not be.
async fn refuse_second_account(panels: &Panels, plan: &Plan) -> Result<(), Stop> {
    let earlier = panels.earlier_accounts(plan).await;
    if earlier.accounts.is_empty() && earlier.not_searched.is_empty() {
        return Ok(());
    }
    if earlier.accounts.is_empty() {
        let mut stop = Stop::not_finished(
            "not_searched",
            "an earlier process may have made this order's account, and not every server can be asked; nothing was made. \
             Not searched:"
                .to_owned(),
        );
        stop.problems = earlier.not_searched;
        return Err(stop);
    }
    let mut stop = Stop::not_finished(
        "exists",
        "this order has an account already, from an earlier process that took the password with it; nothing was made. \
         Set a new password in the panel:"
            .to_owned(),
    );
    stop.problems = earlier.accounts;
    Err(stop)
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
    drive(engine, view.id, panels, arguments, report).await
}

async fn finish(
    engine: &Engine,
    panels: &Panels,
    input: &Input,
    view: RunView,
    arguments: &Arguments,
    report: Report,
) -> Result<Exit, Stop> {
    if let Some(sandbox) = &panels.sandbox {
        sandbox.settle().await;
    }
    show::result(&view, panels, report);
    let handed_over = hand_over::hand_over(engine, &view, input, panels, arguments, report).await?;
    let view = handed_over.unwrap_or(view);
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
