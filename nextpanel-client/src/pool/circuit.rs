//! Leaving a server alone that does not answer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use panel_http::{Delivery, Error, Kind};
use provisioning_core::fleet::ServerName;
use tokio::time::Instant;

use super::PoolCallError;

/// When a server is left alone, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CircuitPolicy {
    failures: u32,
    first_rest: Duration,
    longest_rest: Duration,
}

impl Default for CircuitPolicy {
    /// After 3 calls in a row without an answer, for 10 s, then twice as long each time, at most 5 minutes.
    fn default() -> Self {
        Self {
            failures: 3,
            first_rest: Duration::from_secs(10),
            longest_rest: Duration::from_secs(300),
        }
    }
}

impl CircuitPolicy {
    /// After how many calls in a row without an answer, at least 1.
    #[must_use]
    pub const fn with_failures(mut self, failures: u32) -> Self {
        self.failures = if failures == 0 { 1 } else { failures };
        self
    }

    /// For how long at first, and at most. It doubles with every call after a rest that is not answered either.
    #[must_use]
    pub const fn with_rest(mut self, first: Duration, longest: Duration) -> Self {
        self.first_rest = first;
        self.longest_rest = longest;
        self
    }

    fn rest(&self, rests: u32) -> Duration {
        self.first_rest
            .saturating_mul(2_u32.saturating_pow(rests))
            .min(self.longest_rest)
    }
}

/// How a circuit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CircuitState {
    /// The server is called.
    Closed,
    /// The server is left alone.
    Open {
        /// How often in a row it has not answered.
        failures: u32,
        /// For how long still.
        again_in: Duration,
    },
    /// The rest is over: one call finds out whether the server answers again.
    HalfOpen,
}

/// The circuit of one server.
#[derive(Debug)]
pub(super) struct Circuit {
    policy: CircuitPolicy,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    /// Calls in a row without an answer.
    failures: u32,
    /// Rests in a row that did not help.
    rests: u32,
    /// None while the server is called.
    rests_until: Option<Instant>,
    /// Whether the one call after a rest is under way.
    is_tried: bool,
    last: String,
}

/// A server that is left alone.
pub(super) struct Closed {
    failures: u32,
    again_in: Duration,
    last: String,
}

impl Closed {
    pub(super) fn of<E>(self, server: &ServerName) -> PoolCallError<E> {
        PoolCallError::CircuitOpen {
            server: server.clone(),
            failures: self.failures,
            again_in: self.again_in,
            last: self.last,
        }
    }
}

/// A call that is let through. Dropped without an outcome, it counts for nothing.
pub(super) struct Pass<'a> {
    circuit: &'a Circuit,
    is_trial: bool,
}

impl Circuit {
    pub(super) fn new(policy: CircuitPolicy) -> Self {
        Self {
            policy,
            memory: Mutex::default(),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn state(&self) -> CircuitState {
        let memory = self.memory();
        match memory.rests_until {
            None => CircuitState::Closed,
            Some(until) => match until.saturating_duration_since(Instant::now()) {
                Duration::ZERO => CircuitState::HalfOpen,
                again_in => CircuitState::Open {
                    failures: memory.failures,
                    again_in,
                },
            },
        }
    }

    /// Lets a call through, or says for how long not.
    pub(super) fn enter(&self) -> Result<Pass<'_>, Closed> {
        let mut memory = self.memory();
        let Some(until) = memory.rests_until else {
            return Ok(Pass {
                circuit: self,
                is_trial: false,
            });
        };
        let again_in = until.saturating_duration_since(Instant::now());
        if again_in.is_zero() && !memory.is_tried {
            memory.is_tried = true;
            return Ok(Pass {
                circuit: self,
                is_trial: true,
            });
        }
        Err(Closed {
            failures: memory.failures,
            again_in,
            last: memory.last.clone(),
        })
    }

    /// Takes in how a call went that asked nobody whether it may.
    pub(super) fn learn(&self, failed: Option<&Error>) {
        let mut memory = self.memory();
        match failed {
            Some(error) if is_no_answer(error) => {
                let was_resting = memory.rests_until.is_some();
                memory.failures = memory.failures.saturating_add(1);
                memory.last = error.to_string();
                if memory.failures >= self.policy.failures {
                    if was_resting {
                        memory.rests = memory.rests.saturating_add(1);
                    }
                    memory.rests_until = Instant::now().checked_add(self.policy.rest(memory.rests));
                }
            }
            Some(error) if is_ours(error) => {}
            _ => *memory = Memory::default(),
        }
    }
}

impl Pass<'_> {
    /// The call is over.
    pub(super) fn leave(self, failed: Option<&Error>) {
        self.circuit.learn(failed);
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.is_trial {
            self.circuit.memory().is_tried = false;
        }
    }
}

