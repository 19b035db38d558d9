//! Why runs do not go on, in groups that people can work through.

use std::collections::BTreeMap;

use host_setup::panels::Panels;
use provisioning_core::fleet::{Observation, ServerName};
use provisioning_core::permission::Denial;
use provisioning_core::placement::Constraint;
use provisioning_core::planner::rejection::{Reason, Rejection};
use provisioning_core::run::Run;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::outcome::Barrier;

/// One cause, the orders it keeps from going on, and what to do about it.
#[derive(Debug, Default)]
pub(crate) struct Group {
    pub(crate) orders: Vec<String>,
    pub(crate) remedy: Vec<String>,
    /// Whether it is a missing permission.
    pub(crate) is_permission: bool,
    /// Whether something may exist that nobody can vouch for.
    pub(crate) is_unknown: bool,
}

/// Every cause, in words, with its group.
#[derive(Debug, Default)]
pub(crate) struct Causes {
    groups: BTreeMap<String, Group>,
}

impl Causes {
    pub(crate) fn groups(&self) -> impl Iterator<Item = (&str, &Group)> {
        self.groups
            .iter()
            .map(|(cause, group)| (cause.as_str(), group))
    }

    pub(crate) fn has_permission(&self) -> bool {
        self.groups.values().any(|group| group.is_permission)
    }

    /// What a planned run waits for. Whether any of it means that something may exist.
    pub(crate) fn of_run(&mut self, order: &str, run: &Run, panels: &Panels) -> bool {
        let mut is_unknown = false;
        for (step, why) in run.parked() {
            if let Attention::Denied {
                barrier: Barrier::Permission { denial },
                ..
            } = why
            {
                self.denied(order, denial, run.server_of(step), panels);
                continue;
            }
            let may_exist =
                why.may_exist() || run.step(step).is_some_and(|state| state.may_exist_here());
            is_unknown |= may_exist;
            let answers = why.choices().join("; ");
            let group = self.group(class(why), order);
            group.is_unknown |= may_exist;
            if group.remedy.is_empty() {
                group.remedy = vec![
                    "look at each with `inspect show ORDER`: it says what is known and what is not"
                        .to_owned(),
                    format!("answer with `inspect answer ORDER STEP ...`: {answers}"),
                ];
            }
        }
        is_unknown
    }

    /// Why an order cannot be planned.
    pub(crate) fn of_rejection(&mut self, order: &str, rejection: &Rejection, panels: &Panels) {
        let mut is_denied = false;
        for reason in &rejection.reasons {
            let Reason::NoServer { refusals, .. } = reason else {
                continue;
            };
            for refusal in refusals {
                if let Constraint::NotCounted {
                    observation: Observation::KeyDenied { denial },
                } = &refusal.constraint
                {
                    is_denied = true;
                    self.denied(order, denial, Some(&refusal.name), panels);
                }
            }
        }
        if is_denied {
            return;
        }
        let why = rejection.to_string();
        let first = why.lines().next().unwrap_or("cannot be planned").to_owned();
        let group = self.group(&first, order);
        if group.remedy.is_empty() {
            group.remedy = why
                .lines()
                .skip(1)
                .map(|line| line.trim().to_owned())
                .collect();
        }
    }

    /// Anything else that keeps an order from going on.
    pub(crate) fn other(&mut self, order: &str, cause: &str, remedy: &str) {
        let group = self.group(cause, order);
        if group.remedy.is_empty() {
            group.remedy = vec![remedy.to_owned()];
        }
    }

    fn denied(
        &mut self,
        order: &str,
        denial: &Denial,
        server: Option<&ServerName>,
        panels: &Panels,
    ) {
        let place = server
            .map(|server| format!("{server}: "))
            .unwrap_or_default();
        let group = self.group(&format!("{place}{}", denial.summary()), order);
        group.is_permission = true;
        if group.remedy.is_empty() {
            group.remedy = denial
                .remedy(&panels.remedy_context(denial.verb().service(), server))
                .iter()
                .map(ToString::to_string)
                .chain(["then run the same command again".to_owned()])
                .collect();
        }
    }

    fn group(&mut self, cause: &str, order: &str) -> &mut Group {
        let group = self.groups.entry(cause.to_owned()).or_default();
        if group.orders.last().is_none_or(|last| last != order) {
            group.orders.push(order.to_owned());
        }
        group
    }
}

/// What many runs have in common, without what only one of them has.
const fn class(why: &Attention) -> &'static str {
    match why {
        Attention::Denied { .. } => "refused before the panel did anything",
        Attention::Refused { .. } => "the panel refused what was asked",
        Attention::NotProvable { .. } => "something is there that may be ours",
        Attention::Several { .. } => "more than one account is ours",
        Attention::Foreign => "somebody else holds it",
        Attention::CandidatesUsedUp { .. } => "every username is taken",
        Attention::PasswordUnknown { .. } => "the account exists, and its password is gone",
        Attention::NoLookUp { .. } => "a call of unknown outcome cannot be looked up",
        Attention::LookUpImpossible { .. } => {
            "looking up a call of unknown outcome does not succeed"
        }
        Attention::Unreachable { .. } => "no server can be reached",
        Attention::WorkFailed { .. } => "mPanel took the order and could not provide it",
        Attention::NotSettled { .. } => "mPanel took the order and has not settled it",
        Attention::VerificationFailed { .. } => "the account is not as it should be",
        Attention::ChangeUnknown { .. } => "whether an account was changed is unknown",
        _ => "needs attention",
    }
}
