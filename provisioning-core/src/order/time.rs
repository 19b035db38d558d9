//! Instants in every spelling of the wire.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// An instant as either panel or Stripe writes it: ISO 8601 with or without zone (without means UTC), or the epoch in
/// seconds or milliseconds.
pub(super) fn instant(value: &Value) -> Option<Timestamp> {
    // Seconds reach this value in the year 5138, milliseconds passed it in 1973.
    const LEAST_MILLISECONDS: i64 = 100_000_000_000;
    match value {
        Value::Number(number) => match number.as_i64()? {
            seconds if seconds < LEAST_MILLISECONDS => Timestamp::from_second(seconds).ok(),
            milliseconds => Timestamp::from_millisecond(milliseconds).ok(),
        },
        Value::String(text) => {
            let text = text.trim();
            text.parse::<Timestamp>().ok().or_else(|| {
                let naive: DateTime = text.parse().ok()?;
                Some(naive.to_zoned(TimeZone::UTC).ok()?.timestamp())
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_read_in_every_spelling_of_the_wire() {
        for value in [
            json!("2026-11-20T06:49:46Z"),
            json!("2026-11-20T06:49:46.000Z"),
            json!("2026-11-20T06:49:46"),
            json!("2026-11-20T07:49:46+01:00"),
            json!("2026-11-20 06:49:46"),
            json!(1_795_157_386),
            json!(1_795_157_386_000_i64),
        ] {
            assert_eq!(
                instant(&value).map(Timestamp::as_second),
                Some(1_795_157_386),
                "{value}"
            );
        }
        for value in [json!("yesterday"), json!(1.5), json!(i64::MAX), json!([1])] {
            assert_eq!(instant(&value), None, "{value}");
        }
        assert_eq!(
            instant(&json!("2026-11-20")).map(Timestamp::as_second),
            Some(1_795_132_800)
        );
    }
}
