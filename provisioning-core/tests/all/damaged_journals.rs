//! Journals that were damaged, cut or forged: refused or run, never a panic.

use proptest::prelude::{Strategy, any, proptest};
use provisioning_core::run::Run;
use provisioning_core::run::event::{Entry, Event};
use provisioning_core::run::journal::Journal;
use serde_json::{Value, json};

use crate::exactly_once::cases;
use crate::fate::Tape;
use crate::sample::{START, at};

const JOURNALS: [&str; 3] = [
    include_str!("../fixtures/journal-schema-1.json"),
    include_str!("../fixtures/journal-schema-1-parked.json"),
    include_str!("../fixtures/journal-schema-1-cancelled.json"),
];

/// Reads it and, if it can be read, does everything with it that can be done.
fn use_it(text: &str) -> bool {
    let Ok(journal) = Journal::from_json(text) else {
        return false;
    };
    let plan = journal.plan.clone();
    let _ = (plan.to_tree(), plan.to_mermaid(), plan.to_json());
    for step in &plan.steps {
        let _ = plan.explain(&step.path);
    }
    let Ok(mut run) = Run::replay(journal) else {
        return false;
    };
    for now in [START, START + 10_000, START + 100_000_000] {
        let _ = (run.next(at(now)), run.status(at(now)), run.parked().len());
        for event in run.interrupted() {
            let _ = run.apply(Entry { at: at(now), event });
        }
        let resumed = Event::Resumed {
            by: "support".into(),
        };
        let _ = run.apply(Entry {
            at: at(now),
            event: resumed,
        });
    }
    for step in &plan.steps {
        let _ = (
            run.step(&step.path),
            run.account(&step.path),
            run.server_of(&step.path),
        );
    }
    true
}

fn a_value(tape: &mut Tape) -> Value {
    [
        Value::Null,
        json!(0),
        json!(-1),
        json!(4_294_967_295_u64),
        json!(18_446_744_073_709_551_615_u64),
        json!(1.5),
        json!(true),
        json!(""),
        json!("x"),
        json!("hosting/wp_growth/example.com"),
        json!("-009999-01-01T00:00:00Z"),
        json!("9999-12-30T22:00:00Z"),
        json!([]),
        json!({}),
        json!({"event": "resumed", "by": "nobody"}),
    ][tape.pick(15)]
    .clone()
}

/// Changes one place of the tree that the tape chooses.
fn mutate(value: &mut Value, tape: &mut Tape) {
    let deeper = tape.pick(8) > 0;
    match value {
        Value::Array(items) if !items.is_empty() => {
            let which = tape.pick(items.len());
            match tape.pick(6) {
                0 => {
                    items.remove(which);
                }
                1 => items.push(items[which].clone()),
                2 => items.swap(0, which),
                3 => items.truncate(which),
                _ if deeper => mutate(&mut items[which], tape),
                _ => *value = a_value(tape),
            }
        }
        Value::Object(fields) if !fields.is_empty() => {
            let keys: Vec<String> = fields.keys().cloned().collect();
            let key = &keys[tape.pick(keys.len())];
            match tape.pick(8) {
                0 => {
                    fields.remove(key);
                }
                1 => {
                    fields.insert("unheard_of".into(), a_value(tape));
                }
                _ if deeper => mutate(&mut fields[key], tape),
                _ => *value = a_value(tape),
            }
        }
        other => *other = a_value(tape),
    }
}

fn numbers() -> impl Strategy<Value = Vec<u16>> {
    proptest::collection::vec(any::<u16>(), 1..80)
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_journal_with_other_values_in_it_never_panics(numbers in numbers()) {
        let mut tape = Tape::new(numbers);
        let mut value: Value = serde_json::from_str(JOURNALS[tape.pick(3)]).unwrap();
        for _ in 0..=tape.pick(3) {
            mutate(&mut value, &mut tape);
        }
        use_it(&value.to_string());
    }

    #[test]
    fn a_journal_with_other_bytes_in_it_never_panics(numbers in numbers()) {
        let mut tape = Tape::new(numbers);
        let mut bytes = JOURNALS[tape.pick(3)].as_bytes().to_vec();
        for _ in 0..=tape.pick(4) {
            let at = tape.pick(bytes.len());
            match tape.pick(4) {
                0 => bytes.truncate(at.max(1)),
                1 => bytes[at] = tape.pick(256) as u8,
                2 => bytes[at] ^= 1 << tape.pick(8),
                _ => {
                    let from = tape.pick(bytes.len());
                    let piece: Vec<u8> = bytes[from..].iter().take(40).copied().collect();
                    bytes.splice(at..at, piece);
                }
            }
        }
        use_it(&String::from_utf8_lossy(&bytes));
    }
}

/// The mutations above would prove little if none of them were ever read.
#[test]
fn undamaged_journals_are_used() {
    for text in JOURNALS {
        assert!(use_it(text));
    }
}
