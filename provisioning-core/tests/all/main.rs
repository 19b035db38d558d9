//! How the crate behaves from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod denials;
mod fleet_files;
mod password_distribution;
mod placement;
mod remedies;
