//! From a paid order, a catalog and a fleet to a plan, or to a rejection in numbers.

mod amend;
mod check;
mod compose;
pub mod lifecycle;
mod mpanel;
mod paths;
pub mod rejection;
mod usernames;
mod wording;

use jiff::Timestamp;

use crate::catalog::Catalog;
use crate::fleet::Fleet;
use crate::order::PaidOrder;
use crate::password::PasswordPolicy;
use crate::payment::Amendment;
use crate::plan::Plan;
use crate::plan::retry::RetryPolicy;
use crate::plan::verb::Capabilities;
use crate::username::UsernameProfile;

pub use check::{check, check_payload};
use lifecycle::Observed;
use rejection::{Reason, Rejection};

/// What the host decides about every plan, beside order, catalog and fleet.
#[derive(Debug, Clone)]
pub struct Inputs {
    pub(crate) capabilities: Capabilities,
    pub(crate) retry: RetryPolicy,
    pub(crate) password: PasswordPolicy,
    pub(crate) usernames: UsernameProfile,
    pub(crate) generation: u32,
}

impl Inputs {
    /// Inputs for the verbs that the host's executors offer, with every default.
    #[must_use]
    pub fn new(capabilities: Capabilities) -> Self {
        Self {
            capabilities,
            retry: RetryPolicy::default(),
            password: PasswordPolicy::default(),
            usernames: UsernameProfile::nextpanel(),
            generation: 0,
        }
    }

    /// The retry policy of the plan.
    #[must_use]
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// The policy of the passwords the plan will make.
    #[must_use]
    pub fn with_password_policy(mut self, password: PasswordPolicy) -> Self {
        self.password = password;
        self
    }

    /// The rules of the panel's usernames.
    #[must_use]
    pub fn with_username_profile(mut self, usernames: UsernameProfile) -> Self {
        self.usernames = usernames;
        self
    }

    /// The generation: 0 for the order as it came, more by an explicit resubmit or amend.
    #[must_use]
    pub const fn with_generation(mut self, generation: u32) -> Self {
        self.generation = generation;
        self
    }
}

/// The provisioning plan for a paid order.
///
/// A function of its arguments: the same order, catalog, fleet, inputs and instant give the same plan, byte for byte.
///
/// # Errors
/// A [`Rejection`] with every reason: problems with their path in the order, per-server numbers where no server can
/// take the account, both amounts where too little was paid.
pub fn plan(
    order: &PaidOrder,
    catalog: &Catalog,
    fleet: &Fleet,
    inputs: &Inputs,
    now: Timestamp,
) -> Result<Plan, Rejection> {
    compose::compose(order, catalog, fleet, inputs, now, None)
}

/// The plan of a new generation: what is ordered now, less what is there.
///
/// `amendment` names the items that are ordered now; without one they are those the order came with, as for a resubmit.
/// New things get the steps that [`plan`] gives them. A domain whose hosting product changed gets its package changed.
/// What is there and no longer ordered becomes a manual step: nothing is ever removed by an amendment. What is there
/// and ordered gets no step at all. The generation is that of `inputs`; it must not have been used before.
///
/// # Errors
/// A [`Rejection`] as for [`plan`]; items that make no order are among its problems.
pub fn plan_amended(
    order: &PaidOrder,
    amendment: Option<&Amendment>,
    observed: &Observed,
    catalog: &Catalog,
    fleet: &Fleet,
    inputs: &Inputs,
    now: Timestamp,
) -> Result<Plan, Rejection> {
    let Some(amendment) = amendment else {
        return compose::compose(order, catalog, fleet, inputs, now, Some(observed));
    };
    let amended = order.amended(amendment.items()).map_err(|problems| {
        let reasons = problems
            .into_iter()
            .map(|problem| Reason::Problem { problem })
            .collect();
        Rejection { reasons }
    })?;
    let mut plan = compose::compose(&amended, catalog, fleet, inputs, now, Some(observed))?;
    plan.amendment = Some(amendment.id());
    Ok(plan)
}
