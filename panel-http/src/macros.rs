//! What the macros of this crate refer to. Not for direct use.

use std::fmt;

use serde::de::Visitor;
pub use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Reads a text without copying it first.
///
/// # Errors
/// If it is none.
pub fn text<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: fn(&str) -> T,
) -> Result<T, D::Error> {
    deserializer.deserialize_str(TextVisitor(read))
}

struct TextVisitor<T>(fn(&str) -> T);

impl<T> Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        Ok((self.0)(text))
    }
}
