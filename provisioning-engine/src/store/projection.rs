//! What is stored beside the journal, derived from it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use provisioning_core::fleet::{Reservation, ServerName};

/// What is stored together with journal entries, so that it can never disagree with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection {
    /// The places the run takes on servers now, and those it has left to its accounts when it is over.
    pub reservations: Vec<Reservation>,
    /// Remote ids that belong to the run now.
    pub bindings: Vec<Binding>,
    /// Remote ids of the order that lead to nothing of ours any more: panels give ids out again. Those that belong to
    /// another order's run meanwhile stay with it.
    pub released: Vec<Binding>,
    /// When the run wants to be taken up again; none while it waits for somebody.
    pub wake_at: Option<Timestamp>,
    /// Where it stands.
    pub standing: Standing,
    /// The server its next request goes to, if one is due.
    pub server: Option<ServerName>,
    /// The servers whose refusal of our key it waits for.
    pub denied_by: BTreeSet<ServerName>,
}

impl Projection {
    /// How many slots the run takes on each server.
    #[must_use]
    pub fn slots_by_server(&self) -> BTreeMap<&ServerName, u32> {
        let mut slots = BTreeMap::new();
        for reservation in &self.reservations {
            let sum: &mut u32 = slots.entry(reservation.server()).or_default();
            *sum = sum.saturating_add(reservation.slots());
        }
        slots
    }

    /// Whether the run's places are still `before`, whatever is known of their accounts by now.
    pub(super) fn keeps_places(&self, before: &[Reservation]) -> bool {
        self.reservations.len() == before.len()
            && self
                .reservations
                .iter()
                .zip(before)
                .all(|(now, before)| now.is_same_place(before))
    }
}

/// Where a run stands, in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum Standing {
    /// Stored, not planned yet.
    #[default]
    Submitted,
    /// Paid and authentic, but not plannable now.
    Rejected,
    /// Something can be done now, or is being done.
    Ready,
    /// Nothing can be done before an instant.
    Waiting,
    /// A human has to answer or to open the way.
    NeedsAttention,
    /// Everything works; credentials wait to be confirmed as saved.
    AwaitingConfirmation,
    /// Over.
    Over,
    /// Over, and everything about the order and its customer is erased.
    Forgotten,
}

impl Standing {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Submitted,
        Self::Rejected,
        Self::Ready,
        Self::Waiting,
        Self::NeedsAttention,
        Self::AwaitingConfirmation,
        Self::Over,
        Self::Forgotten,
    ];

    /// The word, such as `needs_attention`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Rejected => "rejected",
            Self::Ready => "ready",
            Self::Waiting => "waiting",
            Self::NeedsAttention => "needs_attention",
            Self::AwaitingConfirmation => "awaiting_confirmation",
            Self::Over => "over",
            Self::Forgotten => "forgotten",
        }
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no standing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no standing of a run; there are {all}", all = Standing::ALL.map(Standing::as_str).join(", "))]
pub struct UnknownStanding(String);

impl FromStr for Standing {
    type Err = UnknownStanding;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|standing| standing.as_str() == text)
            .ok_or_else(|| UnknownStanding(text.to_owned()))
    }
}

/// The places that runs hold, and up to which change of them this is the whole truth.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// Grows whenever a place is taken, moved or given back. What becomes known of the account it is for changes nothing
    /// about the place: a count that was begun before holds more slots for it, never fewer.
    pub version: u64,
    /// Every reservation that holds anything beyond a count of the accounts on the panels.
    pub reservations: Vec<Reservation>,
}

/// The room that a plan, or a run that moves to another server, has counted on, by server.
///
/// Two may count the same last place at the same time. The store lets the first have it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Room {
    /// The servers that were counted.
    pub servers: BTreeMap<ServerName, FreeSlots>,
}

/// How much was free on a server when reservations stood at `version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FreeSlots {
    /// Slots for the run, all of its places there included: those of `version`'s other reservations are taken off.
    pub slots: u32,
    /// [`Held::version`] that was read before the server was counted.
    pub version: u64,
}

impl Room {
    /// What was free on a server; nothing on one that was not counted.
    #[must_use]
    pub fn on(&self, server: &ServerName) -> FreeSlots {
        self.servers.get(server).copied().unwrap_or_default()
    }
}

/// A thing on a panel that belongs to a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Binding {
    /// The server it is on.
    pub server: ServerName,
    /// The panel's id.
    pub remote_id: String,
}
