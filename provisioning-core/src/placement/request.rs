//! What an account needs of its server.

use std::collections::{BTreeMap, BTreeSet};

use super::PlacementRule;
use crate::fleet::ServerName;

/// Servers a ranked list holds unless the request says otherwise.
pub const DEFAULT_RANKED: usize = 8;

/// What an account needs of its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacementRequest {
    pub(super) weight: u32,
    pub(super) location: Option<String>,
    pub(super) tags: BTreeSet<String>,
    pub(super) exclude: BTreeSet<ServerName>,
    pub(super) taken: BTreeMap<ServerName, u32>,
    pub(super) rule: Option<PlacementRule>,
    pub(super) limit: usize,
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
