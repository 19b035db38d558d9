//! Instants as either service writes them.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant of a reply: with `Z` or an offset as it says, without a zone as UTC (CONTRACT-nextpanel section 1).
///
/// ```
/// use nextpanel_client::Timestamp;
///
/// let naive: Timestamp = "2026-03-04T05:06:07.25".parse()?;
/// let zoned: Timestamp = "2026-03-04T07:06:07.25+02:00".parse()?;
/// assert_eq!(naive, zoned);
/// # Ok::<(), nextpanel_client::NoTimestamp>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

/// The text is no instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no date and time, such as 2026-03-04T05:06:07")]
pub struct NoTimestamp;

impl Timestamp {
    /// The instant.
    #[must_use]
    pub const fn get(self) -> jiff::Timestamp {
        self.0
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(instant: jiff::Timestamp) -> Self {
        Self(instant)
    }
}

impl From<Timestamp> for jiff::Timestamp {
    fn from(instant: Timestamp) -> Self {
        instant.0
    }
}

impl std::str::FromStr for Timestamp {
    type Err = NoTimestamp;

    fn from_str(text: &str) -> Result<Self, NoTimestamp> {
        let text = text.trim();
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Ok(Self(instant));
        }
        let civil = text
            .parse::<DateTime>()
            .or_else(|_| text.parse::<Date>().map(DateTime::from))
            .map_err(|_| NoTimestamp)?;
        civil
            .to_zoned(TimeZone::UTC)
            .map(|zoned| Self(zoned.timestamp()))
            .map_err(|_| NoTimestamp)
    }
}

/// With `Z`: what the PostgreSQL deployments write.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_contract_is_read() {
        for (text, instant) in [
            ("2026-11-20T06:47:07", "2026-11-20T06:47:07Z"),
            ("2026-11-20T06:47:07.123456", "2026-11-20T06:47:07.123456Z"),
            ("2026-11-20T06:47:07.123456Z", "2026-11-20T06:47:07.123456Z"),
            ("2026-11-20T06:47:07+02:00", "2026-11-20T04:47:07Z"),
            ("2026-11-20 06:47:07", "2026-11-20T06:47:07Z"),
            ("2026-11-20", "2026-11-20T00:00:00Z"),
        ] {
            let read: Timestamp = text.parse().unwrap();
            assert_eq!(read.to_string(), instant, "{text}");
        }
        for text in ["", "tomorrow", "2026-13-01", "2026-11-20T25:00:00"] {
            assert_eq!(text.parse::<Timestamp>(), Err(NoTimestamp), "{text}");
        }
    }
}
