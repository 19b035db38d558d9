//! The retry policy of a plan, as data: what the run waits before it tries again, and when it stops trying.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::id::StepPath;

/// Exponential delays with jitter that is drawn from the step path, so that a replay waits as the run did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryPolicy {
    /// Delay before the second try, in milliseconds.
    pub initial_ms: u64,
    /// No delay is longer than this, in milliseconds.
    pub cap_ms: u64,
    /// After this many failures without an answer the step needs attention.
    pub failures: u32,
    /// After this many requests that did not leave for one server the next ranked server is taken.
    pub not_sent_per_server: u32,
}

impl Default for RetryPolicy {
    /// 1 s doubling to 5 minutes, 8 failures, 2 unsent requests per server.
    fn default() -> Self {
        Self {
            initial_ms: 1_000,
            cap_ms: 300_000,
            failures: 8,
            not_sent_per_server: 2,
        }
    }
}

impl RetryPolicy {
    /// When to try again after failure number `failure` (counted from 1) at `now`.
    ///
    /// The delay lies between half and the whole of `initial * 2^(failure-1)`, capped.
    #[must_use]
    pub fn retry_at(&self, now: Timestamp, step: &StepPath, failure: u32) -> Timestamp {
        let exponent = failure.saturating_sub(1).min(32);
        let full = self
            .initial_ms
            .saturating_mul(1 << exponent)
            .min(self.cap_ms);
        let mut hash = Sha256::new();
        hash.update(step.as_str().as_bytes());
        hash.update(failure.to_be_bytes());
        let seed = hash
            .finalize()
            .iter()
            .take(4)
            .fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
        // 32 bits of hash as a fraction of the second half; u128 cannot overflow here.
        let half = full / 2;
        let jitter = (u128::from(full - half) * u128::from(seed)) >> 32;
        // Some time always passes, so that no policy makes a run spin.
        let delay = half
            .saturating_add(u64::try_from(jitter).unwrap_or(u64::MAX))
            .max(1);
        later(now, Duration::from_millis(delay))
    }
}

/// `now` plus `delay`, or the last instant there is.
pub(crate) fn later(now: Timestamp, delay: Duration) -> Timestamp {
    SignedDuration::try_from(delay)
        .ok()
        .and_then(|delay| now.checked_add(delay).ok())
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn delays_double_stay_within_their_half_and_never_pass_the_cap() {
        let policy = RetryPolicy {
            initial_ms: 1_000,
            cap_ms: 10_000,
            failures: 8,
            not_sent_per_server: 2,
        };
        let step = StepPath::from("hosting/starter/example.com");
        for failure in 1..=40_u32 {
            let full = (1_000_u64 << (failure - 1).min(20)).min(10_000);
            let delay = policy
                .retry_at(at(1_000), &step, failure)
                .duration_since(at(1_000))
                .as_millis();
            assert!(
                delay >= i128::from(full / 2) && delay <= i128::from(full),
                "failure {failure}: {delay} ms of {full}"
            );
        }
    }

    #[test]
    fn the_same_step_and_failure_always_wait_the_same_and_others_do_not() {
        let policy = RetryPolicy::default();
        let (a, b) = (StepPath::from("a"), StepPath::from("b"));
        assert_eq!(policy.retry_at(at(5), &a, 3), policy.retry_at(at(5), &a, 3));
        assert_ne!(policy.retry_at(at(5), &a, 3), policy.retry_at(at(5), &b, 3));
    }

    #[test]
    fn the_end_of_time_is_a_ceiling() {
        assert_eq!(
            later(Timestamp::MAX, Duration::from_secs(1)),
            Timestamp::MAX
        );
    }
}
