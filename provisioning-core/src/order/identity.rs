//! What makes an order the same order: tenant, source, live or test, and its primary id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a name or id was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// Nothing was given.
    #[error("is empty")]
    Empty,
    /// It is too long.
    #[error("is longer than {most} characters")]
    TooLong {
        /// The most bytes allowed.
        most: usize,
    },
    /// A character that would make the name ambiguous.
    #[error("may hold letters, digits and . _ - only")]
    NameCharacter,
    /// An `@`: ids stand in logs and step names, where no e-mail address may appear.
    #[error("contains @, as an e-mail address does: ids appear in logs, so no address may be one")]
    EmailAddress,
    /// A control character.
    #[error("contains a control character or line break")]
    ControlCharacter,
    /// Not of the form `tenant/source/live/id`.
    #[error("is not of the form tenant/source/live/id")]
    NotAKey,
}

/// A customer of the host platform whose orders are kept apart: `migrahosting`, or a tenant's UUID.
///
/// It comes from the secret that verified the request, never from the body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TenantId(String);

impl TenantId {
    /// A tenant by its id: letters, digits and `. _ -`, at most 128 bytes.
    ///
    /// # Errors
    /// [`IdentityError`] if it is empty, too long or holds another character.
    pub fn new(id: impl Into<String>) -> Result<Self, IdentityError> {
        let id = id.into();
        check_name(&id)?;
        Ok(Self(id))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where orders come from, such as `migrahosting.com` or `stripe`: the name space of their ids.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct SourceName(String);

impl SourceName {
    /// A source by name: letters, digits and `. _ -`, at most 128 bytes; kept in lower case.
    ///
    /// # Errors
    /// [`IdentityError`] if it is empty, too long or holds another character.
    pub fn new(name: impl Into<String>) -> Result<Self, IdentityError> {
        let name = name.into().to_ascii_lowercase();
        check_name(&name)?;
        Ok(Self(name))
    }

    /// A source that this crate names itself.
    pub(super) fn assumed(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// The name, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id that identifies an order at its source: an order number, a payment intent, a checkout session.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct OrderId(String);

impl OrderId {
    /// The most bytes an id may have.
    pub const MAX_BYTES: usize = 255;

    /// An order id: anything printable but `@`, at most 255 bytes; surrounding blanks are taken off.
    ///
    /// # Errors
    /// [`IdentityError`] if it is empty, too long, or holds a control character or `@`.
    pub fn new(id: impl Into<String>) -> Result<Self, IdentityError> {
        let id = id.into().trim().to_owned();
        check_id(&id)?;
        Ok(Self(id))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_name(name: &str) -> Result<(), IdentityError> {
    const MOST: usize = 128;
    if name.is_empty() {
        return Err(IdentityError::Empty);
    }
    if name.len() > MOST {
        return Err(IdentityError::TooLong { most: MOST });
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name.bytes().all(allowed) {
        Ok(())
    } else {
        Err(IdentityError::NameCharacter)
    }
}

/// Ids of other systems are kept as they are; only what breaks a log line or an index is refused.
pub(super) fn check_id(id: &str) -> Result<(), IdentityError> {
    if id.is_empty() {
        Err(IdentityError::Empty)
    } else if id.len() > OrderId::MAX_BYTES {
        Err(IdentityError::TooLong {
            most: OrderId::MAX_BYTES,
        })
    } else if id.contains('@') {
        Err(IdentityError::EmailAddress)
    } else if id.chars().any(char::is_control) {
        Err(IdentityError::ControlCharacter)
    } else {
        Ok(())
    }
}

macro_rules! text_impls {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdentityError;

            fn from_str(text: &str) -> Result<Self, IdentityError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdentityError;

            fn try_from(text: String) -> Result<Self, IdentityError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    )*};
}

text_impls!(TenantId, SourceName, OrderId);

/// Whether real money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderMode {
    /// A real order.
    Live,
    /// An order of a payment provider's test mode; accepted only where the host says so.
    Test,
}

impl OrderMode {
    /// `live` or `test`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for OrderMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The identity of an order: tenant, source, live or test, and primary id.
///
/// Every other id of the order is an [`Alias`](super::Alias).
///
/// ```
/// use provisioning_core::order::{OrderId, OrderKey, OrderMode, SourceName, TenantId};
///
/// let key = OrderKey::new(
///     TenantId::new("migrahosting")?,
///     SourceName::new("migrahosting.com")?,
///     OrderMode::Live,
///     OrderId::new("A-1001")?,
/// );
/// assert_eq!(key.to_string(), "migrahosting/migrahosting.com/live/A-1001");
/// assert_eq!("migrahosting/migrahosting.com/live/A-1001".parse(), Ok(key));
/// # Ok::<(), provisioning_core::order::IdentityError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OrderKey {
    tenant: TenantId,
    source: SourceName,
    mode: OrderMode,
    id: OrderId,
}

impl OrderKey {
    /// The key of the order `id` of `source`, for `tenant`.
    pub fn new(tenant: TenantId, source: SourceName, mode: OrderMode, id: OrderId) -> Self {
        Self {
            tenant,
            source,
            mode,
            id,
        }
    }

    /// The tenant.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Where the order comes from.
    pub fn source(&self) -> &SourceName {
        &self.source
    }

    /// Live or test.
    pub fn mode(&self) -> OrderMode {
        self.mode
    }

    /// The primary id.
    pub fn id(&self) -> &OrderId {
        &self.id
    }

    /// An encoding for hashing that two different keys never share: each part with its length in front.
    ///
    /// It stays the same for ever, because plan ids are made from it.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let parts = [
            "order-key-1",
            self.tenant.as_str(),
            self.source.as_str(),
            self.mode.as_str(),
            self.id.as_str(),
        ];
        let mut bytes = Vec::new();
        for part in parts {
            super::digest::push_part(&mut bytes, part.as_bytes());
        }
        bytes
    }
}

impl fmt::Display for OrderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}/{}",
            self.tenant, self.source, self.mode, self.id
        )
    }
}

