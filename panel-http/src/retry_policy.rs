use std::time::Duration;

/// How often and after how long a call is repeated. Reads as a sentence:
///
/// ```
/// use panel_http::RetryPolicy;
/// use std::time::Duration;
///
/// let patient = RetryPolicy::default()
///     .with_attempts(6)
///     .with_longest_hint(Duration::from_secs(120));
/// assert_eq!(patient.attempts(), 6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    first_delay: Duration,
    longest_delay: Duration,
    longest_hint: Duration,
    repeats_internal_errors: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 4,
            first_delay: Duration::from_millis(250),
            longest_delay: Duration::from_secs(20),
            longest_hint: Duration::from_secs(60),
            repeats_internal_errors: true,
        }
    }
}

impl RetryPolicy {
    /// One attempt and no more.
    #[must_use]
    pub fn never() -> Self {
        Self::default().with_attempts(1)
    }

    /// Attempts in all, the first included (default 4, at least 1).
    #[must_use]
    pub const fn with_attempts(mut self, attempts: u32) -> Self {
        self.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// The delay before the first repetition is drawn from zero to this (default 250 ms), then doubles.
    #[must_use]
    pub const fn with_first_delay(mut self, delay: Duration) -> Self {
        self.first_delay = delay;
        self
    }

    /// Longest delay of our own choice (default 20 s).
    #[must_use]
    pub const fn with_longest_delay(mut self, delay: Duration) -> Self {
        self.longest_delay = delay;
        self
    }

    /// Longest delay a server may ask for (default 60 s); beyond it the call gives up at once and reports it.
    #[must_use]
    pub const fn with_longest_hint(mut self, hint: Duration) -> Self {
        self.longest_hint = hint;
        self
    }

    /// Whether a 500 counts as a fault of the moment (default true); mPanel answers bad input with it.
    #[must_use]
    pub const fn with_internal_errors_repeated(mut self, repeated: bool) -> Self {
        self.repeats_internal_errors = repeated;
        self
    }

    /// Attempts in all.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Longest delay a server may ask for.
    #[must_use]
    pub const fn longest_hint(&self) -> Duration {
        self.longest_hint
    }

    /// Whether a 500 counts as a fault of the moment.
    #[must_use]
    pub const fn repeats_internal_errors(&self) -> bool {
        self.repeats_internal_errors
    }

    /// Delay before repetition number `retry` (from 0) without a hint: full jitter, `rand01` in `0..1`.
    #[must_use]
    pub fn backoff(&self, retry: u32, rand01: f64) -> Duration {
        let ceiling = self
            .first_delay
            .saturating_mul(2u32.saturating_pow(retry))
            .min(self.longest_delay);
        let share = if rand01.is_finite() {
            rand01.clamp(0.0, 1.0)
        } else {
            1.0
        };
        Duration::try_from_secs_f64(ceiling.as_secs_f64() * share)
            .map_or(ceiling, |delay| delay.min(ceiling))
    }
}
