//! The program on panels of the test's own: what it does there is counted there.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "tests"
)]

mod bad_files;
mod interrupted;
mod program;
#[path = "../../../test_database.rs"]
mod test_database;
mod whole;
