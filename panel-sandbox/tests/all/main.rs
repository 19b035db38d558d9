//! The stand-ins over real sockets, called by clients that know nothing of them.

// The clippy settings that allow these in tests know only test functions, not what they call.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod accounts;
mod api_keys;
mod billing;
mod caller;
mod key_faults;
mod late_arrival;
mod login;
mod mpanel;
mod raw_connection;
mod sandbox;
mod wire;
mod wire_faults;
