//! The program, on states that a real engine wrote.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod looking;
mod state;
mod telling;
#[path = "../../../test_database.rs"]
mod test_database;
