//! Replays what the fuzz targets begin with and what they have found.

use std::{fs, panic::catch_unwind, path::Path};

#[path = "../../fuzz/checks.rs"]
mod checks;

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut replayed = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let held = catch_unwind(|| check(&bytes));
        assert!(held.is_ok(), "{}", path.display());
        replayed += 1;
    }
    assert!(replayed > 5, "{folder:?} is nearly empty");
}

#[test]
fn the_corpus_of_error_replies_holds() {
    replay("error_reader", checks::error_reader);
}

#[test]
fn the_corpus_of_lists_holds() {
    replay("page", checks::page);
}

#[test]
fn the_corpus_of_hints_holds() {
    replay("retry_hint", checks::retry_hint);
}