/// Whether nothing was asked of the server, so that nothing is known of it either.
fn is_ours(error: &Error) -> bool {
    matches!(error.kind(), Kind::Config | Kind::Encode)
}

/// Whether a server did not answer. One that refuses, or answers nonsense, is there.
fn is_no_answer(error: &Error) -> bool {
    match error.kind() {
        _ if is_ours(error) => false,
        Kind::NotSent | Kind::Timeout => true,
        _ => match error.status() {
            Some(status) => matches!(status.as_u16(), 502..=504),
            None => error.delivery() != Delivery::Answered,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_answer() -> Error {
        Error::new(Kind::NotSent, "panel.health")
    }

    fn circuit() -> Circuit {
        Circuit::new(
            CircuitPolicy::default()
                .with_failures(2)
                .with_rest(Duration::from_secs(10), Duration::from_secs(25)),
        )
    }

    fn is_open_for(circuit: &Circuit, seconds: u64) -> bool {
        matches!(circuit.state(), CircuitState::Open { again_in, .. } if again_in == Duration::from_secs(seconds))
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_silence_and_rests_longer_each_time() {
        let circuit = circuit();
        circuit.learn(Some(&no_answer()));
        assert_eq!(circuit.state(), CircuitState::Closed);
        circuit.learn(Some(&no_answer()));
        assert!(is_open_for(&circuit, 10));
        assert!(circuit.enter().is_err());
        for rest in [20, 25, 25] {
            tokio::time::advance(Duration::from_secs(30)).await;
            assert_eq!(circuit.state(), CircuitState::HalfOpen);
            let trial = circuit.enter().ok().unwrap();
            assert!(circuit.enter().is_err(), "one trial at a time");
            trial.leave(Some(&no_answer()));
            assert!(is_open_for(&circuit, rest), "{:?}", circuit.state());
        }
        tokio::time::advance(Duration::from_secs(30)).await;
        circuit.enter().ok().unwrap().leave(None);
        assert_eq!(circuit.state(), CircuitState::Closed);
        circuit.learn(Some(&no_answer()));
        assert_eq!(
            circuit.state(),
            CircuitState::Closed,
            "the count began anew"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_that_is_dropped_leaves_room_for_the_next() {
        let circuit = circuit();
        circuit.learn(Some(&no_answer()));
        circuit.learn(Some(&no_answer()));
        tokio::time::advance(Duration::from_secs(10)).await;
        drop(circuit.enter().ok().unwrap());
        assert!(circuit.enter().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_trial_of_which_nothing_was_sent_says_nothing_of_the_server() {
        let circuit = circuit();
        circuit.learn(Some(&no_answer()));
        circuit.learn(Some(&no_answer()));
        tokio::time::advance(Duration::from_secs(10)).await;
        let trial = circuit.enter().ok().unwrap();
        trial.leave(Some(&Error::new(Kind::Encode, "x")));
        assert_eq!(circuit.state(), CircuitState::HalfOpen);
        assert!(circuit.enter().is_ok());
    }

    #[test]
    fn a_refusal_is_an_answer() {
        let status = |code| http::StatusCode::from_u16(code).unwrap();
        for (error, silent) in [
            (Error::new(Kind::Timeout, "x"), true),
            (Error::new(Kind::NotSent, "x"), true),
            (Error::new(Kind::Indeterminate, "x"), true),
            (Error::new(Kind::GaveUp, "x").with_status(status(503)), true),
            (
                Error::new(Kind::Denied, "x").with_status(status(403)),
                false,
            ),
            (
                Error::new(Kind::Indeterminate, "x").with_status(status(500)),
                false,
            ),
            (
                Error::new(Kind::Decode, "x").with_status(status(200)),
                false,
            ),
            (
                Error::new(Kind::RateLimited, "x").with_status(status(429)),
                false,
            ),
            (Error::new(Kind::Encode, "x"), false),
        ] {
            assert_eq!(is_no_answer(&error), silent, "{error:?}");
        }
    }
}
