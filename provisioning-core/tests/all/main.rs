//! How the crate behaves from outside, one module per family.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod catalog_files;
mod denials;
mod fixtures;
mod fleet_files;
mod fuzz_corpus;
mod order_errors;
mod order_payloads;
mod password_distribution;
mod payment_events;
mod placement;
mod redaction;
mod remedies;
mod taken_names;
