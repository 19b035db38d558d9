//! Finding the orders that are not paid any more.

use jiff::Timestamp;
use provisioning_core::order::OrderKey;
use provisioning_core::payment::{Question, Reaction};
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_engine::store::{Standing, Wanted};
use provisioning_engine::{Engine, EngineError};

use crate::carry_out::by_hand;

/// An order about which something is to be done, waited for, or decided.
pub(crate) struct Overdue {
    pub(crate) run: PlanId,
    pub(crate) key: OrderKey,
    /// What happened to its payment, and when.
    pub(crate) event: String,
    pub(crate) next: Next,
}

/// What comes next for an order.
pub(crate) enum Next {
    /// What follows is recorded, and carried out.
    React(Reaction),
    /// A suspension or its lifting that somebody has begun is finished.
    Finish(PlanId, Operation),
    /// Nothing before this instant.
    Wait(Timestamp),
    /// A person decides.
    Ask(String),
    /// The order cannot be read.
    Broken(EngineError),
    /// It is suspended already.
    Nothing,
}

impl Next {
    pub(crate) fn is_to_do(&self) -> bool {
        matches!(self, Self::React(_) | Self::Finish(..))
    }

    pub(crate) fn asks(&self) -> bool {
        matches!(self, Self::Ask(_) | Self::Broken(_))
    }
}

/// Reads every order that has payment events. Nothing is changed or sent.
pub(crate) async fn find(engine: &Engine) -> Result<Vec<Overdue>, EngineError> {
    let mut overdue = Vec::new();
    let mut wanted = Wanted::default();
    loop {
        let page = engine.list(wanted.clone()).await?;
        let Some(last) = page.last() else {
            return Ok(overdue);
        };
        wanted.after = last.arrival;
        for listed in page {
            let has_events = listed.payment.version > 0;
            if !has_events || listed.standing == Standing::Forgotten {
                continue;
            }
            let next = match next(engine, listed.id).await {
                // What nothing proves to be the order's is a question, and no step of any run.
                Ok(Next::Nothing) => listed.payment.question.map_or(Next::Nothing, Next::Ask),
                Ok(next) => next,
                Err(error) if error.is_about_one_run() => Next::Broken(error),
                Err(error) => return Err(error),
            };
            let event = match listed.payment.unpaid {
                Some(unpaid) => format!("{} on {:.0}", unpaid.kind.words(), unpaid.since),
                None => "a payment event has arrived".to_owned(),
            };
            if !matches!(next, Next::Nothing) || listed.payment.unpaid.is_some() {
                overdue.push(Overdue {
                    run: listed.id,
                    key: listed.key,
                    event,
                    next,
                });
            }
        }
    }
}

async fn next(engine: &Engine, run: PlanId) -> Result<Next, EngineError> {
    Ok(match engine.payment_reaction(run).await? {
        Reaction::Nothing => unfinished(engine, run).await?,
        // It is suspended, or about to be, and waits for its grace period to end.
        Reaction::Wait { until, .. } => match unfinished(engine, run).await? {
            Next::Nothing => Next::Wait(until),
            unfinished => unfinished,
        },
        Reaction::AskHuman(question) => Next::Ask(words(&question)),
        // Only a person removes an account, and not here.
        Reaction::Terminate(grounds) => Next::Ask(grounds.describe().join("; ")),
        reaction => Next::React(reaction),
    })
}

fn words(question: &Question) -> String {
    question.to_string()
}

/// The newest run about the order's accounts, if it is not over.
async fn unfinished(engine: &Engine, run: PlanId) -> Result<Next, EngineError> {
    let runs = engine.runs_of_order(run).await?;
    let newest = runs
        .iter()
        .rfind(|view| matches!(view.operation, Operation::Suspend | Operation::Unsuspend));
    let Some(view) = newest else {
        return Ok(Next::Nothing);
    };
    Ok(match view.status(Timestamp::now()) {
        Some(RunStatus::Over(Conclusion::DoneExceptManual { .. })) => {
            Next::Ask(view.run().map(by_hand).unwrap_or_default())
        }
        Some(RunStatus::Over(_)) | None => Next::Nothing,
        Some(RunStatus::NeedsAttention { steps }) => Next::Ask(
            steps
                .iter()
                .map(|(step, why)| format!("{step}: {why}"))
                .collect::<Vec<_>>()
                .join("; "),
        ),
        Some(_) => Next::Finish(view.id, view.operation),
    })
}
