//! Choosing servers: a ranked list, and for each refused server the failing number.
//!
//! A plan freezes the ranked list, so a run can move to the next server without asking again. The same fleet and
//! request give the same list whatever the order in which servers were configured; equal servers go by name.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::fleet::{Fleet, Observation, ServerConfig, ServerName, ServerSet, ServerState};

/// Servers a ranked list holds unless the request says otherwise.
pub const DEFAULT_RANKED: usize = 8;

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

/// What an account needs of its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacementRequest {
    weight: u32,
    location: Option<String>,
    tags: BTreeSet<String>,
    exclude: BTreeSet<ServerName>,
    taken: BTreeMap<ServerName, u32>,
    rule: Option<PlacementRule>,
    limit: usize,
}

impl Default for PlacementRequest {
    fn default() -> Self {
        Self::new()
    }
}

impl PlacementRequest {
    /// One slot anywhere, by the fleet's own rule.
    #[must_use]
    pub fn new() -> Self {
        Self {
            weight: 1,
            location: None,
            tags: BTreeSet::new(),
            exclude: BTreeSet::new(),
            taken: BTreeMap::new(),
            rule: None,
            limit: DEFAULT_RANKED,
        }
    }

    /// Sets how many slots the account takes: the product's placement weight. 0 counts as 1.
    #[must_use]
    pub fn with_weight(mut self, slots: u32) -> Self {
        self.weight = slots.max(1);
        self
    }

    /// Asks for a location, compared letter by letter.
    #[must_use]
    pub fn with_location(mut self, location: impl Into<String>) -> Self {
        self.location = Some(location.into());
        self
    }

    /// Asks for tags, all of them.
    #[must_use]
    pub fn with_tags(mut self, tags: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tags.extend(tags.into_iter().map(Into::into));
        self
    }

    /// Leaves servers out.
    #[must_use]
    pub fn with_excluded(mut self, servers: impl IntoIterator<Item = ServerName>) -> Self {
        self.exclude.extend(servers);
        self
    }

    /// Says that slots of a server are already spoken for and not yet among the fleet's reservations: those of other
    /// items of the same order. Adds up.
    #[must_use]
    pub fn with_taken(mut self, server: ServerName, slots: u32) -> Self {
        let taken = self.taken.entry(server).or_insert(0);
        *taken = taken.saturating_add(slots);
        self
    }

    /// Overrides the fleet's rule.
    #[must_use]
    pub fn with_rule(mut self, rule: PlacementRule) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Sets how many servers the list may hold, [`DEFAULT_RANKED`] unless set. 0 counts as 1.
    #[must_use]
    pub fn with_limit(mut self, servers: usize) -> Self {
        self.limit = servers.max(1);
        self
    }

    /// Slots the account takes.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.weight
    }
}

/// A server that can take the account, and why it stands where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RankedServer {
    /// The server.
    pub name: ServerName,
    /// The rule and its numbers, in words.
    pub why: String,
    /// Slots free before this account.
    pub free: u32,
    /// Accounts counted on the panel.
    pub accounts: u32,
    /// Accounts it can hold.
    pub capacity: u32,
}

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

/// The servers that can take the account, best first, at most as many as the request's limit.
///
/// ```
/// use provisioning_core::fleet::{Fleet, FleetConfig, Observation, ServerConfig, ServerName};
/// use provisioning_core::placement::{PlacementRequest, rank};
///
/// let server = |name: &str, url: &str| ServerConfig::new(ServerName::new(name).unwrap(), url.parse().unwrap(), 50).unwrap();
/// let config = FleetConfig::new([server("np-1", "https://a.example.net"), server("np-2", "https://b.example.net")])?;
/// let counted = |accounts| Observation::Counted { accounts, reserved_uncounted: 0 };
/// let fleet = Fleet::new(config)
///     .with_observation(&ServerName::new("np-1")?, counted(50))
///     .with_observation(&ServerName::new("np-2")?, counted(3));
/// let ranked = rank(&fleet, &PlacementRequest::new()).unwrap();
/// assert_eq!(ranked[0].why, "least accounts: 3 of 50 used, 47 free");
///
/// let refused = rank(&fleet, &PlacementRequest::new().with_weight(48)).unwrap_err();
/// assert_eq!(refused[0].to_string(), "np-1: full: 50 of 50 used (0 reserved), needs 48");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// One [`ServerRefusal`] per server, in the order of names, if none can. Empty only if there are no servers.
pub fn rank(
    fleet: &Fleet,
    request: &PlacementRequest,
) -> Result<Vec<RankedServer>, Vec<ServerRefusal>> {
    let rule = request.rule.as_ref().unwrap_or(fleet.config().rule());
    let taken = taken_by_position(fleet, request);
    let mut best: Vec<Candidate<'_>> =
        Vec::with_capacity(request.limit.min(fleet.config().servers().len()) + 1);
    for position in eligible(fleet, request, rule).positions() {
        let Some((server, observation)) = fleet.at(position) else {
            continue;
        };
        let taken = if taken.is_empty() {
            0
        } else {
            taken.get(&position).copied().unwrap_or(0)
        };
        let Some(candidate) = Candidate::of(server, observation, taken, request.weight) else {
            continue;
        };
        // Positions ascend with names, so what comes later must be better, not just as good, to stand before.
        if best.len() == request.limit
            && let Some(worst) = best.last()
            && candidate.against(worst, rule) != Ordering::Less
        {
            continue;
        }
        let place =
            best.partition_point(|other| other.against(&candidate, rule) != Ordering::Greater);
        best.insert(place, candidate);
        best.truncate(request.limit);
    }
    if best.is_empty() {
        return Err(refusals(fleet, request));
    }
    Ok(best
        .into_iter()
        .map(|candidate| candidate.ranked(rule))
        .collect())
}

