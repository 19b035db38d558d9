use std::{fmt, marker::PhantomData};

use serde::{Deserializer, de::Visitor};

/// Reads a scalar that some servers send as number and others as string: counts are strings where PostgreSQL made them,
/// booleans may be `0`, `"yes"` or `"t"` (mPanel contract 5, NextPanel contract 1).
///
/// For fields of rows, whether optional or not:
///
/// ```
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Server {
///     #[serde(deserialize_with = "panel_http::lenient")]
///     accounts: u64,
///     #[serde(default, deserialize_with = "panel_http::lenient")]
///     load: Option<f64>,
/// }
///
/// let server: Server = serde_json::from_str(r#"{"accounts": "57", "load": "12.50"}"#)?;
/// assert_eq!((server.accounts, server.load), (57, Some(12.5)));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
/// If the value is not one of its kind however it is read. The message does not repeat it.
pub fn lenient<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Scalar,
{
    deserializer.deserialize_any(ScalarVisitor(PhantomData))
}

/// What [`lenient`] reads: whole numbers, `f64`, `bool`, `String`, and `Option`s of them, for which null and an empty
/// text are `None`.
pub trait Scalar: Sized {
    /// What is read, in words.
    const WHAT: &'static str;

    /// From a whole number.
    fn from_integer(number: i128) -> Option<Self>;

    /// From a number with a fraction.
    fn from_float(number: f64) -> Option<Self>;

    /// From `true` or `false`.
    fn from_bool(value: bool) -> Option<Self>;

    /// From a text without blanks around it.
    fn from_text(text: &str) -> Option<Self>;

    /// From null.
    #[must_use]
    fn from_null() -> Option<Self> {
        None
    }
}

struct ScalarVisitor<T>(PhantomData<T>);

impl<T: Scalar> ScalarVisitor<T> {
    fn found<E: serde::de::Error>(value: Option<T>) -> Result<T, E> {
        // No value in the message: it may be a secret.
        value.ok_or_else(|| E::custom(format_args!("expected {}", T::WHAT)))
    }
}

impl<T: Scalar> Visitor<'_> for ScalarVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::WHAT)
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<T, E> {
        Self::found(T::from_bool(value))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<T, E> {
        Self::found(T::from_integer(number.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<T, E> {
        Self::found(T::from_integer(number.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<T, E> {
        Self::found(T::from_float(number))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        Self::found(T::from_text(text.trim()))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<T, E> {
        Self::found(T::from_null())
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<T, E> {
        self.visit_unit()
    }
}

/// A float that is a whole number exactly, as far as floats are exact.
fn whole(number: f64) -> Option<i128> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it has no fraction and is in range"
    )]
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i128)
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl Scalar for $number {
            const WHAT: &'static str = "a whole number within range";

            fn from_integer(number: i128) -> Option<Self> {
                number.try_into().ok()
            }

            fn from_float(number: f64) -> Option<Self> {
                Self::from_integer(whole(number)?)
            }

            fn from_bool(_value: bool) -> Option<Self> {
                None
            }

            fn from_text(text: &str) -> Option<Self> {
                text.parse()
                    .ok()
                    .or_else(|| Self::from_float(text.parse().ok()?))
            }
        }
    )*};
}

whole_numbers!(u16, u32, u64, i32, i64);

impl Scalar for f64 {
    const WHAT: &'static str = "a number";

    #[expect(
        clippy::cast_precision_loss,
        reason = "a float is asked for, and is all JSON promises"
    )]
    fn from_integer(number: i128) -> Option<Self> {
        Some(number as Self)
    }

    fn from_float(number: f64) -> Option<Self> {
        Some(number)
    }

    fn from_bool(_value: bool) -> Option<Self> {
        None
    }

    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number: &Self| number.is_finite())
    }
}

impl Scalar for bool {
    const WHAT: &'static str = "true or false";

