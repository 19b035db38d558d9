//! Plans for accounts and subscriptions that exist: suspend, unsuspend, change package, terminate.
//!
//! Each is a plan of its own, with an id of its own, over what earlier runs have established ([`Observed`]). A verb that
//! no configured executor declares becomes a manual step that says what to do.

mod observed;
mod steps;

use jiff::Timestamp;
use serde::Serialize;

pub use observed::{Observed, ObservedWork, ProvidedSubscription, Provisioned, next_generation};

use super::Inputs;
use crate::order::{Digest, OrderKey};
use crate::payment::TerminationGrounds;
use crate::plan::account::Package;
use crate::plan::action::mpanel::{ChangeSubscription, SubscriptionChange};
use crate::plan::action::{
    Action, ChangePackage, SuspendAccount, SuspensionReason, TerminateAccount, UnsuspendAccount,
};
use crate::plan::id::{Operation, PlanId};
use crate::plan::step::Step;
use crate::plan::{Digests, PLAN_SCHEMA, Plan};

use steps::push_subscription_change;

pub(super) use steps::push_change;

/// There is neither account nor subscription the operation could be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no account is there: nothing was provisioned, or everything is terminated")]
pub struct NoAccount;

/// The plan that suspends what is there: the accounts and, on mPanel, the subscriptions. No step needs another one, so that
/// what cannot be suspended on one panel does not keep the other waiting.
///
/// # Errors
/// [`NoAccount`] if there is neither account nor subscription.
pub fn suspend(
    order: &OrderKey,
    things: &Observed,
    reason: &SuspensionReason,
    inputs: &Inputs,
    now: Timestamp,
) -> Result<Plan, NoAccount> {
    let account = |thing: &Provisioned| {
        Action::SuspendAccount(Box::new(SuspendAccount {
            account: thing.known(),
            reason: reason.clone(),
        }))
    };
    let reason = reason.clone();
    let change = SubscriptionChange::Suspend { reason };
    Composer::new(order, Operation::Suspend, inputs, now).of(things, account, &change)
}

/// The plan that unsuspends what is there, as [`suspend`] suspends it.
///
/// # Errors
/// [`NoAccount`] if there is neither account nor subscription.
pub fn unsuspend(
    order: &OrderKey,
    things: &Observed,
    inputs: &Inputs,
    now: Timestamp,
) -> Result<Plan, NoAccount> {
    let account = |thing: &Provisioned| {
        Action::UnsuspendAccount(Box::new(UnsuspendAccount {
            account: thing.known(),
        }))
    };
    let change = SubscriptionChange::Reactivate;
    Composer::new(order, Operation::Unsuspend, inputs, now).of(things, account, &change)
}

/// The plan that moves these accounts to another package.
///
/// # Errors
/// [`NoAccount`] if there are none.
pub fn change_package(
    order: &OrderKey,
    accounts: &[Provisioned],
    to: &Package,
    inputs: &Inputs,
    now: Timestamp,
) -> Result<Plan, NoAccount> {
    Composer::new(order, Operation::ChangePackage, inputs, now)
        .accounts(accounts, |thing| change_to(thing, to))
        .plan(accounts)
}

/// The plan that removes these accounts and their data, and cancels the subscriptions on mPanel, on grounds that were
/// established.
///
/// # Errors
/// [`NoAccount`] if there is neither account nor subscription.
pub fn terminate(
    order: &OrderKey,
    things: &Observed,
    grounds: &TerminationGrounds,
    inputs: &Inputs,
    now: Timestamp,
) -> Result<Plan, NoAccount> {
    let account = |thing: &Provisioned| {
        Action::TerminateAccount(Box::new(TerminateAccount {
            account: thing.known(),
            grounds: grounds.clone(),
        }))
    };
    let grounds = grounds.clone();
    let change = SubscriptionChange::Cancel { grounds };
    Composer::new(order, Operation::Terminate, inputs, now).of(things, account, &change)
}

pub(super) fn change_to(thing: &Provisioned, to: &Package) -> Action {
    Action::ChangePackage(Box::new(ChangePackage {
        account: thing.known(),
        from: thing.package.clone(),
        to: to.clone(),
    }))
}

/// A plan in the making.
struct Composer<'a> {
    order: &'a OrderKey,
    operation: Operation,
    inputs: &'a Inputs,
    now: Timestamp,
    steps: Vec<Step>,
    notes: Vec<String>,
}

impl<'a> Composer<'a> {
    const fn new(
        order: &'a OrderKey,
        operation: Operation,
        inputs: &'a Inputs,
        now: Timestamp,
    ) -> Self {
        Self {
            order,
            operation,
            inputs,
            now,
            steps: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The plan about everything that is there.
    fn of(
        self,
        things: &Observed,
        account: impl Fn(&Provisioned) -> Action,
        change: &SubscriptionChange,
    ) -> Result<Plan, NoAccount> {
        let composed = self
            .accounts(&things.accounts, account)
            .subscriptions(&things.subscriptions, change);
        if things.subscriptions.is_empty() {
            composed.plan(&things.accounts)
        } else {
            composed.plan(&(&things.accounts, &things.subscriptions))
        }
    }

    fn accounts(
        mut self,
        accounts: &[Provisioned],
        action: impl Fn(&Provisioned) -> Action,
    ) -> Self {
        for thing in accounts {
            let path = thing.step.under(self.operation.as_str());
            let (steps, notes) = (&mut self.steps, &mut self.notes);
            push_change(path, action(thing), self.inputs, steps, notes);
        }
        self
    }

    fn subscriptions(
        mut self,
        subscriptions: &[ProvidedSubscription],
        change: &SubscriptionChange,
    ) -> Self {
        for thing in subscriptions {
            let path = thing.step.under(self.operation.as_str());
            let change = ChangeSubscription {
                subscription: thing.subscription.clone(),
                change: change.clone(),
            };
            push_subscription_change(path, change, self.inputs, &mut self.steps);
        }
        self
    }

    /// The plan, with what it is about as its digest.
    fn plan(self, about: &(impl Serialize + ?Sized)) -> Result<Plan, NoAccount> {
        if self.steps.is_empty() {
            return Err(NoAccount);
        }
        // Strings and numbers alone: this cannot fail to serialise.
        let bytes = serde_json::to_vec(about).unwrap_or_default();
        let (operation, generation) = (self.operation, self.inputs.generation);
        Ok(Plan {
            schema: PLAN_SCHEMA,
            core: env!("CARGO_PKG_VERSION").to_owned(),
            id: PlanId::new(self.order, operation, generation),
            order: self.order.clone(),
            operation,
            generation,
            amendment: None,
            planned_at: self.now,
            digests: Digests {
                order: Digest::of(&bytes).to_string(),
                catalog: String::new(),
                fleet: String::new(),
            },
            steps: self.steps,
            credentials: Vec::new(),
            retry: self.inputs.retry.clone(),
            refused_servers: Vec::new(),
            notes: self.notes,
        })
    }
}
