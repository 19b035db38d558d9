use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _, Visitor, value::Error as ProbeError},
};
use serde_json::{Map, Value, value::RawValue};

/// A row together with the members its type does not know, so that it can be sent back whole: see
/// [`Listing::with_extra`](crate::Listing::with_extra).
///
/// Sent, it is the row with those members added. Their values are not printed.
#[derive(Clone, PartialEq)]
pub struct WithExtra<T> {
    /// The row.
    pub row: T,
    /// What else the server sent with it.
    pub extra: Map<String, Value>,
}

impl<T: fmt::Debug> fmt::Debug for WithExtra<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithExtra")
            .field("row", &self.row)
            .field("extra", &self.extra.keys().collect::<Vec<_>>())
            .finish()
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for WithExtra<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let row = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        let mut extra: Map<String, Value> =
            serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
        for name in fields_of::<T>() {
            extra.remove(*name);
        }
        Ok(Self { row, extra })
    }
}

impl<T: Serialize> Serialize for WithExtra<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error as _;
        let Value::Object(row) = serde_json::to_value(&self.row).map_err(S::Error::custom)? else {
            return Err(S::Error::custom("a row with extra members is an object"));
        };
        let mut whole = self.extra.clone();
        whole.extend(row);
        whole.serialize(serializer)
    }
}

/// The members a type reads, aliases included, as it tells any deserializer. None for types that take whatever comes.
fn fields_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut fields: &'static [&'static str] = &[];
    // It fails on purpose as soon as the names are known.
    let _ = T::deserialize(FieldProbe(&mut fields));
    fields
}

struct FieldProbe<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldProbe<'_> {
    type Error = ProbeError;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, ProbeError> {
        Err(ProbeError::custom("only the names are asked for"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ProbeError> {
        *self.0 = fields;
        self.deserialize_any(visitor)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Row {
        id: u32,
        #[serde(rename = "fullName", alias = "full_name")]
        name: String,
    }

    #[test]
    fn what_the_row_does_not_know_is_kept_and_sent_back() {
        let text = r#"{"id":7,"full_name":"A","plan":"starter","limits":{"disk":5}}"#;
        let row: WithExtra<Row> = serde_json::from_str(text).unwrap();
        assert_eq!(row.row.name, "A");
        assert_eq!(row.extra.keys().collect::<Vec<_>>(), ["limits", "plan"]);
        let back = serde_json::to_value(&row).unwrap();
        let expected = serde_json::json!(
            {"id":7,"fullName":"A","plan":"starter","limits":{"disk":5}}
        );
        assert_eq!(back, expected);
    }

    #[test]
    fn unknown_values_are_not_printed() {
        let text = r#"{"id":7,"fullName":"A","secret":"canary"}"#;
        let row: WithExtra<Row> = serde_json::from_str(text).unwrap();
        let printed = format!("{row:?}");
        assert!(printed.contains("secret") && !printed.contains("canary"));
    }

    #[test]
    fn rows_that_are_no_objects_have_no_extra() {
        assert!(serde_json::from_str::<WithExtra<Row>>("7").is_err());
        assert!(serde_json::from_str::<WithExtra<u32>>("7").is_err());
    }
}
