//! What was seen of a server.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::permission::Denial;

/// The outcome of counting a server's accounts.
///
/// Only [`Counted`](Self::Counted) makes a server placeable: a count that failed is not a count of zero.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "observed", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Observation {
    /// The whole list of accounts was read.
    Counted {
        /// Accounts on the panel: suspended ones count, deleted ones do not.
        accounts: u32,
        /// Slots reserved beyond one for each of those (see [`uncounted_slots`](super::uncounted_slots)).
        reserved_uncounted: u32,
    },
    /// The list could not be shown to be whole.
    Incomplete {
        /// Accounts seen, a lower bound.
        seen: u32,
    },
    /// The server did not answer.
    Offline {
        /// What happened instead.
        text: String,
    },
    /// The server is not asked for now: it asked for a pause, or has not answered for a while.
    LeftAlone {
        /// Why.
        text: String,
        /// For how long, from this observation on.
        retry_after: Duration,
    },
    /// The server refused our key.
    KeyDenied {
        /// What is missing.
        denial: Box<Denial>,
    },
    /// The server answered, but not with a list of accounts.
    CountFailed {
        /// What it answered.
        text: String,
    },
    /// Nobody looked yet.
    NotObserved,
}

impl Observation {
    /// Free slots on a server of this capacity; `None` unless the accounts are counted.
    #[must_use]
    pub fn free(&self, capacity: u32) -> Option<u32> {
        match self {
            Self::Counted {
                accounts,
                reserved_uncounted,
            } => Some(capacity.saturating_sub(accounts.saturating_add(*reserved_uncounted))),
            _ => None,
        }
    }
}

impl fmt::Display for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counted {
                accounts,
                reserved_uncounted,
            } => write!(f, "{accounts} accounts, {reserved_uncounted} more reserved"),
            Self::Incomplete { seen } => write!(
                f,
                "its list of accounts could not be shown to be whole ({seen} seen), so it cannot be counted"
            ),
            Self::Offline { text } => write!(f, "it does not answer: {text}"),
            Self::LeftAlone { text, retry_after } => write!(
                f,
                "it is left alone for another {} s: {text}",
                retry_after.as_secs().max(1)
            ),
            Self::KeyDenied { denial } => write!(f, "it refuses our key: {denial}"),
            Self::CountFailed { text } => write!(f, "its accounts could not be counted: {text}"),
            Self::NotObserved => write!(f, "its accounts were not counted yet"),
        }
    }
}
