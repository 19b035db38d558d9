//! Holding a password against a policy.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::{CharacterClass, MAX_BYTES, PasswordPolicy};

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
    if length < policy.length() {
        violations.push(Violation::TooShort {
            length,
            minimum: policy.length(),
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

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
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

    proptest! {
        #[test]
        fn checking_never_panics_and_agrees_with_the_rules(text in any::<String>()) {
            let policy = PasswordPolicy::default();
            let satisfied = text.len() >= 16
                && text.len() <= 72
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "!@#$%^&*".contains(c))
                && text.contains(|c: char| c.is_ascii_lowercase())
                && text.contains(|c: char| c.is_ascii_uppercase())
                && text.contains(|c: char| c.is_ascii_digit())
                && text.contains(|c: char| "!@#$%^&*".contains(c));
            prop_assert_eq!(check(&policy, &secret(&text)).is_empty(), satisfied);
        }
    }
}
