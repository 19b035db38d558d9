//! Holding a name against a profile.

use std::collections::BTreeSet;

use super::UsernameProfile;
use super::profile::MIN_LENGTH;

/// One way a text breaks a [`UsernameProfile`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UsernameViolation {
    /// No characters at all.
    #[error("it is empty")]
    Empty,
    /// Fewer characters than a name needs.
    #[error("it has {length} characters, at least {minimum} are needed")]
    TooShort {
        /// Characters it has.
        length: usize,
        /// Characters it needs.
        minimum: usize,
    },
    /// More characters than the panel takes.
    #[error("it has {length} characters, at most {maximum} are allowed")]
    TooLong {
        /// Characters it has.
        length: usize,
        /// Characters it may have.
        maximum: usize,
    },
    /// It starts with something other than `a` to `z`.
    #[error("it starts with {found:?}, a letter from a to z is needed there")]
    FirstNotALetter {
        /// The character it starts with.
        found: char,
    },
    /// It has characters other than `a` to `z` and `0` to `9`.
    #[error("it has characters other than a to z and 0 to 9: {}", list(found))]
    NotAllowed {
        /// Each offending character once, in order.
        found: BTreeSet<char>,
    },
    /// The name belongs to the system.
    #[error("the name is reserved")]
    Reserved,
    /// The beginning belongs to the system.
    #[error("names that start with {prefix:?} are reserved")]
    ReservedPrefix {
        /// The reserved beginning.
        prefix: String,
    },
}

fn list(characters: &BTreeSet<char>) -> String {
    let mut text = String::new();
    for c in characters {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(&format!("{c:?}"));
    }
    text
}

/// Every way `name` breaks `profile`; empty means it may be used.
#[must_use]
pub fn check(name: &str, profile: &UsernameProfile) -> Vec<UsernameViolation> {
    let Some(first) = name.chars().next() else {
        return vec![UsernameViolation::Empty];
    };
    let mut violations = Vec::new();
    let length = name.chars().count();
    if length < MIN_LENGTH {
        violations.push(UsernameViolation::TooShort {
            length,
            minimum: MIN_LENGTH,
        });
    }
    if length > profile.max_length {
        violations.push(UsernameViolation::TooLong {
            length,
            maximum: profile.max_length,
        });
    }
    if !first.is_ascii_lowercase() {
        violations.push(UsernameViolation::FirstNotALetter { found: first });
    }
    let found: BTreeSet<char> = name
        .chars()
        .filter(|c| !c.is_ascii_lowercase() && !c.is_ascii_digit())
        .collect();
    if !found.is_empty() {
        violations.push(UsernameViolation::NotAllowed { found });
    }
    if profile.reserved.contains(name) {
        violations.push(UsernameViolation::Reserved);
    }
    if let Some(prefix) = profile
        .reserved_prefixes
        .iter()
        .find(|prefix| name.starts_with(prefix.as_str()))
    {
        violations.push(UsernameViolation::ReservedPrefix {
            prefix: prefix.clone(),
        });
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_lists_every_violation() {
        let violations = check("9Lives and a very long tail", &UsernameProfile::nextpanel());
        let words: Vec<String> = violations.iter().map(ToString::to_string).collect();
        assert_eq!(
            words,
            [
                "it has 27 characters, at most 16 are allowed",
                "it starts with '9', a letter from a to z is needed there",
                "it has characters other than a to z and 0 to 9: ' ', 'L'",
            ]
        );
        assert_eq!(
            check("", &UsernameProfile::nextpanel()),
            [UsernameViolation::Empty]
        );
        assert_eq!(
            check("root", &UsernameProfile::nextpanel()),
            [UsernameViolation::Reserved]
        );
        assert_eq!(
            check("tester", &UsernameProfile::nextpanel()),
            [UsernameViolation::ReservedPrefix {
                prefix: "test".into()
            }]
        );
    }
}
