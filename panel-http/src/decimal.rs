use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};

/// A decimal number as text, whether the server sent `"19.99"` or `19.99`: what amounts of money are read into before
/// their currency is known. A number is written as shortly as it reads back the same, so `19.99` is `19.99`.
///
/// It is sent as a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    text: Box<str>,
    is_number: bool,
}

impl Decimal {
    /// Takes a text of digits with at most one sign and one point; without exponent.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_digits =
            |part: &str| !part.is_empty() && part.bytes().all(|letter| letter.is_ascii_digit());
        (is_digits(whole) && is_digits(fraction)).then(|| Self {
            text: text.into(),
            is_number: false,
        })
    }

    /// The text: `19.99`, `-5`, `0.1000`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the server sent a JSON number, which may carry the dust of added floats: `59.989999999999995`.
    #[must_use]
    pub const fn is_number(&self) -> bool {
        self.is_number
    }

    fn number<E: serde::de::Error>(number: impl fmt::Display) -> Result<Self, E> {
        let mut decimal = Self::parse(&number.to_string())
            .ok_or_else(|| E::custom("expected a decimal number"))?;
        decimal.is_number = true;
        Ok(decimal)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DecimalVisitor)
    }
}

struct DecimalVisitor;

impl Visitor<'_> for DecimalVisitor {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Decimal, E> {
        Decimal::parse(text).ok_or_else(|| E::custom("expected a decimal number"))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Decimal, E> {
        Decimal::number(number)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Decimal, E> {
        Decimal::number(number)
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Decimal, E> {
        // `Display` of floats writes no exponent.
        Decimal::number(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<String> {
        serde_json::from_str::<Decimal>(json)
            .ok()
            .map(|decimal| decimal.to_string())
    }

    #[test]
    fn text_and_number_give_the_same_digits() {
        for (json, text) in [
            (r#""19.99""#, "19.99"),
            ("19.99", "19.99"),
            ("5.0", "5"),
            ("5", "5"),
            (r#""0.1000""#, "0.1000"),
            ("-3", "-3"),
            ("1e21", "1000000000000000000000"),
            ("0.30000000000000004", "0.30000000000000004"),
            (r#"" 7 ""#, "7"),
        ] {
            assert_eq!(read(json).as_deref(), Some(text), "{json}");
            let decimal: Decimal = serde_json::from_str(json).unwrap();
            assert_eq!(decimal.is_number(), !json.starts_with('"'));
        }
    }

    #[test]
    fn what_is_no_decimal_is_refused() {
        for json in [
            r#""""#,
            r#"".""#,
            r#""1.""#,
            r#"".5""#,
            r#""1e3""#,
            r#""1,5""#,
            r#""NaN""#,
            "null",
            "true",
            r#""--1""#,
            r#""1.2.3""#,
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
