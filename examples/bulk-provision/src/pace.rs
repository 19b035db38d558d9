//! How fast it goes, and how fast the panels let it go.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The rate is that of the last while.
const WINDOW: Duration = Duration::from_secs(30);

/// An mPanel takes 100 requests in 15 minutes from one address, and an order may cost 14 of them.
const MPANEL_SECONDS_PER_ORDER: f64 = 14.0 * 900.0 / 100.0;

/// A NextPanel account costs its creation, its reading back and a login.
const CALLS_PER_ACCOUNT: f64 = 3.0;

/// What is left to be asked of the panels.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Demand {
    /// Orders with something on NextPanel.
    pub(crate) on_nextpanel: u64,
    /// Orders with something on mPanel.
    pub(crate) on_mpanel: u64,
}

/// What the panels allow.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allowed {
    /// NextPanel servers.
    pub(crate) servers: usize,
    /// The most calls a second to each of them, if we limit ourselves.
    pub(crate) per_second: Option<f64>,
}

impl Demand {
    /// The shortest time in which the panels' limiters let all of it through.
    pub(crate) fn shortest(self, allowed: Allowed) -> Duration {
        let nextpanel = match allowed.per_second {
            Some(per_second) if per_second > 0.0 && allowed.servers > 0 => {
                precise(self.on_nextpanel) * CALLS_PER_ACCOUNT
                    / (per_second * precise(allowed.servers as u64))
            }
            _ => 0.0,
        };
        let mpanel = precise(self.on_mpanel) * MPANEL_SECONDS_PER_ORDER;
        Duration::try_from_secs_f64(nextpanel.max(mpanel)).unwrap_or(Duration::MAX)
    }
}

/// Orders per second over the last while.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    seen: VecDeque<(Instant, u64)>,
}

impl Pace {
    /// Takes note that so many orders were settled by now.
    pub(crate) fn note(&mut self, now: Instant, settled: u64) {
        self.seen.push_back((now, settled));
        while self
            .seen
            .front()
            .is_some_and(|(at, _)| now.duration_since(*at) > WINDOW)
        {
            self.seen.pop_front();
        }
    }

    /// Orders per second; none before anything can be said.
    pub(crate) fn per_second(&self) -> Option<f64> {
        let (first, before) = *self.seen.front()?;
        let (last, after) = *self.seen.back()?;
        let seconds = last.duration_since(first).as_secs_f64();
        (seconds > 0.0).then(|| precise(after.saturating_sub(before)) / seconds)
    }

    /// How long `left` orders will take: as fast as it goes now, and never faster than the panels allow.
    pub(crate) fn eta(&self, left: u64, shortest: Duration) -> Option<Duration> {
        let rate = self.per_second().filter(|rate| *rate > 0.0)?;
        let at_this_pace = Duration::try_from_secs_f64(precise(left) / rate).ok()?;
        Some(at_this_pace.max(shortest))
    }
}

/// Counts of orders are far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "an estimate for people")]
const fn precise(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_panels_limiters_bound_the_estimate() {
        let demand = Demand {
            on_nextpanel: 1_000,
            on_mpanel: 10,
        };
        let free = demand.shortest(Allowed {
            servers: 3,
            per_second: None,
        });
        assert_eq!(free, Duration::from_secs(1_260));
        let limited = Demand {
            on_mpanel: 0,
            ..demand
        }
        .shortest(Allowed {
            servers: 3,
            per_second: Some(10.0),
        });
        assert_eq!(limited, Duration::from_secs(100));
        let mut pace = Pace::default();
        let start = Instant::now();
        pace.note(start, 0);
        pace.note(start + Duration::from_secs(10), 500);
        assert_eq!(pace.eta(100, Duration::ZERO), Some(Duration::from_secs(2)));
        assert_eq!(pace.eta(100, limited), Some(limited));
    }

    #[test]
    fn nothing_is_estimated_before_anything_was_seen() {
        assert_eq!(Pace::default().eta(5, Duration::ZERO), None);
    }
}
