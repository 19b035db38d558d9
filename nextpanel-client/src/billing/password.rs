//! Passwords as the billing backend can store them.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A password to set, billing login or hosting: 8 characters to 72 bytes.
///
/// The backend hashes with bcrypt: over 72 bytes it answers 500, older versions cut silently. Below 8 it refuses on some
/// routes and accepts on others (section 6).
#[derive(Clone)]
pub struct NewPassword(SecretString);

/// Why a password was refused before anything was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordRefused {
    /// It has fewer than 8 characters.
    #[error("the password has fewer than 8 characters")]
    TooShort,
    /// It has more than 72 bytes.
    #[error("the password has more than 72 bytes, which the server cannot hash")]
    TooLong,
    /// One's own new password needs a lower-case letter, an upper-case letter and a digit.
    #[error("the password needs a lower-case letter, an upper-case letter and a digit")]
    MissingClass,
}

impl NewPassword {
    /// Takes a password.
    ///
    /// # Errors
    /// [`PasswordRefused`] if the backend could not store it, or should not.
    pub fn new(password: SecretString) -> Result<Self, PasswordRefused> {
        let text = password.expose_secret();
        if text.len() > 72 {
            return Err(PasswordRefused::TooLong);
        }
        if text.chars().count() < 8 {
            return Err(PasswordRefused::TooShort);
        }
        Ok(Self(password))
    }

    /// What `PUT /auth/me` wants besides; without it the answer is a 500 (section 6).
    pub(super) fn check_classes(&self) -> Result<(), PasswordRefused> {
        let text = self.0.expose_secret();
        let has = |is: fn(char) -> bool| text.chars().any(is);
        if has(char::is_lowercase)
            && has(char::is_uppercase)
            && has(|letter| letter.is_ascii_digit())
        {
            Ok(())
        } else {
            Err(PasswordRefused::MissingClass)
        }
    }

    /// The password.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword([secret])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bcrypt_cannot_hash_is_refused_here() {
        let table = [
            ("1234567".to_owned(), Some(PasswordRefused::TooShort)),
            ("ééééééé".to_owned(), Some(PasswordRefused::TooShort)),
            ("12345678".to_owned(), None),
            ("x".repeat(72), None),
            ("x".repeat(73), Some(PasswordRefused::TooLong)),
            ("é".repeat(37), Some(PasswordRefused::TooLong)),
        ];
        for (text, refused) in table {
            let result = NewPassword::new(SecretString::from(text.clone()));
            assert_eq!(result.err(), refused, "{text}");
        }
    }
}
