use std::time::Duration;

use http::StatusCode;

use crate::{operation::Safety, retry_policy::RetryPolicy, transport::TransportFault};

/// How one attempt ended, as far as it matters for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// An answer that stands: success, or an error no repetition changes.
    Final,
    /// No complete reply.
    Fault(TransportFault),
    /// An error status.
    Status {
        /// The status.
        status: StatusCode,
        /// How long the server asks to wait.
        hint: Option<Duration>,
    },
}

/// What came before this decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct History {
    /// Attempts made so far, the one being judged included.
    pub attempts: u32,
    /// How many of them ended in status 500, the one being judged included.
    pub internal_errors: u32,
    /// Whether the client's budget of repetitions is used up.
    pub is_budget_empty: bool,
}

/// What to do after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Hand the outcome to the caller; a repetition would be wrong or pointless.
    Return,
    /// Try again after this delay.
    RetryAfter(Duration),
    /// A repetition would be right, but something forbids it.
    GiveUp(GiveUp),
}

/// Why an attempt that failed for the moment is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GiveUp {
    /// The request may have been carried out, and a second one might do it again.
    MaybeDone,
    /// All attempts of the policy are used.
    AttemptsUsed,
    /// The next attempt would begin after the deadline.
    Deadline,
    /// The server asks to wait longer than the policy allows.
    HintTooLong,
    /// Too many calls of this client have been repeated lately.
    BudgetEmpty,
    /// The [`RequestBudget`](crate::RequestBudget) of the client covers no more requests.
    RequestBudget,
}

/// Decides about another attempt. Pure: the same arguments give the same answer.
///
/// `time_left` is the time to the deadline of the call, `rand01` a number in `0..1` for the jitter.
///
/// | outcome | repeated for |
/// |---|---|
/// | not sent | every safety; never after a certificate or configuration fault |
/// | maybe sent, 408, 502, 503, 504 | `ReadOnly`, `Idempotent`, `Keyed` |
/// | 500 | `ReadOnly`, `Idempotent`, once, unless the panel uses 500 for bad input |
/// | 429 | every safety: both panels limit before they execute |
/// | anything else | nothing |
#[must_use]
pub fn decide(
    policy: &RetryPolicy,
    safety: Safety,
    outcome: Outcome,
    history: &History,
    time_left: Duration,
    rand01: f64,
) -> Decision {
    let hint = match outcome {
        Outcome::Final => return Decision::Return,
        Outcome::Fault(fault) if !fault.may_pass() => return Decision::Return,
        Outcome::Fault(_) => None,
        Outcome::Status { hint, .. } => hint,
    };
    match repeatable(policy, safety, outcome, history) {
        Repeatable::Yes => {}
        Repeatable::Pointless => return Decision::Return,
        Repeatable::MaybeDone => return Decision::GiveUp(GiveUp::MaybeDone),
    }
    if history.attempts >= policy.attempts() {
        return Decision::GiveUp(GiveUp::AttemptsUsed);
    }
    if hint.is_some_and(|hint| hint > policy.longest_hint()) {
        return Decision::GiveUp(GiveUp::HintTooLong);
    }
    let jittered = policy.backoff(history.attempts.saturating_sub(1), rand01);
    let delay = hint.unwrap_or_default().max(jittered);
    if delay >= time_left {
        return Decision::GiveUp(GiveUp::Deadline);
    }
    if history.is_budget_empty {
        return Decision::GiveUp(GiveUp::BudgetEmpty);
    }
    Decision::RetryAfter(delay)
}

enum Repeatable {
    Yes,
    Pointless,
    MaybeDone,
}

