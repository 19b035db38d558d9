//! The README is what the code says.

use std::{env, fs, path::Path};

use mpanel_client::{FAMILIES, OPERATIONS, endpoint_table};

const BEGIN: &str = "<!-- endpoints -->\n";
const END: &str = "<!-- end of endpoints -->";

#[test]
fn the_table_in_the_readme_is_generated() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&file).unwrap();
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (table, after) = rest.split_once(END).unwrap();
    let current = format!("\n{}\n", endpoint_table());
    if env::var_os("UPDATE_README").is_some() {
        fs::write(&file, format!("{before}{BEGIN}{current}{END}{after}")).unwrap();
        return;
    }
    assert!(
        table == current,
        "the README is out of date: UPDATE_README=1 cargo test -p mpanel-client"
    );
}

#[test]
fn every_operation_is_a_row() {
    let table = endpoint_table();
    for operation in OPERATIONS {
        assert!(
            table.contains(&format!("| `{}` |", operation.name)),
            "{}",
            operation.name
        );
    }
    let rows = table.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, OPERATIONS.len());
    assert!(FAMILIES.iter().all(|family| !family.routes.is_empty()));
}
