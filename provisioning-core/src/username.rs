//! Usernames: candidates derived from a domain or e-mail, within a panel's rules.
//!
//! A plan freezes a list of candidates. When a panel answers that the first is taken by somebody else, the run moves
//! to the next one; it never makes up a name on the way. The suffixes come from the plan id, so the same plan always
//! carries the same list.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The most candidates one list holds.
pub const MAX_CANDIDATES: usize = 64;

/// Longest name any profile may allow: what Linux's `useradd` accepts.
const MAX_LENGTH: usize = 32;

/// Names shorter than this say too little to a support agent and are usually taken.
const MIN_LENGTH: usize = 3;

/// Symbols of a suffix: no vowels, so that no words arise, and nothing that looks like something else.
const SUFFIX_SYMBOLS: &[u8; 26] = b"bcdfghjkmnpqrstvwxz2345678";

/// Letters tried in front of a base that may not stand first, such as `4ever` or `testshop`.
const PREFIX_LETTERS: [char; 4] = ['u', 'h', 'c', 'w'];

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
    max_length: usize,
    unique_prefix: Option<usize>,
    reserved: BTreeSet<String>,
    reserved_prefixes: BTreeSet<String>,
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
    fn telling_length(&self) -> usize {
        self.unique_prefix
            .unwrap_or(self.max_length)
            .min(self.max_length)
    }
}

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

/// The frozen list of names to try, best first: the plain base where the panel allows it, then the base with suffixes.
///
/// `base` is the first label of a domain or the local part of an e-mail; everything a panel does not take is left
/// out of it (`Jane.O'Neil+shop` becomes `janeoneil`). All names differ within the panel's unique prefix, all satisfy
/// `profile`, and the same arguments give the same list. The list has at most [`MAX_CANDIDATES`] names and can only be
/// shorter than `count` if the profile leaves no room.
///
/// ```
/// use provisioning_core::username::{UsernameProfile, candidates};
///
/// let names = candidates("green-valley-bakery", &UsernameProfile::cpanel_like(), b"plan 7", 3);
/// assert_eq!(names[0].as_str(), "greenvalleybaker");
/// assert!(names[1].as_str().starts_with("green") && names[1].as_str().len() == 8);
/// ```
#[must_use]
pub fn candidates(
    base: &str,
    profile: &UsernameProfile,
    suffix_seed: &[u8],
    count: usize,
) -> Vec<Username> {
    let count = count.min(MAX_CANDIDATES);
    let mut names: Vec<Username> = Vec::with_capacity(count);
    let mut told_apart_by: BTreeSet<String> = BTreeSet::new();
    let stem = stem(base, profile);
    let mut offer = |text: String| {
        if names.len() < count
            && check(&text, profile).is_empty()
            && told_apart_by.insert(text.chars().take(profile.telling_length()).collect())
            && let Ok(username) = Username::new(text)
        {
            names.push(username);
        }
        names.len() < count
    };
    let mut wanted = offer(stem.chars().take(profile.max_length).collect());
    // A seed that keeps giving reserved or equal names must not keep us here for ever.
    for number in 0..(4 * MAX_CANDIDATES as u64) {
        if !wanted {
            break;
        }
        let room = profile.telling_length();
        let suffix = suffix(suffix_seed, number, 3.min(room.saturating_sub(1)));
        let kept: String = stem
            .chars()
            .take(room.saturating_sub(suffix.len()))
            .collect();
        wanted = offer(kept + &suffix);
    }
    names
}

/// The base reduced to what may be in a username, and made to start with a letter outside the reserved beginnings.
fn stem(base: &str, profile: &UsernameProfile) -> String {
    let lower = base.trim().to_lowercase();
    // An international label travels as `xn--` + its ASCII letters + `-` + the encoded rest; the rest is noise.
    let readable = match lower.strip_prefix("xn--") {
        Some(encoded) => encoded.rsplit_once('-').map_or("", |(ascii, _)| ascii),
        None => &lower,
    };
    // `jane+shop@example.com` is Jane's mailbox.
    let untagged = match readable.split_once('+') {
        Some((name, _)) if !name.is_empty() => name,
        _ => readable,
    };
    let kept: String = untagged
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        .take(MAX_LENGTH)
        .collect();
    let from_letter = kept.trim_start_matches(|c: char| c.is_ascii_digit());
    let stem = if from_letter.len() >= MIN_LENGTH {
        from_letter
    } else {
        &kept
    };
    let may_start = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_lowercase())
            && !profile
                .reserved_prefixes
                .iter()
                .any(|prefix| text.starts_with(prefix.as_str()))
    };
    if may_start(stem) {
        return stem.to_owned();
    }
    PREFIX_LETTERS
        .iter()
        .map(|letter| format!("{letter}{stem}"))
        .find(|text| may_start(text))
        .unwrap_or_default()
}

