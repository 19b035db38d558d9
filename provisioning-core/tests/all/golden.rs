//! What plans and runs look like, letter by letter.
//!
//! `BLESS=1 cargo test -p provisioning-core --test all golden` writes the files anew; read the difference before it is
//! committed.

use std::path::Path;

use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{Fleet, FleetConfig, Observation};
use provisioning_core::order::{Intake, PaymentEvidence, TenantId, read_order};
use provisioning_core::plan::Plan;
use provisioning_core::plan::action::Action;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::planner::{Inputs, plan};
use provisioning_core::run::Run;
use provisioning_core::run::event::{Answer, CredentialSealed, Entry, Event, Intent};
use provisioning_core::run::facts::{LoginReading, MarkReading};
use provisioning_core::run::finding::{Finding, Match};
use provisioning_core::run::outcome::Outcome;
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

/// A run of the sample plan whose first reply was lost: what the server shows afterwards proves nothing, so a person
/// answers, and everything else goes well.
fn eventful_run(until: usize) -> Run {
    let mut run = Run::start(sample_plan());
    let account = run.plan().steps.iter().find_map(|step| match &step.action {
        Action::CreateHostingAccount(create) => Some((step.path.clone(), create.clone())),
        _ => None,
    });
    let (path, create) = account.expect("the sample has an account");
    let on = create.servers.first().expect("a server").name.clone();
    let username = create
        .usernames
        .first()
        .expect("a name")
        .as_str()
        .to_owned();
    let there = Match {
        remote_id: "4711".into(),
        username: username.clone(),
        mark: MarkReading::Nothing,
        login: LoginReading::Refused,
        bound_to: None,
    };
    let events = [
        Event::CredentialSealed(CredentialSealed {
            credential: create.credential.clone(),
            key_id: "k1".into(),
            sealed: "c2VhbGVk".into(),
        }),
        Event::Intent(Intent {
            step: path.clone(),
            attempt: 1,
            candidate: 0,
            server: Some(on.clone()),
            key: run.plan().id.idempotency_key(&path, 0),
        }),
        Event::Outcome {
            step: path.clone(),
            attempt: 1,
            outcome: Outcome::Unknown {
                text: "connection reset; the request had left".into(),
            },
        },
        Event::LookedUp {
            step: path.clone(),
            finding: Finding::Read {
                matches: vec![there],
                whole: true,
                shows_marks: false,
            },
        },
        Event::HumanAnswered {
            step: path,
            answer: Answer::Exists {
                remote_id: "4711".into(),
                username: None,
            },
            by: "support desk".into(),
        },
    ];
    for (second, event) in (1..).zip(events.into_iter().take(until)) {
        let entry = Entry {
            at: at(START + second * 1_000),
            event,
        };
        run.apply(entry).unwrap();
    }
    run
}

#[test]
fn a_run_as_a_tree() {
    let shown: Vec<String> = (0..=5).map(|until| eventful_run(until).to_tree()).collect();
    assert_golden("run.tree.txt", &shown.join("\n"));
}

#[test]
fn the_course_of_a_run_as_mermaid() {
    assert_golden("run.mmd", &eventful_run(5).to_timeline());
}
