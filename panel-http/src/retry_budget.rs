use std::sync::atomic::{AtomicU32, Ordering};

const CAPACITY: u32 = 500;
const COST: u32 = 5;

/// Tokens shared by all calls of a client, so that an outage does not multiply its load: a repetition costs five, a
/// success brings one back.
#[derive(Debug)]
pub(crate) struct RetryBudget {
    tokens: AtomicU32,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self {
            tokens: AtomicU32::new(CAPACITY),
        }
    }
}

impl RetryBudget {
    pub(crate) fn is_empty(&self) -> bool {
        self.tokens.load(Ordering::Relaxed) < COST
    }

    /// Pays for a repetition; false if another call took the last tokens meanwhile.
    pub(crate) fn pay(&self) -> bool {
        self.tokens
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| {
                tokens.checked_sub(COST)
            })
            .is_ok()
    }

    pub(crate) fn refund(&self) {
        // A full bucket is the ordinary case and must not cost every call a write to shared memory.
        if self.tokens.load(Ordering::Relaxed) < CAPACITY {
            let _ = self
                .tokens
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| {
                    (tokens < CAPACITY).then_some(tokens.saturating_add(1))
                });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_repetitions_empty_it_and_five_successes_pay_for_one_more() {
        let budget = RetryBudget::default();
        budget.refund();
        assert_eq!((0..200).filter(|_| budget.pay()).count(), 100);
        assert!(budget.is_empty());
        for _ in 0..5 {
            budget.refund();
        }
        assert!(!budget.is_empty());
        assert!(budget.pay());
        assert!(!budget.pay());
    }
}
