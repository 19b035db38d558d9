//! The engine's clock, as an argument: tests move it, hosts use the system's.

use std::fmt::Debug;

use jiff::Timestamp;

/// Where the engine reads the time of day.
pub trait Clock: Send + Sync + Debug {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
