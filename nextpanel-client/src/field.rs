//! Fields a server need not send.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use serde::de::value::{
    BoolDeserializer, F64Deserializer, I64Deserializer, MapAccessDeserializer,
    SeqAccessDeserializer, StrDeserializer, U64Deserializer,
};
use serde::de::{DeserializeOwned, Error, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A field of a reply that need not be there: tells missing, null and unreadable apart, and reads as an `Option`.
///
/// A value of the wrong type never fails the row it stands in: an account that was created is created, whatever the
/// panel writes into a column nobody asked for. What could not be read is told by [`unreadable`](Self::unreadable).
///
/// ```
/// use nextpanel_client::Field;
///
/// #[derive(serde::Deserialize)]
/// struct Row {
///     #[serde(default)]
///     package_id: Field<i64>,
/// }
/// # fn main() -> Result<(), serde_json::Error> {
/// let row: Row = serde_json::from_str(r#"{"package_id": 7}"#)?;
/// assert_eq!(*row.package_id, Some(7));
/// let row: Row = serde_json::from_str(r#"{"package_id": null}"#)?;
/// assert!(row.package_id.is_null() && !row.package_id.is_missing());
/// let row: Row = serde_json::from_str("{}")?;
/// assert!(row.package_id.is_missing());
/// let row: Row = serde_json::from_str(r#"{"package_id": "seven"}"#)?;
/// assert_eq!((row.package_id.unreadable(), *row.package_id), (Some("text"), None));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Field<T> {
    value: Option<T>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum State {
    Missing,
    Null,
    Read,
    /// Holds what was found in place of a value, never the value: it may be a secret.
    Unreadable(&'static str),
}

impl<T> Field<T> {
    /// A field that was sent and read.
    #[must_use]
    pub const fn of(value: T) -> Self {
        Self {
            value: Some(value),
            state: State::Read,
        }
    }

    /// A field that was not sent.
    #[must_use]
    pub const fn missing() -> Self {
        Self {
            value: None,
            state: State::Missing,
        }
    }

    /// A field that was sent as null.
    #[must_use]
    pub const fn null() -> Self {
        Self {
            value: None,
            state: State::Null,
        }
    }

    const fn not_read(found: &'static str) -> Self {
        Self {
            value: None,
            state: State::Unreadable(found),
        }
    }

    /// Whether it was not sent.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.state == State::Missing
    }

    /// Whether it was sent as null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.state == State::Null
    }

    /// What kind of value was sent, if it was one that could not be read: `text`, `number`, `boolean`, `list`, `object`.
    #[must_use]
    pub fn unreadable(&self) -> Option<&'static str> {
        match self.state {
            State::Unreadable(found) => Some(found),
            State::Missing | State::Null | State::Read => None,
        }
    }

    /// The value, if one was read.
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The value, if one was read.
    #[must_use]
    pub fn into_option(self) -> Option<T> {
        self.value
    }
}

impl<T> Deref for Field<T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.value
    }
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self::missing()
    }
}

impl<T> From<Option<T>> for Field<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or_else(Self::null, Self::of)
    }
}

impl<T: fmt::Debug> fmt::Debug for Field<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.value, self.state) {
            (Some(value), _) => value.fmt(f),
            (None, State::Null) => f.write_str("null"),
            (None, State::Unreadable(found)) => write!(f, "unreadable {found}"),
            (None, State::Missing | State::Read) => f.write_str("missing"),
        }
    }
}

/// As an option: what is missing is written as null.
impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor(PhantomData))
    }
}

struct FieldVisitor<T>(PhantomData<T>);

impl<T: DeserializeOwned> FieldVisitor<T> {
    fn read<'de, D>(found: &'static str, source: D) -> Field<T>
    where
        D: Deserializer<'de>,
    {
        T::deserialize(source).map_or_else(|_| Field::not_read(found), Field::of)
    }
}

impl<'de, T: DeserializeOwned> Visitor<'de> for FieldVisitor<T> {
    type Value = Field<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: Error>(self) -> Result<Field<T>, E> {
        Ok(Field::null())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Field<T>, E> {
        let source: BoolDeserializer<E> = value.into_deserializer();
        Ok(Self::read("boolean", source))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Field<T>, E> {
        let source: I64Deserializer<E> = value.into_deserializer();
        Ok(Self::read("number", source))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Field<T>, E> {
        let source: U64Deserializer<E> = value.into_deserializer();
        Ok(Self::read("number", source))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Field<T>, E> {
        let source: F64Deserializer<E> = value.into_deserializer();
        Ok(Self::read("number", source))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Field<T>, E> {
        let source: StrDeserializer<'_, E> = value.into_deserializer();
        Ok(Self::read("text", source))
    }

    // Lists and objects are taken apart before they are judged: a reader that stops half-way would take the rest of the
    // row with it.
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Field<T>, A::Error> {
        let list = Value::deserialize(SeqAccessDeserializer::new(list))?;
        Ok(Self::read("list", list))
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Field<T>, A::Error> {
        let object = Value::deserialize(MapAccessDeserializer::new(object))?;
        Ok(Self::read("object", object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    struct Row {
        id: u8,
        #[serde(default)]
        name: Field<String>,
        #[serde(default)]
        tags: Field<Vec<String>>,
    }

    fn row(text: &str) -> Row {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_wrong_type_is_told_and_spares_the_rest_of_the_row() {
        for (sent, found) in [
            ("7", "number"),
            ("-7", "number"),
            ("7.5", "number"),
            ("true", "boolean"),
            (r#"["x", {"y": [1, 2]}]"#, "list"),
            (r#"{"x": {"y": "z"}}"#, "object"),
        ] {
            let row = row(&format!(r#"{{"name": {sent}, "id": 1}}"#));
            assert_eq!(row.name.unreadable(), Some(found), "{sent}");
            assert!(row.name.is_none() && !row.name.is_null() && !row.name.is_missing());
            assert_eq!(row.id, 1);
        }
    }

    #[test]
    fn lists_are_read_whole_or_told() {
        assert_eq!(
            row(r#"{"id":1,"tags":["a"]}"#).tags.as_deref(),
            Some(&["a".to_owned()][..])
        );
        assert_eq!(
            row(r#"{"id":1,"tags":["a",1]}"#).tags.unreadable(),
            Some("list")
        );
    }

    #[test]
    fn an_unreadable_value_is_not_printed() {
        #[derive(Debug, Deserialize)]
        struct Count {
            #[allow(dead_code, reason = "only its Debug matters here")]
            count: Field<i64>,
        }
        let count: Count = serde_json::from_str(r#"{"count":"canary"}"#).unwrap();
        assert_eq!(format!("{count:?}"), "Count { count: unreadable text }");
    }
}
