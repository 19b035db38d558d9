//! Something that happened to the payment of the order, and what follows from it.

use provisioning_core::payment::Reaction;
use provisioning_core::plan::action::{Action, Manual};
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::run::Run;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::store::Delivered;
use provisioning_engine::{RunOptions, RunView};

use super::Job;
use crate::answers::OPERATOR;
use crate::arguments::EventAt;
use crate::ending::{exit_of, is_parked};
use crate::exit::{Exit, Stop};
use crate::progress::Watcher;
use crate::show;

impl Job<'_> {
    /// Takes the payment event in if it arrives now, and carries out what follows. How that ended, if anything did.
    pub(super) async fn payment_event(
        &self,
        order: PlanId,
        now: EventAt,
    ) -> Result<Option<Exit>, Stop> {
        let Self { engine, report, .. } = self;
        let Some(event) = &self.event else {
            return Ok(None);
        };
        if self.arguments.event_at != now {
            return Ok(None);
        }
        let taken = self.patiently(|| engine.payment_event(event)).await?;
        let known = match &taken.delivered {
            Delivered::Redelivered { .. } => " (known already)",
            Delivered::Early => " (no order has its ids; it is kept until one has)",
            Delivered::Conflict { .. } => {
                return Err(Stop::not_finished(
                    "conflict",
                    "the payment event names ids of several orders: a human has to look; nothing was done"
                        .to_owned(),
                ));
            }
            _ => "",
        };
        report.say(&format!("\nevent: {}{known}", event.kind().words()));
        let Some(settlement) = taken.settlement else {
            return Ok(None);
        };
        for reaction in &settlement.reactions {
            if let Some(words) = in_words(reaction) {
                report.say(&format!("  {words}"));
            }
        }
        let mut ended = None;
        let made = if settlement.made.is_empty() {
            self.unfinished(order).await?
        } else {
            settlement.made
        };
        for run in made {
            let watcher = Watcher::start(engine, *report);
            let options = RunOptions {
                longest_wait: self.arguments.wait(),
            };
            let driven = self
                .patiently(|| engine.run_until(run, options, self.interrupt.asked()))
                .await;
            watcher.finish().await;
            let view = driven?;
            show::attention(&view, &self.panels, &self.state, *report);
            let mut exit = exit_of(&view);
            let left = left_to_people(&view);
            if exit == Exit::Done && left.is_empty() {
                report.say(&in_the_end(&view));
            } else if exit == Exit::Done {
                exit = Exit::NotFinished;
            }
            for work in left {
                report.say(&format!("by hand: {work}"));
            }
            if ended.is_none_or(|so_far| so_far == Exit::Done) {
                ended = Some(exit);
            }
        }
        if let Some(work) = settlement.by_hand {
            report.say(&format!("by hand: {work}"));
            ended = ended
                .filter(|so_far| *so_far != Exit::Done)
                .or(Some(Exit::NotFinished));
        }
        Ok(ended)
    }

    /// What an earlier process has begun for the payment of this order and not brought to its end. Whoever runs this again
    /// has seen what was wrong.
    async fn unfinished(&self, order: PlanId) -> Result<Vec<PlanId>, Stop> {
        let mut unfinished = Vec::new();
        for view in self.engine.runs_of_order(order).await? {
            let is_over = matches!(
                view.status(jiff::Timestamp::now()),
                None | Some(RunStatus::Over(_))
            );
            if view.operation == Operation::Provision || is_over {
                continue;
            }
            if is_parked(&view) {
                self.patiently(|| self.engine.resume(view.id, OPERATOR))
                    .await?;
            }
            unfinished.push(view.id);
        }
        Ok(unfinished)
    }
}

/// What the panels are left as.
fn in_the_end(view: &RunView) -> String {
    let what = match view.operation {
        Operation::Suspend => "suspended",
        Operation::Unsuspend => "unsuspended",
        _ => "done",
    };
    let things = match (has(view, is_account), has(view, is_subscription)) {
        (true, true) => "the account and what mPanel has of it are",
        (false, true) => "what mPanel has of the order is",
        _ => "the account is",
    };
    format!("{what}: {things} as the payment says")
}

fn has(view: &RunView, is: fn(&Action) -> bool) -> bool {
    let steps = view.run().into_iter().flat_map(|run| &run.plan().steps);
    steps.into_iter().any(|step| is(&step.action))
}

fn is_account(action: &Action) -> bool {
    action.brings_about().is_some() && action.known_account().is_some()
}

fn is_subscription(action: &Action) -> bool {
    matches!(action, Action::Mpanel(action) if action.subscription_change().is_some())
}

/// What a run about accounts and subscriptions that stands still has not done, with the ids.
fn left_to_people(view: &RunView) -> Vec<String> {
    let status = view.status(jiff::Timestamp::now());
    let stands_still = matches!(
        status,
        Some(RunStatus::NeedsAttention { .. } | RunStatus::Over(_))
    );
    let run = view.run().filter(|_| stands_still);
    run.map(not_done).unwrap_or_default()
}

fn not_done(run: &Run) -> Vec<String> {
    let steps = run.plan().steps.iter();
    steps
        .filter(|step| !run.is_carried_out(&step.path))
        .filter_map(|step| match &step.action {
            Action::Mpanel(action) => Some(action.subscription_change()?.in_words()),
            Action::Manual(Manual {
                what,
                instead_of: Some(_),
                ..
            }) => Some(what.clone()),
            _ => None,
        })
        .collect()
}

fn in_words(reaction: &Reaction) -> Option<String> {
    Some(match reaction {
        Reaction::CancelBeforeHosting { .. } => {
            "nothing was made yet: the order is cancelled".to_owned()
        }
        Reaction::CancelUnderWay { .. } => {
            "the order is cancelled; what it turns out to have made is suspended".to_owned()
        }
        Reaction::Suspend { .. } => "what there is of it is suspended".to_owned(),
        Reaction::Unsuspend => "what was suspended is unsuspended".to_owned(),
        Reaction::Resubmit | Reaction::Reinstate => "it is provided after all".to_owned(),
        Reaction::Amend(_) => "what is new is provided".to_owned(),
        Reaction::Wait { until, why } => format!("until {until}: {why}"),
        Reaction::AskHuman(question) => format!("decide: {question}"),
        _ => return None,
    })
}