fn repeatable(
    policy: &RetryPolicy,
    safety: Safety,
    outcome: Outcome,
    history: &History,
) -> Repeatable {
    let if_resendable = if safety.may_be_resent() {
        Repeatable::Yes
    } else {
        Repeatable::MaybeDone
    };
    match outcome {
        Outcome::Final => Repeatable::Pointless,
        Outcome::Fault(TransportFault::Timeout | TransportFault::Broken) => if_resendable,
        Outcome::Fault(_) => Repeatable::Yes,
        Outcome::Status { status, .. } => match status.as_u16() {
            429 => Repeatable::Yes,
            408 | 502 | 503 | 504 => if_resendable,
            500 => match safety {
                Safety::NaturalKey | Safety::Unsafe => Repeatable::MaybeDone,
                Safety::ReadOnly | Safety::Idempotent
                    if policy.repeats_internal_errors() && history.internal_errors <= 1 =>
                {
                    Repeatable::Yes
                }
                Safety::ReadOnly | Safety::Idempotent | Safety::Keyed(_) => Repeatable::Pointless,
            },
            _ => Repeatable::Pointless,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::operation::KeyPlace;

    const SAFETIES: [Safety; 5] = [
        Safety::ReadOnly,
        Safety::Idempotent,
        Safety::Keyed(KeyPlace::BodyField("k")),
        Safety::NaturalKey,
        Safety::Unsafe,
    ];
    const MINUTE: Duration = Duration::from_secs(60);

    fn status(status: u16) -> Outcome {
        Outcome::Status {
            status: StatusCode::from_u16(status).unwrap(),
            hint: None,
        }
    }

    fn first(safety: Safety, outcome: Outcome) -> Decision {
        let history = History {
            attempts: 1,
            internal_errors: u32::from(outcome == status(500)),
            is_budget_empty: false,
        };
        decide(
            &RetryPolicy::default(),
            safety,
            outcome,
            &history,
            MINUTE,
            0.5,
        )
    }

    #[test]
    fn every_row_of_the_table() {
        use Decision::{GiveUp as G, RetryAfter, Return};
        use TransportFault as F;
        let again = RetryAfter(Duration::from_millis(125));
        let stop = G(GiveUp::MaybeDone);
        // Columns: ReadOnly, Idempotent, Keyed, NaturalKey, Unsafe.
        let table = [
            (Outcome::Final, [Return; 5]),
            (Outcome::Fault(F::Configuration), [Return; 5]),
            (Outcome::Fault(F::Tls), [Return; 5]),
            (Outcome::Fault(F::Resolve), [again; 5]),
            (Outcome::Fault(F::Connect), [again; 5]),
            (Outcome::Fault(F::ConnectTimeout), [again; 5]),
            (Outcome::Fault(F::Unsent), [again; 5]),
            (
                Outcome::Fault(F::Timeout),
                [again, again, again, stop, stop],
            ),
            (Outcome::Fault(F::Broken), [again, again, again, stop, stop]),
            (status(408), [again, again, again, stop, stop]),
            (status(429), [again; 5]),
            (status(500), [again, again, Return, stop, stop]),
            (status(502), [again, again, again, stop, stop]),
            (status(503), [again, again, again, stop, stop]),
            (status(504), [again, again, again, stop, stop]),
            (status(400), [Return; 5]),
            (status(401), [Return; 5]),
            (status(403), [Return; 5]),
            (status(404), [Return; 5]),
            (status(409), [Return; 5]),
            (status(422), [Return; 5]),
            (status(501), [Return; 5]),
            (status(505), [Return; 5]),
            (status(307), [Return; 5]),
        ];
        for (outcome, row) in table {
            for (safety, expected) in SAFETIES.into_iter().zip(row) {
                assert_eq!(first(safety, outcome), expected, "{safety:?} {outcome:?}");
            }
        }
    }

    #[test]
    fn an_internal_error_is_repeated_once_and_not_where_it_means_bad_input() {
        let mut history = History {
            attempts: 2,
            internal_errors: 1,
            is_budget_empty: false,
        };
        let policy = RetryPolicy::default();
        let ask = |policy: &RetryPolicy, history: &History| {
            decide(policy, Safety::ReadOnly, status(500), history, MINUTE, 0.0)
        };
        assert!(matches!(ask(&policy, &history), Decision::RetryAfter(_)));
        let strict = policy.with_internal_errors_repeated(false);
        assert_eq!(ask(&strict, &history), Decision::Return);
        history.internal_errors = 2;
        assert_eq!(ask(&policy, &history), Decision::Return);
    }

    #[test]
    fn the_longer_of_hint_and_jitter_is_waited() {
        let outcome = |seconds| Outcome::Status {
            status: StatusCode::TOO_MANY_REQUESTS,
            hint: Some(Duration::from_secs(seconds)),
        };
        let ask = |outcome, time_left| {
            let history = History {
                attempts: 1,
                ..History::default()
            };
            decide(
                &RetryPolicy::default(),
                Safety::Unsafe,
                outcome,
                &history,
                time_left,
                0.5,
            )
        };
        let second = Duration::from_secs(1);
        assert_eq!(ask(outcome(7), MINUTE), Decision::RetryAfter(7 * second));
        assert_eq!(
            ask(outcome(0), MINUTE),
            Decision::RetryAfter(Duration::from_millis(125))
        );
        assert_eq!(
            ask(outcome(60), 61 * second),
            Decision::RetryAfter(60 * second)
        );
        assert_eq!(
            ask(outcome(61), 100 * second),
            Decision::GiveUp(GiveUp::HintTooLong)
        );
        assert_eq!(
            ask(outcome(7), 7 * second),
            Decision::GiveUp(GiveUp::Deadline)
        );
    }

    #[test]
    fn limits_end_repetition_by_name() {
        let ask = |attempts, is_budget_empty| {
            let history = History {
                attempts,
                internal_errors: 0,
                is_budget_empty,
            };
            decide(
                &RetryPolicy::default(),
                Safety::ReadOnly,
                status(503),
                &history,
                MINUTE,
                0.0,
            )
        };
        assert!(matches!(ask(3, false), Decision::RetryAfter(_)));
        assert_eq!(ask(4, false), Decision::GiveUp(GiveUp::AttemptsUsed));
        assert_eq!(ask(1, true), Decision::GiveUp(GiveUp::BudgetEmpty));
    }

    fn any_outcome() -> impl Strategy<Value = Outcome> {
        use TransportFault as F;
        prop_oneof![
            Just(Outcome::Final),
            prop::sample::select(vec![
                F::Configuration,
                F::Resolve,
                F::Connect,
                F::ConnectTimeout,
                F::Tls,
                F::Unsent,
                F::Timeout,
                F::Broken,
            ])
            .prop_map(Outcome::Fault),
            (100u16..600, prop::option::of(0u64..200)).prop_map(|(status, hint)| Outcome::Status {
                status: StatusCode::from_u16(status).unwrap(),
                hint: hint.map(Duration::from_secs),
            }),
        ]
    }

    proptest! {
        #[test]
        fn what_may_have_been_done_is_never_resent(outcome in any_outcome(), attempts in 1u32..6, rand in 0.0..1.0) {
            let maybe_done = match outcome {
                Outcome::Final => false,
                Outcome::Fault(fault) => fault.delivery() != crate::Delivery::NotSent,
                Outcome::Status { status, .. } => status != StatusCode::TOO_MANY_REQUESTS,
            };
            let history = History { attempts, internal_errors: 0, is_budget_empty: false };
            for safety in [Safety::NaturalKey, Safety::Unsafe] {
                let decision = decide(&RetryPolicy::default(), safety, outcome, &history, MINUTE, rand);
                prop_assert!(!(maybe_done && matches!(decision, Decision::RetryAfter(_))), "{decision:?}");
            }
        }

        #[test]
        fn delays_never_exceed_the_deadline(
            outcomes in prop::collection::vec((any_outcome(), 0.0..1.0f64), 1..12),
            overall in 0u64..200_000,
            attempts in 1u32..12,
            safety in prop::sample::select(SAFETIES.to_vec()),
        ) {
            let policy = RetryPolicy::default().with_attempts(attempts);
            let deadline = Duration::from_millis(overall);
            let mut spent = Duration::ZERO;
            let mut history = History::default();
            for (outcome, rand) in outcomes {
                history.attempts += 1;
                match decide(&policy, safety, outcome, &history, deadline - spent, rand) {
                    Decision::RetryAfter(delay) => spent += delay,
                    Decision::Return | Decision::GiveUp(_) => break,
                }
                prop_assert!(spent < deadline);
            }
            prop_assert!(history.attempts <= attempts);
        }

        #[test]
        fn backoff_stays_within_its_cap(retry in 0u32..u32::MAX, rand in 0.0..1.0f64) {
            prop_assert!(RetryPolicy::default().backoff(retry, rand) <= Duration::from_secs(20));
        }
    }
}
