//! What keeps an account off a server.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{PlacementRequest, PlacementRule};
use crate::fleet::{Observation, ServerConfig, ServerName, ServerState};

/// What keeps an account off a server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "constraint", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Constraint {
    /// The rule is pinned to another server.
    NotPinned {
        /// That server.
        pinned: ServerName,
    },
    /// The rule is pinned to a server that is not configured.
    Unknown,
    /// The request leaves the server out.
    Excluded,
    /// The server takes no new accounts.
    State {
        /// Its state.
        state: ServerState,
    },
    /// The server stands elsewhere.
    Location {
        /// The location asked for.
        wanted: String,
        /// Its own.
        found: Option<String>,
    },
    /// The server lacks tags.
    Tags {
        /// Those it lacks.
        missing: BTreeSet<String>,
    },
    /// Its accounts are not counted: offline, key denied, count failed or incomplete, not looked at.
    NotCounted {
        /// Why not.
        observation: Observation,
    },
    /// Too few free slots.
    Full {
        /// Accounts it can hold.
        capacity: u32,
        /// Accounts counted on the panel.
        accounts: u32,
        /// Slots reserved besides.
        reserved: u32,
        /// Slots the account takes.
        needs: u32,
    },
}

impl fmt::Display for Constraint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPinned { pinned } => write!(f, "not asked: placement is pinned to {pinned}"),
            Self::Unknown => write!(f, "unknown: no server of that name is configured"),
            Self::Excluded => write!(f, "left out by the request"),
            Self::State {
                state: ServerState::Draining,
            } => write!(f, "draining: takes no new accounts"),
            Self::State { state } => write!(f, "{state}"),
            Self::Location {
                wanted,
                found: Some(found),
            } => write!(f, "stands in {found}, {wanted} is asked for"),
            Self::Location {
                wanted,
                found: None,
            } => write!(f, "has no location, {wanted} is asked for"),
            Self::Tags { missing } => {
                let tags: Vec<&str> = missing.iter().map(String::as_str).collect();
                write!(f, "lacks the tags {}", tags.join(", "))
            }
            Self::NotCounted { observation } => write!(f, "not counted: {observation}"),
            Self::Full {
                capacity,
                accounts,
                reserved,
                needs,
            } => write!(
                f,
                "full: {accounts} of {capacity} used ({reserved} reserved), needs {needs}"
            ),
        }
    }
}

/// A server that cannot take the account, and the number or fact that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerRefusal {
    /// The server.
    pub name: ServerName,
    /// The first thing that is in the way; a server in the wrong place is not also called full.
    pub constraint: Constraint,
}

impl fmt::Display for ServerRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.constraint)
    }
}

/// The first thing that keeps the account off the server, if anything does.
pub(super) fn first_in_the_way(
    server: &ServerConfig,
    observation: &Observation,
    taken: u32,
    request: &PlacementRequest,
    rule: &PlacementRule,
) -> Option<Constraint> {
    if let PlacementRule::Pinned(pinned) = rule
        && pinned != server.name()
    {
        return Some(Constraint::NotPinned {
            pinned: pinned.clone(),
        });
    }
    if request.exclude.contains(server.name()) {
        return Some(Constraint::Excluded);
    }
    if server.state() != ServerState::Open {
        return Some(Constraint::State {
            state: server.state(),
        });
    }
    if let Some(wanted) = &request.location
        && server.location() != Some(wanted)
    {
        return Some(Constraint::Location {
            wanted: wanted.clone(),
            found: server.location().map(str::to_owned),
        });
    }
    if !request.tags.is_subset(server.tags()) {
        let missing = request.tags.difference(server.tags()).cloned().collect();
        return Some(Constraint::Tags { missing });
    }
    let Observation::Counted {
        accounts,
        reserved_uncounted,
    } = observation
    else {
        return Some(Constraint::NotCounted {
            observation: observation.clone(),
        });
    };
    let reserved = reserved_uncounted.saturating_add(taken);
    let free = server
        .capacity()
        .saturating_sub(accounts.saturating_add(reserved));
    (free < request.weight).then(|| Constraint::Full {
        capacity: server.capacity(),
        accounts: *accounts,
        reserved,
        needs: request.weight,
    })
}
