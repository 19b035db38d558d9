//! E-mail addresses as customers give them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::{DomainError, DomainName};

/// Why a text is not an e-mail address that an account can be handed over to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmailError {
    /// Nothing was given.
    #[error("is empty")]
    Empty,
    /// It is longer than mail systems accept.
    #[error("is too long: at most 254 characters, 64 of them before the @")]
    TooLong,
    /// There is no `@`.
    #[error("has no @")]
    NoAt,
    /// Nothing stands before the `@`.
    #[error("has nothing before the @")]
    NoLocalPart,
    /// A name or angle brackets stand around the address.
    #[error("has a name or angle brackets around it: give the address alone")]
    DisplayName,
    /// The part before the `@` is quoted, which panels do not accept.
    #[error("is quoted before the @, which hosting panels do not accept")]
    Quoted,
    /// There is a blank or control character inside.
    #[error("contains a blank")]
    Blank,
    /// A dot stands first, last or twice before the `@`.
    #[error("has a dot first, last or twice before the @")]
    Dot,
    /// Another character that cannot stand before the `@`.
    #[error("has a character before the @ that e-mail addresses cannot have")]
    Character,
    /// The part after the `@` is no domain.
    #[error("after the @ {0}")]
    Domain(DomainError),
}

/// An e-mail address, kept as it was given.
///
/// Two addresses are equal if the parts before the `@` are the same, letter for letter, and the domains are the same
/// without regard to case: that is how the panels compare them (contract NextPanel section 4.2).
///
/// It is personal data: `Debug` shows it masked and there is no `Display`; [`EmailAddress::as_str`] is the deliberate
/// way to it.
///
/// ```
/// use provisioning_core::email::EmailAddress;
///
/// let email: EmailAddress = "Client@Example.COM".parse()?;
/// assert_eq!(email.as_str(), "Client@Example.COM");
/// assert_eq!(email.domain(), "example.com");
/// assert_eq!(format!("{email:?}"), "C***@example.com");
/// # Ok::<(), provisioning_core::email::EmailError>(())
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct EmailAddress {
    given: String,
    local_length: usize,
    domain: DomainName,
}

impl EmailAddress {
    /// The most bytes an address may have.
    pub const MAX_BYTES: usize = 254;

    /// Reads an address; surrounding blanks are taken off.
    ///
    /// # Errors
    /// [`EmailError`] with what is wrong; it does not repeat the address.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailError::Empty);
        }
        if text.contains(['<', '>']) {
            return Err(EmailError::DisplayName);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::NoAt)?;
        if text.len() > Self::MAX_BYTES || local.len() > 64 {
            return Err(EmailError::TooLong);
        }
        check_local_part(local)?;
        Ok(Self {
            given: text.to_owned(),
            local_length: local.len(),
            domain: DomainName::parse(domain).map_err(EmailError::Domain)?,
        })
    }

    /// The address as it was given, without surrounding blanks.
    pub fn as_str(&self) -> &str {
        &self.given
    }

    /// The part before the `@`, as it was given.
    pub fn local_part(&self) -> &str {
        self.given.get(..self.local_length).unwrap_or_default()
    }

    /// The part after the `@`, in lower-case ASCII.
    pub fn domain(&self) -> &str {
        self.domain.as_str()
    }

    fn key(&self) -> (&str, &DomainName) {
        (self.local_part(), &self.domain)
    }
}

