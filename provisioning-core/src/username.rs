//! Usernames: candidates derived from a domain or e-mail, within a panel's rules.
//!
//! A plan freezes a list of candidates. When a panel answers that the first is taken by somebody else, the run moves
//! to the next one; it never makes up a name on the way. The suffixes come from the plan id, so the same plan always
//! carries the same list.

mod candidates;
mod check;
mod profile;

pub use candidates::{MAX_CANDIDATES, candidates};
pub use check::{UsernameViolation, check};
pub use profile::UsernameProfile;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest name any profile may allow: what Linux's `useradd` accepts.
const MAX_LENGTH: usize = 32;

/// A username on a hosting panel: 1 to 32 characters, a lower-case letter, then lower-case letters, digits, `_` or `-`.
///
/// This is what can be a username anywhere; what one panel allows is a [`UsernameProfile`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

/// A text that can be a username on no panel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is no username: it must be 1 to 32 characters, a lower-case letter first, then lower-case letters, digits, `_` or `-`"
)]
pub struct InvalidUsername {
    text: String,
}

impl Username {
    /// Reads a username.
    ///
    /// # Errors
    /// [`InvalidUsername`] if the text cannot be a username on any panel.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidUsername> {
        let text = text.into();
        let mut characters = text.chars();
        let valid = characters
            .next()
            .is_some_and(|first| first.is_ascii_lowercase())
            && characters
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
            && text.len() <= MAX_LENGTH;
        if valid {
            Ok(Self(text))
        } else {
            Err(InvalidUsername {
                text: text.chars().take(2 * MAX_LENGTH).collect(),
            })
        }
    }

    /// The name as sent to the panel.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Username({:?})", self.0)
    }
}

impl AsRef<str> for Username {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for Username {
    type Err = InvalidUsername;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for Username {
    type Error = InvalidUsername;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<Username> for String {
    fn from(username: Username) -> Self {
        username.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_survives_serialisation_and_a_bad_one_does_not_get_in() {
        let name: Username = serde_json::from_str("\"jane-doe_1\"").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"jane-doe_1\"");
        for bad in ["\"\"", "\"Jane\"", "\"../x\"", "\"1a\"", "\"a b\""] {
            assert!(serde_json::from_str::<Username>(bad).is_err(), "{bad}");
        }
    }
}
