//! What a plan looks like, letter by letter.
//!
//! `BLESS=1 cargo test -p provisioning-core --test all golden` writes the files anew; read the difference before it is
//! committed.

use std::path::Path;

use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{Fleet, FleetConfig, Observation};
use provisioning_core::order::{Intake, PaymentEvidence, TenantId, read_order};
use provisioning_core::plan::Plan;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::planner::{Inputs, plan};
use std::time::Duration;

use crate::sample::{START, at, server};

/// The plan of the sample order that the main job comes with.
fn sample_plan() -> Plan {
    let intake = Intake::new(TenantId::new("migrahosting").unwrap())
        .with_order_id("sample-1")
        .with_evidence(PaymentEvidence::Operator {
            name: "support desk".into(),
        });
    let order = read_order(include_bytes!("../golden/order.json"), &intake).unwrap();
    let config =
        FleetConfig::from_toml("fleet.toml", include_str!("../golden/fleet.toml")).unwrap();
    let mut fleet = Fleet::new(config);
    for (name, accounts) in [("np-fra-1", 12), ("np-ams-1", 3), ("np-nyc-1", 0)] {
        let counted = Observation::Counted {
            accounts,
            reserved_uncounted: 0,
        };
        assert!(fleet.observe(&server(name), counted));
    }
    let inputs = Inputs::new(Capabilities::nextpanel(Duration::from_secs(60)));
    plan(&order, &Catalog::migrahosting(), &fleet, &inputs, at(START)).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one test that writes files, when it is told to"
)]
fn assert_golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == found,
        "{name} differs; BLESS=1 writes it anew. Found:\n{found}"
    );
}

#[test]
fn the_plan_as_a_tree() {
    assert_golden("plan.tree.txt", &sample_plan().to_tree());
}

#[test]
fn the_plan_as_mermaid() {
    assert_golden("plan.mmd", &sample_plan().to_mermaid());
}

#[test]
fn the_plan_as_json() {
    let json = sample_plan().to_json().unwrap();
    // A release alone is no difference.
    let released = format!("\"core\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let found = json.replace(&released, "\"core\": \"VERSION\"");
    assert_golden("plan.json", &format!("{found}\n"));
    let read: Plan = serde_json::from_str(&json).unwrap();
    assert_eq!(read, sample_plan());
}

#[test]
fn every_step_in_plain_words() {
    let plan = sample_plan();
    let mut all = String::new();
    for step in &plan.steps {
        let words = plan.explain(&step.path).expect("a step of the plan");
        all.push_str(&format!("{words}\n\n"));
    }
    assert_golden("explained.txt", &all);
    assert_eq!(plan.explain(&"no/such/step".into()), None);
}
