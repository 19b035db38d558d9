//! The program, on a state that another process fills.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod floor;
mod input;
#[path = "../../../test_database.rs"]
mod test_database;
#[cfg(feature = "otel")]
mod traces;
mod working;
