use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};

/// An id of a server, text or whole number, kept and sent back as it came.
///
/// The same resource has UUIDs on one deployment and serial numbers on another (mPanel contract 5). Ids compare by their
/// text: `7` and `"7"` are the same one. Client crates make a type of their own for each resource with
/// [`opaque_id!`](crate::opaque_id).
#[derive(Clone)]
pub struct OpaqueId(Form);

#[derive(Clone)]
enum Form {
    Number(i64),
    Text(Box<str>),
}

impl OpaqueId {
    /// An id that is a text.
    #[must_use]
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Self(Form::Text(text.into()))
    }

    /// An id that is a number.
    #[must_use]
    pub const fn number(number: i64) -> Self {
        Self(Form::Number(number))
    }

    /// The number, if the server sent one.
    #[must_use]
    pub const fn as_number(&self) -> Option<i64> {
        match self.0 {
            Form::Number(number) => Some(number),
            Form::Text(_) => None,
        }
    }

    fn with_text<R>(&self, read: impl FnOnce(&str) -> R) -> R {
        match &self.0 {
            Form::Number(number) => read(&number.to_string()),
            Form::Text(text) => read(text),
        }
    }
}

impl PartialEq for OpaqueId {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Form::Number(one), Form::Number(two)) => one == two,
            (Form::Text(one), Form::Text(two)) => one == two,
            (Form::Number(_), Form::Text(text)) => self.with_text(|own| own == &**text),
            (Form::Text(text), Form::Number(_)) => other.with_text(|other| other == &**text),
        }
    }
}

impl Eq for OpaqueId {}

impl PartialOrd for OpaqueId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for OpaqueId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.with_text(|own| other.with_text(|other| own.cmp(other)))
    }
}

impl Hash for OpaqueId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.with_text(|text| text.hash(state));
    }
}

impl fmt::Display for OpaqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Number(number) => fmt::Display::fmt(number, f),
            Form::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for OpaqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Number(number) => fmt::Debug::fmt(number, f),
            Form::Text(text) => fmt::Debug::fmt(text, f),
        }
    }
}

impl Serialize for OpaqueId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Form::Number(number) => serializer.serialize_i64(*number),
            Form::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for OpaqueId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(IdVisitor)
    }
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = OpaqueId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<OpaqueId, E> {
        if text.is_empty() {
            return Err(E::custom("an id is empty"));
        }
        Ok(OpaqueId::text(text))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<OpaqueId, E> {
        if text.is_empty() {
            return Err(E::custom("an id is empty"));
        }
        Ok(OpaqueId::text(text))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<OpaqueId, E> {
        Ok(OpaqueId::number(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<OpaqueId, E> {
        Ok(match i64::try_from(number) {
            Ok(number) => OpaqueId::number(number),
            // No serial number is that large. As a text it is at least kept.
            Err(_) => OpaqueId::text(number.to_string()),
        })
    }
}

/// Makes an id type of one resource: an [`OpaqueId`] that cannot be mistaken for the id of another.
///
/// ```
/// panel_http::opaque_id! {
///     /// Id of a customer.
///     pub struct CustomerId;
/// }
///
/// let id: CustomerId = serde_json::from_str("7")?;
/// assert_eq!(id, CustomerId::text("7"));
/// assert_eq!(id.to_string(), "7");
/// assert_eq!(serde_json::to_string(&id)?, "7");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[macro_export]
macro_rules! opaque_id {
    ($(#[$attribute:meta])* $visibility:vis struct $name:ident;) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility struct $name($crate::OpaqueId);

        impl $name {
            /// An id that is a text.
            #[must_use]
            #[allow(dead_code, reason = "not every id is made by hand")]
            $visibility fn text(text: impl ::core::convert::Into<::std::boxed::Box<str>>) -> Self {
                Self($crate::OpaqueId::text(text))
            }

            /// An id that is a number.
            #[must_use]
            #[allow(dead_code, reason = "not every id is made by hand")]
            $visibility const fn number(number: i64) -> Self {
                Self($crate::OpaqueId::number(number))
            }

            /// The number, if the server sent one.
            #[must_use]
            #[allow(dead_code, reason = "not every id is a number")]
            $visibility const fn as_number(&self) -> ::core::option::Option<i64> {
                self.0.as_number()
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }
        }

        impl $crate::macros::Serialize for $name {
            fn serialize<S: $crate::macros::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::macros::Serialize::serialize(&self.0, serializer)
            }
        }

        impl<'de> $crate::macros::Deserialize<'de> for $name {
            fn deserialize<D: $crate::macros::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::macros::Deserialize::deserialize(deserializer).map(Self)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn an_id_goes_back_as_it_came() {
        for text in ["7", r#""7""#, r#""7b0c-\u00e9""#, "-1", r#""007""#] {
            let id: OpaqueId = serde_json::from_str(text).unwrap();
            let back = serde_json::to_string(&id).unwrap();
            let (one, two): (serde_json::Value, serde_json::Value) = (
                serde_json::from_str(text).unwrap(),
                serde_json::from_str(&back).unwrap(),
            );
            assert_eq!(one, two);
        }
    }

    #[test]
    fn ids_compare_by_their_text() {
        let number = OpaqueId::number(7);
        let text = OpaqueId::text("7");
        assert_eq!(number, text);
        assert_ne!(number, OpaqueId::text("07"));
        assert_eq!(number.cmp(&text), Ordering::Equal);
        assert_eq!(HashSet::from([number, text]).len(), 1);
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for text in [r#""""#, "null", "1.5", "true", "{}", "[7]"] {
            assert!(serde_json::from_str::<OpaqueId>(text).is_err(), "{text}");
        }
        let large: OpaqueId = serde_json::from_str("18446744073709551615").unwrap();
        assert_eq!(large.to_string(), "18446744073709551615");
    }
}
