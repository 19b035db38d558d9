//! The program, run as its users run it.

// The clippy settings that allow these in tests know only test functions, not what they call.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod bad_catalogs_and_fleets;
mod bad_orders;
mod default_run;
mod dry_run;
mod environment;
mod fault_table;
mod faults;
mod healing;
mod help;
mod json_result;
mod kept;
#[cfg(unix)]
mod kills;
#[cfg(unix)]
mod kills_with_mpanel;
mod mpanel;
mod mpanel_faults;
mod password;
mod program;
mod real_panel;
#[cfg(unix)]
mod running;
mod secrets;
#[cfg(unix)]
mod signals;
mod silent_server;
mod standard_output;
#[cfg(unix)]
mod terminal;
mod told;
mod waiting;
