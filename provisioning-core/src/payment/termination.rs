//! Why an account and its data may be removed.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::position::{Accounts, RunPosition};
use super::state::{PaymentState, Standing};
use crate::order::PaymentEventKind;
use crate::plan::retry::later;

/// By whose word an account is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "allowed_by", rename_all = "snake_case")]
pub enum AllowedBy {
    /// A person.
    Human {
        /// Who.
        name: String,
    },
    /// An explicit policy of the host.
    Policy {
        /// What it is called.
        name: String,
    },
}

/// Why an account and its data may be removed: it was suspended for lack of payment, its grace period is over, no
/// payment came since, and a person or an explicit policy said so. There is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminationGrounds {
    unpaid: PaymentEventKind,
    suspended_since: Timestamp,
    grace_over_since: Timestamp,
    established_at: Timestamp,
    #[serde(flatten)]
    allowed_by: AllowedBy,
}

/// Why an account may not be removed. Nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTerminable {
    /// The order is paid.
    #[error("the order is paid")]
    Paid,
    /// There is no account, or none is left.
    #[error("there is no account to terminate")]
    NoAccount,
    /// The accounts serve: they are suspended first.
    #[error("the account is not suspended: suspend it first, its grace period begins then")]
    NotSuspended,
    /// The suspension is planned, and not carried out on every account.
    #[error("the suspension is not carried out yet")]
    SuspensionUnderWay,
    /// The account is suspended for another reason than payment.
    #[error("the account is suspended for another reason than payment")]
    NotForPayment,
    /// A termination is planned already.
    #[error("a termination is planned already")]
    UnderWay,
    /// The grace period is not over.
    #[error("the grace period ends on {until}")]
    GraceNotOver {
        /// When it ends.
        until: Timestamp,
    },
    /// Nobody is named who allows it.
    #[error("nobody is named who allows it")]
    NobodyNamed,
}

impl TerminationGrounds {
    /// The grounds for removing the accounts of an order at `now`, if there are any.
    ///
    /// `grace` counts from the suspension, or from the last payment if that is later.
    ///
    /// # Errors
    /// [`NotTerminable`] with what is missing.
    pub fn establish(
        state: &PaymentState,
        position: &RunPosition,
        grace: Duration,
        allowed_by: AllowedBy,
        now: Timestamp,
    ) -> Result<Self, NotTerminable> {
        let (unpaid, suspended_since, grace_over_since) = ripe_at(state, position, grace)?;
        if now < grace_over_since {
            return Err(NotTerminable::GraceNotOver {
                until: grace_over_since,
            });
        }
        let (AllowedBy::Human { name } | AllowedBy::Policy { name }) = &allowed_by;
        if name.trim().is_empty() {
            return Err(NotTerminable::NobodyNamed);
        }
        Ok(Self {
            unpaid,
            suspended_since,
            grace_over_since,
            established_at: now,
            allowed_by,
        })
    }

    /// By whose word.
    #[must_use]
    pub const fn allowed_by(&self) -> &AllowedBy {
        &self.allowed_by
    }

    /// The grounds in plain words, one line each.
    #[must_use]
    pub fn describe(&self) -> Vec<String> {
        let by = match &self.allowed_by {
            AllowedBy::Human { name } => format!("{name} allows it"),
            AllowedBy::Policy { name } => format!("the policy `{name}` allows it"),
        };
        vec![
            format!(
                "{}; suspended since {}",
                self.unpaid.words(),
                self.suspended_since
            ),
            format!(
                "the grace period is over since {}, and no payment had come by {}",
                self.grace_over_since, self.established_at
            ),
            by,
        ]
    }
}

/// What happened to the payment, since when the accounts are suspended, and when their grace period ends.
pub(super) fn ripe_at(
    state: &PaymentState,
    position: &RunPosition,
    grace: Duration,
) -> Result<(PaymentEventKind, Timestamp, Timestamp), NotTerminable> {
    let Standing::Unpaid { kind, .. } = state.standing() else {
        return Err(NotTerminable::Paid);
    };
    match position.accounts {
        Accounts::None | Accounts::Gone { .. } => Err(NotTerminable::NoAccount),
        Accounts::Serving => Err(NotTerminable::NotSuspended),
        Accounts::Terminating { .. } => Err(NotTerminable::UnderWay),
        Accounts::Suspended {
            for_payment: false, ..
        } => Err(NotTerminable::NotForPayment),
        Accounts::Suspended {
            carried_out: false, ..
        } => Err(NotTerminable::SuspensionUnderWay),
        Accounts::Suspended { since, .. } => {
            // An account that was paid for after its suspension and is unpaid again has its grace period anew.
            let begins = state.last_paid().map_or(since, |paid| paid.max(since));
            Ok((kind, since, later(begins, grace)))
        }
    }
}
