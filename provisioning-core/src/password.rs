//! Password policies, generation and checking.
//!
//! The panels' own generators are neither cryptographic nor sure to hit every character class (CONTRACT-nextpanel
//! section 6). The one here draws uniformly from *all* strings that satisfy the policy: it draws whole strings and
//! throws away those that do not satisfy it, because mending a string (putting one of each class in) would make some
//! passwords likelier than others.

use std::fmt;

use rand_core::CryptoRng;
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Most bytes of a password: the panels hash with bcrypt, which fails or truncates beyond.
pub const MAX_BYTES: usize = 72;

/// Fewest characters: what every password route of the panels asks for.
pub const MIN_LENGTH: usize = 8;

/// Strings drawn before generation gives up. A policy that could reach this has next to nothing to choose from.
const MAX_DRAWS: usize = 10_000;

/// Shortest banned word: shorter ones would ban a good part of all passwords without making them any better.
const MIN_BANNED_WORD: usize = 3;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const SYMBOLS: &str = "!@#$%^&*";
const LOOK_ALIKES: &str = "0Oo1lI|";

/// The four kinds of characters a password is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CharacterClass {
    /// `a` to `z`.
    Lower,
    /// `A` to `Z`.
    Upper,
    /// `0` to `9`.
    Digit,
    /// The policy's symbols, by default `!@#$%^&*`.
    Symbol,
}

impl CharacterClass {
    /// All four, in the order of their documentation.
    pub const ALL: [Self; 4] = [Self::Lower, Self::Upper, Self::Digit, Self::Symbol];

    fn bit(self) -> u8 {
        match self {
            Self::Lower => 1,
            Self::Upper => 2,
            Self::Digit => 4,
            Self::Symbol => 8,
        }
    }
}

impl fmt::Display for CharacterClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lower => "lower-case letter",
            Self::Upper => "upper-case letter",
            Self::Digit => "digit",
            Self::Symbol => "symbol",
        })
    }
}

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
    fn class_of(&self, character: char) -> Option<CharacterClass> {
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

    fn contains_banned_word(&self, password: &str) -> bool {
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

/// Makes a password: uniformly one of all strings of the policy's length that satisfy it.
///
/// No arithmetic on the random bytes favours a character: bytes past the last full multiple of the alphabet are
/// thrown away, and so are whole strings that miss a class or contain a banned word. What was drawn is wiped.
///
/// ```
/// use provisioning_core::password::{PasswordPolicy, check, generate};
/// use rand_core::SeedableRng;
///
/// // A host hands in the operating system's generator; a fixed seed is for tests alone.
/// let mut rng = rand_chacha::ChaCha20Rng::from_seed([7; 32]);
/// let policy = PasswordPolicy::default().with_length(20)?.without_look_alikes();
/// let password = generate(&policy, &mut rng)?;
/// assert!(check(&policy, &password).is_empty());
/// # Ok::<(), provisioning_core::password::PolicyError>(())
/// ```
///
/// # Errors
/// [`PolicyError::TooRestrictive`] if 10,000 strings were drawn in vain.
pub fn generate<R: CryptoRng + ?Sized>(
    policy: &PasswordPolicy,
    rng: &mut R,
) -> Result<SecretString, PolicyError> {
    let alphabet = Alphabet::of(policy);
    let mut source = Bytes::new(rng);
    let mut text = String::with_capacity(policy.length);
    for _ in 0..MAX_DRAWS {
        let mut classes = 0;
        // Bounded, so that a generator stuck on one byte ends in an error and not in an endless loop.
        for _ in 0..16 * policy.length {
            if text.len() == policy.length {
                break;
            }
            if let Some(symbol) = alphabet.symbol(source.next()) {
                classes |= symbol.class;
                text.push(char::from(symbol.character));
            }
        }
        if classes == ALL_CLASSES
            && text.len() == policy.length
            && !policy.contains_banned_word(&text)
        {
            return Ok(SecretString::from(text));
        }
        text.zeroize();
    }
    Err(PolicyError::TooRestrictive { draws: MAX_DRAWS })
}

const ALL_CLASSES: u8 = 15;

/// One character of an alphabet with the bit of its class.
#[derive(Clone, Copy)]
struct Symbol {
    character: u8,
    class: u8,
}

/// The characters of a policy, ready to be drawn.
struct Alphabet {
    symbols: [Symbol; 128],
    size: u8,
    /// Bytes from here on are not used: the largest multiple of `size` that a byte can hold.
    limit: u16,
}

impl Alphabet {
    fn of(policy: &PasswordPolicy) -> Self {
        let mut symbols = [Symbol {
            character: 0,
            class: 0,
        }; 128];
        let mut size: u8 = 0;
        let drawn = CharacterClass::ALL
            .into_iter()
            .flat_map(|class| policy.characters(class).map(move |c| (c, class)));
        for (slot, (character, class)) in symbols.iter_mut().zip(drawn) {
            if let Ok(character) = u8::try_from(character) {
                *slot = Symbol {
                    character,
                    class: class.bit(),
                };
                size += 1;
            }
        }
        let limit = 256 - 256 % u16::from(size.max(1));
        Self {
            symbols,
            size,
            limit,
        }
    }

    fn symbol(&self, byte: u8) -> Option<Symbol> {
        if u16::from(byte) >= self.limit {
            return None;
        }
        self.symbols
            .get(usize::from(byte.checked_rem(self.size)?))
            .copied()
    }
}

/// Random bytes, fetched in blocks and wiped when done.
struct Bytes<'a, R: ?Sized> {
    rng: &'a mut R,
    block: [u8; 32],
    used: usize,
}

impl<'a, R: CryptoRng + ?Sized> Bytes<'a, R> {
    fn new(rng: &'a mut R) -> Self {
        Self {
            rng,
            block: [0; 32],
            used: 32,
        }
    }

    fn next(&mut self) -> u8 {
        if let Some(byte) = self.block.get(self.used) {
            self.used += 1;
            return *byte;
        }
        self.rng.fill_bytes(&mut self.block);
        self.used = 1;
        let [first, ..] = self.block;
        first
    }
}

impl<R: ?Sized> Drop for Bytes<'_, R> {
    fn drop(&mut self) {
        self.block.zeroize();
    }
}

