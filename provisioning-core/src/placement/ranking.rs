//! The ranked list, and everybody who is not on it.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::constraint::first_in_the_way;
use super::{Constraint, PlacementRequest, PlacementRule, ServerRefusal};
use crate::fleet::{Fleet, Observation, ServerConfig, ServerName, ServerSet, ServerState};

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
    let eligible = eligible(fleet, request, rule);
    ranked(best(fleet, request, rule, &eligible, |_| {}), rule)
        .ok_or_else(|| refusals(fleet, request))
}

/// [`rank`] and [`refusals`] at once: only servers that are refused cost more than in `rank` alone.
///
/// # Errors
/// As for [`rank`].
pub fn rank_with_refusals(
    fleet: &Fleet,
    request: &PlacementRequest,
) -> Result<(Vec<RankedServer>, Vec<ServerRefusal>), Vec<ServerRefusal>> {
    let rule = request.rule.as_ref().unwrap_or(fleet.config().rule());
    let mut willing = eligible(fleet, request, rule);
    let mut unable = Vec::new();
    let best = best(fleet, request, rule, &willing, |position| {
        unable.push(position)
    });
    for position in unable {
        willing.remove(position);
    }
    let refused = refusals_outside(fleet, request, rule, Some(&willing));
    match ranked(best, rule) {
        Some(ranked) => Ok((ranked, refused)),
        None => Err(refused),
    }
}

fn ranked(best: Vec<Candidate<'_>>, rule: &PlacementRule) -> Option<Vec<RankedServer>> {
    (!best.is_empty()).then(|| {
        best.into_iter()
            .map(|candidate| candidate.ranked(rule))
            .collect()
    })
}

/// The best of the eligible servers; `unable` is told the positions of those that cannot take the account.
fn best<'a>(
    fleet: &'a Fleet,
    request: &PlacementRequest,
    rule: &PlacementRule,
    eligible: &ServerSet,
    mut unable: impl FnMut(usize),
) -> Vec<Candidate<'a>> {
    let taken = taken_by_position(fleet, request);
    let mut best: Vec<Candidate<'_>> =
        Vec::with_capacity(request.limit.min(fleet.config().servers().len()) + 1);
    for position in eligible.positions() {
        let Some((server, observation)) = fleet.at(position) else {
            continue;
        };
        let taken = if taken.is_empty() {
            0
        } else {
            taken.get(&position).copied().unwrap_or(0)
        };
        let Some(candidate) = Candidate::of(server, observation, taken, request.weight) else {
            unable(position);
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
    best
}

/// The servers that cannot take the account, each with what is in the way, in the order of names.
///
/// Also says so when others can: what [`rank`] lists and what this lists are all servers, each once, but for those
/// beyond the request's limit.
#[must_use]
pub fn refusals(fleet: &Fleet, request: &PlacementRequest) -> Vec<ServerRefusal> {
    let rule = request.rule.as_ref().unwrap_or(fleet.config().rule());
    refusals_outside(fleet, request, rule, None)
}

/// Refusals of the servers outside `willing`, which is known to hold only such as can take the account.
fn refusals_outside(
    fleet: &Fleet,
    request: &PlacementRequest,
    rule: &PlacementRule,
    willing: Option<&ServerSet>,
) -> Vec<ServerRefusal> {
    let taken = taken_by_position(fleet, request);
    let mut refusals: Vec<ServerRefusal> = fleet
        .servers()
        .enumerate()
        .filter(|(position, _)| willing.is_none_or(|willing| !willing.contains(*position)))
        .filter_map(|(position, (server, observation))| {
            let taken = taken.get(&position).copied().unwrap_or(0);
            Some(ServerRefusal {
                name: server.name().clone(),
                constraint: first_in_the_way(server, observation, taken, request, rule)?,
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
        let weight = |of: &Self| u64::from(of.server.weight());
        let capacity = |of: &Self| u128::from(of.server.capacity());
        let used = |of: &Self| u64::from(of.used);
        match rule {
            PlacementRule::LeastAccounts => {
                (used(self) * weight(other)).cmp(&(used(other) * weight(self)))
            }
            PlacementRule::LeastFull => (u128::from(used(self) * weight(other)) * capacity(other))
                .cmp(&(u128::from(used(other) * weight(self)) * capacity(self))),
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
        let mut why = String::with_capacity(64);
        // Writing to a String cannot fail.
        let _ = match rule {
            PlacementRule::Pinned(_) => why.write_str("pinned"),
            other => write!(why, "{other}"),
        };
        let _ = write!(why, ": {} of {capacity} used", self.accounts);
        if reserved > 0 {
            let _ = write!(why, ", {reserved} reserved");
        }
        let _ = write!(why, ", {} free", self.free);
        if matches!(rule, PlacementRule::LeastFull) {
            let tenths = u64::from(self.used) * 1_000 / u64::from(capacity).max(1);
            let _ = write!(why, " ({}.{} %)", tenths / 10, tenths % 10);
        }
        if self.server.weight() != 1 {
            let _ = write!(why, ", weight {}", self.server.weight());
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
