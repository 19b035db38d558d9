use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use http::HeaderMap;
use tokio::time::Instant;

use crate::retry_hint::window_left;

/// What the server's replies say about its limit (`X-RateLimit-Remaining`, `-Reset`; mPanel contract 4), so that the
/// request after the last permitted one is held back rather than refused.
///
/// The newest reply counts. A server that reports limits of different routes under the same names is taken at the word
/// of whichever it reported last.
#[derive(Debug, Default)]
pub(crate) struct RateLimit {
    window: Mutex<Option<Window>>,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    /// Requests the server still permits, less those sent since it said so.
    remaining: u64,
    /// When it begins anew.
    resets_at: Instant,
}

/// Why there is no leave for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) remaining: u64,
    pub(crate) resets_in: Duration,
}

impl RateLimit {
    /// Takes leave for one request, or tells how long there is none.
    pub(crate) fn take(&self, now: Instant) -> Result<(), Duration> {
        self.take_above(0, now).map_err(|held| held.resets_in)
    }

    /// Takes leave for one request if the server permits more than `floor`.
    pub(crate) fn take_above(&self, floor: u64, now: Instant) -> Result<(), Held> {
        let mut window = self.window();
        match window.as_mut() {
            Some(known) if now < known.resets_at => {
                if known.remaining <= floor {
                    return Err(Held {
                        remaining: known.remaining,
                        resets_in: known.resets_at.saturating_duration_since(now),
                    });
                }
                known.remaining = known.remaining.saturating_sub(1);
                Ok(())
            }
            // Nothing is known of this window until its first reply.
            _ => {
                *window = None;
                Ok(())
            }
        }
    }

    /// What the server permits, as far as it is known.
    pub(crate) fn remaining(&self, now: Instant) -> Option<u64> {
        let window = *self.window();
        window
            .filter(|known| now < known.resets_at)
            .map(|known| known.remaining)
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
            Some(known) if is_same(known.resets_at, resets_at) => known.remaining.min(remaining),
            _ => remaining,
        };
        *window = Some(Window {
            remaining,
            resets_at,
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

    fn headers(remaining: &str, reset: u64) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [
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
        learn(&limit, &headers("-1", 60), now);
        assert!((0..1000).all(|_| limit.take(now).is_ok()));
    }

    #[test]
    fn the_last_permitted_request_is_the_last_until_the_window_ends() {
        let limit = RateLimit::default();
        let now = Instant::now();
        learn(&limit, &headers("2", 60), now);
        assert_eq!(limit.take(now), Ok(()));
        assert_eq!(limit.take(now), Ok(()));
        assert_eq!(limit.take(now), Err(seconds(60)));
        assert_eq!(limit.take(now + seconds(59)), Err(seconds(1)));
        let then = now + seconds(60);
        assert!((0..1000).all(|_| limit.take(then).is_ok()));
    }

    #[test]
    fn a_reply_that_was_overtaken_gives_nothing_back() {
        let limit = RateLimit::default();
        let now = Instant::now();
        learn(&limit, &headers("1", 60), now);
        learn(&limit, &headers("5", 61), now);
        assert_eq!(limit.take(now), Ok(()));
        assert!(limit.take(now).is_err());
        // A window that ends much later is another one.
        learn(&limit, &headers("5", 900), now);
        assert!((0..5).all(|_| limit.take(now).is_ok()));
        assert_eq!(limit.take(now), Err(seconds(900)));
    }
}
