//! Doing what is to be done, one order after the other.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use provisioning_core::order::OrderKey;
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_engine::{Engine, EngineError, RunOptions, RunView};

use crate::overdue::{Next, Overdue};

/// What became of an order.
pub(crate) struct Done {
    pub(crate) key: OrderKey,
    pub(crate) is_done: bool,
    pub(crate) words: String,
}

/// Longer pauses are left to a worker, or to the next call of this program.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

pub(crate) async fn all(engine: &Engine, orders: &[Overdue]) -> Vec<Done> {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    // It goes to standard error, and nowhere unless that is a terminal.
    let bar = ProgressBar::new(orders.len() as u64).with_style(style);
    let mut results = Vec::with_capacity(orders.len());
    for order in orders {
        bar.set_message(order.key.to_string());
        let (is_done, words) = match one(engine, order).await {
            Ok(outcome) => outcome,
            Err(error) => (false, error.to_string()),
        };
        results.push(Done {
            key: order.key.clone(),
            is_done,
            words,
        });
        bar.inc(1);
    }
    bar.finish_and_clear();
    results
}

async fn one(engine: &Engine, order: &Overdue) -> Result<(bool, String), EngineError> {
    let mut by_hand = None;
    let runs: Vec<PlanId> = match order.next {
        Next::Finish(run, _) => vec![run],
        _ => match engine.settle_payment(order.run).await? {
            Some(settlement) => {
                by_hand = settlement.by_hand;
                settlement.made
            }
            None => {
                let words = "another worker is at it and decides".to_owned();
                return Ok((false, words));
            }
        },
    };
    if let (true, Some(work)) = (runs.is_empty(), &by_hand) {
        return Ok((false, format!("by hand: {work}")));
    }
    if runs.is_empty() {
        // What was cancelled may have to come to rest first.
        let view = drive(engine, order.run).await?;
        return Ok(describe(&view));
    }
    let mut all = (true, Vec::new());
    for run in runs {
        let (is_done, words) = describe(&drive(engine, run).await?);
        all.0 &= is_done;
        all.1.push(words);
    }
    if let Some(work) = by_hand {
        all.0 = false;
        all.1.push(format!("by hand: {work}"));
    }
    Ok((all.0, all.1.join("; ")))
}

async fn drive(engine: &Engine, run: PlanId) -> Result<RunView, EngineError> {
    let options = RunOptions {
        longest_wait: LONGEST_WAIT,
    };
    engine.run(run, options).await
}

fn describe(view: &RunView) -> (bool, String) {
    let what = match view.operation {
        Operation::Suspend => "suspended",
        Operation::Unsuspend => "unsuspended",
        _ => "done",
    };
    let Some(status) = view.status(Timestamp::now()) else {
        return (true, "cancelled before it was begun".to_owned());
    };
    match status {
        RunStatus::Over(Conclusion::Done) => (true, what.to_owned()),
        RunStatus::Over(Conclusion::Cancelled { .. }) => (true, "cancelled".to_owned()),
        RunStatus::Over(Conclusion::DoneExceptManual { .. }) => {
            (false, view.run().map(by_hand).unwrap_or_default())
        }
        RunStatus::NeedsAttention { steps } => {
            let why: Vec<String> = steps.iter().map(|(_, why)| why.to_string()).collect();
            (false, format!("needs attention: {}", why.join("; ")))
        }
        RunStatus::Waiting { until, why } => (false, format!("waits until {until:.0}: {why}")),
        other => (false, format!("not finished: {other:?}")),
    }
}

/// What people have to do of a run, and have not said to be done.
pub(crate) fn by_hand(run: &provisioning_core::run::Run) -> String {
    let steps = run.plan().steps.iter();
    let work = steps
        .filter_map(|step| run.instructions(&step.path))
        .filter(|work| work.confirmed_by.is_none())
        .map(|work| work.instructions)
        .collect::<Vec<_>>()
        .join("; ");
    format!("by hand: {work}")
}
