//! Plans for accounts that exist: suspend, unsuspend, change package, terminate.
//!
//! Each is a plan of its own, with an id of its own, over what earlier runs have established ([`Observed`]). A verb that
//! no configured executor declares becomes a manual step that says what to do.

mod observed;
mod steps;

use jiff::Timestamp;

pub use observed::{Observed, ObservedWork, Provisioned, next_generation};

use super::Inputs;
use crate::order::{Digest, OrderKey};
use crate::payment::TerminationGrounds;
use crate::plan::account::Package;
use crate::plan::action::{
    Action, ChangePackage, SuspendAccount, SuspensionReason, TerminateAccount, UnsuspendAccount,
};
use crate::plan::id::{Operation, PlanId};
use crate::plan::{Digests, PLAN_SCHEMA, Plan};

pub(super) use steps::push_change;

/// There is no account the operation could be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no account is there: nothing was provisioned, or everything is terminated")]
pub struct NoAccount;

/// The plan that suspends these accounts.
///
/// # Errors
/// [`NoAccount`] if there are none.
pub fn suspend(
    order: &OrderKey,
    accounts: &[Provisioned],
    reason: &SuspensionReason,
    inputs: &Inputs,
    now: Timestamp,
) -> Result<Plan, NoAccount> {
    compose(order, Operation::Suspend, accounts, inputs, now, |thing| {
        Action::SuspendAccount(Box::new(SuspendAccount {
            account: thing.known(),
            reason: reason.clone(),
        }))
    })
}

/// The plan that unsuspends these accounts.
///
/// # Errors
/// [`NoAccount`] if there are none.
pub fn unsuspend(
    order: &OrderKey,
    accounts: &[Provisioned],
    inputs: &Inputs,
    now: Timestamp,
) -> Result<Plan, NoAccount> {
    compose(
        order,
        Operation::Unsuspend,
        accounts,
        inputs,
        now,
        |thing| {
            Action::UnsuspendAccount(Box::new(UnsuspendAccount {
                account: thing.known(),
            }))
        },
    )
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
    compose(
        order,
        Operation::ChangePackage,
        accounts,
        inputs,
        now,
        |thing| change_to(thing, to),
    )
}

/// The plan that removes these accounts and their data, on grounds that were established.
///
/// # Errors
/// [`NoAccount`] if there are none.
pub fn terminate(
    order: &OrderKey,
    accounts: &[Provisioned],
    grounds: &TerminationGrounds,
    inputs: &Inputs,
    now: Timestamp,
) -> Result<Plan, NoAccount> {
    compose(
        order,
        Operation::Terminate,
        accounts,
        inputs,
        now,
        |thing| {
            Action::TerminateAccount(Box::new(TerminateAccount {
                account: thing.known(),
                grounds: grounds.clone(),
            }))
        },
    )
}

pub(super) fn change_to(thing: &Provisioned, to: &Package) -> Action {
    Action::ChangePackage(Box::new(ChangePackage {
        account: thing.known(),
        from: thing.package.clone(),
        to: to.clone(),
    }))
}

fn compose(
    order: &OrderKey,
    operation: Operation,
    accounts: &[Provisioned],
    inputs: &Inputs,
    now: Timestamp,
    action: impl Fn(&Provisioned) -> Action,
) -> Result<Plan, NoAccount> {
    if accounts.is_empty() {
        return Err(NoAccount);
    }
    let (mut steps, mut notes) = (Vec::new(), Vec::new());
    for thing in accounts {
        let path = thing.step.under(operation.as_str());
        push_change(path, action(thing), inputs, &mut steps, &mut notes);
    }
    // Strings and numbers alone: this cannot fail to serialise.
    let bytes = serde_json::to_vec(accounts).unwrap_or_default();
    Ok(Plan {
        schema: PLAN_SCHEMA,
        core: env!("CARGO_PKG_VERSION").to_owned(),
        id: PlanId::new(order, operation, inputs.generation),
        order: order.clone(),
        operation,
        generation: inputs.generation,
        amendment: None,
        planned_at: now,
        digests: Digests {
            order: Digest::of(&bytes).to_string(),
            catalog: String::new(),
            fleet: String::new(),
        },
        steps,
        credentials: Vec::new(),
        retry: inputs.retry.clone(),
        refused_servers: Vec::new(),
        notes,
    })
}
