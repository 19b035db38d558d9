//! Whatever the bytes: no panic, and a journal that is accepted reads back to the same run, which can be asked anything.
//! `provisioning-core/tests/all/fuzz_corpus.rs` replays the corpus with the same checks.

#![no_main]

use libfuzzer_sys::fuzz_target;
use provisioning_core::payment::RunPosition;
use provisioning_core::planner::lifecycle::Observed;
use provisioning_core::run::Run;
use provisioning_core::run::journal::{Journal, JournalError};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let journal = match Journal::from_json(text) {
        Ok(journal) => journal,
        Err(error) => {
            assert!(!matches!(error, JournalError::Impossible { .. }));
            return;
        }
    };
    let entries = journal.entries.len();
    match Run::replay(journal) {
        Ok(run) => check(&run),
        Err(JournalError::Impossible { index, .. }) => assert!(index < entries),
        Err(error) => assert!(matches!(error, JournalError::Newer { .. })),
    }
});

fn check(run: &Run) {
    let stored = serde_json::to_string(run.journal()).unwrap();
    let again = Run::replay(Journal::from_json(&stored).unwrap()).unwrap();
    assert_eq!(&again, run);
    let plan = run.plan();
    let _ = (plan.to_tree(), plan.to_mermaid(), run.interrupted(), run.parked());
    for step in &plan.steps {
        assert!(plan.explain(&step.path).is_some());
        let _ = (run.server_of(&step.path), run.instructions(&step.path));
    }
    let _ = Observed::of([run]);
    let last = run.journal().entries.last().map_or(plan.planned_at, |entry| entry.at);
    for now in [jiff::Timestamp::MIN, last, jiff::Timestamp::MAX] {
        let _ = (run.next(now), run.status(now), RunPosition::of(&[run], now));
    }
}
