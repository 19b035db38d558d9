//! The README says what the constants say. `UPDATE_README=1 cargo test -p nextpanel-client` writes it anew.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use nextpanel_client::{billing, panel};
use panel_http::{HttpMethod, Operation, Safety};

fn readme() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md")
}

fn resent(safety: Safety) -> &'static str {
    match safety {
        Safety::ReadOnly => "yes, it reads",
        Safety::Idempotent => "yes, the same again",
        Safety::Keyed(_) => "yes, by its key",
        Safety::NaturalKey => "never: look it up",
        Safety::Unsafe => "never",
    }
}

fn row(table: &mut String, operation: &Operation) {
    let credential = operation
        .credentials
        .first()
        .map_or_else(|| "none".to_owned(), ToString::to_string);
    let section = operation.contract.trim_start_matches("nextpanel ");
    writeln!(
        table,
        "| `{}` | `{} {}` | {} | {} | {section} |",
        operation.name,
        operation.method,
        operation.path,
        resent(operation.safety),
        credential,
    )
    .unwrap();
}

fn operations() -> String {
    let mut table = String::from(
        "| operation | request | resent | credential | contract |\n|---|---|---|---|---|\n",
    );
    for operation in panel::OPERATIONS.iter().chain(billing::OPERATIONS) {
        row(&mut table, operation);
    }
    table
}

fn raw() -> String {
    let mut families: BTreeMap<&str, usize> = BTreeMap::new();
    for route in billing::RAW {
        let (_, path) = route.split_once(' ').expect("a method and a path");
        let family = path.trim_start_matches("/api/v1/");
        let family = family.split('/').next().unwrap_or_default();
        *families.entry(family).or_default() += 1;
    }
    let listed: Vec<String> = families
        .iter()
        .map(|(family, routes)| format!("`{family}` ({routes})"))
        .collect();
    format!("{}.\n", listed.join(", "))
}

fn with_section(text: &str, name: &str, content: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let (before, rest) = text.split_once(&open).expect("the section begins");
    let (_, after) = rest.split_once(&close).expect("the section ends");
    format!("{before}{open}{content}{close}{after}")
}

#[test]
fn the_readme_lists_every_operation_as_it_is() {
    let text = std::fs::read_to_string(readme()).unwrap();
    let made = with_section(&text, "operations", &operations());
    let made = with_section(&made, "raw", &raw());
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(readme(), made).unwrap();
        return;
    }
    assert_eq!(
        text, made,
        "run UPDATE_README=1 cargo test -p nextpanel-client"
    );
}

#[test]
fn no_route_is_both_typed_and_raw() {
    for operation in billing::OPERATIONS {
        let route = format!("{} {}", operation.method, operation.path);
        assert!(!billing::RAW.contains(&route.as_str()), "{route}");
    }
}

#[test]
fn a_get_changes_nothing() {
    for operation in panel::OPERATIONS.iter().chain(billing::OPERATIONS) {
        if operation.method == HttpMethod::Get {
            assert_eq!(operation.safety, Safety::ReadOnly, "{}", operation.name);
        }
    }
}
