//! What the runs of an order have established so far.

use serde::{Deserialize, Serialize};

use crate::plan::account::{KnownAccount, Package};
use crate::plan::action::{Action, HostingDomain};
use crate::plan::id::{Mark, Operation, StepPath};
use crate::planner::amend::REMOVE;
use crate::run::Run;
use crate::run::facts::HostingAccount;

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
    /// Manual work that is done, or still listed by a run that was not cancelled.
    pub work: Vec<ObservedWork>,
}

impl Observed {
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
