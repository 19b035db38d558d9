//! Deciding about the payment of an order, and recording what follows.
//!
//! It is done under the claim of the order's first run, so that nobody decides at the same time. Each reaction is
//! recorded before the next decision, and the decision itself last: a process that dies anywhere leaves an order that is
//! due, and deciding again leads to the same end.

use jiff::Timestamp;

use provisioning_core::payment::{
    BY_PAYMENT, PaymentState, Provisioning, Question, Reaction, Standing, TerminationGrounds, react,
};
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::SuspensionReason;
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::planner::Inputs;
use provisioning_core::planner::lifecycle::{NoAccount, Observed, suspend, terminate, unsuspend};
use provisioning_core::run::Run;
use provisioning_core::run::status::RunStatus;

use super::hold::Hold;
use super::order_runs::OrderRuns;
use super::projection::project;
use super::{Engine, EngineError, replay};
use crate::kill;
use crate::progress::Happened;
use crate::store::{
    CancelWish, FurtherRun, Rest, Settled, StoreError, StoredRun, StoredState, Unpaid,
};

/// Every reaction leads closer to the end; more than a few in a row would be a fault of ours.
const MOST_REACTIONS: usize = 16;

/// What was decided about the payment of an order, and recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Settlement {
    /// What followed, one after the other; the last is what it came to rest with.
    pub reactions: Vec<Reaction>,
    /// The runs that were made for it, to be driven like any other.
    pub made: Vec<PlanId>,
    /// What a person has to do besides: what mPanel has of an order that is not paid any more, and that nothing proves to
    /// be ours. What can be proven is suspended by the runs.
    pub by_hand: Option<String>,
}

impl Settlement {
    /// What a person has to decide, if anything.
    #[must_use]
    pub fn question(&self) -> Option<&Question> {
        match self.reactions.last() {
            Some(Reaction::AskHuman(question)) => Some(question),
            _ => None,
        }
    }
}

impl Engine {
    /// Decides about the payment of an order, whichever of its runs is named, as [`Engine::payment_event`] and
    /// [`Engine::work`] do by themselves. None if another worker is at the order's first run, or if there is no event.
    ///
    /// # Errors
    /// [`EngineError::Store`]; [`EngineError::Forgotten`].
    pub async fn settle_payment(&self, run: PlanId) -> Result<Option<Settlement>, EngineError> {
        let first = self.inner.store.load(run).await?.first;
        self.settle_now(first).await
    }

    /// What would follow now from how the payment of an order stands. Nothing is changed.
    ///
    /// # Errors
    /// [`EngineError::Store`]; [`EngineError::Forgotten`].
    pub async fn payment_reaction(&self, run: PlanId) -> Result<Reaction, EngineError> {
        let first = self.inner.store.load(run).await?.first;
        let order = self.order_runs(first).await?;
        Ok(self.decide(&order))
    }

    fn decide(&self, order: &OrderRuns) -> Reaction {
        let now = self.now();
        react(
            &order.payment,
            &order.position(now),
            &self.inner.payment_policy,
            now,
        )
    }

    /// Decides, unless another worker is at the order's first run.
    pub(super) async fn settle_now(
        &self,
        first: PlanId,
    ) -> Result<Option<Settlement>, EngineError> {
        let mut hold = match self.hold(first).await {
            Err(EngineError::Store(StoreError::Claimed { .. } | StoreError::Poisoned { .. })) => {
                return Ok(None);
            }
            held => held?,
        };
        let settled = self.settle_held(&mut hold).await;
        hold.release(None).await;
        self.inner.arrived.notify_one();
        settled
    }

    /// Decides if there is anything to decide before `stored` goes on. If it cannot be decided now, when the run wants to
    /// be taken up again.
    pub(super) async fn settle_before(
        &self,
        hold: &mut Hold,
        stored: &StoredRun,
    ) -> Result<Option<Rest>, EngineError> {
        if stored.first == hold.run() {
            self.settle_held(hold).await?;
            return Ok(None);
        }
        let mut first = match self.hold(stored.first).await {
            Err(EngineError::Store(StoreError::Claimed { .. })) => {
                return Ok(Some(self.look_again()));
            }
            held => held?,
        };
        let settled = self.settle_held(&mut first).await;
        first.release(None).await;
        settled.map(|_| None)
    }

