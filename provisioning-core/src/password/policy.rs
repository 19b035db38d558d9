//! What a password must be like.

use secrecy::zeroize::Zeroize;
use serde::{Deserialize, Serialize};

use super::{CharacterClass, MAX_BYTES, MIN_LENGTH};

/// Shortest banned word: shorter ones would ban a good part of all passwords without making them any better.
const MIN_BANNED_WORD: usize = 3;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const SYMBOLS: &str = "!@#$%^&*";
const LOOK_ALIKES: &str = "0Oo1lI|";

/// What a password must be like: how long, of which characters, with one of each class, without which words.
///
/// Satisfied by strings of the policy's characters that are at least [`length`](Self::length) long (and at most
/// [`MAX_BYTES`]), hold one character of each class, and contain no banned word, whatever its case. Generated ones
/// have exactly that length. The default is the panels' documented one: 16 characters, `a-z`, `A-Z`, `0-9` and
/// `!@#$%^&*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct PasswordPolicy {
    length: usize,
    symbols: String,
    look_alikes: bool,
    banned_words: Vec<String>,
}

/// A policy as it is stored, before its values are believed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Wire {
    length: usize,
    symbols: String,
    look_alikes: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    banned_words: Vec<String>,
}

impl Default for Wire {
    fn default() -> Self {
        PasswordPolicy::default().into()
    }
}

impl TryFrom<Wire> for PasswordPolicy {
    type Error = PolicyError;

    fn try_from(wire: Wire) -> Result<Self, PolicyError> {
        let policy = Self::default()
            .with_length(wire.length)?
            .with_symbols(&wire.symbols)?
            .with_banned_words(wire.banned_words)?;
        Ok(if wire.look_alikes {
            policy
        } else {
            policy.without_look_alikes()
        })
    }
}

impl From<PasswordPolicy> for Wire {
    fn from(policy: PasswordPolicy) -> Self {
        Self {
            length: policy.length,
            symbols: policy.symbols,
            look_alikes: policy.look_alikes,
            banned_words: policy.banned_words,
        }
    }
}

/// A policy that cannot be, or that leaves nothing to choose from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The length is below what the panels ask for, or above what they can hash.
    #[error("a password length of {length} is not between {MIN_LENGTH} and {MAX_BYTES}")]
    Length {
        /// The length asked for, in characters.
        length: usize,
    },
    /// The symbols are not distinct ASCII punctuation.
    #[error(
        "{symbols:?} are no password symbols: distinct ASCII punctuation is needed, at least one"
    )]
    Symbols {
        /// The symbols asked for.
        symbols: String,
    },
    /// A banned word is too short to be meant.
    #[error("the banned word {word:?} is shorter than {MIN_BANNED_WORD} characters")]
    BannedWord {
        /// The word.
        word: String,
    },
    /// So many strings were drawn without finding one that satisfies the policy.
    ///
    /// The banned words leave next to nothing, or the random number generator is broken.
    #[error("{draws} random strings were drawn and none satisfied the password policy")]
    TooRestrictive {
        /// Strings drawn.
        draws: usize,
    },
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            length: 16,
            symbols: SYMBOLS.to_owned(),
            look_alikes: true,
            banned_words: Vec::new(),
        }
    }
}

impl PasswordPolicy {
    /// Sets the number of characters.
    ///
    /// # Errors
    /// [`PolicyError::Length`] outside 8 to 72.
    pub fn with_length(mut self, characters: usize) -> Result<Self, PolicyError> {
        if !(MIN_LENGTH..=MAX_BYTES).contains(&characters) {
            return Err(PolicyError::Length { length: characters });
        }
        self.length = characters;
        Ok(self)
    }

    /// Replaces the symbols, for panels that do not take some of them.
    ///
    /// # Errors
    /// [`PolicyError::Symbols`] unless they are distinct ASCII punctuation, at least one.
    pub fn with_symbols(mut self, symbols: &str) -> Result<Self, PolicyError> {
        let distinct = symbols
            .char_indices()
            .all(|(at, symbol)| symbols.find(symbol) == Some(at));
        if symbols.is_empty()
            || symbols == "|"
            || !distinct
            || !symbols.chars().all(|c| c.is_ascii_punctuation())
        {
            return Err(PolicyError::Symbols {
                symbols: symbols.to_owned(),
            });
        }
        symbols.clone_into(&mut self.symbols);
        Ok(self)
    }

