//! The ranked list, and everybody who is not on it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::constraint::first_in_the_way;
use super::{Constraint, PlacementRequest, PlacementRule, ServerRefusal};
use crate::fleet::{Fleet, ServerName, ServerSet, Slots};

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
    ranked(fleet, best(fleet, request, rule, &eligible, |_| {}), rule)
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
    match ranked(fleet, best, rule) {
        Some(ranked) => Ok((ranked, refused)),
        None => Err(refused),
    }
}

fn ranked(fleet: &Fleet, best: Vec<Candidate>, rule: &PlacementRule) -> Option<Vec<RankedServer>> {
    if best.is_empty() {
        return None;
    }
    let mut ranked = Vec::with_capacity(best.len());
    ranked.extend(
        best.into_iter()
            .filter_map(|candidate| candidate.ranked(fleet, rule)),
    );
    Some(ranked)
}

/// The best of the eligible servers; `unable` is told the positions of those that cannot take the account.
fn best(
    fleet: &Fleet,
    request: &PlacementRequest,
    rule: &PlacementRule,
    eligible: &ServerSet,
    mut unable: impl FnMut(usize),
) -> Vec<Candidate> {
    let taken = taken_by_position(fleet, request);
    let mut best: Vec<Candidate> =
        Vec::with_capacity(request.limit.min(fleet.config().servers().len()));
    let slots = fleet.slots();
    for position in eligible.positions() {
        let Some(slots) = slots.get(position) else {
            continue;
        };
        let slots = if taken.is_empty() {
            *slots
        } else {
            slots.with_taken(taken.get(&position).copied().unwrap_or(0))
        };
        if slots.free() < request.weight {
            unable(position);
            continue;
        }
        let candidate = Candidate { position, slots };
        if best.len() == request.limit {
            // Positions ascend with names, so what comes later must be better, not just as good, to stand before.
            match best.last() {
                Some(worst) if candidate.is_better_than(worst, rule) => best.pop(),
                _ => continue,
            };
        }
        let place = best.partition_point(|other| !candidate.is_better_than(other, rule));
        best.insert(place, candidate);
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
struct Candidate {
    position: usize,
    slots: Slots,
}

impl Candidate {
    /// Whether this one is the better choice, and not just as good. Fractions are compared crosswise: no rounding, no
    /// overflow.
    fn is_better_than(&self, other: &Self, rule: &PlacementRule) -> bool {
        let (own, theirs) = (&self.slots, &other.slots);
        let share = |one: &Slots, other: &Slots| u64::from(one.used) * u64::from(other.weight);
        match rule {
            PlacementRule::LeastAccounts => share(own, theirs) < share(theirs, own),
            PlacementRule::LeastFull => {
                u128::from(share(own, theirs)) * u128::from(theirs.capacity)
                    < u128::from(share(theirs, own)) * u128::from(own.capacity)
            }
            PlacementRule::FillFirst => (theirs.weight, own.free()) < (own.weight, theirs.free()),
            PlacementRule::Pinned(_) => false,
        }
    }

    fn ranked(self, fleet: &Fleet, rule: &PlacementRule) -> Option<RankedServer> {
        let server = fleet.config().servers().get(self.position)?;
        let Slots {
            accounts,
            used,
            capacity,
            weight,
            ..
        } = self.slots;
        let free = self.slots.free();
        let reserved = used - accounts;
        let mut why = Words::of(rule);
        why.number(": ", accounts)
            .number(" of ", capacity)
            .text(" used");
        if reserved > 0 {
            why.number(", ", reserved).text(" reserved");
        }
        why.number(", ", free).text(" free");
        if matches!(rule, PlacementRule::LeastFull) {
            let tenths = u64::from(used) * 1_000 / u64::from(capacity).max(1);
            why.number(" (", tenths / 10)
                .number(".", tenths % 10)
                .text(" %)");
        }
        if weight != 1 {
            why.number(", weight ", weight);
        }
        let why = why.0;
        Some(RankedServer {
            name: server.name().clone(),
            why,
            free,
            accounts,
            capacity,
        })
    }
}

/// Words and numbers, put together without the machinery of formats: a plan has dozens of these lines.
struct Words(String);

impl Words {
    fn of(rule: &PlacementRule) -> Self {
        let mut words = Self(String::with_capacity(64));
        match rule {
            PlacementRule::Pinned(_) => words.0.push_str("pinned"),
            // Writing to a String cannot fail.
            other => drop(write!(words.0, "{other}")),
        }
        words
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.0.push_str(text);
        self
    }

    fn number(&mut self, before: &str, number: impl itoa::Integer) -> &mut Self {
        self.0.push_str(before);
        self.0.push_str(itoa::Buffer::new().format(number));
        self
    }
}
