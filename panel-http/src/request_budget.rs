use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use http::HeaderMap;
use tokio::time::Instant;

use crate::rate_limit::RateLimit;

/// How many requests may be spent on a server that others need too: so many altogether, and none once what the server
/// still permits (`X-RateLimit-Remaining`; mPanel contract 4) is down to the floor.
///
/// Every attempt counts, those of a login included. Clones count together, so the one kept beside a client tells what
/// the client has spent. A call that the budget does not cover ends at once in [`Kind::RateLimited`](crate::Kind), unsent,
/// with [`GiveUp::RequestBudget`](crate::GiveUp::RequestBudget).
///
/// ```
/// use panel_http::RequestBudget;
///
/// let budget = RequestBudget::new(40).with_floor(50);
/// assert_eq!(budget.left(), 40);
/// assert_eq!(budget.ended(), None);
/// ```
#[derive(Clone)]
pub struct RequestBudget(Arc<Inner>);

struct Inner {
    requests: u64,
    floor: u64,
    limit: RateLimit,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    spent: u64,
    ended: Option<BudgetEnd>,
}

/// Why a budget covers no more requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BudgetEnd {
    /// So many requests were sent, as many as it had.
    Spent {
        /// How many.
        requests: u64,
    },
    /// One request more, and the server would permit fewer than the floor.
    Floor {
        /// The floor.
        floor: u64,
        /// How many the server still permits.
        remaining: u64,
        /// When the server begins to count anew.
        resets_in: Duration,
    },
}

impl RequestBudget {
    /// So many requests, down to the last one the server permits.
    #[must_use]
    pub fn new(requests: u64) -> Self {
        Self::of(requests, 0)
    }

    /// The same number of requests, of which none has been spent, as long as the server permits more than `floor`.
    #[must_use]
    pub fn with_floor(self, floor: u64) -> Self {
        Self::of(self.0.requests, floor)
    }

    fn of(requests: u64, floor: u64) -> Self {
        Self(Arc::new(Inner {
            requests,
            floor,
            limit: RateLimit::default(),
            state: Mutex::default(),
        }))
    }

    /// How many requests were sent.
    #[must_use]
    pub fn spent(&self) -> u64 {
        self.state().spent
    }

    /// How many requests it still has; the floor may allow fewer.
    #[must_use]
    pub fn left(&self) -> u64 {
        self.0.requests.saturating_sub(self.spent())
    }

    /// How many requests the server permits by its newest reply, less those sent since.
    #[must_use]
    pub fn remaining(&self) -> Option<u64> {
        self.0.limit.remaining(Instant::now())
    }

    /// Why a request was not sent, once one was not.
    #[must_use]
    pub fn ended(&self) -> Option<BudgetEnd> {
        self.state().ended
    }

    /// Takes one request out of it.
    pub(crate) fn take(&self, now: Instant) -> Result<(), BudgetEnd> {
        let mut state = self.state();
        let taken = if state.spent >= self.0.requests {
            Err(BudgetEnd::Spent {
                requests: state.spent,
            })
        } else {
            let floor = self.0.floor;
            self.0
                .limit
                .take_above(floor, now)
                .map_err(|held| BudgetEnd::Floor {
                    floor,
                    remaining: held.remaining,
                    resets_in: held.resets_in,
                })
        };
        match taken {
            Ok(()) => state.spent = state.spent.saturating_add(1),
            Err(end) => state.ended = Some(end),
        }
        taken
    }

    /// Reads a reply.
    pub(crate) fn learn(&self, headers: &HeaderMap, now: Instant, wall_clock: SystemTime) {
        self.0.limit.learn(headers, now, wall_clock);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BudgetEnd {
    /// How long to wait before it would cover a request again, where waiting helps.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Spent { .. } => None,
            Self::Floor { resets_in, .. } => Some(*resets_in),
        }
    }
}

impl fmt::Debug for RequestBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBudget")
            .field("requests", &self.0.requests)
            .field("floor", &self.0.floor)
            .field("spent", &self.spent())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for BudgetEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spent { requests } => write!(f, "the budget of {requests} requests is spent"),
            Self::Floor {
                floor,
                remaining,
                resets_in,
            } => write!(
                f,
                "the server permits {remaining} more requests, of which {floor} are left to others; it counts anew in {} s",
                resets_in.as_secs()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permitting(remaining: u64) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-ratelimit-remaining", remaining.into());
        headers.insert("x-ratelimit-reset", 900.into());
        headers
    }

    #[test]
    fn clones_spend_together() {
        let budget = RequestBudget::new(2);
        let now = Instant::now();
        assert_eq!(budget.take(now), Ok(()));
        assert_eq!(budget.clone().take(now), Ok(()));
        let end = BudgetEnd::Spent { requests: 2 };
        assert_eq!(budget.take(now), Err(end));
        assert_eq!((budget.spent(), budget.left()), (2, 0));
        assert_eq!(budget.ended(), Some(end));
        assert_eq!(end.retry_after(), None);
    }

    #[test]
    fn nothing_is_sent_that_would_bring_the_server_below_the_floor() {
        let budget = RequestBudget::new(40).with_floor(50);
        let now = Instant::now();
        assert_eq!(budget.take(now), Ok(()));
        budget.learn(&permitting(51), now, SystemTime::UNIX_EPOCH);
        assert_eq!(budget.take(now), Ok(()));
        let end = budget.take(now).unwrap_err();
        assert_eq!(end.retry_after(), Some(Duration::from_secs(900)));
        assert!(
            end.to_string().contains("50 more requests, of which 50"),
            "{end}"
        );
        assert_eq!(budget.spent(), 2);
        // The next window is another one.
        assert_eq!(budget.take(now + Duration::from_secs(901)), Ok(()));
    }
}
