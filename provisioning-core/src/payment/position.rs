//! How far the runs of an order have come, as payment events see it.

use jiff::Timestamp;

use super::amendment::AmendmentId;
use super::reaction::BY_PAYMENT;
use crate::plan::action::mpanel::MpanelAction;
use crate::plan::action::{Action, SuspensionReason};
use crate::plan::id::Operation;
use crate::planner::lifecycle::Observed;
use crate::run::Run;
use crate::run::event::Event;
use crate::run::status::RunStatus;
use crate::run::step_state::{Phase, StepState};

/// How far the runs of an order have come. The default is that of an order without a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunPosition {
    /// How far creating has come.
    pub provisioning: Provisioning,
    /// What was decided about the accounts that exist.
    pub accounts: Accounts,
    /// The amendment the newest generation was planned from.
    pub amendment: Option<AmendmentId>,
}

/// How far the newest generation has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Provisioning {
    /// No Intent that creates hosting, or hands it over to mPanel, is recorded, or there is no plan.
    #[default]
    NotBegun,
    /// Such an Intent is recorded, and not every hosting step has come to an end.
    UnderWay,
    /// Every hosting step has come to an end, or the run is over.
    Settled,
    /// The run was cancelled.
    Cancelled {
        /// Whether for lack of payment, and not by a person.
        by_payment: bool,
        /// When.
        at: Timestamp,
        /// Whether nothing of it is under way or unknown any more.
        at_rest: bool,
    },
}

/// What was decided about the accounts that exist, and the subscriptions on mPanel: the newest operation that was planned
/// counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Accounts {
    /// There is none.
    #[default]
    None,
    /// They serve.
    Serving,
    /// They are suspended, or about to be.
    Suspended {
        /// When it was decided.
        since: Timestamp,
        /// Whether for lack of payment; only then does a payment lift it.
        for_payment: bool,
        /// Whether everything is suspended.
        carried_out: bool,
    },
    /// They are about to be removed.
    Terminating {
        /// Whether a request may have left, or a person was told to do it.
        begun: bool,
    },
    /// They were there and are gone.
    Gone {
        /// When that was decided.
        at: Timestamp,
    },
}

impl RunPosition {
    /// The position of an order with these runs, in the order in which they were planned, at `now`.
    #[must_use]
    pub fn of(runs: &[&Run], now: Timestamp) -> Self {
        let newest = runs
            .iter()
            .rfind(|run| run.plan().operation == Operation::Provision);
        Self {
            provisioning: newest.map_or_else(Provisioning::default, |run| provisioning(run, now)),
            accounts: accounts(runs),
            amendment: newest.and_then(|run| run.plan().amendment),
        }
    }
}

/// The states of the steps that create hosting: here, or by handing the order over to mPanel, which is at it until it was
/// watched to its end.
fn creations(run: &Run) -> impl Iterator<Item = &StepState> {
    let creates = |action: &Action| {
        matches!(
            action,
            Action::CreateHostingAccount(_)
                | Action::Mpanel(MpanelAction::SubmitOrder(_) | MpanelAction::WatchOrder(_))
        )
    };
    run.plan()
        .steps
        .iter()
        .filter(move |step| creates(&step.action))
        .filter_map(|step| run.step(&step.path))
}

fn provisioning(run: &Run, now: Timestamp) -> Provisioning {
    let over = matches!(run.status(now), RunStatus::Over(_));
    if let Some((by, _)) = run.cancelled() {
        return Provisioning::Cancelled {
            by_payment: by == BY_PAYMENT,
            at: cancelled_at(run).unwrap_or(now),
            at_rest: over,
        };
    }
    let ended = |state: &StepState| matches!(state.phase, Phase::Done(_) | Phase::GivenUp { .. });
    if over {
        Provisioning::Settled
    } else if creations(run).all(|state| state.attempt == 0) {
        Provisioning::NotBegun
    } else if creations(run).all(ended) {
        Provisioning::Settled
    } else {
        Provisioning::UnderWay
    }
}

fn cancelled_at(run: &Run) -> Option<Timestamp> {
    run.journal()
        .entries
        .iter()
        .rfind(|entry| matches!(entry.event, Event::Cancelled { .. }))
        .map(|entry| entry.at)
}

fn accounts(runs: &[&Run]) -> Accounts {
    let mut decided = Accounts::None;
    for run in runs {
        let plan = run.plan();
        // A run that was cancelled before it did anything decided nothing.
        let begun = begun(run);
        if run.cancelled().is_some() && !begun && plan.operation != Operation::Provision {
            continue;
        }
        decided = match plan.operation {
            Operation::Suspend => Accounts::Suspended {
                since: plan.planned_at,
                for_payment: plan.steps.iter().any(|step| {
                    let reason = step.action.in_substance().suspends_for();
                    matches!(reason, Some(SuspensionReason::Payment { .. }))
                }),
                carried_out: carried_out(run),
            },
            Operation::Unsuspend => Accounts::Serving,
            Operation::Terminate if carried_out(run) => Accounts::Gone {
                at: plan.planned_at,
            },
            // What is left of them is as it was before.
            Operation::Terminate if run.cancelled().is_some() => decided,
            Operation::Terminate => Accounts::Terminating { begun },
            Operation::Provision | Operation::ChangePackage => {
                match (decided, Observed::of([*run]).has_nothing_to_suspend()) {
                    // A new generation after all were gone, or the first one.
                    (Accounts::None | Accounts::Gone { .. }, false) => Accounts::Serving,
                    (decided, _) => decided,
                }
            }
        };
    }
    decided
}

fn begun(run: &Run) -> bool {
    run.plan()
        .steps
        .iter()
        .filter(|step| step.action.in_substance().brings_about().is_some())
        .filter_map(|step| run.step(&step.path))
        .any(|state| {
            // What a person was told to do cannot be called back.
            state.attempt > 0 || matches!(&state.phase, Phase::Manual { .. } | Phase::Done(_))
        })
}

/// Whether every change of the run was made: by a call, or by a person who said so.
fn carried_out(run: &Run) -> bool {
    run.plan()
        .steps
        .iter()
        .filter(|step| step.action.in_substance().brings_about().is_some())
        .all(|step| run.is_carried_out(&step.path))
}
