//! Journals on disk: old ones stay readable, newer and damaged ones are refused by name, finished ones stay small.

use provisioning_core::run::Run;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::facts::Proof;
use provisioning_core::run::journal::{Journal, JournalError};
use provisioning_core::run::status::{Conclusion, RunStatus};
use serde_json::{Value, json};

use crate::driver::Driver;
use crate::fate::{Fates, Tape};
use crate::model_panel::Panels;
use crate::sample::{START, at, eight_steps, fleet_of, item, plan_of};

/// Written by the first schema, one of each event in them. Never edited: a build that cannot read them is wrong.
const FINISHED: &str = include_str!("../fixtures/journal-schema-1.json");
const PARKED: &str = include_str!("../fixtures/journal-schema-1-parked.json");
const CANCELLED: &str = include_str!("../fixtures/journal-schema-1-cancelled.json");

fn replayed(text: &str) -> Run {
    Run::replay(Journal::from_json(text).unwrap()).unwrap()
}

#[test]
fn a_finished_journal_of_the_first_schema_says_what_it_said() {
    let run = replayed(FINISHED);
    assert_eq!(
        run.status(at(START)),
        RunStatus::Over(Conclusion::DoneExceptManual {
            steps: vec!["attach/hosting/wp_growth/example.net".into()]
        })
    );
    let first = run
        .account(&"hosting/wp_growth/example.com".into())
        .unwrap();
    assert_eq!(
        (
            first.remote_id.as_str(),
            first.username.as_str(),
            first.server.as_str()
        ),
        ("41", "exampled7w", "np-1")
    );
    assert_eq!(first.proof, Proof::MarkReadsBack);
    let second = run
        .account(&"hosting/wp_growth/example.net".into())
        .unwrap();
    assert_eq!(
        (second.remote_id.as_str(), &second.proof),
        (
            "52",
            &Proof::SaidBy {
                by: "support".into()
            }
        )
    );
    for step in [
        "hosting/wp_growth/example.com",
        "hosting/wp_growth/example.net",
    ] {
        assert!(run.sealed(&step.into()).is_none());
        assert_eq!(run.confirmed_by(&step.into()), Some("client"));
    }
}

#[test]
fn a_parked_journal_of_the_first_schema_still_asks_the_same() {
    let run = replayed(PARKED);
    let parked = run.parked();
    let [(step, attention)] = parked.as_slice() else {
        panic!("{parked:?}")
    };
    assert_eq!(step.as_str(), "hosting/wp_growth/example.com");
    assert!(attention.is_denied());
    assert!(matches!(attention, Attention::Denied { .. }));
}

#[test]
fn a_cancelled_journal_of_the_first_schema_stays_cancelled() {
    assert!(matches!(
        replayed(CANCELLED).status(at(START)),
        RunStatus::Over(Conclusion::Cancelled { exists, .. }) if exists.is_empty()
    ));
}

#[test]
fn what_is_read_of_an_old_journal_is_written_again_without_loss() {
    for text in [FINISHED, PARKED, CANCELLED] {
        let old: Value = serde_json::from_str(text).unwrap();
        let written = serde_json::to_value(replayed(text).journal()).unwrap();
        assert_eq!(written, old);
    }
}

#[test]
fn every_event_there_is_stands_in_the_fixtures() {
    for event in [
        "credential_sealed",
        "intent",
        "outcome",
        "interrupted",
        "looked_up",
        "human_answered",
        "resumed",
        "manual_confirmed",
        "credential_confirmed",
        "credential_erased",
        "cancelled",
    ] {
        let word = format!("\"event\": \"{event}\"");
        assert!(
            [FINISHED, PARKED, CANCELLED]
                .iter()
                .any(|text| text.contains(&word)),
            "{event}"
        );
    }
    for outcome in ["not_sent", "ok", "unknown", "denied", "rejected"] {
        let word = format!("\"outcome\": \"{outcome}\"");
        assert!(
            [FINISHED, PARKED, CANCELLED]
                .iter()
                .any(|text| text.contains(&word)),
            "{outcome}"
        );
    }
}