impl FromStr for OrderKey {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let mut parts = text.splitn(4, '/');
        let (Some(tenant), Some(source), Some(mode), Some(id)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(IdentityError::NotAKey);
        };
        let mode = match mode {
            "live" => OrderMode::Live,
            "test" => OrderMode::Test,
            _ => return Err(IdentityError::NotAKey),
        };
        Ok(Self::new(
            tenant.parse()?,
            source.parse()?,
            mode,
            id.parse()?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(tenant: &str, source: &str, id: &str) -> OrderKey {
        OrderKey::new(
            tenant.parse().unwrap(),
            source.parse().unwrap(),
            OrderMode::Live,
            id.parse().unwrap(),
        )
    }

    #[test]
    fn names_that_would_be_ambiguous_are_refused() {
        assert_eq!(TenantId::new(""), Err(IdentityError::Empty));
        assert_eq!(TenantId::new("a/b"), Err(IdentityError::NameCharacter));
        assert_eq!(
            SourceName::new("jane@example.com"),
            Err(IdentityError::NameCharacter)
        );
        assert_eq!(
            SourceName::new("a".repeat(129)),
            Err(IdentityError::TooLong { most: 128 })
        );
        assert_eq!(OrderId::new(" \n "), Err(IdentityError::Empty));
        assert_eq!(OrderId::new("a\nb"), Err(IdentityError::ControlCharacter));
        assert_eq!(
            OrderId::new("jane@example.com"),
            Err(IdentityError::EmailAddress)
        );
        assert_eq!(
            OrderId::new("a".repeat(256)),
            Err(IdentityError::TooLong { most: 255 })
        );
    }

    #[test]
    fn a_source_is_the_same_in_any_case() {
        assert_eq!(
            SourceName::new("MigraHosting.com"),
            SourceName::new("migrahosting.com")
        );
    }

    #[test]
    fn the_canonical_encoding_never_changes() {
        let bytes = key("t", "s", "1").canonical_bytes();
        assert_eq!(
            bytes,
            b"\0\0\0\x0border-key-1\0\0\0\x01t\0\0\0\x01s\0\0\0\x04live\0\0\0\x011"
        );
    }

    #[test]
    fn json_keeps_a_key() {
        let key = key("t", "s", "pi_1");
        let json = serde_json::to_string(&key).unwrap();
        assert_eq!(
            json,
            r#"{"tenant":"t","source":"s","mode":"live","id":"pi_1"}"#
        );
        assert_eq!(serde_json::from_str::<OrderKey>(&json).unwrap(), key);
    }

    proptest! {
        #[test]
        fn a_shown_key_reads_back(tenant in "[a-z0-9._-]{1,9}", source in "[a-z0-9._-]{1,9}", id in "[!-?A-~]{1,20}") {
            let key = key(&tenant, &source, &id);
            prop_assert_eq!(key.to_string().parse::<OrderKey>(), Ok(key));
        }

        #[test]
        fn different_keys_have_different_encodings(a in "[a-c.]{1,3}", b in "[a-c.]{1,3}", c in "[a-c.]{1,3}", d in "[a-c.]{1,3}") {
            let (left, right) = (key(&a, &b, "1"), key(&c, &d, "1"));
            prop_assert_eq!(left == right, left.canonical_bytes() == right.canonical_bytes());
        }
    }
}
