//! How the crate behaves from outside.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod any_event;
mod capacity;
mod damaged_journals;
mod driver;
mod every_case;
mod exactly_once;
mod fate;
mod golden;
mod journal_files;
mod machine_rules;
mod model_panel;
mod planning;
mod sample;