    fn from_integer(number: i128) -> Option<Self> {
        match number {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn from_float(number: f64) -> Option<Self> {
        Self::from_integer(whole(number)?)
    }

    fn from_bool(value: bool) -> Option<Self> {
        Some(value)
    }

    fn from_text(text: &str) -> Option<Self> {
        let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        if is(&["true", "t", "1", "yes", "on"]) {
            Some(true)
        } else if is(&["false", "f", "0", "no", "off"]) {
            Some(false)
        } else {
            None
        }
    }
}

impl Scalar for String {
    const WHAT: &'static str = "a text";

    fn from_integer(number: i128) -> Option<Self> {
        Some(number.to_string())
    }

    fn from_float(number: f64) -> Option<Self> {
        Some(number.to_string())
    }

    fn from_bool(value: bool) -> Option<Self> {
        Some(value.to_string())
    }

    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl<T: Scalar> Scalar for Option<T> {
    const WHAT: &'static str = T::WHAT;

    fn from_integer(number: i128) -> Option<Self> {
        T::from_integer(number).map(Some)
    }

    fn from_float(number: f64) -> Option<Self> {
        T::from_float(number).map(Some)
    }

    fn from_bool(value: bool) -> Option<Self> {
        T::from_bool(value).map(Some)
    }

    fn from_text(text: &str) -> Option<Self> {
        if text.is_empty() {
            Some(None)
        } else {
            T::from_text(text).map(Some)
        }
    }

    fn from_null() -> Option<Self> {
        Some(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Scalar>(text: &str) -> Option<T> {
        lenient(&mut serde_json::Deserializer::from_str(text)).ok()
    }

    #[test]
    fn numbers_are_numbers_in_either_dress() {
        for text in ["57", r#""57""#, "57.0", r#"" 57 ""#, r#""57.00""#] {
            assert_eq!(read::<u64>(text), Some(57), "{text}");
            assert_eq!(read::<f64>(text), Some(57.0), "{text}");
        }
        assert_eq!(read::<i64>(r#""-5""#), Some(-5));
        assert_eq!(read::<f64>(r#""12.50""#), Some(12.5));
        assert_eq!(read::<u64>(&u64::MAX.to_string()), Some(u64::MAX));
        assert_eq!(read::<u64>(&format!("\"{}\"", u64::MAX)), Some(u64::MAX));
    }

    #[test]
    fn what_is_no_such_number_is_refused() {
        for text in [
            "5.5", r#""5.5""#, "-5", "1e30", "true", "null", r#""""#, r#""x""#, "[]", "{}",
            r#""NaN""#, r#""inf""#,
        ] {
            assert_eq!(read::<u64>(text), None, "{text}");
        }
        assert_eq!(read::<u16>("70000"), None);
        assert_eq!(read::<f64>(r#""NaN""#), None);
    }

    #[test]
    fn truth_has_many_spellings() {
        for text in ["true", "1", r#""t""#, r#""YES""#, r#""true""#, "1.0"] {
            assert_eq!(read::<bool>(text), Some(true), "{text}");
        }
        for text in ["false", "0", r#""f""#, r#""no""#] {
            assert_eq!(read::<bool>(text), Some(false), "{text}");
        }
        assert_eq!(read::<bool>("2"), None);
    }

    #[test]
    fn nothing_is_none_only_where_nothing_may_be() {
        for text in ["null", r#""""#, r#""  ""#] {
            assert_eq!(read::<Option<u64>>(text), Some(None), "{text}");
        }
        assert_eq!(read::<Option<u64>>(r#""7""#), Some(Some(7)));
        assert_eq!(read::<Option<u64>>(r#""x""#), None);
        assert_eq!(read::<String>("7"), Some("7".to_owned()));
        assert_eq!(read::<String>("null"), None);
    }

    #[test]
    fn a_message_does_not_repeat_the_value() {
        let error = lenient::<_, u64>(&mut serde_json::Deserializer::from_str(r#""canary""#))
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("expected a whole number"), "{error}");
    }
}