#[test]
fn a_newer_schema_is_refused_by_its_number_whatever_else_it_holds() {
    let newer = JournalError::Newer { found: 2, known: 1 };
    for text in [
        r#"{"schema": 2, "something": "nobody knows yet"}"#,
        r#"{"schema": 1, "plan": {"schema": 2, "something": "nobody knows yet"}, "entries": []}"#,
    ] {
        assert_eq!(Journal::from_json(text), Err(newer.clone()));
    }
    let mut journal = Journal::from_json(FINISHED).unwrap();
    journal.schema = 2;
    assert_eq!(Run::replay(journal), Err(newer.clone()));
    let mut journal = Journal::from_json(FINISHED).unwrap();
    journal.plan.schema = 2;
    assert_eq!(Run::replay(journal), Err(newer.clone()));
    assert_eq!(
        newer.to_string(),
        "the journal has schema 2, this build knows up to 1: use the newer build; nothing was changed"
    );
}

#[test]
fn what_is_no_journal_is_refused_as_unreadable() {
    for text in [
        "",
        "[]",
        "{}",
        "null",
        r#"{"schema": 1}"#,
        r#"{"schema": -1}"#,
        &FINISHED[..900],
    ] {
        assert!(
            matches!(
                Journal::from_json(text),
                Err(JournalError::Unreadable { .. })
            ),
            "{text}"
        );
    }
}

/// Every entry but those that depend on nothing is missed when it is gone.
#[test]
fn a_journal_that_lacks_an_entry_is_impossible_at_the_next_one() {
    let whole = Journal::from_json(FINISHED).unwrap();
    let mut missed = 0;
    for gone in 0..whole.entries.len() {
        let mut journal = whole.clone();
        journal.entries.remove(gone);
        match Run::replay(journal) {
            Err(JournalError::Impossible { index, .. }) => {
                assert!(index >= gone, "entry {index} before {gone}");
                missed += 1;
            }
            Err(other) => panic!("{other}"),
            // What nothing follows from: the last of its kind, or an answer that came to nothing.
            Ok(run) => assert_ne!(run, Run::replay(whole.clone()).unwrap()),
        }
    }
    assert!(missed * 10 >= whole.entries.len() * 7, "{missed} missed");
}

#[test]
fn an_edited_journal_is_impossible_at_the_edit() {
    let whole: Value = serde_json::from_str(FINISHED).unwrap();
    let intent = whole["entries"]
        .as_array()
        .unwrap()
        .iter()
        .position(|entry| entry["event"] == "intent")
        .unwrap();
    for (field, value) in [
        ("attempt", json!(2)),
        ("candidate", json!(1)),
        ("server", json!("np-2")),
        ("key", json!("00000000-0000-0000-0000-000000000000")),
        ("step", json!("hosting/starter/example.com")),
    ] {
        let mut edited = whole.clone();
        edited["entries"][intent][field] = value;
        let journal = Journal::from_json(&edited.to_string()).unwrap();
        let refused = Run::replay(journal).unwrap_err();
        assert!(
            matches!(&refused, JournalError::Impossible { index, .. } if *index == intent),
            "{field}: {refused}"
        );
        assert!(
            refused
                .to_string()
                .contains("it was edited or entries are missing")
        );
    }
}

/// DESIGN: a finished journal of eight steps stays under 16 KB.
#[test]
fn a_finished_journal_of_eight_steps_stays_small() {
    struct Healthy;
    impl Fates for Healthy {}
    let names: Vec<String> = (1..=8).map(|n| format!("np-fra-{n:02}")).collect();
    let servers: Vec<(&str, u32, u32)> = names
        .iter()
        .enumerate()
        .map(|(n, name)| (name.as_str(), 50, n as u32))
        .collect();
    let plan = plan_of(
        vec![
            item(0, "wp_growth", Some("example.com")),
            item(1, "wp_growth", Some("example.net")),
            item(2, "firewall", Some("example.com")),
        ],
        &fleet_of(&servers),
    );
    assert_eq!(plan.steps.len(), 8);
    let panels = || Panels::new(names.iter().map(String::as_str));
    let mut healthy = Healthy;
    let mut driver = Driver::new(plan.clone(), panels(), &mut healthy);
    driver.finish();
    let quiet = driver.journal().len();
    // The same with replies lost, look-ups, resends and a death or two on the way.
    let mut tape = Tape::new((0_u16..60).map(|n| n.wrapping_mul(7_919)).collect());
    let mut driver = Driver::new(plan, panels(), &mut tape);
    driver.finish();
    let troubled = driver.journal().len();
    println!("finished journal of 8 steps: {quiet} bytes; after trouble: {troubled} bytes");
    assert!(quiet < 16_384, "{quiet} bytes");
    assert!(troubled < 2 * 16_384, "{troubled} bytes");
    assert_eq!(eight_steps().steps.len(), 8);
}
