//! Drives provisioning runs with the panel clients, durably: intent before every call, look-up after every unknown
//! outcome.
//!
//! The decisions are made by `provisioning-core`; this crate does what its run says, keeps the journal in a
//! [`store::Store`], seals secrets before they get there, and keeps time.
//!
//! Exactly-once holds within one store: two hosts that serve the same panels share one store or have disjoint sources
//! of orders.

pub mod clock;
mod engine;
pub mod executor;
pub mod hosting;
mod kill;
pub mod mpanel;
pub mod nextpanel;
pub mod progress;
pub mod reply;
pub mod seal;
#[cfg(feature = "sqlite")]
pub mod servers;
pub mod store;

pub use engine::{
    Engine, EngineBuilder, EngineError, EventTaken, Rotated, RunListener, RunOptions, RunState,
    RunView, ServerLimits, Settlement, WorkOptions, Worked,
};

#[cfg(all(feature = "kill-points", unix))]
#[doc(hidden)]
pub use kill::{PAYMENT_POINTS as PAYMENT_KILL_POINTS, POINTS as KILL_POINTS};

/// The programs of the top-level README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
