//! By what the best server is told.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fleet::ServerName;

/// By what the best server is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PlacementRule {
    /// The fewest accounts, in proportion to the servers' weights. What the NextPanel billing backend does.
    #[default]
    LeastAccounts,
    /// The smallest part of its capacity used, in proportion to the servers' weights.
    LeastFull,
    /// The highest weight, and among equals the one with the fewest free slots left: fills one server after the other.
    FillFirst,
    /// This server and no other.
    Pinned(ServerName),
}

impl fmt::Display for PlacementRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeastAccounts => f.write_str("least accounts"),
            Self::LeastFull => f.write_str("least full"),
            Self::FillFirst => f.write_str("fill first"),
            Self::Pinned(name) => write!(f, "pinned to {name}"),
        }
    }
}