fn check_local_part(local: &str) -> Result<(), EmailError> {
    if local.is_empty() {
        return Err(EmailError::NoLocalPart);
    }
    if local.starts_with('"') {
        return Err(EmailError::Quoted);
    }
    if local
        .chars()
        .any(|character| character.is_whitespace() || character.is_control())
    {
        return Err(EmailError::Blank);
    }
    if local.split('.').any(str::is_empty) {
        return Err(EmailError::Dot);
    }
    let allowed =
        |character: char| character.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(character);
    if local.chars().all(allowed) {
        Ok(())
    } else {
        Err(EmailError::Character)
    }
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl PartialOrd for EmailAddress {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EmailAddress {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.local_part().chars();
        match (characters.next(), characters.next()) {
            (Some(first), Some(_)) => write!(f, "{first}***@{}", self.domain),
            // One character before the @ would be all of it.
            _ => write!(f, "***@{}", self.domain),
        }
    }
}

impl FromStr for EmailAddress {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailError;

    fn try_from(text: String) -> Result<Self, EmailError> {
        Self::parse(&text)
    }
}

impl From<EmailAddress> for String {
    fn from(email: EmailAddress) -> Self {
        email.given
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn email(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    #[test]
    fn the_local_part_counts_exactly_and_the_domain_without_case() {
        assert_eq!(email("client@Example.com"), email("client@EXAMPLE.COM"));
        assert_ne!(email("Client@example.com"), email("client@example.com"));
        assert_eq!(email("a@bücher.example"), email("a@xn--bcher-kva.example"));
        let both: HashSet<_> = [email("client@Example.com"), email("client@example.COM")].into();
        assert_eq!(both.len(), 1);
    }

    #[test]
    fn what_was_given_is_kept() {
        let address = email("  First.Last+tag@Example.Com ");
        assert_eq!(address.as_str(), "First.Last+tag@Example.Com");
        assert_eq!(address.local_part(), "First.Last+tag");
        assert_eq!(address.domain(), "example.com");
        let json = serde_json::to_string(&address).unwrap();
        assert_eq!(json, "\"First.Last+tag@Example.Com\"");
        assert_eq!(
            serde_json::from_str::<EmailAddress>(&json)
                .unwrap()
                .as_str(),
            address.as_str()
        );
    }

    #[test]
    fn real_addresses_are_accepted() {
        for text in [
            "o'brien@example.com",
            "a@b.co",
            "müller@example.com",
            "x_y-z=1@sub.example.museum",
            "1@2.example",
        ] {
            assert!(EmailAddress::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn each_mistake_is_named() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long = format!("a@{}.com", "b.".repeat(150));
        for (text, error) in [
            ("", EmailError::Empty),
            ("client", EmailError::NoAt),
            ("@example.com", EmailError::NoLocalPart),
            ("Client <client@example.com>", EmailError::DisplayName),
            ("\"a b\"@example.com", EmailError::Quoted),
            ("a b@example.com", EmailError::Blank),
            ("a..b@example.com", EmailError::Dot),
            (".a@example.com", EmailError::Dot),
            ("a.@example.com", EmailError::Dot),
            ("a@b@example.com", EmailError::Character),
            ("a,b@example.com", EmailError::Character),
            ("client@", EmailError::Domain(DomainError::Empty)),
            (
                "client@localhost",
                EmailError::Domain(DomainError::OneLabel),
            ),
            (
                "client@192.0.2.1",
                EmailError::Domain(DomainError::IpAddress),
            ),
            (
                "client@example,com",
                EmailError::Domain(DomainError::Character),
            ),
            (long_local.as_str(), EmailError::TooLong),
            (long.as_str(), EmailError::TooLong),
        ] {
            assert_eq!(EmailAddress::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn debug_never_shows_the_address() {
        assert_eq!(
            format!("{:?}", email("client@example.com")),
            "c***@example.com"
        );
        assert_eq!(format!("{:?}", email("c@example.com")), "***@example.com");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,300}") {
            let _ = EmailAddress::parse(&text);
        }

        #[test]
        fn errors_do_not_repeat_the_address(local in "[a-z]{6,12}", rest in "[ ,@.]{1,3}") {
            if let Err(error) = EmailAddress::parse(&format!("{local}{rest}@example.com")) {
                let shown = format!("{error:?} {error}");
                prop_assert!(!shown.contains(&local));
            }
        }
    }
}
