//! How the crate behaves from outside, one module per family.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod amendments;
mod any_event;
mod capacity;
mod catalog_files;
mod damaged_journals;
mod denials;
mod driver;
mod every_case;
mod exactly_once;
mod fate;
mod fixtures;
mod fleet_files;
mod fuzz_corpus;
mod golden;
mod hosted;
mod journal_files;
mod lifecycle_plans;
mod lifecycle_runs;
mod machine_rules;
mod model_panel;
mod order_errors;
mod order_lives;
mod order_payloads;
mod password_distribution;
mod payment_events;
mod payment_reactions;
mod payment_states;
mod placement;
mod planning;
mod provided;
mod redaction;
mod remedies;
mod reserved_room;
mod sample;
mod taken_names;
mod verbs_of_two;