/// The servers that cannot take the account, each with what is in the way, in the order of names.
///
/// Also says so when others can: what [`rank`] lists and what this lists are all servers, each once, but for those
/// beyond the request's limit.
#[must_use]
pub fn refusals(fleet: &Fleet, request: &PlacementRequest) -> Vec<ServerRefusal> {
    let rule = request.rule.as_ref().unwrap_or(fleet.config().rule());
    let taken = taken_by_position(fleet, request);
    let mut refusals: Vec<ServerRefusal> = fleet
        .servers()
        .enumerate()
        .filter_map(|(position, (server, observation))| {
            let taken = taken.get(&position).copied().unwrap_or(0);
            Some(ServerRefusal {
                name: server.name().clone(),
                constraint: constraint(server, observation, taken, request, rule)?,
            })
        })
        .collect();
    if let PlacementRule::Pinned(name) = rule
        && fleet.config().position(name).is_none()
    {
        refusals.insert(
            0,
            ServerRefusal {
                name: name.clone(),
                constraint: Constraint::Unknown,
            },
        );
    }
    refusals
}

/// Servers that the request's filters leave, whatever their state and numbers.
fn eligible(fleet: &Fleet, request: &PlacementRequest, rule: &PlacementRule) -> ServerSet {
    let mut set = ServerSet::all(fleet.config().servers().len());
    if let Some(location) = &request.location {
        set.keep(fleet.index().at_location(location));
    }
    for tag in &request.tags {
        set.keep(fleet.index().with_tag(tag));
    }
    for excluded in &request.exclude {
        if let Some(position) = fleet.config().position(excluded) {
            set.remove(position);
        }
    }
    if let PlacementRule::Pinned(name) = rule {
        let allowed = fleet
            .config()
            .position(name)
            .is_some_and(|position| set.contains(position));
        set.keep(None);
        if allowed && let Some(position) = fleet.config().position(name) {
            set.insert(position);
        }
    }
    set
}

fn taken_by_position(fleet: &Fleet, request: &PlacementRequest) -> BTreeMap<usize, u32> {
    request
        .taken
        .iter()
        .filter_map(|(name, slots)| Some((fleet.config().position(name)?, *slots)))
        .collect()
}

/// The first thing that keeps the account off the server, if anything does.
fn constraint(
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
    let missing: BTreeSet<String> = request.tags.difference(server.tags()).cloned().collect();
    if !missing.is_empty() {
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

/// A server that can take the account, with the numbers by which it is compared.
struct Candidate<'a> {
    server: &'a ServerConfig,
    accounts: u32,
    /// Accounts and reservations together.
    used: u32,
    free: u32,
}

impl<'a> Candidate<'a> {
    fn of(
        server: &'a ServerConfig,
        observation: &Observation,
        taken: u32,
        needs: u32,
    ) -> Option<Self> {
        let Observation::Counted {
            accounts,
            reserved_uncounted,
        } = observation
        else {
            return None;
        };
        let used = accounts
            .saturating_add(*reserved_uncounted)
            .saturating_add(taken);
        let free = server.capacity().saturating_sub(used);
        (server.state() == ServerState::Open && free >= needs).then_some(Self {
            server,
            accounts: *accounts,
            used,
            free,
        })
    }

    /// `Less` if this one is the better choice. Fractions are compared crosswise: no rounding, no overflow.
    fn against(&self, other: &Self, rule: &PlacementRule) -> Ordering {
        let weight = |of: &Self| u128::from(of.server.weight());
        let capacity = |of: &Self| u128::from(of.server.capacity());
        let used = |of: &Self| u128::from(of.used);
        match rule {
            PlacementRule::LeastAccounts => {
                (used(self) * weight(other)).cmp(&(used(other) * weight(self)))
            }
            PlacementRule::LeastFull => (used(self) * weight(other) * capacity(other))
                .cmp(&(used(other) * weight(self) * capacity(self))),
            PlacementRule::FillFirst => weight(other)
                .cmp(&weight(self))
                .then_with(|| self.free.cmp(&other.free)),
            PlacementRule::Pinned(_) => Ordering::Equal,
        }
        .then_with(|| self.server.name().cmp(other.server.name()))
    }

    fn ranked(self, rule: &PlacementRule) -> RankedServer {
        let capacity = self.server.capacity();
        let reserved = self.used - self.accounts;
        let mut why = match rule {
            PlacementRule::Pinned(_) => "pinned".to_owned(),
            other => other.to_string(),
        };
        why.push_str(&format!(": {} of {capacity} used", self.accounts));
        if reserved > 0 {
            why.push_str(&format!(", {reserved} reserved"));
        }
        why.push_str(&format!(", {} free", self.free));
        if matches!(rule, PlacementRule::LeastFull) {
            let tenths = u64::from(self.used) * 1_000 / u64::from(capacity).max(1);
            why.push_str(&format!(" ({}.{} %)", tenths / 10, tenths % 10));
        }
        if self.server.weight() != 1 {
            why.push_str(&format!(", weight {}", self.server.weight()));
        }
        RankedServer {
            name: self.server.name().clone(),
            why,
            free: self.free,
            accounts: self.accounts,
            capacity,
        }
    }
}
