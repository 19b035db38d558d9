//! What the database makes of values, and its words for those it refuses.

use jiff::civil::{Date, DateTime};
use serde_json::Value;
use uuid::Uuid;

/// A value the database refuses, in its own words, which some routes pass on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused(pub(super) String);

type Taken<T> = Result<Option<T>, Refused>;

/// Whether a JavaScript condition holds for it.
pub(super) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// A value as the driver writes it into a statement; nothing for `null` and for what is missing.
pub(super) fn parameter(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// A value for a UUID column.
pub(super) fn uuid(value: Option<&Value>) -> Taken<String> {
    parameter(value)
        .map(|text| check_uuid(&text).map(|()| text.to_ascii_lowercase()))
        .transpose()
}

/// Whether a text is a UUID.
pub(super) fn check_uuid(text: &str) -> Result<(), Refused> {
    match Uuid::try_parse(text) {
        Ok(_) => Ok(()),
        Err(_) => Err(syntax("uuid", text)),
    }
}

/// A value for an integer column.
pub(super) fn integer(value: Option<&Value>) -> Taken<i64> {
    parameter(value)
        .map(|text| match text.trim().parse::<i32>() {
            Ok(number) => Ok(i64::from(number)),
            Err(_) => Err(syntax("integer", &text)),
        })
        .transpose()
}

/// A value for a NUMERIC column with so many places after the point, as rows show it.
pub(super) fn numeric(value: Option<&Value>, places: usize) -> Taken<String> {
    parameter(value)
        .map(|text| match text.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(format!("{number:.places$}")),
            _ => Err(syntax("numeric", &text)),
        })
        .transpose()
}

/// A value for a boolean column.
pub(super) fn boolean(value: Option<&Value>) -> Taken<bool> {
    parameter(value)
        .map(|text| match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "on" | "1" => Ok(true),
            "false" | "f" | "no" | "off" | "0" => Ok(false),
            _ => Err(syntax("boolean", &text)),
        })
        .transpose()
}

/// A value for a date column; of a moment the day counts.
pub(super) fn date(value: Option<&Value>) -> Taken<Date> {
    parameter(value)
        .map(|text| {
            let day = text.get(..10).unwrap_or(&text);
            day.parse().map_err(|_| syntax("date", &text))
        })
        .transpose()
}

/// A value for a column of moments; a day alone is its midnight.
pub(super) fn moment(value: Option<&Value>) -> Taken<DateTime> {
    parameter(value)
        .map(|text| {
            let bare = text.trim_end_matches('Z');
            bare.parse::<DateTime>()
                .or_else(|_| bare.parse::<Date>().map(DateTime::from))
                .map_err(|_| syntax("timestamp", &text))
        })
        .transpose()
}

/// A value for a text column of limited length.
pub(super) fn characters(value: Option<&Value>, most: usize, kind: &str) -> Taken<String> {
    match parameter(value) {
        Some(text) if text.chars().count() > most => {
            Err(Refused(format!("value too long for type {kind}({most})")))
        }
        taken => Ok(taken),
    }
}

/// A NUMERIC as aggregated JSON shows it.
pub(super) fn number(numeric: Option<&str>) -> Value {
    numeric
        .and_then(|text| text.parse::<f64>().ok())
        .map_or(Value::Null, Value::from)
}

pub(super) fn null_violation(column: &str, table: &str) -> Refused {
    Refused(format!(
        "null value in column \"{column}\" of relation \"{table}\" violates not-null constraint"
    ))
}

pub(super) fn duplicate(constraint: &str) -> Refused {
    Refused(format!(
        "duplicate key value violates unique constraint \"{constraint}\""
    ))
}

fn syntax(kind: &str, text: &str) -> Refused {
    Refused(format!("invalid input syntax for type {kind}: \"{text}\""))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_taken_as_the_database_takes_them() {
        assert_eq!(numeric(Some(&json!(19.9)), 2), Ok(Some("19.90".into())));
        assert_eq!(numeric(Some(&json!("0.1")), 4), Ok(Some("0.1000".into())));
        assert_eq!(numeric(Some(&Value::Null), 2), Ok(None));
        assert_eq!(integer(Some(&json!("1999"))), Ok(Some(1999)));
        assert_eq!(
            integer(Some(&json!(19.99))),
            Err(Refused(
                "invalid input syntax for type integer: \"19.99\"".into()
            ))
        );
        assert_eq!(boolean(Some(&json!(false))), Ok(Some(false)));
        assert_eq!(
            date(Some(&json!("2026-12-20T10:00:00.000Z"))),
            Ok(Some(Date::constant(2026, 12, 20)))
        );
        assert!(date(Some(&json!("soon"))).is_err());
        assert_eq!(
            moment(Some(&json!("2026-12-20"))),
            Ok(Some(DateTime::constant(2026, 12, 20, 0, 0, 0, 0)))
        );
        assert!(uuid(Some(&json!("7"))).is_err());
        assert_eq!(number(Some("19.99")), json!(19.99));
        let long = characters(Some(&json!("USA")), 2, "character");
        let expected = Refused("value too long for type character(2)".into());
        assert_eq!(long, Err(expected));
    }

    #[test]
    fn truth_is_as_in_javascript() {
        for (value, expected) in [
            (json!(null), false),
            (json!(""), false),
            (json!(0), false),
            (json!("0"), true),
            (json!([]), true),
            (json!({}), true),
        ] {
            assert_eq!(is_truthy(&value), expected, "{value}");
        }
    }
}