/// `length` symbols that depend on nothing but the seed and the number.
fn suffix(seed: &[u8], number: u64, length: usize) -> String {
    let mut hash = Sha256::new();
    hash.update(b"username suffix\0");
    hash.update((seed.len() as u64).to_be_bytes());
    hash.update(seed);
    hash.update(number.to_be_bytes());
    hash.finalize()
        .iter()
        .take(length)
        .filter_map(|byte| SUFFIX_SYMBOLS.get(usize::from(*byte) % SUFFIX_SYMBOLS.len()))
        .map(|symbol| char::from(*symbol))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(base: &str, profile: &UsernameProfile, seed: &str) -> Vec<String> {
        candidates(base, profile, seed.as_bytes(), 6)
            .into_iter()
            .map(String::from)
            .collect()
    }

    #[test]
    fn the_plain_base_comes_first() {
        for (base, first) in [
            ("example", "example"),
            ("green-valley", "greenvalley"),
            ("a-name-longer-than-sixteen", "anamelongerthans"),
            ("Jane.O'Neil+shop", "janeoneil"),
            ("4ever-young", "everyoung"),
            ("24h", "u24h"),
            ("365", "u365"),
            ("xn--bckerei-5wa", "bckerei"),
            ("testshop", "utestshop"),
        ] {
            assert_eq!(
                names(base, &UsernameProfile::nextpanel(), "s")
                    .first()
                    .map(String::as_str),
                Some(first),
                "{base}"
            );
        }
    }

    #[test]
    fn a_reserved_or_unreadable_base_gets_a_suffix_at_once() {
        for base in [
            "admin",
            "root",
            "info",
            "",
            "xn--fiqs8s",
            "日本語",
            "+",
            "-",
        ] {
            let list = names(base, &UsernameProfile::nextpanel(), "seed");
            assert_eq!(list.len(), 6, "{base}: {list:?}");
            assert_ne!(list[0], base);
        }
    }

    #[test]
    fn suffixes_lie_inside_the_unique_prefix() {
        let list = names("greenvalleybakery", &UsernameProfile::cpanel_like(), "plan");
        let prefixes: BTreeSet<&str> = list.iter().map(|name| &name[..8]).collect();
        assert_eq!(prefixes.len(), list.len(), "{list:?}");
    }

    #[test]
    fn different_plans_try_different_names_after_the_first() {
        let one = names("shop", &UsernameProfile::nextpanel(), "plan one");
        let two = names("shop", &UsernameProfile::nextpanel(), "plan two");
        assert_eq!(one[0], two[0]);
        assert!(
            one[1..].iter().all(|name| !two.contains(name)),
            "{one:?} {two:?}"
        );
    }

    #[test]
    fn the_list_of_a_plan_never_changes() {
        // Stored plans carry their lists; this one guards against a silent change of the derivation.
        assert_eq!(
            names("example", &UsernameProfile::nextpanel(), "fixed"),
            [
                "example",
                "example2m6",
                "example4n7",
                "examplejx4",
                "examplesfg",
                "examplerx3"
            ],
        );
    }

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

    #[test]
    fn a_username_survives_serialisation_and_a_bad_one_does_not_get_in() {
        let name: Username = serde_json::from_str("\"jane-doe_1\"").unwrap();
        assert_eq!(serde_json::to_string(&name).unwrap(), "\"jane-doe_1\"");
        for bad in ["\"\"", "\"Jane\"", "\"../x\"", "\"1a\"", "\"a b\""] {
            assert!(serde_json::from_str::<Username>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_reserved_names_are_in_order_and_can_be_usernames() {
        assert!(RESERVED.is_sorted());
        assert!(RESERVED.iter().all(|name| Username::new(*name).is_ok()));
    }

    proptest! {
        #[test]
        fn every_candidate_is_valid_and_told_apart(
            base in any::<String>(),
            seed in any::<Vec<u8>>(),
            count in 0usize..40,
            max_length in 0usize..40,
            unique_prefix in proptest::option::of(0usize..40),
        ) {
            let profile = UsernameProfile::nextpanel().with_max_length(max_length).with_unique_prefix(unique_prefix);
            let list = candidates(&base, &profile, &seed, count);
            prop_assert!(list.len() <= count);
            prop_assert_eq!(&list, &candidates(&base, &profile, &seed, count));
            let apart: BTreeSet<String> =
                list.iter().map(|name| name.as_str().chars().take(profile.telling_length()).collect()).collect();
            prop_assert_eq!(apart.len(), list.len());
            for name in &list {
                prop_assert!(check(name.as_str(), &profile).is_empty(), "{}", name);
            }
            if profile.telling_length() >= 8 {
                prop_assert_eq!(list.len(), count);
            }
        }

        #[test]
        fn a_shorter_list_is_the_beginning_of_a_longer_one(base in "[a-z0-9.-]{0,20}", count in 0usize..20) {
            let profile = UsernameProfile::cpanel_like();
            let long = candidates(&base, &profile, b"seed", 20);
            prop_assert_eq!(candidates(&base, &profile, b"seed", count), &long[..count.min(long.len())]);
        }

        #[test]
        fn a_valid_base_is_the_first_candidate(base in "[a-z][a-z0-9]{2,15}") {
            let profile = UsernameProfile::nextpanel();
            prop_assume!(check(&base, &profile).is_empty());
            let list = candidates(&base, &profile, b"", 1);
            prop_assert_eq!(list[0].as_str(), base.as_str());
        }
    }
}