/// One way a password breaks a policy. Says nothing that is in the password itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "violation", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Violation {
    /// Fewer characters than the policy asks for.
    #[error("it has {length} characters, at least {minimum} are needed")]
    TooShort {
        /// Characters it has.
        length: usize,
        /// Characters it needs.
        minimum: usize,
    },
    /// More bytes than the panels can hash.
    #[error("it has {bytes} bytes, at most {maximum} are allowed")]
    TooManyBytes {
        /// Bytes it has in UTF-8.
        bytes: usize,
        /// Bytes it may have.
        maximum: usize,
    },
    /// No character of a class that must be there.
    #[error("it has no {class}")]
    Missing {
        /// The class.
        class: CharacterClass,
    },
    /// Characters the policy does not use.
    #[error("{count} of its characters are not allowed")]
    NotAllowed {
        /// How many.
        count: usize,
    },
    /// A banned word, whatever its case.
    #[error("it contains a banned word")]
    BannedWord,
}

/// Every way the password breaks the policy; empty means it satisfies it.
#[must_use]
pub fn check(policy: &PasswordPolicy, password: &SecretString) -> Vec<Violation> {
    let password = password.expose_secret();
    let mut violations = Vec::new();
    let mut length = 0;
    let mut not_allowed = 0;
    let mut classes = 0;
    for character in password.chars() {
        length += 1;
        match policy.class_of(character) {
            Some(class) => classes |= class.bit(),
            None => not_allowed += 1,
        }
    }
    if length < policy.length {
        violations.push(Violation::TooShort {
            length,
            minimum: policy.length,
        });
    }
    if password.len() > MAX_BYTES {
        violations.push(Violation::TooManyBytes {
            bytes: password.len(),
            maximum: MAX_BYTES,
        });
    }
    violations.extend(
        CharacterClass::ALL
            .into_iter()
            .filter(|class| classes & class.bit() == 0)
            .map(|class| Violation::Missing { class }),
    );
    if not_allowed > 0 {
        violations.push(Violation::NotAllowed { count: not_allowed });
    }
    if policy.contains_banned_word(password) {
        violations.push(Violation::BannedWord);
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[test]
    fn a_generated_password_satisfies_its_policy() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for policy in [
            PasswordPolicy::default(),
            PasswordPolicy::default().with_length(8).unwrap(),
            PasswordPolicy::default().with_length(72).unwrap(),
            PasswordPolicy::default().without_look_alikes(),
            PasswordPolicy::default().with_symbols("-").unwrap(),
            PasswordPolicy::default()
                .with_banned_words(["abc", "Migra"])
                .unwrap(),
        ] {
            for _ in 0..500 {
                let password = generate(&policy, &mut rng).unwrap();
                assert_eq!(check(&policy, &password), [], "{policy:?}");
                assert_eq!(password.expose_secret().len(), policy.length());
            }
        }
    }

    #[test]
    fn look_alikes_are_left_out_when_asked() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let policy = PasswordPolicy::default().without_look_alikes();
        for _ in 0..2_000 {
            let password = generate(&policy, &mut rng).unwrap();
            assert!(
                !password
                    .expose_secret()
                    .contains(['0', 'O', 'o', '1', 'l', 'I', '|'])
            );
        }
    }

    #[test]
    fn check_lists_every_violation_and_repeats_nothing_of_the_password() {
        let policy = PasswordPolicy::default()
            .with_banned_words(["hunter"])
            .unwrap();
        let found = check(&policy, &secret("Hunter-é"));
        assert_eq!(
            found,
            [
                Violation::TooShort {
                    length: 8,
                    minimum: 16
                },
                Violation::Missing {
                    class: CharacterClass::Digit
                },
                Violation::Missing {
                    class: CharacterClass::Symbol
                },
                Violation::NotAllowed { count: 2 },
                Violation::BannedWord,
            ]
        );
        let words = format!("{found:?}{}", serde_json::to_string(&found).unwrap());
        assert!(!words.to_lowercase().contains("hunter"));
    }

    #[test]
    fn seventy_two_bytes_are_the_limit_even_of_long_characters() {
        let policy = PasswordPolicy::default();
        let fits = format!("aA1!{}", "x".repeat(68));
        assert_eq!(check(&policy, &secret(&fits)), []);
        assert_eq!(
            check(&policy, &secret(&format!("{fits}y"))),
            [Violation::TooManyBytes {
                bytes: 73,
                maximum: 72
            }]
        );
        assert!(
            check(&policy, &secret(&format!("aA1!{}", "é".repeat(35)))).contains(
                &Violation::TooManyBytes {
                    bytes: 74,
                    maximum: 72
                }
            )
        );
    }

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

    /// A generator that always says the same: the worst a broken source of randomness can do.
    struct Stuck(u8);

    impl rand_core::TryRng for Stuck {
        type Error = rand_core::Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(u32::from_ne_bytes([self.0; 4]))
        }

        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(u64::from_ne_bytes([self.0; 8]))
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            bytes.fill(self.0);
            Ok(())
        }
    }

    impl rand_core::TryCryptoRng for Stuck {}

    #[test]
    fn a_stuck_generator_is_an_error_and_not_an_endless_loop() {
        for byte in [0, 100, 255] {
            assert_eq!(
                generate(&PasswordPolicy::default(), &mut Stuck(byte)).unwrap_err(),
                PolicyError::TooRestrictive { draws: MAX_DRAWS }
            );
        }
    }

    #[test]
    fn a_generator_behind_a_trait_object_will_do() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let any: &mut dyn CryptoRng = &mut rng;
        assert!(generate(&PasswordPolicy::default(), any).is_ok());
    }

    proptest! {
        #[test]
        fn checking_never_panics_and_agrees_with_the_rules(text in any::<String>()) {
            let policy = PasswordPolicy::default();
            let satisfied = text.len() >= 16
                && text.len() <= 72
                && text.chars().all(|c| c.is_ascii_alphanumeric() || SYMBOLS.contains(c))
                && text.contains(|c: char| c.is_ascii_lowercase())
                && text.contains(|c: char| c.is_ascii_uppercase())
                && text.contains(|c: char| c.is_ascii_digit())
                && text.contains(|c: char| SYMBOLS.contains(c));
            prop_assert_eq!(check(&policy, &secret(&text)).is_empty(), satisfied);
        }
    }
}
