//! Every operation has a fixture and a test that plays it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::exchange::operations;

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("a readable directory");
    entries
        .map(|entry| entry.expect("a readable entry").path())
        .collect()
}

/// The fixtures that tests play, by name.
fn played() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for file in files(&here().join("nextpanel")) {
        let source = std::fs::read_to_string(&file).expect("a readable test");
        for marker in [
            "golden(",
            "Exchange::of(",
            "Exchange::with_last_body(",
            "Exchange::with_last_reply(",
        ] {
            for rest in source.split(marker).skip(1) {
                let quoted = rest.trim_start().strip_prefix('"');
                if let Some((name, _)) = quoted.and_then(|rest| rest.split_once('"')) {
                    names.insert(name.to_owned());
                }
            }
        }
    }
    names
}

#[test]
fn every_operation_has_a_contract_test() {
    let played = played();
    let without: Vec<_> = operations()
        .map(|operation| operation.name)
        .filter(|name| !played.contains(*name))
        .collect();
    assert!(without.is_empty(), "no test plays {without:?}");
}

#[test]
fn every_fixture_is_played() {
    let played = played();
    let unplayed: Vec<_> = files(&here().join("fixtures/nextpanel"))
        .iter()
        .filter_map(|file| {
            Some(
                file.file_name()?
                    .to_str()?
                    .strip_suffix(".json")?
                    .to_owned(),
            )
        })
        .filter(|name| !played.contains(name))
        .collect();
    assert!(unplayed.is_empty(), "{unplayed:?}");
}

#[test]
fn operations_have_names_of_their_own() {
    let names: BTreeSet<_> = operations().map(|operation| operation.name).collect();
    assert_eq!(names.len(), operations().count());
}
