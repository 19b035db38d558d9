//! The limiters: so many requests per window, in memory (contract, section 4).

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::settings::Limit;

/// What a limiter says to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// Until the window ends.
    pub(super) left: Duration,
    pub(super) is_refused: bool,
}

impl Verdict {
    /// Until the window ends, in whole seconds, never early.
    pub(super) fn seconds_left(&self) -> u64 {
        self.left.as_secs() + u64::from(self.left.subsec_nanos() > 0)
    }

    /// When the window ends, in seconds since 1970.
    pub(super) fn reset_epoch_seconds(&self) -> u64 {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        (now + self.left).as_secs()
    }
}

/// Counts requests in windows that begin with the first request after the last one ended.
pub(super) struct Limiter {
    limit: Limit,
    window: Option<(Instant, u32)>,
}

impl Limiter {
    pub(super) fn new(limit: Limit) -> Self {
        Self {
            limit,
            window: None,
        }
    }

    /// Counts a request.
    pub(super) fn count(&mut self, now: Instant) -> Verdict {
        let current = self
            .window
            .filter(|(begun, _)| now.saturating_duration_since(*begun) < self.limit.window);
        let (begun, before) = current.unwrap_or((now, 0));
        let count = before.saturating_add(1);
        self.window = Some((begun, count));
        Verdict {
            limit: self.limit.requests,
            remaining: self.limit.requests.saturating_sub(count),
            left: self
                .limit
                .window
                .saturating_sub(now.saturating_duration_since(begun)),
            is_refused: count > self.limit.requests,
        }
    }

    /// Begins a new window.
    pub(super) fn reset(&mut self) {
        self.window = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_over_the_limit_are_refused_until_the_window_ends() {
        let mut limiter = Limiter::new(Limit {
            requests: 2,
            window: Duration::from_secs(10),
        });
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_millis(seconds);
        let verdicts: Vec<_> = [0, 1, 2, 9_999, 10_000]
            .map(|moment| limiter.count(at(moment)))
            .iter()
            .map(|verdict| (verdict.remaining, verdict.is_refused))
            .collect();
        let expected = [(1, false), (0, false), (0, true), (0, true), (1, false)];
        assert_eq!(verdicts, expected);
        let verdict = limiter.count(at(12_500));
        assert_eq!(verdict.left, Duration::from_millis(7_500));
        assert_eq!(verdict.seconds_left(), 8);
        limiter.reset();
        assert_eq!(limiter.count(at(12_600)).remaining, 1);
    }
}
