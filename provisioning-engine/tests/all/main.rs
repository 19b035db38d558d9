//! The engine against the stand-ins, over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod place;
mod shop;
mod stub;

mod adoption;
mod counting;
mod crowd;
mod executors;
mod handover;
mod human;
mod interruption;
mod lost_journal;
mod moving;
mod mpanel;
mod parked_by_key;
mod pauses;
mod payments;
mod permission;
mod placement;
mod processes;
mod replaced_keys;
mod servers;
mod stores;
mod submission;
mod working;
