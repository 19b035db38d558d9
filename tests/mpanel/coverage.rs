//! Every row of the table of endpoints has a contract test.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use mpanel_client::{Availability, FAMILIES, OPERATIONS, Route};
use provisioning_core::permission::Requirement;
use serde_json::Value;

use super::case::fixtures;

fn all() -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    for family in fs::read_dir(fixtures()).unwrap() {
        let family = family.unwrap().path();
        for file in fs::read_dir(&family).unwrap() {
            let file = file.unwrap().path();
            let stem = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
            let value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
            all.insert(format!("{}/{}", stem(&family), stem(&file)), value);
        }
    }
    all
}

fn is_refused_by_typescript(route: &Route) -> bool {
    route.operation.path.starts_with("/api/provisioning/")
        && route
            .verb
            .is_some_and(|verb| Requirement::of(verb).roles() == ["admin"])
}

#[test]
fn every_operation_has_a_fixture_in_every_dialect_it_is_served_in() {
    let mut covered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for fixture in all().values() {
        let generations = fixture["generations"].as_array().unwrap();
        covered
            .entry(fixture["operation"].as_str().unwrap().to_owned())
            .or_default()
            .extend(
                generations
                    .iter()
                    .map(|name| name.as_str().unwrap().to_owned()),
            );
    }
    let mut missing = Vec::new();
    for route in FAMILIES.iter().flat_map(|family| family.routes) {
        let wanted: &[&str] = match route.availability {
            // Behind the TypeScript gate they want a legacy role, which no TypeScript token has: always a 403 there.
            Availability::Both if is_refused_by_typescript(route) => &["legacy"],
            Availability::Both => &["legacy", "typescript"],
            Availability::TypeScript => &["typescript"],
            _ => &["legacy"],
        };
        for generation in wanted {
            let is_there = covered
                .get(route.operation.name)
                .is_some_and(|generations| generations.contains(*generation));
            if !is_there {
                missing.push(format!("{} on {generation}", route.operation.name));
            }
        }
    }
    assert!(missing.is_empty(), "without a contract test: {missing:#?}");
    let known: BTreeSet<&str> = OPERATIONS.iter().map(|operation| operation.name).collect();
    let unknown: Vec<&String> = covered
        .keys()
        .filter(|name| !known.contains(name.as_str()))
        .collect();
    assert!(unknown.is_empty(), "not in the table: {unknown:?}");
}

#[test]
fn every_fixture_is_run_by_the_module_of_its_family() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("mpanel");
    for name in all().keys() {
        let (family, _) = name.split_once('/').unwrap();
        let source = fs::read_to_string(tests.join(format!("{family}.rs"))).unwrap();
        assert!(
            source.contains(&format!("\"{name}\"")),
            "{name} is run by no test"
        );
    }
}

#[test]
fn every_fixture_says_what_is_sent() {
    for (name, fixture) in all() {
        let request = &fixture["request"];
        let method = request["method"].as_str().unwrap();
        assert!(
            request["path"].as_str().unwrap().starts_with("/api/"),
            "{name}"
        );
        assert!(fixture["response"]["status"].is_u64(), "{name}");
        assert!(method != "GET" || request.get("body").is_none(), "{name}");
    }
}
