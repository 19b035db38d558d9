//! Points in time, as either database has them written.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Serialize, Serializer};

use super::Database;
use crate::clock::isoformat;

/// A point in time as rows show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    at: DateTime,
    is_aware: bool,
}

impl Moment {
    pub(super) fn at(self) -> DateTime {
        self.at
    }

    /// So many days later, or the same moment if there is no such day.
    pub(super) fn plus_days(self, days: i64) -> Self {
        let later = Span::new()
            .try_days(days)
            .and_then(|span| self.at.checked_add(span));
        Self {
            at: later.unwrap_or(self.at),
            ..self
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = isoformat(self.at);
        if self.is_aware {
            serializer.collect_str(&format_args!("{text}Z"))
        } else {
            serializer.serialize_str(&text)
        }
    }
}

impl Database {
    /// A moment that the program wrote: to the microsecond on either.
    pub(super) fn by_program(self, at: DateTime) -> Moment {
        Moment {
            at,
            is_aware: self == Self::Postgresql,
        }
    }

    /// A moment that the database wrote: in whole seconds on SQLite.
    pub(super) fn by_itself(self, at: DateTime) -> Moment {
        let at = match self {
            Self::Sqlite => at.with().subsec_nanosecond(0).build().unwrap_or(at),
            Self::Postgresql => at,
        };
        self.by_program(at)
    }

    /// A moment that was sent; nothing if it is none. A date alone is its midnight. SQLite drops an offset.
    pub(super) fn read(self, text: &str) -> Option<Moment> {
        let text = text.trim();
        let naive = text.strip_suffix(['Z', 'z']).unwrap_or(text);
        let civil = || naive.parse::<DateTime>().ok();
        let at = match (self, text.parse::<Timestamp>()) {
            (Self::Postgresql, Ok(instant)) => Some(TimeZone::UTC.to_datetime(instant)),
            _ => civil(),
        };
        let at = at.or_else(|| naive.parse::<Date>().ok().map(DateTime::from))?;
        Some(self.by_program(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(database: Database, text: &str) -> Option<String> {
        let moment = database.read(text)?;
        serde_json::to_value(moment)
            .ok()?
            .as_str()
            .map(str::to_owned)
    }

    #[test]
    fn sqlite_drops_an_offset_and_postgresql_converts_it() {
        for (text, sqlite, postgresql) in [
            (
                "2027-01-02T03:04:05+02:00",
                "2027-01-02T03:04:05",
                "2027-01-02T01:04:05Z",
            ),
            (
                "2027-01-02T03:04:05Z",
                "2027-01-02T03:04:05",
                "2027-01-02T03:04:05Z",
            ),
            (
                "2027-01-02T03:04:05.25",
                "2027-01-02T03:04:05.250000",
                "2027-01-02T03:04:05.250000Z",
            ),
            ("2027-01-02", "2027-01-02T00:00:00", "2027-01-02T00:00:00Z"),
        ] {
            assert_eq!(read(Database::Sqlite, text).as_deref(), Some(sqlite));
            assert_eq!(
                read(Database::Postgresql, text).as_deref(),
                Some(postgresql)
            );
        }
        assert_eq!(read(Database::Sqlite, "tomorrow"), None);
    }

    #[test]
    fn only_sqlite_writes_whole_seconds() {
        let at = DateTime::constant(2026, 1, 15, 9, 0, 1, 13_020_000);
        let shown = |moment| serde_json::to_value(moment).unwrap();
        assert_eq!(shown(Database::Sqlite.by_itself(at)), "2026-01-15T09:00:01");
        assert_eq!(
            shown(Database::Sqlite.by_program(at)),
            "2026-01-15T09:00:01.013020"
        );
        assert_eq!(
            shown(Database::Postgresql.by_itself(at)),
            "2026-01-15T09:00:01.013020Z"
        );
    }

    #[test]
    fn days_that_do_not_exist_change_nothing() {
        let moment = Database::Sqlite.by_program(DateTime::constant(2026, 1, 15, 9, 0, 0, 0));
        assert_eq!(moment.plus_days(i64::MAX), moment);
        assert_eq!(moment.plus_days(30).at().date().to_string(), "2026-02-14");
    }
}
