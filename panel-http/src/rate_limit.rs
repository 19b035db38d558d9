use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use http::HeaderMap;
use tokio::time::Instant;

use crate::retry_hint::window_left;

/// What the server's replies say about its limit (`X-RateLimit-Limit`, `-Remaining`, `-Reset`; mPanel contract 4), so
/// that the request after the last permitted one is held back rather than refused.
///
/// The newest reply counts. A server that reports limits of different routes under the same names is taken at the word
/// of whichever it reported last.
#[derive(Debug, Default)]
pub(crate) struct RateLimit {
    window: Mutex<Option<Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    limit: Option<u64>,
    /// Requests the server still permits, less those sent since it said so.
    remaining: u64,
    /// When it begins anew. None once it did and no reply has told of the new one yet.
    resets_at: Option<Instant>,
}

impl RateLimit {
    /// Takes leave for one request, or tells how long there is none.
    pub(crate) fn take(&self, now: Instant) -> Result<(), Duration> {
        let mut window = self.window();
        let Some(known) = window.as_mut() else {
            return Ok(());
        };
        if known.resets_at.is_none_or(|at| at <= now) {
            match known.limit {
                // The new window is as large as the last, until a reply says more.
                Some(limit) if known.resets_at.is_some() => {
                    known.remaining = limit;
                    known.resets_at = None;
                }
                Some(_) => {}
                None => {
                    *window = None;
                    return Ok(());
                }
            }
        }
        match (known.remaining.checked_sub(1), known.resets_at) {
            (Some(left), _) => {
                known.remaining = left;
                Ok(())
            }
            (None, Some(at)) => Err(at.saturating_duration_since(now)),
            // As many as the last window permitted are under way. The rest go too: nobody knows how long to wait.
            (None, None) => Ok(()),
        }
    }

    /// Reads a reply.
    pub(crate) fn learn(&self, headers: &HeaderMap, now: Instant, wall_clock: SystemTime) {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse().ok();
        let (Some(remaining), Some(left)) = (
            number("x-ratelimit-remaining"),
            window_left(headers, wall_clock),
        ) else {
            return;
        };
        let Some(resets_at) = now.checked_add(left) else {
            return;
        };
        let mut window = self.window();
        let remaining = match &*window {
            // Replies overtake each other: within one window the lower number is the later one.
            Some(known) if known.resets_at.is_some_and(|at| is_same(at, resets_at)) => {
                known.remaining.min(remaining)
            }
            _ => remaining,
        };
        *window = Some(Window {
            limit: number("x-ratelimit-limit"),
            remaining,
            resets_at: Some(resets_at),
        });
    }

    fn window(&self) -> MutexGuard<'_, Option<Window>> {
        self.window.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The server tells whole seconds, and the way takes its time.
fn is_same(one: Instant, other: Instant) -> bool {
    const SLACK: Duration = Duration::from_millis(2500);
    one.saturating_duration_since(other) < SLACK && other.saturating_duration_since(one) < SLACK
}

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: u64 = 784_111_777;

    fn headers(limit: &str, remaining: &str, reset: u64) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("x-ratelimit-limit", limit),
            ("x-ratelimit-remaining", remaining),
            ("x-ratelimit-reset", &(EPOCH + reset).to_string()),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        headers
    }

    fn learn(limit: &RateLimit, headers: &HeaderMap, now: Instant) {
        limit.learn(
            headers,
            now,
            SystemTime::UNIX_EPOCH + Duration::from_secs(EPOCH),
        );
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn nothing_is_held_back_before_anything_is_known() {
        let limit = RateLimit::default();
        let now = Instant::now();
        learn(&limit, &HeaderMap::new(), now);
        learn(&limit, &headers("100", "-1", 60), now);
        assert!((0..1000).all(|_| limit.take(now).is_ok()));
    }

    #[test]
    fn the_last_permitted_request_is_the_last_until_the_window_ends() {
        let limit = RateLimit::default();
        let now = Instant::now();
        learn(&limit, &headers("3", "2", 60), now);
        assert_eq!(limit.take(now), Ok(()));
        assert_eq!(limit.take(now), Ok(()));
        assert_eq!(limit.take(now), Err(seconds(60)));
        assert_eq!(limit.take(now + seconds(59)), Err(seconds(1)));
        let then = now + seconds(60);
        assert!((0..3).all(|_| limit.take(then).is_ok()));
    }

    #[test]
    fn a_reply_that_was_overtaken_gives_nothing_back() {
        let limit = RateLimit::default();
        let now = Instant::now();
        learn(&limit, &headers("9", "1", 60), now);
        learn(&limit, &headers("9", "5", 61), now);
        assert_eq!(limit.take(now), Ok(()));
        assert!(limit.take(now).is_err());
        // A window that ends much later is another one.
        learn(&limit, &headers("9", "5", 900), now);
        assert!((0..5).all(|_| limit.take(now).is_ok()));
        assert_eq!(limit.take(now), Err(seconds(900)));
    }

    #[test]
    fn a_window_without_its_size_is_forgotten_at_its_end() {
        let limit = RateLimit::default();
        let now = Instant::now();
        learn(&limit, &headers("many", "0", 60), now);
        assert_eq!(limit.take(now), Err(seconds(60)));
        assert!((0..1000).all(|_| limit.take(now + seconds(60)).is_ok()));
    }
}
