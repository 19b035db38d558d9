//! Pure decisions: from a paid hosting order to a provisioning plan, and from a journal to the next step.
//!
//! Everything here is a function of its arguments. There is no network, no file, no clock and no runtime in this
//! crate: time and randomness come in as arguments, so the same order, catalog, fleet, instant and seed always give
//! the same plan, byte for byte.

pub mod catalog;
pub mod domain;
pub mod email;
pub mod fleet;
pub mod handover;
pub mod money;
pub mod order;
pub mod password;
pub mod payment;
pub mod permission;
pub mod placement;
pub mod plan;
pub mod planner;
pub mod problem;
pub mod run;
pub mod status;
pub mod username;

/// The program of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
