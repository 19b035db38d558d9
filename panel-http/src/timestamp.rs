use std::{fmt, str::FromStr};

use jiff::{civil::DateTime, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Visitor};

/// A moment, however the server writes it: ISO 8601 with or without fraction, with offset, with `Z`, or without any zone
/// (which means UTC), a date alone (its midnight in UTC), or milliseconds of the epoch (mPanel contract 5, NextPanel
/// contract 1). It is sent as ISO 8601 with `Z`.
///
/// Numbers below 100,000,000,000 are taken as seconds of the epoch: as milliseconds they would lie before April 1973.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// A text that is no moment. Does not repeat it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a date and time")]
pub struct NoTimestamp;

impl Timestamp {
    /// This moment.
    #[must_use]
    pub const fn new(moment: jiff::Timestamp) -> Self {
        Self(moment)
    }

    /// The moment.
    #[must_use]
    pub const fn moment(self) -> jiff::Timestamp {
        self.0
    }

    /// From a number of the epoch, see the type.
    ///
    /// # Errors
    /// If it lies beyond the year 9999.
    pub fn from_epoch(number: i64) -> Result<Self, NoTimestamp> {
        const SMALLEST_MILLISECONDS: u64 = 100_000_000_000;
        let moment = if number.unsigned_abs() < SMALLEST_MILLISECONDS {
            jiff::Timestamp::from_second(number)
        } else {
            jiff::Timestamp::from_millisecond(number)
        };
        moment.map(Self).map_err(|_| NoTimestamp)
    }
}

impl FromStr for Timestamp {
    type Err = NoTimestamp;

    fn from_str(text: &str) -> Result<Self, NoTimestamp> {
        let text = text.trim();
        if let Ok(moment) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(moment));
        }
        if let Ok(number) = text.parse() {
            return Self::from_epoch(number);
        }
        let naive: DateTime = text.parse().map_err(|_| NoTimestamp)?;
        TimeZone::UTC
            .to_timestamp(naive)
            .map(Self)
            .map_err(|_| NoTimestamp)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl From<Timestamp> for jiff::Timestamp {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.0
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(moment: jiff::Timestamp) -> Self {
        Self(moment)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TimestampVisitor)
    }
}

struct TimestampVisitor;

impl Visitor<'_> for TimestampVisitor {
    type Value = Timestamp;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date and time")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Timestamp, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Timestamp, E> {
        Timestamp::from_epoch(number).map_err(E::custom)
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Timestamp, E> {
        let number = i64::try_from(number).map_err(|_| E::custom(NoTimestamp))?;
        self.visit_i64(number)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "casts saturate, and a saturated number is refused"
    )]
    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Timestamp, E> {
        self.visit_i64(number as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<String> {
        serde_json::from_str::<Timestamp>(json)
            .ok()
            .map(|moment| moment.to_string())
    }

    #[test]
    fn every_form_is_the_same_moment() {
        for json in [
            r#""2026-11-20T06:49:46Z""#,
            r#""2026-11-20T06:49:46.000Z""#,
            r#""2026-11-20T06:49:46""#,
            r#""2026-11-20 06:49:46""#,
            r#""2026-11-20 06:49:46+00""#,
            r#""2026-11-20T06:49:46.000000+00:00""#,
            r#""2026-11-20T08:49:46+02:00""#,
            "1795157386000",
            "1795157386",
            r#""1795157386000""#,
            "1795157386000.0",
        ] {
            assert_eq!(
                read(json).as_deref(),
                Some("2026-11-20T06:49:46Z"),
                "{json}"
            );
        }
    }

    #[test]
    fn fractions_are_kept_and_dates_begin_at_midnight() {
        assert_eq!(
            read(r#""2026-11-20T06:49:46.245855""#).as_deref(),
            Some("2026-11-20T06:49:46.245855Z")
        );
        assert_eq!(
            read(r#""2026-12-01""#).as_deref(),
            Some("2026-12-01T00:00:00Z")
        );
        assert_eq!(read("0").as_deref(), Some("1970-01-01T00:00:00Z"));
    }

    #[test]
    fn what_is_no_moment_is_refused_without_repeating_it() {
        for json in [
            r#""""#,
            r#""canary""#,
            r#""2026-13-01""#,
            r#""25:00""#,
            "9223372036854775807",
            "18446744073709551615",
            "1e300",
            "true",
            "{}",
        ] {
            let error = serde_json::from_str::<Timestamp>(json)
                .unwrap_err()
                .to_string();
            assert!(!error.contains("canary"), "{error}");
        }
    }
}
