//! `tests/all/fuzz_corpus.rs` replays the corpus with the same check.

#![no_main]

#[path = "../checks.rs"]
mod checks;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| checks::retry_hint(bytes));
