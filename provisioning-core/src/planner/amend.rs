//! What is ordered now, less what is there.

use super::Inputs;
use super::check::hosting_domain;
use super::lifecycle::{Observed, Provisioned, change_to, push_change};
use crate::catalog::{Catalog, Product, Takes};
use crate::domain::DomainName;
use crate::order::{OrderItem, PaidOrder};
use crate::plan::account::Package;
use crate::plan::action::{Action, HostingDomain, Manual};
use crate::plan::id::StepPath;
use crate::plan::step::{Criticality, Step};

/// What stands before the path of a thing whose removal is left to a person.
pub(super) const REMOVE: &str = "remove/";

/// One thing that is ordered, with its step path.
type Ordered<'a> = (&'a OrderItem, &'a Product, StepPath);

/// What a new generation does beside creating what is new.
#[derive(Default)]
pub(super) struct Difference {
    /// Accounts that stay, with what they are sold as from now on.
    changed: Vec<(StepPath, Provisioned, Package)>,
    /// Accounts that nothing ordered accounts for.
    surplus: Vec<Provisioned>,
    observed: Observed,
    /// Paths of everything that is ordered and done by hand.
    wanted: Vec<StepPath>,
}

impl Difference {
    /// What of `ordered` is not there yet, and the rest of the difference.
    pub(super) fn between<'a>(
        ordered: Vec<Ordered<'a>>,
        observed: &Observed,
        order: &PaidOrder,
        catalog: &Catalog,
    ) -> (Vec<Ordered<'a>>, Self) {
        let mut there = observed.accounts.clone();
        let mut take = |fits: &dyn Fn(&Provisioned) -> bool| {
            let position = there.iter().position(fits)?;
            Some(there.remove(position))
        };
        // What is there as it is ordered is taken first, so that a change never takes it from another item.
        let mut missing = Vec::new();
        for one in ordered {
            let domain = hosting_domain(one.0, order, catalog);
            let unchanged = |thing: &Provisioned| {
                thing.package.product.matches(&one.1.code) && lives_on(thing, domain.as_ref())
            };
            if !one.1.takes.is_hosting() || take(&unchanged).is_none() {
                missing.push((one, domain));
            }
        }
        let mut difference = Self {
            observed: observed.clone(),
            ..Self::default()
        };
        let mut new = Vec::new();
        for ((item, product, path), domain) in missing {
            let same_place = |thing: &Provisioned| lives_on(thing, domain.as_ref());
            let account = if matches!(product.takes, Takes::NextPanelHosting { .. }) {
                take(&same_place)
            } else {
                None
            };
            match account {
                Some(thing) => difference.changed.push((path, thing, Package::of(product))),
                None => {
                    if !product.takes.is_hosting() {
                        difference.wanted.push(path.clone());
                    }
                    new.push((item, product, path));
                }
            }
        }
        difference.surplus = there;
        (new, difference)
    }

    /// Settles the step beside hosting that was composed last: dropped if it is done or listed already; a manual one is
    /// else given the account of an earlier generation that it is about.
    pub(super) fn settle(&self, item: &OrderItem, steps: &mut Vec<Step>) {
        let Some(step) = steps.last_mut() else {
            return;
        };
        let what = match &step.action {
            Action::Manual(manual) => &manual.what,
            Action::Provide(provide) => &provide.what,
            _ => return,
        };
        let known =
            |work: &super::lifecycle::ObservedWork| work.step == step.path && work.what == *what;
        if self.observed.work.iter().any(known) {
            steps.pop();
            return;
        }
        if let Action::Manual(manual) = &mut step.action
            && manual.account.is_none()
            && let Some(thing) = self.account_of(item)
        {
            manual.instructions.push_str(&format!(
                " for the account {} on {}",
                thing.account.username, thing.account.server
            ));
        }
    }

    /// The account that an add-on of `item` belongs to: the one of its domain, else the only one.
    fn account_of(&self, item: &OrderItem) -> Option<&Provisioned> {
        let accounts = &self.observed.accounts;
        accounts
            .iter()
            .find(|thing| item.domain.is_some() && lives_on(thing, item.domain.as_ref()))
            .or(match accounts.as_slice() {
                [only] => Some(only),
                _ => None,
            })
    }

    /// Adds the changes of packages, and what a person decides about what is no longer ordered.
    pub(super) fn push_steps(
        &self,
        inputs: &Inputs,
        steps: &mut Vec<Step>,
        notes: &mut Vec<String>,
    ) {
        for (path, thing, to) in &self.changed {
            let path = path.under("change_package");
            push_change(path, change_to(thing, to), inputs, steps, notes);
        }
        for thing in &self.surplus {
            let account = thing.known();
            steps.push(removal(
                &thing.step,
                format!(
                    "{account} is no longer ordered ({} for {})",
                    thing.package.product,
                    thing.domain.for_username(&thing.account.username)
                ),
                "an amendment never removes an account and its data",
                format!(
                    "ask the customer; suspend {account}, terminate it when its grace period is over, and confirm this \
                     step when it is gone"
                ),
            ));
        }
        let surplus_work = self
            .observed
            .work
            .iter()
            .filter(|work| !self.wanted.contains(&work.step));
        for work in surplus_work {
            steps.push(removal(
                &work.step,
                format!("{} is no longer ordered", work.what),
                "no configured panel has an endpoint for it",
                format!(
                    "undo it, or take it off the list of things to do: {}",
                    work.what
                ),
            ));
        }
    }
}

fn removal(step: &StepPath, what: String, why: &str, instructions: String) -> Step {
    Step {
        path: step.under(REMOVE.trim_end_matches('/')),
        action: Action::Manual(Manual {
            what,
            why: why.to_owned(),
            instructions,
            account: None,
            instead_of: None,
        }),
        needs: Vec::new(),
        criticality: Criticality::Degradable,
        verb: None,
    }
}

/// Whether an account lives on this domain, or on the preview domain where the item names none.
fn lives_on(thing: &Provisioned, domain: Option<&DomainName>) -> bool {
    match (&thing.domain, domain) {
        (HostingDomain::Named { name }, Some(domain)) => name == domain,
        (HostingDomain::Preview { .. }, None) => true,
        _ => false,
    }
}
