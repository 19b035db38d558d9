//! How this server writes moments and dates: not the same everywhere (contract, section 5).

use jiff::civil::{Date, DateTime};

/// At the top level of a row: milliseconds and `Z`.
pub(super) fn iso(moment: DateTime) -> String {
    let millis = moment.subsec_nanosecond() / 1_000_000;
    format!("{}.{millis:03}Z", moment.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// Inside aggregated JSON: PostgreSQL's text, microseconds without zone, no zeros at the end.
pub(super) fn postgres(moment: DateTime) -> String {
    let seconds = moment.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let micros = format!("{:06}", moment.subsec_nanosecond() / 1_000);
    let micros = micros.trim_end_matches('0');
    if micros.is_empty() {
        seconds
    } else {
        format!("{seconds}.{micros}")
    }
}

/// A date at the top level of a row: midnight where the server stands.
pub(super) fn midnight(date: Date, hours_behind_utc: u8) -> String {
    format!("{date}T{hours_behind_utc:02}:00:00.000Z")
}

/// The milliseconds since 1970 of a moment in UTC.
pub(super) fn epoch_milliseconds(moment: DateTime) -> i64 {
    moment
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(0, |zoned| zoned.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_moment_has_two_spellings_and_a_date_a_third() {
        let moment = DateTime::constant(2026, 2, 3, 8, 30, 0, 245_850_000);
        assert_eq!(iso(moment), "2026-02-03T08:30:00.245Z");
        assert_eq!(postgres(moment), "2026-02-03T08:30:00.24585");
        let whole = DateTime::constant(2026, 2, 3, 8, 30, 0, 0);
        assert_eq!(iso(whole), "2026-02-03T08:30:00.000Z");
        assert_eq!(postgres(whole), "2026-02-03T08:30:00");
        assert_eq!(midnight(whole.date(), 5), "2026-02-03T05:00:00.000Z");
        assert_eq!(epoch_milliseconds(whole), 1_770_107_400_000);
    }
}
