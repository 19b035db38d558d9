//! What the runs of an order have established so far.

use serde::{Deserialize, Serialize};

use crate::plan::account::{KnownAccount, Package};
use crate::plan::action::mpanel::{MpanelAction, SubscriptionChange};
use crate::plan::action::{Action, HostingDomain};
use crate::plan::id::{Mark, Operation, StepPath};
use crate::plan::subscription::KnownSubscription;
use crate::planner::amend::REMOVE;
use crate::run::Run;
use crate::run::facts::mpanel::{MpanelFacts, MpanelOrder};
use crate::run::facts::{HostingAccount, Proof};

/// An account that a run has established and that is not known to be gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provisioned {
    /// The step that created it.
    pub step: StepPath,
    /// The account.
    pub account: HostingAccount,
    /// The mark that was written.
    pub mark: Mark,
    /// What it is sold as now.
    pub package: Package,
    /// Where its site lives.
    pub domain: HostingDomain,
}

impl Provisioned {
    /// The account as lifecycle steps name it.
    #[must_use]
    pub fn known(&self) -> KnownAccount {
        KnownAccount {
            account: self.account.clone(),
            mark: self.mark,
        }
    }
}

/// A subscription on mPanel that a run has established and that is not known to be cancelled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvidedSubscription {
    /// The step that created it, or that handed the order over which mPanel made it of.
    pub step: StepPath,
    /// The account that it records, if it records one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<StepPath>,
    /// The subscription.
    pub subscription: KnownSubscription,
}

/// Work that a person does or did, and that is not about creating an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedWork {
    /// Its step.
    pub step: StepPath,
    /// What it is.
    pub what: String,
}

/// What the runs of an order have established: what a new generation does not do again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// Accounts that are there.
    pub accounts: Vec<Provisioned>,
    /// Subscriptions on mPanel whose ids the journals know by more than a person's word.
    pub subscriptions: Vec<ProvidedSubscription>,
    /// Manual work that is done, or still listed by a run that was not cancelled.
    pub work: Vec<ObservedWork>,
}

impl Observed {
    /// Whether nothing is there that a suspension could be about.
    #[must_use]
    pub fn has_nothing_to_suspend(&self) -> bool {
        self.accounts.is_empty() && self.subscriptions.is_empty()
    }

    /// What these runs have established, in the order in which they were planned. Runs need not be over: what is not
    /// settled is not counted.
    #[must_use]
    pub fn of<'a>(runs: impl IntoIterator<Item = &'a Run>) -> Self {
        let mut observed = Self::default();
        for run in runs {
            for step in &run.plan().steps {
                observed.take(run, &step.path, &step.action);
            }
        }
        observed
    }

    fn take(&mut self, run: &Run, path: &StepPath, action: &Action) {
        let carried_out = run.is_carried_out(path);
        match action.in_substance() {
            Action::CreateHostingAccount(create) => {
                if let Some(account) = run.account(path) {
                    self.accounts.push(Provisioned {
                        step: path.clone(),
                        account: account.clone(),
                        mark: create.mark,
                        package: Package {
                            product: create.product.clone(),
                            package_id: create.package_id,
                        },
                        domain: create.domain.clone(),
                    });
                }
            }
            Action::Mpanel(action) => self.take_from_mpanel(run, path, action, carried_out),
            Action::Provide(provide) if carried_out || run.cancelled().is_none() => {
                self.work.retain(|work| work.step != *path);
                self.work.push(ObservedWork {
                    step: path.clone(),
                    what: provide.what.clone(),
                });
            }
            Action::ChangePackage(change) if carried_out => {
                for thing in &mut self.accounts {
                    if thing.known() == change.account {
                        thing.package = change.to.clone();
                    }
                }
            }
            Action::TerminateAccount(terminate) if carried_out => {
                self.accounts
                    .retain(|thing| thing.known() != terminate.account);
            }
            Action::Manual(manual) => {
                if let Some(removed) = path.as_str().strip_prefix(REMOVE) {
                    if carried_out {
                        self.accounts.retain(|thing| thing.step.as_str() != removed);
                        // Whoever removed the account was asked about the whole of it.
                        self.subscriptions.retain(|thing| {
                            let of = thing.account.as_ref().map(StepPath::as_str);
                            of != Some(removed)
                        });
                        self.work.retain(|work| work.step.as_str() != removed);
                    }
                    return;
                }
                // What belongs to creating an account is there with the account.
                let belongs = manual
                    .account
                    .as_ref()
                    .is_some_and(|account| account.under("attach") == *path);
                if !belongs && (carried_out || run.cancelled().is_none()) {
                    self.work.retain(|work| work.step != *path);
                    self.work.push(ObservedWork {
                        step: path.clone(),
                        what: manual.what.clone(),
                    });
                }
            }
            _ => {}
        }
    }

    fn take_from_mpanel(
        &mut self,
        run: &Run,
        path: &StepPath,
        action: &MpanelAction,
        carried_out: bool,
    ) {
        match (action, run.on_mpanel(path)) {
            (MpanelAction::CreateSubscription(create), Some(MpanelFacts::Record(record))) => {
                self.subscriptions.push(ProvidedSubscription {
                    step: path.clone(),
                    account: Some(create.account.clone()),
                    subscription: KnownSubscription {
                        remote_id: record.remote_id.clone(),
                        proof: record.proof.clone(),
                        customer_id: run.mpanel_customer(&create.customer),
                        product_id: record
                            .product_id
                            .clone()
                            .or_else(|| create.panel_product_id.clone()),
                        mark: Some(create.mark),
                        under_way: false,
                    },
                });
            }
            // Ids that only a person has named are left to people: no mark of ours is in these rows.
            (MpanelAction::SubmitOrder(_), Some(MpanelFacts::Order(order)))
                if order.proof == Proof::Created =>
            {
                self.subscriptions.extend(made_of(run, path, order));
            }
            (MpanelAction::ChangeSubscription(change), _)
                if carried_out && matches!(change.change, SubscriptionChange::Cancel { .. }) =>
            {
                self.subscriptions
                    .retain(|thing| thing.subscription.remote_id != change.subscription.remote_id);
            }
            _ => {}
        }
    }
}

/// What mPanel answered that it made of an order it was handed.
fn made_of(run: &Run, path: &StepPath, order: &MpanelOrder) -> Vec<ProvidedSubscription> {
    let is_watch = |action: &Action| matches!(action, Action::Mpanel(MpanelAction::WatchOrder(watch)) if watch.order == *path);
    let seen_done = run
        .plan()
        .steps
        .iter()
        .any(|step| is_watch(&step.action) && run.is_carried_out(&step.path));
    order
        .subscription_ids
        .iter()
        .map(|id| ProvidedSubscription {
            step: path.clone(),
            account: None,
            subscription: KnownSubscription {
                remote_id: id.clone(),
                proof: order.proof.clone(),
                customer_id: order.customer_id.clone(),
                product_id: None,
                mark: None,
                under_way: !seen_done,
            },
        })
        .collect()
}

/// The generation that the next plan of `operation` takes: one more than the highest of these runs, or 0.
#[must_use]
pub fn next_generation<'a>(runs: impl IntoIterator<Item = &'a Run>, operation: Operation) -> u32 {
    runs.into_iter()
        .map(Run::plan)
        .filter(|plan| plan.operation == operation)
        .map(|plan| plan.generation.saturating_add(1))
        .max()
        .unwrap_or(0)
}
