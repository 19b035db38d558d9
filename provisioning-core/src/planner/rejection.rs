//! Why a paid order cannot be planned: every reason at once, each with its numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::placement::ServerRefusal;
use crate::problem::Problem;

/// Why a paid order cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Every reason.
    pub reasons: Vec<Reason>,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// Something in the order, the catalog or the fleet's configuration has to be changed.
    Problem {
        /// What, with its path.
        problem: Problem,
    },
    /// No server can take the account now. It may be planned later as it is.
    NoServer {
        /// Path of the item in the order.
        item: String,
        /// Every server, with the number that fails.
        refusals: Vec<ServerRefusal>,
    },
    /// Less was paid than the catalog asks.
    Underpaid {
        /// What the catalog asks.
        expected: Money,
        /// What was paid.
        paid: Money,
    },
}

impl Rejection {
    /// Whether time alone may help: every reason is a lack of room.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        self.reasons
            .iter()
            .all(|reason| matches!(reason, Reason::NoServer { .. }))
    }

    /// The problems that have to be changed by somebody.
    #[must_use]
    pub fn problems(&self) -> Vec<&Problem> {
        self.reasons
            .iter()
            .filter_map(|reason| match reason {
                Reason::Problem { problem } => Some(problem),
                _ => None,
            })
            .collect()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, reason) in self.reasons.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            reason.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Problem { problem } => problem.fmt(f),
            Self::NoServer { item, refusals } if refusals.is_empty() => {
                write!(
                    f,
                    "{item}: no server can take the account: the fleet has none"
                )
            }
            Self::NoServer { item, refusals } => {
                write!(f, "{item}: no server can take the account")?;
                for refusal in refusals {
                    write!(f, "\n  {refusal}")?;
                }
                Ok(())
            }
            Self::Underpaid { expected, paid } => {
                write!(
                    f,
                    "underpaid: the catalog asks {expected}, {paid} was paid; the order waits for a human"
                )
            }
        }
    }
}

impl std::error::Error for Rejection {}
