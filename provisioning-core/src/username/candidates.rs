//! The list of names a plan will try.

use sha2::{Digest, Sha256};

use super::profile::MIN_LENGTH;
use super::{MAX_LENGTH, Username, UsernameProfile, check};

/// The most candidates one list holds.
pub const MAX_CANDIDATES: usize = 64;

/// Symbols of a suffix: no vowels, so that no words arise, and nothing that looks like something else.
const SUFFIX_SYMBOLS: &[u8; 26] = b"bcdfghjkmnpqrstvwxz2345678";

/// Letters tried in front of a base that may not stand first, such as `4ever` or `testshop`.
const PREFIX_LETTERS: [char; 4] = ['u', 'h', 'c', 'w'];

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
    let stem = stem(base, profile);
    let room = profile.telling_length();
    let seeded = seeded(suffix_seed);
    let mut offer = |text: String| {
        if names.len() < count
            && check(&text, profile).is_empty()
            && !names
                .iter()
                .any(|name| leading(name.as_str(), room) == leading(&text, room))
            && let Ok(username) = Username::new(text)
        {
            names.push(username);
        }
        names.len() < count
    };
    let mut wanted = offer(leading(&stem, profile.max_length).to_owned());
    // A seed that keeps giving reserved or equal names must not keep us here for ever.
    for number in 0..(4 * MAX_CANDIDATES as u64) {
        if !wanted {
            break;
        }
        let length = 3.min(room.saturating_sub(1));
        let kept = leading(&stem, room.saturating_sub(length));
        let mut name = String::with_capacity(kept.len() + length);
        name.push_str(kept);
        name.extend(suffix(&seeded, number, length));
        wanted = offer(name);
    }
    names
}

/// The first so many characters of a text of ASCII, or all of it.
fn leading(text: &str, characters: usize) -> &str {
    text.get(..characters).unwrap_or(text)
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

/// The part of every suffix's hash that is the same for all of them.
fn seeded(seed: &[u8]) -> Sha256 {
    let mut hash = Sha256::new();
    hash.update(b"username suffix\0");
    hash.update((seed.len() as u64).to_be_bytes());
    hash.update(seed);
    hash
}

/// `length` symbols that depend on nothing but the seed and the number.
fn suffix(seeded: &Sha256, number: u64, length: usize) -> impl Iterator<Item = char> {
    let mut hash = seeded.clone();
    hash.update(number.to_be_bytes());
    hash.finalize()
        .into_iter()
        .take(length)
        .filter_map(|byte| SUFFIX_SYMBOLS.get(usize::from(byte) % SUFFIX_SYMBOLS.len()))
        .map(|symbol| char::from(*symbol))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

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
