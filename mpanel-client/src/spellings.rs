//! Rows that carry a field in both of its spellings.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

/// Lets the first spelling of a field count and skips the others: a deployment may have `tenant_id` and `tenantId` in the
/// same row, which serde takes for a duplicate field.
pub(crate) struct OneSpelling<D> {
    inner: D,
    spellings: Spellings,
}

/// Other spellings, each with the name of its field.
pub(crate) type Spellings = &'static [(&'static str, &'static str)];

impl<D> OneSpelling<D> {
    pub(crate) const fn new(inner: D, spellings: Spellings) -> Self {
        Self { inner, spellings }
    }
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for OneSpelling<D> {
    type Error = D::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        let visitor = RowVisitor {
            visitor,
            spellings: self.spellings,
        };
        self.inner.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct RowVisitor<V> {
    visitor: V,
    spellings: Spellings,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for RowVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Members {
            members,
            spellings: self.spellings,
            seen: Vec::new(),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_seq(items)
    }
}

struct Members<A> {
    members: A,
    spellings: Spellings,
    /// Fields with several spellings that were read.
    seen: Vec<&'static str>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        mut seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        loop {
            let key = Key {
                seed,
                spellings: self.spellings,
                seen: &mut self.seen,
            };
            match self.members.next_key_seed(key)? {
                None => return Ok(None),
                Some(Found::New(value)) => return Ok(Some(value)),
                Some(Found::Again(unused)) => {
                    self.members.next_value::<IgnoredAny>()?;
                    seed = unused;
                }
            }
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.members.next_value_seed(seed)
    }
}

struct Key<'a, K> {
    seed: K,
    spellings: Spellings,
    seen: &'a mut Vec<&'static str>,
}

enum Found<K, T> {
    New(T),
    Again(K),
}

impl<'de, K: DeserializeSeed<'de>> DeserializeSeed<'de> for Key<'_, K> {
    type Value = Found<K, K::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, K: DeserializeSeed<'de>> Visitor<'de> for Key<'_, K> {
    type Value = Found<K, K::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        let field = self
            .spellings
            .iter()
            .find(|(other, name)| *other == text || *name == text)
            .map(|(_, name)| *name);
        if let Some(field) = field {
            if self.seen.contains(&field) {
                return Ok(Found::Again(self.seed));
            }
            self.seen.push(field);
        }
        let key = field.unwrap_or(text);
        self.seed
            .deserialize(key.into_deserializer())
            .map(Found::New)
    }
}

#[cfg(test)]
mod tests {
    use panel_http::{Page, WithExtra};

    use crate::{customers::Customer, users::User};

    #[test]
    fn the_first_spelling_of_a_field_counts() {
        for (text, name) in [
            (r#"{"id":7,"company_name":"A","companyName":"B"}"#, "A"),
            (r#"{"companyName":"B","id":7,"company_name":"A"}"#, "B"),
            (r#"{"id":7,"companyName":"B"}"#, "B"),
            (r#"{"id":7,"company_name":"A","company_name":"C"}"#, "A"),
        ] {
            let row: Customer = serde_json::from_str(text).unwrap();
            assert_eq!(row.company_name.as_deref(), Some(name), "{text}");
        }
        let users: Page<User> =
            serde_json::from_str(r#"[{"id":1,"name":"A","displayName":"B"}]"#).unwrap();
        assert_eq!(users.items[0].name.as_deref(), Some("A"));
    }

    #[test]
    fn what_a_row_does_not_know_can_still_be_kept() {
        let text = r#"{"id":7,"companyName":"A","loyalty":"gold"}"#;
        let row: WithExtra<Customer> = serde_json::from_str(text).unwrap();
        assert_eq!(row.extra.keys().collect::<Vec<_>>(), ["loyalty"]);
        assert_eq!(row.row.company_name.as_deref(), Some("A"));
    }

    #[test]
    fn a_missing_id_is_still_an_error_with_its_path() {
        let error = serde_json::from_str::<Customer>(r#"{"companyName":"A"}"#).unwrap_err();
        assert!(error.to_string().contains("missing field `id`"), "{error}");
    }
}
