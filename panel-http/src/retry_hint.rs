use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};
use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

/// How long a reply asks to wait: `Retry-After` in seconds or as HTTP date, `RateLimit-Reset` in seconds,
/// `X-RateLimit-Reset` as seconds of the epoch, else a number from the body (mPanel contract 4).
///
/// Rate-limit headers count only where the limit was hit (`is_rate_limited`): mPanel sends them with every reply.
/// Dates are taken relative to the reply's own `Date`, so that a wrong clock on this machine does not matter.
pub(crate) fn retry_hint(
    headers: &HeaderMap,
    from_body: Option<f64>,
    is_rate_limited: bool,
    now: SystemTime,
) -> Option<Duration> {
    let retry_after = text(headers, "retry-after")
        .and_then(|value| seconds(value).or_else(|| until(headers, http_date(value)?, now)));
    let reset = || {
        if !is_rate_limited {
            return None;
        }
        text(headers, "ratelimit-reset")
            .and_then(seconds)
            .or_else(|| window_left(headers, now))
    };
    let body = || from_body.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    retry_after.or_else(body).or_else(reset)
}

/// How long the window of `X-RateLimit-*` lasts from the reply on.
pub(crate) fn window_left(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let epoch = text(headers, "x-ratelimit-reset")?.parse().ok()?;
    until(headers, Timestamp::from_second(epoch).ok()?, now)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Time from the reply's own `Date`, else from `now`, to `then`; zero if that is past.
fn until(headers: &HeaderMap, then: Timestamp, now: SystemTime) -> Option<Duration> {
    let sent = text(headers, header::DATE.as_str())
        .and_then(http_date)
        .or_else(|| Timestamp::try_from(now).ok())?;
    Some(Duration::try_from(then.duration_since(sent)).unwrap_or(Duration::ZERO))
}

fn seconds(text: &str) -> Option<Duration> {
    Duration::try_from_secs_f64(text.parse().ok()?).ok()
}

fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new()
        .relaxed_weekday(true)
        .parse_timestamp(text)
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: u64 = 784_111_777;

    fn hint(
        pairs: &[(&'static str, &'static str)],
        body: Option<f64>,
        limited: bool,
    ) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().unwrap());
        }
        // Sun, 06 Nov 1994 08:49:37 GMT
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH);
        retry_hint(&headers, body, limited, now).map(|hint| hint.as_secs())
    }

    #[test]
    fn every_form_is_read() {
        assert_eq!(hint(&[("retry-after", "17")], None, false), Some(17));
        assert_eq!(
            hint(
                &[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")],
                None,
                false
            ),
            Some(60)
        );
        assert_eq!(
            hint(
                &[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")],
                None,
                false
            ),
            Some(0)
        );
        assert_eq!(
            hint(&[("x-ratelimit-reset", "784111800")], None, true),
            Some(23)
        );
        assert_eq!(
            hint(
                &[
                    ("ratelimit-reset", "42"),
                    ("x-ratelimit-reset", "784111800")
                ],
                None,
                true
            ),
            Some(42)
        );
        assert_eq!(hint(&[], Some(5.0), false), Some(5));
        assert_eq!(hint(&[], None, true), None);
    }

    #[test]
    fn limits_of_replies_that_were_not_limited_are_no_hint() {
        assert_eq!(
            hint(&[("x-ratelimit-reset", "784111800")], None, false),
            None
        );
    }

    #[test]
    fn dates_count_from_the_clock_of_the_server() {
        let pairs = [
            ("date", "Sun, 06 Nov 1994 09:49:37 GMT"),
            ("retry-after", "Sun, 06 Nov 1994 09:49:57 GMT"),
        ];
        assert_eq!(hint(&pairs, None, false), Some(20));
    }

    #[test]
    fn nonsense_is_no_hint() {
        for value in [
            "",
            "soon",
            "-5",
            "NaN",
            "1e400",
            "Sun, 99 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(
                hint(&[("retry-after", value)], None, false),
                None,
                "{value}"
            );
        }
    }
}
