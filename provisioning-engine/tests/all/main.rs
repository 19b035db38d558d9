//! The engine against the NextPanel stand-in, over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod shop;
mod stub;

mod adoption;
mod handover;
mod human;
mod interruption;
mod lost_journal;
mod permission;
mod placement;
mod stores;
mod submission;
mod working;
