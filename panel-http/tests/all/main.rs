//! Behaviour of the call: on a scripted transport under a paused clock, and on real loopback sockets.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in test functions, but not in what these share"
)]

mod credentials;
mod endpoints;
mod errors;
mod faults;
mod fuzz_corpus;
mod hooks;
mod lists;
mod login;
mod loopback;
mod misfortunes;
mod odd_bodies;
mod preview;
mod rate_limits;
mod redirects;
mod retries;
mod secrets;
mod sockets;