    /// Decides about the order of a first run that is held.
    pub(super) async fn settle_held(
        &self,
        hold: &mut Hold,
    ) -> Result<Option<Settlement>, EngineError> {
        let first = hold.run();
        let stored = self.inner.store.load(first).await?;
        if stored.payment.version == 0 || matches!(stored.state, StoredState::Forgotten(_)) {
            return Ok(None);
        }
        let mut settlement = Settlement {
            reactions: Vec::new(),
            made: Vec::new(),
            by_hand: None,
        };
        loop {
            let order = self.order_runs(first).await?;
            let reaction = self.decide(&order);
            settlement.reactions.push(reaction.clone());
            let ends = settlement.reactions.len() >= MOST_REACTIONS
                || !self
                    .carry_out(hold, &order, &reaction, &mut settlement.made)
                    .await?;
            if ends {
                settlement.by_hand = self
                    .keep_decision(hold, &order, &reaction, stored.payment.question)
                    .await?;
                return Ok(Some(settlement));
            }
        }
    }

    /// Records what follows from a reaction. Whether anything did, so that it is to be decided again.
    async fn carry_out(
        &self,
        hold: &mut Hold,
        order: &OrderRuns,
        reaction: &Reaction,
        made: &mut Vec<PlanId>,
    ) -> Result<bool, EngineError> {
        match reaction {
            Reaction::CancelBeforeHosting { event } | Reaction::CancelUnderWay { event } => {
                self.stop(hold, order.newest.id, event.words()).await?;
            }
            // What was not begun decides nothing once it is stopped.
            Reaction::Suspend { .. } | Reaction::Unsuspend
                if self.stop_unfinished(hold, order, reaction).await? => {}
            Reaction::Suspend { event } => {
                let reason = SuspensionReason::Payment { event: *event };
                let run = self.add_suspension(hold, order, &reason).await?;
                made.extend(run);
                return Ok(run.is_some());
            }
            Reaction::Unsuspend => {
                let run = self.add_unsuspension(hold, order).await?;
                made.extend(run);
                return Ok(run.is_some());
            }
            Reaction::Terminate(grounds) => {
                let run = self.add_termination(hold, order, grounds).await?;
                made.extend(run);
                return Ok(run.is_some());
            }
            Reaction::Resubmit => made.push(self.add_generation(hold, order).await?),
            Reaction::Amend(_) => {
                if order.position(self.now()).provisioning == Provisioning::NotBegun {
                    self.stop(hold, order.newest.id, "the order was amended")
                        .await?;
                }
                made.push(self.add_generation(hold, order).await?);
            }
            Reaction::Reinstate => self.reinstate(hold, order, reaction).await?,
            Reaction::CancelTermination => {
                let termination = order.newest_about_accounts(Operation::Terminate);
                let Some(run) = termination.map(|run| run.plan().id) else {
                    return Ok(false);
                };
                self.stop(hold, run, "the order was paid").await?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Records what was decided. What a person has to do on mPanel, if anything.
    async fn keep_decision(
        &self,
        hold: &mut Hold,
        order: &OrderRuns,
        reaction: &Reaction,
        asked: Option<String>,
    ) -> Result<Option<String>, EngineError> {
        let (mut decide_at, mut question) = match reaction {
            Reaction::Wait { until, .. } => (Some(*until), None),
            Reaction::AskHuman(question) => {
                let decide_at = match question {
                    Question::EventInTheFuture { occurred_at } => Some(*occurred_at),
                    _ => None,
                };
                (decide_at, Some(question.to_string()))
            }
            _ => (None, None),
        };
        let grace = self.inner.payment_policy.failed_payment_grace;
        let mut work = None;
        match order.unpaid_on_mpanel(grace, self.now()) {
            Some(Ok(by_hand)) => {
                question = Some(
                    question.map_or(by_hand.clone(), |asked| format!("{asked} Also: {by_hand}")),
                );
                work = Some(by_hand);
            }
            Some(Err(until)) => decide_at = Some(decide_at.map_or(until, |at| at.min(until))),
            None => {}
        }
        let settled = Settled {
            version: order.version,
            decide_at,
            unpaid: unpaid(&order.payment),
            question: question.clone(),
        };
        kill::at("before-settled");
        self.inner.store.settle(hold.claim(), settled).await?;
        kill::at("after-settled");
        if let Some(question) = question
            && asked.as_ref() != Some(&question)
        {
            self.tell(hold.run(), Happened::Asked { question });
        }
        Ok(work)
    }

    /// Stops every run about the accounts that is under way: what is about to be decided takes its place. Whether there
    /// was any.
    async fn stop_unfinished(
        &self,
        hold: &mut Hold,
        order: &OrderRuns,
        reaction: &Reaction,
    ) -> Result<bool, EngineError> {
        let reason = match reaction {
            Reaction::Suspend { event } => event.words(),
            _ => "the order was paid",
        };
        let unfinished = order.unfinished_about_accounts(self.now());
        for run in &unfinished {
            self.stop(hold, *run, reason).await?;
        }
        Ok(!unfinished.is_empty())
    }

    /// Whether an earlier run about the same accounts has something under way: two at once would leave them as the one
    /// that happens to be last says.
    pub(super) async fn has_to_wait_its_turn(
        &self,
        stored: &StoredRun,
    ) -> Result<bool, EngineError> {
        if stored.operation == Operation::Provision {
            return Ok(false);
        }
        for run in self.inner.store.runs_of(&stored.key).await? {
            if run == stored.id {
                break;
            }
            let earlier = self.inner.store.load(run).await?;
            let StoredState::Planned(journal) = earlier.state else {
                continue;
            };
            if earlier.operation != Operation::Provision {
                let earlier = replay(run, *journal)?;
                if !matches!(earlier.status(self.now()), RunStatus::Over(_)) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// How soon a run looks again whether it is its turn, or whether its order is decided about.
    pub(super) fn look_again(&self) -> Rest {
        Rest {
            wake_at: Some(self.after(self.inner.settle_again)),
            problem: None,
        }
    }

    /// Stops a run before its next call, for what happened to the payment. Where nobody works on it, that is in its
    /// journal when this returns.
    async fn stop(&self, hold: &mut Hold, run: PlanId, reason: &str) -> Result<(), EngineError> {
        let wish = CancelWish {
            by: BY_PAYMENT.to_owned(),
            reason: reason.to_owned(),
            at: self.now(),
        };
        self.inner.store.wish_cancel(run, wish).await?;
        kill::at("after-wished");
        let taken_up = if run == hold.run() {
            self.take_up(hold).await.map(|_| ())
        } else {
            match self.hold(run).await {
                Ok(mut other) => {
                    let taken_up = self.take_up(&mut other).await.map(|_| ());
                    other.release(None).await;
                    taken_up
                }
                Err(error) => Err(error),
            }
        };
        match taken_up {
            // It has no plan and is over with the wish, or whoever is at it sees the wish before its next call.
            Err(EngineError::NotPlanned(_)) => Ok(()),
            Err(error) if error.is_about_one_run() && run != hold.run() => Ok(()),
            taken_up => taken_up,
        }
    }

    async fn reinstate(
        &self,
        hold: &mut Hold,
        order: &OrderRuns,
        reaction: &Reaction,
    ) -> Result<(), EngineError> {
        let Some(event) = reaction.journal_event() else {
            return Ok(());
        };
        let run = order.newest.id;
        if run == hold.run() {
            return self.record_held(hold, event).await;
        }
        let mut other = self.hold(run).await?;
        let recorded = self.record_held(&mut other, event).await;
        other.release(None).await;
        recorded
    }

    /// What every plan about accounts that exist is made with.
    fn lifecycle_inputs(&self, order: &OrderRuns, operation: Operation) -> Inputs {
        self.inputs()
            .with_generation(order.next_generation(operation))
    }

    pub(super) async fn add_suspension(
        &self,
        hold: &mut Hold,
        order: &OrderRuns,
        reason: &SuspensionReason,
    ) -> Result<Option<PlanId>, EngineError> {
        let make = |things: &Observed, inputs: &Inputs, now| {
            suspend(&order.key, things, reason, inputs, now)
        };
        self.add_planned(hold, order, Operation::Suspend, make)
            .await
    }

    pub(super) async fn add_unsuspension(
        &self,
        hold: &mut Hold,
        order: &OrderRuns,
    ) -> Result<Option<PlanId>, EngineError> {
        let make =
            |things: &Observed, inputs: &Inputs, now| unsuspend(&order.key, things, inputs, now);
        self.add_planned(hold, order, Operation::Unsuspend, make)
            .await
    }

    pub(super) async fn add_termination(
        &self,
        hold: &mut Hold,
        order: &OrderRuns,
        grounds: &TerminationGrounds,
    ) -> Result<Option<PlanId>, EngineError> {
        let make = |things: &Observed, inputs: &Inputs, now| {
            terminate(&order.key, things, grounds, inputs, now)
        };
        self.add_planned(hold, order, Operation::Terminate, make)
            .await
    }

    /// Stores a run about the accounts and subscriptions that exist. None if there are none.
    pub(super) async fn add_planned(
        &self,
        hold: &mut Hold,
        order: &OrderRuns,
        operation: Operation,
        make: impl FnOnce(&Observed, &Inputs, Timestamp) -> Result<Plan, NoAccount>,
    ) -> Result<Option<PlanId>, EngineError> {
        let inputs = self.lifecycle_inputs(order, operation);
        let now = self.now();
        for run in order.unfinished_about_accounts(now) {
            let reason = format!("the accounts are to be {}", in_the_end(operation));
            self.stop(hold, run, &reason).await?;
        }
        let Ok(plan) = make(&order.observed(), &inputs, now) else {
            return Ok(None);
        };
        let id = plan.id;
        let steps = plan.steps.iter().map(|step| step.path.clone()).collect();
        let projection = project(&Run::start(plan.clone()), now);
        let further = FurtherRun {
            id,
            key: order.key.clone(),
            operation,
            generation: plan.generation,
            at: now,
            planned: Some((plan, projection)),
        };
        kill::at("before-added");
        let is_new = self.inner.store.add(hold.claim(), further).await?;
        kill::at("after-added");
        if is_new {
            self.tell(id, Happened::Planned { steps });
        }
        self.inner.arrived.notify_one();
        Ok(Some(id))
    }

    /// Stores a new generation, to be planned like a new order when it is taken up.
    pub(super) async fn add_generation(
        &self,
        hold: &mut Hold,
        order: &OrderRuns,
    ) -> Result<PlanId, EngineError> {
        let operation = Operation::Provision;
        let generation = order.next_generation(operation);
        let id = PlanId::new(&order.key, operation, generation);
        let further = FurtherRun {
            id,
            key: order.key.clone(),
            operation,
            generation,
            at: self.now(),
            planned: None,
        };
        kill::at("before-added");
        self.inner.store.add(hold.claim(), further).await?;
        kill::at("after-added");
        self.inner.arrived.notify_one();
        Ok(id)
    }
}

const fn in_the_end(operation: Operation) -> &'static str {
    match operation {
        Operation::Suspend => "suspended",
        Operation::Unsuspend => "unsuspended",
        Operation::ChangePackage => "moved to another package",
        Operation::Terminate => "terminated",
        _ => "provided",
    }
}

fn unpaid(payment: &PaymentState) -> Option<Unpaid> {
    match payment.standing() {
        Standing::Unpaid { kind, since } => Some(Unpaid { kind, since }),
        Standing::Paid { .. } => None,
    }
}
