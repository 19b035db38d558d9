//! Something that happened to the payment of the order, and what follows from it.

use provisioning_core::payment::Reaction;
use provisioning_core::plan::id::Operation;
use provisioning_engine::RunOptions;
use provisioning_engine::store::Delivered;

use super::Job;
use crate::arguments::EventAt;
use crate::ending::exit_of;
use crate::exit::{Exit, Stop};
use crate::progress::Watcher;
use crate::show;

impl Job<'_> {
    /// Takes the payment event in if it arrives now, and carries out what follows. How that ended, if anything did.
    pub(super) async fn payment_event(&self, now: EventAt) -> Result<Option<Exit>, Stop> {
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
        for run in settlement.made {
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
            let exit = exit_of(&view);
            if exit == Exit::Done {
                let what = match view.operation {
                    Operation::Suspend => "suspended",
                    Operation::Unsuspend => "unsuspended",
                    _ => "done",
                };
                report.say(&format!("{what}: the account is as the payment says"));
            }
            if ended.is_none_or(|so_far| so_far == Exit::Done) {
                ended = Some(exit);
            }
        }
        if let Some(work) = settlement.by_hand {
            report.say(&format!("by hand: {work}"));
            // Where nothing was suspended here, what is left to people is all there is.
            ended = ended.or(Some(Exit::NotFinished));
        }
        Ok(ended)
    }
}

fn in_words(reaction: &Reaction) -> Option<String> {
    Some(match reaction {
        Reaction::CancelBeforeHosting { .. } => {
            "nothing was made yet: the order is cancelled".to_owned()
        }
        Reaction::CancelUnderWay { .. } => {
            "the order is cancelled; what it turns out to have made is suspended".to_owned()
        }
        Reaction::Suspend { .. } => "the account is suspended".to_owned(),
        Reaction::Unsuspend => "the account is unsuspended".to_owned(),
        Reaction::Resubmit | Reaction::Reinstate => "it is provided after all".to_owned(),
        Reaction::Amend(_) => "what is new is provided".to_owned(),
        Reaction::Wait { until, why } => format!("until {until}: {why}"),
        Reaction::AskHuman(question) => format!("decide: {question}"),
        _ => return None,
    })
}
