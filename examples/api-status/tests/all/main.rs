//! The program against the stand-in of either generation.

// The clippy settings that allow these in tests know only test functions, not what they call.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod budget;
mod comparing;
mod contract;
mod environment;
mod faults;
mod program;
mod shapes;
mod writing;
