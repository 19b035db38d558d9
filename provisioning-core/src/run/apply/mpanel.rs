//! What happens to steps on mPanel: progress that is not there yet, rows that are adopted, what a person says exists.

use jiff::Timestamp;

use super::{Context, refuse};
use crate::plan::action::mpanel::{MpanelAction, WatchPolicy};
use crate::plan::id::StepPath;
use crate::plan::retry::later;
use crate::run::NotAllowed;
use crate::run::attention::Attention;
use crate::run::facts::mpanel::{
    CameToStatus, MpanelFacts, MpanelOrder, MpanelRecord, OrderProgress, SubscriptionState,
};
use crate::run::facts::{Facts, Proof};
use crate::run::step_state::{Phase, StepState};

impl Context<'_> {
    pub(super) fn ok_on_mpanel(
        &self,
        state: &mut StepState,
        action: &MpanelAction,
        facts: &Facts,
        now: Timestamp,
    ) {
        match (action, facts) {
            (MpanelAction::WatchOrder(watch), Facts::Mpanel(MpanelFacts::Progress(progress))) => {
                self.progress(state, &watch.policy, progress, now)
            }
            (MpanelAction::SubmitOrder(submit), Facts::Mpanel(MpanelFacts::Order(order)))
                if order.customer_id.is_some() || !submit.needs_customer =>
            {
                state.phase = Phase::Done(facts.clone());
            }
            (
                MpanelAction::CreateCustomer(_)
                | MpanelAction::CreateSubscription(_)
                | MpanelAction::CreateWebsite(_)
                | MpanelAction::SetSubscriptionStatus(_),
                Facts::Mpanel(MpanelFacts::Record(record)),
            ) if !record.remote_id.is_empty() => state.phase = Phase::Done(facts.clone()),
            (
                MpanelAction::ChangeSubscription(change),
                Facts::Mpanel(MpanelFacts::Subscription(shown)),
            ) if shown.remote_id == change.subscription.remote_id => {
                self.changed(state, facts, shown, now)
            }
            // An answer about something else is no answer: what was created, if anything, must be found.
            _ => self.unknown(state, "the reply does not belong to this step", now),
        }
    }

    /// A subscription that mPanel is still providing is read again, as often as an order is watched: its worker would
    /// make it active again.
    fn changed(
        &self,
        state: &mut StepState,
        facts: &Facts,
        shown: &SubscriptionState,
        now: Timestamp,
    ) {
        if shown.came != CameToStatus::NotYet {
            state.phase = Phase::Done(facts.clone());
            return;
        }
        let policy = WatchPolicy::beside(&self.plan.retry);
        state.reads = state.reads.saturating_add(1);
        self.read_again(state, &policy, shown.describe(), now);
    }

    /// Not there yet is no failure: it is read again after a pause, as often as the plan says.
    fn progress(
        &self,
        state: &mut StepState,
        policy: &WatchPolicy,
        progress: &OrderProgress,
        now: Timestamp,
    ) {
        state.reads = state.reads.saturating_add(1);
        if progress.is_done() {
            state.phase = Phase::Done(Facts::Mpanel(MpanelFacts::Progress(progress.clone())));
        } else if progress.is_settled() {
            state.phase = Phase::Parked(Attention::WorkFailed {
                failures: progress.failures(),
            });
        } else {
            self.read_again(state, policy, progress.describe(), now);
        }
    }

    fn read_again(
        &self,
        state: &mut StepState,
        policy: &WatchPolicy,
        text: String,
        now: Timestamp,
    ) {
        if state.reads >= policy.reads {
            state.phase = Phase::Parked(Attention::NotSettled {
                text,
                reads: state.reads,
            });
        } else {
            let until = later(now, policy.pause(state.reads));
            state.ready(Some(until), Some(text));
        }
    }

    /// A row that a look-up has proven to be ours.
    pub(super) fn adopt_on_mpanel(
        &self,
        state: &mut StepState,
        action: &MpanelAction,
        remote_id: String,
        proof: Proof,
    ) {
        state.failures = 0;
        let MpanelAction::SubmitOrder(submit) = action else {
            let record = MpanelRecord::new(remote_id, proof);
            state.phase = Phase::Done(Facts::Mpanel(MpanelFacts::Record(record)));
            return;
        };
        state.phase = match MpanelOrder::read(&remote_id, proof) {
            Some(order) if order.customer_id.is_some() || !submit.needs_customer => {
                Phase::Done(Facts::Mpanel(MpanelFacts::Order(order)))
            }
            _ => Phase::Parked(Attention::NoLookUp {
                text: format!("{remote_id} is ours, and what was found does not name its customer"),
            }),
        };
    }
}

/// What a person says exists on mPanel.
pub(super) fn said_to_exist_on_mpanel(
    action: &MpanelAction,
    step: &StepPath,
    ids: &str,
    by: &str,
) -> Result<Facts, NotAllowed> {
    let facts = match action {
        MpanelAction::SubmitOrder(submit) => {
            let proof = Proof::SaidBy { by: by.to_owned() };
            let Some(order) = MpanelOrder::read(ids, proof) else {
                return refuse(format!(
                    "step `{step}`: name what exists: order:ID, or the ids of the subscriptions"
                ));
            };
            if submit.needs_customer && order.customer_id.is_none() {
                return refuse(format!(
                    "step `{step}`: name the panel's customer too, as customer:ID before the other ids: later steps \
                     need it"
                ));
            }
            MpanelFacts::Order(order)
        }
        MpanelAction::CreateCustomer(_)
        | MpanelAction::CreateSubscription(_)
        | MpanelAction::CreateWebsite(_) => {
            let proof = Proof::SaidBy { by: by.to_owned() };
            MpanelFacts::Record(MpanelRecord::new(ids.trim(), proof))
        }
        MpanelAction::WatchOrder(_)
        | MpanelAction::SetSubscriptionStatus(_)
        | MpanelAction::ChangeSubscription(_) => {
            return refuse(format!("step `{step}` creates nothing"));
        }
    };
    Ok(Facts::Mpanel(facts))
}
