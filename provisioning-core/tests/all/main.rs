//! How the crate behaves from outside, one module per family.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod amendments;
mod catalog_files;
mod denials;
mod fixtures;
mod fleet_files;
mod fuzz_corpus;
mod hosted;
mod lifecycle_plans;
mod lifecycle_runs;
mod order_errors;
mod order_lives;
mod order_payloads;
mod password_distribution;
mod payment_events;
mod payment_reactions;
mod payment_states;
mod placement;
mod redaction;
mod remedies;
