//! Inputs of what is done to accounts that exist.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::order::PaymentEventKind;
use crate::payment::TerminationGrounds;
use crate::plan::account::{AccountState, KnownAccount, Package};

/// Why an account is suspended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SuspensionReason {
    /// The order is not paid any more; a payment lifts it.
    Payment {
        /// What happened to the payment.
        event: PaymentEventKind,
    },
    /// Anything else, such as abuse. A payment does not lift it.
    Other {
        /// What the panel is told.
        text: String,
    },
}

/// The words the panel is told.
impl fmt::Display for SuspensionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Payment { event } => event.words(),
            Self::Other { text } => text,
        })
    }
}

/// Inputs of [`Action::SuspendAccount`](super::Action::SuspendAccount).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspendAccount {
    /// The account.
    pub account: KnownAccount,
    /// Why.
    pub reason: SuspensionReason,
}

/// Inputs of [`Action::UnsuspendAccount`](super::Action::UnsuspendAccount).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsuspendAccount {
    /// The account.
    pub account: KnownAccount,
}

/// Inputs of [`Action::ChangePackage`](super::Action::ChangePackage).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePackage {
    /// The account.
    pub account: KnownAccount,
    /// What it is on.
    pub from: Package,
    /// What it goes to.
    pub to: Package,
}

/// Inputs of [`Action::TerminateAccount`](super::Action::TerminateAccount).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TerminateAccount {
    /// The account.
    pub account: KnownAccount,
    /// Why its data may be destroyed.
    pub grounds: TerminationGrounds,
}

/// Inputs of [`Action::CheckAccount`](super::Action::CheckAccount).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckAccount {
    /// The account.
    pub account: KnownAccount,
    /// The state it should be in.
    pub expected: AccountState,
}
