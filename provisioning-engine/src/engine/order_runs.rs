//! Everything that is stored about one order: the order, its runs, its payment.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use provisioning_core::order::{OrderKey, PaidOrder, PaymentEventKind};
use provisioning_core::payment::{BY_PAYMENT, PaymentState, Provisioning, RunPosition, Standing};
use provisioning_core::plan::action::Action;
use provisioning_core::plan::action::mpanel::MpanelAction;
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::planner::lifecycle::Observed;
use provisioning_core::run::Run;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::run::facts::Facts;
use provisioning_core::run::facts::mpanel::MpanelFacts;
use provisioning_core::run::status::RunStatus;
use provisioning_core::run::step_state::Phase;

use super::{Engine, EngineError, replay};
use crate::store::{StoredRun, StoredState};

/// An order with its runs, as they are stored at one moment.
pub(super) struct OrderRuns {
    pub(super) key: OrderKey,
    pub(super) order: PaidOrder,
    /// How its payment stands.
    pub(super) payment: PaymentState,
    /// [`PaymentNote::version`](crate::store::PaymentNote::version) when the events were read.
    pub(super) version: u64,
    /// The planned ones, in the order in which they were stored.
    pub(super) runs: Vec<Run>,
    /// The newest that provides what was bought.
    pub(super) newest: NewestProvision,
    generations: Vec<(Operation, u32)>,
}

/// The newest run that provides what was bought.
pub(super) struct NewestProvision {
    pub(super) id: PlanId,
    /// Whether it has no plan.
    pub(super) is_unplanned: bool,
    /// Who stopped it before it had a plan, and when.
    pub(super) stopped_unplanned: Option<(String, Timestamp)>,
}

impl Engine {
    /// Reads everything about the order whose first run this is.
    pub(super) async fn order_runs(&self, first: PlanId) -> Result<OrderRuns, EngineError> {
        let (events, version) = self.inner.store.events(first).await?;
        let stored = self.inner.store.load(first).await?;
        let key = stored.key.clone();
        let order = self.open_order(&stored)?;
        let mut payment = PaymentState::of_order(&order);
        for event in &events {
            self.fold(&mut payment, event)?;
        }
        let mut all = OrderRuns {
            newest: NewestProvision::of(&stored),
            key: key.clone(),
            order,
            payment,
            version,
            runs: Vec::new(),
            generations: Vec::new(),
        };
        all.take(stored)?;
        for run in self.inner.store.runs_of(&key).await? {
            if run != first {
                all.take(self.inner.store.load(run).await?)?;
            }
        }
        Ok(all)
    }
}

impl NewestProvision {
    fn of(stored: &StoredRun) -> Self {
        let is_unplanned = matches!(stored.state, StoredState::Unplanned(_));
        Self {
            id: stored.id,
            is_unplanned,
            stopped_unplanned: stored
                .cancel
                .as_ref()
                .filter(|_| is_unplanned)
                .map(|wish| (wish.by.clone(), wish.at)),
        }
    }
}

impl OrderRuns {
    fn take(&mut self, stored: StoredRun) -> Result<(), EngineError> {
        if stored.operation == Operation::Provision {
            self.newest = NewestProvision::of(&stored);
        }
        self.generations.push((stored.operation, stored.generation));
        if let StoredState::Planned(journal) = stored.state {
            let mut run = replay(stored.id, *journal)?;
            if let Some(wish) = stored.cancel {
                // Whoever takes the run up next records it; what is decided now takes it for done. A run that has
                // nothing left to stop does not change.
                let _ = run.apply(Entry {
                    at: wish.at,
                    event: Event::Cancelled {
                        by: wish.by,
                        reason: wish.reason,
                    },
                });
            }
            self.runs.push(run);
        }
        Ok(())
    }

    /// How far the runs have come.
    pub(super) fn position(&self, now: Timestamp) -> RunPosition {
        let runs: Vec<&Run> = self.runs.iter().collect();
        let mut position = RunPosition::of(&runs, now);
        if self.newest.is_unplanned {
            position.provisioning = match &self.newest.stopped_unplanned {
                Some((by, at)) => Provisioning::Cancelled {
                    by_payment: by == BY_PAYMENT,
                    at: *at,
                    at_rest: true,
                },
                None => Provisioning::NotBegun,
            };
            // Whatever was ordered last is what it is going to be planned from.
            position.amendment = self.payment.amendment().map(|amendment| amendment.id());
        }
        position
    }

    /// What is there.
    pub(super) fn observed(&self) -> Observed {
        Observed::of(&self.runs)
    }

