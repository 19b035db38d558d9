//! What one panel allows as a username.

use std::collections::BTreeSet;

use super::MAX_LENGTH;

/// Names shorter than this say too little to a support agent and are usually taken.
pub(super) const MIN_LENGTH: usize = 3;

/// Accounts of the operating system, of the services of a hosting server, and names customers mistake for staff.
const RESERVED: [&str; 57] = [
    "abuse",
    "admin",
    "administrator",
    "all",
    "apache",
    "backup",
    "bin",
    "clamav",
    "cpanel",
    "daemon",
    "dovecot",
    "exim",
    "ftp",
    "games",
    "git",
    "guest",
    "halt",
    "hostmaster",
    "http",
    "info",
    "localhost",
    "lp",
    "mail",
    "mailman",
    "man",
    "munin",
    "mysql",
    "named",
    "news",
    "nextpanel",
    "nginx",
    "nobody",
    "none",
    "operator",
    "postfix",
    "postgres",
    "postmaster",
    "proxy",
    "public",
    "redis",
    "root",
    "security",
    "shutdown",
    "spam",
    "sshd",
    "support",
    "sync",
    "sys",
    "system",
    "toor",
    "user",
    "uucp",
    "virtfs",
    "webmaster",
    "whm",
    "www",
    "wwwdata",
];

/// What one panel allows as a username, always `[a-z][a-z0-9]*` and then narrower.
///
/// ```
/// use provisioning_core::username::{UsernameProfile, check};
///
/// assert!(check("janesmith", &UsernameProfile::nextpanel()).is_empty());
/// assert_eq!(check("9lives-and-a-very-long-tail", &UsernameProfile::nextpanel()).len(), 3);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsernameProfile {
    pub(super) max_length: usize,
    pub(super) unique_prefix: Option<usize>,
    pub(super) reserved: BTreeSet<String>,
    pub(super) reserved_prefixes: BTreeSet<String>,
}

impl UsernameProfile {
    /// NextPanel: at most 16 characters, unique as a whole.
    ///
    /// The panel's documents name no rule; these limits are what its file and database names bear.
    #[must_use]
    pub fn nextpanel() -> Self {
        Self {
            max_length: 16,
            unique_prefix: None,
            reserved: RESERVED.iter().map(|name| (*name).to_owned()).collect(),
            reserved_prefixes: BTreeSet::from(["test".to_owned()]),
        }
    }

    /// Panels that name databases after the account: at most 16 characters, and the first 8 must be unique.
    #[must_use]
    pub fn cpanel_like() -> Self {
        Self {
            unique_prefix: Some(8),
            ..Self::nextpanel()
        }
    }

    /// Limits names to this many characters, at least 3 and at most 32.
    #[must_use]
    pub fn with_max_length(mut self, characters: usize) -> Self {
        self.max_length = characters.clamp(MIN_LENGTH, MAX_LENGTH);
        self
    }

    /// Says that the first so many characters already tell accounts apart, at least 3; `None` if only the whole does.
    #[must_use]
    pub fn with_unique_prefix(mut self, characters: Option<usize>) -> Self {
        self.unique_prefix = characters.map(|count| count.clamp(MIN_LENGTH, MAX_LENGTH));
        self
    }

    /// Reserves further names, compared without case.
    #[must_use]
    pub fn with_reserved(mut self, names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        self.reserved.extend(
            names
                .into_iter()
                .map(|name| name.as_ref().to_ascii_lowercase()),
        );
        self
    }

    /// Reserves further beginnings, compared without case; an empty one reserves nothing.
    #[must_use]
    pub fn with_reserved_prefixes(
        mut self,
        prefixes: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Self {
        self.reserved_prefixes.extend(
            prefixes
                .into_iter()
                .map(|prefix| prefix.as_ref().to_ascii_lowercase())
                .filter(|prefix| !prefix.is_empty()),
        );
        self
    }

    /// The most characters a name may have.
    #[must_use]
    pub fn max_length(&self) -> usize {
        self.max_length
    }

    /// How many leading characters tell accounts apart, if fewer than all do.
    #[must_use]
    pub fn unique_prefix(&self) -> Option<usize> {
        self.unique_prefix
    }

    /// How many leading characters a suffix must lie in to make a difference.
    pub(super) fn telling_length(&self) -> usize {
        self.unique_prefix
            .unwrap_or(self.max_length)
            .min(self.max_length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::username::Username;

    #[test]
    fn the_reserved_names_are_in_order_and_can_be_usernames() {
        assert!(RESERVED.is_sorted());
        assert!(RESERVED.iter().all(|name| Username::new(*name).is_ok()));
    }
}