    /// Leaves out `0 O o 1 l I |`, for passwords that people copy from paper.
    #[must_use]
    pub fn without_look_alikes(mut self) -> Self {
        self.look_alikes = false;
        self
    }

    /// Bans words, compared without case: the customer's name, the domain, the brand.
    ///
    /// # Errors
    /// [`PolicyError::BannedWord`] for one shorter than 3 characters.
    pub fn with_banned_words(
        mut self,
        words: impl IntoIterator<Item = impl Into<String>>,
    ) -> Result<Self, PolicyError> {
        for word in words {
            let word: String = word.into();
            if word.chars().count() < MIN_BANNED_WORD {
                return Err(PolicyError::BannedWord { word });
            }
            self.banned_words.push(word.to_lowercase());
        }
        self.banned_words.sort();
        self.banned_words.dedup();
        Ok(self)
    }

    /// Characters of a generated password, and the fewest of any other.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }

    /// The characters of one class that this policy uses, in order.
    pub fn characters(&self, class: CharacterClass) -> impl Iterator<Item = char> + '_ {
        let all = match class {
            CharacterClass::Lower => LOWER,
            CharacterClass::Upper => UPPER,
            CharacterClass::Digit => DIGITS,
            CharacterClass::Symbol => &self.symbols,
        };
        all.chars()
            .filter(|c| self.look_alikes || !LOOK_ALIKES.contains(*c))
    }

    /// The class a character counts for, if the policy uses the character at all.
    pub(super) fn class_of(&self, character: char) -> Option<CharacterClass> {
        let class = match character {
            'a'..='z' => CharacterClass::Lower,
            'A'..='Z' => CharacterClass::Upper,
            '0'..='9' => CharacterClass::Digit,
            _ => CharacterClass::Symbol,
        };
        self.characters(class)
            .any(|c| c == character)
            .then_some(class)
    }

    pub(super) fn contains_banned_word(&self, password: &str) -> bool {
        if self.banned_words.is_empty() {
            return false;
        }
        let mut lower = password.to_lowercase();
        let found = self
            .banned_words
            .iter()
            .any(|word| lower.contains(word.as_str()));
        lower.zeroize();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_cannot_be_is_refused() {
        let policy = PasswordPolicy::default;
        assert_eq!(
            policy().with_length(7),
            Err(PolicyError::Length { length: 7 })
        );
        assert_eq!(
            policy().with_length(73),
            Err(PolicyError::Length { length: 73 })
        );
        for bad in ["", "|", "!!", "a", "é", " "] {
            assert!(policy().with_symbols(bad).is_err(), "{bad:?}");
        }
        assert!(policy().with_banned_words(["ok"]).is_err());
        for stored in [
            r#"{"length":5}"#,
            r#"{"symbols":""}"#,
            r#"{"banned_words":["x"]}"#,
            r#"{"lenght":16}"#,
        ] {
            assert!(
                serde_json::from_str::<PasswordPolicy>(stored).is_err(),
                "{stored}"
            );
        }
    }

    #[test]
    fn a_stored_policy_reads_back_the_same() {
        let policy = PasswordPolicy::default()
            .with_length(24)
            .unwrap()
            .without_look_alikes()
            .with_banned_words(["Shop", "shop", "acme"])
            .unwrap();
        let stored = serde_json::to_string(&policy).unwrap();
        assert_eq!(
            stored,
            r##"{"length":24,"symbols":"!@#$%^&*","look_alikes":false,"banned_words":["acme","shop"]}"##
        );
        assert_eq!(
            serde_json::from_str::<PasswordPolicy>(&stored).unwrap(),
            policy
        );
        assert_eq!(
            serde_json::from_str::<PasswordPolicy>("{}").unwrap(),
            PasswordPolicy::default()
        );
    }
}