    /// What a person has to do on mPanel where the order is not paid any more, once a failed payment has had its `grace`;
    /// before that, when it is to be decided anew. Its routes check no owner (CONTRACT-mpanel section 7), so nothing is
    /// sent about what no journal of ours can prove; what can be proven is a step of the suspension, and left out here.
    pub(super) fn unpaid_on_mpanel(
        &self,
        grace: Duration,
        now: Timestamp,
    ) -> Option<Result<String, Timestamp>> {
        let Standing::Unpaid { kind, since } = self.payment.standing() else {
            return None;
        };
        let provided = self.left_to_people();
        if provided.is_empty() {
            return None;
        }
        let grace = SignedDuration::try_from(grace).unwrap_or(SignedDuration::MAX);
        let grace_until = since.checked_add(grace).unwrap_or(Timestamp::MAX);
        Some(
            if kind == PaymentEventKind::PaymentFailed && now < grace_until {
                Err(grace_until)
            } else {
                Ok(format!(
                    "{}, and mPanel has a part of it ({}): suspend that there, and reactivate it when it is paid",
                    kind.words(),
                    provided.join("; ")
                ))
            },
        )
    }

    /// What mPanel has of the order, in words, that no suspension is or will be about.
    fn left_to_people(&self) -> Vec<String> {
        let observed = self.observed();
        let decided = self
            .newest_about_accounts(Operation::Suspend)
            .or_else(|| self.newest_about_accounts(Operation::Terminate));
        let is_provable = |id: &str| {
            let mut provable = observed.subscriptions.iter();
            provable.any(|thing| thing.subscription.remote_id == id)
        };
        // A suspension that an earlier build planned is about the accounts alone.
        let is_taken_care_of = |id: &str| decided.is_none_or(|run| is_about(run, id));
        let left = |id: &String| !(is_provable(id) && is_taken_care_of(id));
        let runs = self.runs.iter();
        runs.flat_map(|run| provided_by_mpanel(run, &left))
            .collect()
    }

    /// The generation that the next run of an operation has.
    pub(super) fn next_generation(&self, operation: Operation) -> u32 {
        self.generations
            .iter()
            .filter(|(of, _)| *of == operation)
            .map(|(_, generation)| generation.saturating_add(1))
            .max()
            .unwrap_or(0)
    }

    /// The newest run of an operation that was not cancelled, if no other operation on accounts came after it.
    pub(super) fn newest_about_accounts(&self, operation: Operation) -> Option<&Run> {
        self.runs
            .iter()
            .rfind(|run| {
                let of = run.plan().operation;
                of != Operation::Provision && run.cancelled().is_none()
            })
            .filter(|run| run.plan().operation == operation)
    }

    /// The runs about accounts that are not over and that nobody has stopped.
    pub(super) fn unfinished_about_accounts(&self, now: Timestamp) -> Vec<PlanId> {
        let is_unfinished = |run: &&Run| {
            run.plan().operation != Operation::Provision
                && run.cancelled().is_none()
                && !matches!(run.status(now), RunStatus::Over(_))
        };
        let unfinished = self.runs.iter().filter(is_unfinished);
        unfinished.map(|run| run.plan().id).collect()
    }

    /// Whether nothing is left to do or to ask in the newest run that provides what was bought.
    pub(super) fn provision_is_over(&self, now: Timestamp) -> bool {
        if self.newest.is_unplanned {
            return self.newest.stopped_unplanned.is_some();
        }
        self.runs
            .iter()
            .find(|run| run.plan().id == self.newest.id)
            .is_none_or(|run| matches!(run.status(now), RunStatus::Over(_)))
    }
}

/// Whether a run changes this subscription, or tells a person to.
fn is_about(run: &Run, subscription: &str) -> bool {
    run.plan().steps.iter().any(|step| {
        matches!(step.action.in_substance(), Action::Mpanel(MpanelAction::ChangeSubscription(change))
            if change.subscription.remote_id == subscription)
    })
}

/// What a run has brought about on mPanel that is paid for by the month, as far as `left` says so of its subscriptions.
fn provided_by_mpanel(run: &Run, left: &dyn Fn(&String) -> bool) -> Vec<String> {
    let steps = run.plan().steps.iter();
    steps
        .filter_map(|step| match (&step.action, &run.step(&step.path)?.phase) {
            (_, Phase::Done(Facts::Mpanel(MpanelFacts::Order(order)))) => {
                let mut order = order.clone();
                let had_some = !order.subscription_ids.is_empty();
                order.subscription_ids.retain(left);
                // An order of which nothing is known is a person's to find.
                (!had_some || !order.subscription_ids.is_empty()).then(|| order.describe())
            }
            (
                Action::Mpanel(MpanelAction::CreateSubscription(_)),
                Phase::Done(Facts::Mpanel(MpanelFacts::Record(record))),
            ) => left(&record.remote_id).then(|| format!("subscription {}", record.remote_id)),
            _ => None,
        })
        .collect()
}
