//! Domain names as customers order them.

use std::fmt;
use std::str::FromStr;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};

/// Why a text is not a domain name that hosting can be set up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DomainError {
    /// Nothing was given.
    #[error("is empty")]
    Empty,
    /// A web address was given.
    #[error("is a web address: give the domain alone, without https:// and without a path")]
    Address,
    /// Something with an `@` was given.
    #[error("contains @, as an e-mail address does: give the domain alone")]
    Email,
    /// A port was given.
    #[error("contains a port or another colon: give the domain alone")]
    Port,
    /// A wildcard was given.
    #[error("is a wildcard: give one domain")]
    Wildcard,
    /// An IP address was given.
    #[error("is an IP address, not a domain")]
    IpAddress,
    /// There is only one label.
    #[error("has no ending such as .com")]
    OneLabel,
    /// There is a blank inside.
    #[error("contains a blank")]
    Blank,
    /// There is an empty label.
    #[error("has a dot with nothing beside it")]
    EmptyLabel,
    /// A label or the whole is too long.
    #[error("is too long: at most 63 characters between dots and 253 in all")]
    TooLong,
    /// A label starts or ends with a hyphen.
    #[error("has a hyphen next to a dot or at an end")]
    Hyphen,
    /// Anything else that domain names cannot contain.
    #[error("contains a character that domain names cannot have")]
    Character,
}

/// A domain name in the form the panels store: lower case, ASCII (internationalised names as punycode), no final dot.
///
/// ```
/// use provisioning_core::domain::DomainName;
///
/// let domain: DomainName = "Bücher.Example.".parse()?;
/// assert_eq!(domain.as_str(), "xn--bcher-kva.example");
/// assert!("https://example.com/".parse::<DomainName>().is_err());
/// # Ok::<(), provisioning_core::domain::DomainError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct DomainName(String);

impl DomainName {
    /// Reads a domain name; surrounding blanks and one final dot are taken off.
    ///
    /// # Errors
    /// [`DomainError`] with what to write instead.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let text = text.trim();
        let text = text.strip_suffix('.').unwrap_or(text);
        refuse_lookalikes(text)?;
        let ascii = Uts46::new()
            .to_ascii(
                text.as_bytes(),
                AsciiDenyList::STD3,
                Hyphens::CheckFirstLast,
                DnsLength::Ignore,
            )
            .map_err(|_| name_the_fault(text))?;
        if ascii.len() > 253 || ascii.split('.').any(|label| label.len() > 63) {
            return Err(DomainError::TooLong);
        }
        // Mapping may have removed or produced dots, so labels are counted on what comes out.
        if ascii.split('.').any(str::is_empty) {
            return Err(if ascii.is_empty() {
                DomainError::Empty
            } else {
                DomainError::EmptyLabel
            });
        }
        let last = ascii.rsplit('.').next().unwrap_or_default();
        if ends_in_a_number(last) {
            return Err(DomainError::IpAddress);
        }
        if last.len() == ascii.len() {
            return Err(DomainError::OneLabel);
        }
        Ok(Self(ascii.into_owned()))
    }

    /// The whole name, such as `xn--bcher-kva.example`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The labels from left to right: `www`, `example`, `com`.
    pub fn labels(&self) -> std::str::Split<'_, char> {
        self.0.split('.')
    }
}

/// Things people paste where a domain belongs, each told in its own words.
fn refuse_lookalikes(text: &str) -> Result<(), DomainError> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if text.is_empty() {
        Err(DomainError::Empty)
    } else if text.len() > 1024 {
        Err(DomainError::TooLong)
    } else if bare.parse::<std::net::IpAddr>().is_ok() {
        Err(DomainError::IpAddress)
    } else if text.contains("://") || text.contains('/') {
        Err(DomainError::Address)
    } else if text.contains('@') {
        Err(DomainError::Email)
    } else if text.contains(':') {
        Err(DomainError::Port)
    } else if text.contains('*') {
        Err(DomainError::Wildcard)
    } else if text.chars().any(char::is_whitespace) {
        Err(DomainError::Blank)
    } else {
        Ok(())
    }
}

/// idna says only that something is wrong; this says what.
fn name_the_fault(text: &str) -> DomainError {
    let mut labels = text.split('.');
    if labels.clone().any(str::is_empty) {
        DomainError::EmptyLabel
    } else if labels.any(|label| label.starts_with('-') || label.ends_with('-')) {
        DomainError::Hyphen
    } else {
        DomainError::Character
    }
}

/// The URL standard's rule: such a host is read as an IPv4 address (`1.2.3`, `0x7f.1`), so it cannot be a domain.
fn ends_in_a_number(last: &str) -> bool {
    let hex = last.strip_prefix("0x");
    last.bytes().all(|byte| byte.is_ascii_digit())
        || hex.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for DomainName {
    type Err = DomainError;

    fn from_str(text: &str) -> Result<Self, DomainError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for DomainName {
    type Error = DomainError;

    fn try_from(text: String) -> Result<Self, DomainError> {
        Self::parse(&text)
    }
}

impl From<DomainName> for String {
    fn from(domain: DomainName) -> Self {
        domain.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_come_out_lower_case_ascii_and_without_final_dot() {
        for (given, read) in [
            ("example.com", "example.com"),
            (" WWW.Example.COM. ", "www.example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
            ("r3---sn.example.com", "r3---sn.example.com"),
            ("123.example", "123.example"),
            ("a.co", "a.co"),
        ] {
            assert_eq!(
                DomainName::parse(given).map(String::from).as_deref(),
                Ok(read),
                "{given}"
            );
        }
    }

    #[test]
    fn each_common_mistake_is_told_in_its_own_words() {
        let long_label = format!("{}.com", "a".repeat(64));
        let long_name = format!("{}com", "abcdefgh.".repeat(29));
        for (given, error) in [
            ("", DomainError::Empty),
            (" . ", DomainError::Empty),
            ("https://example.com", DomainError::Address),
            ("example.com/shop", DomainError::Address),
            ("jane@example.com", DomainError::Email),
            ("example.com:8080", DomainError::Port),
            ("*.example.com", DomainError::Wildcard),
            ("192.0.2.1", DomainError::IpAddress),
            ("[2001:db8::1]", DomainError::IpAddress),
            ("2001:db8::1", DomainError::IpAddress),
            ("1.2.3", DomainError::IpAddress),
            ("example.0x7f", DomainError::IpAddress),
            ("localhost", DomainError::OneLabel),
            ("my site.com", DomainError::Blank),
            ("example..com", DomainError::EmptyLabel),
            (".example.com", DomainError::EmptyLabel),
            ("-shop.com", DomainError::Hyphen),
            ("shop-.com", DomainError::Hyphen),
            ("my_site.com", DomainError::Character),
            ("exa$mple.com", DomainError::Character),
            ("xn--a.com", DomainError::Character),
            (long_label.as_str(), DomainError::TooLong),
            (long_name.as_str(), DomainError::TooLong),
        ] {
            assert_eq!(DomainName::parse(given), Err(error), "{given}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_every_name_reads_back_as_itself(text in ".{0,300}") {
            if let Ok(domain) = DomainName::parse(&text) {
                prop_assert_eq!(DomainName::parse(domain.as_str()), Ok(domain.clone()));
                prop_assert!(domain.labels().count() >= 2);
                prop_assert!(domain.as_str().is_ascii());
            }
        }
    }
}
