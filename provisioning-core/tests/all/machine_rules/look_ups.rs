//! Look-ups: what proves that something is ours, foreign or absent.

use provisioning_core::plan::verb::{LookUpBy, WhenForeign};
use provisioning_core::run::attention::Attention;
use provisioning_core::run::event::{Answer, Event};
use provisioning_core::run::facts::{LoginReading, MarkReading, Proof};
use provisioning_core::run::finding::Finding;
use provisioning_core::run::outcome::{Barrier, Because, Outcome};

use super::{HOSTING, Story, found, not_sent, nothing_found, rejected, unknown};
use crate::sample::{LONGEST, at, four_steps};

fn forbidden() -> Outcome {
    Outcome::Denied {
        barrier: Barrier::Unrecognised { status: 403 },
        text: "no".into(),
    }
}

const TAKES_TWO: LookUpBy = LookUpBy::NaturalKey {
    refuses_second: false,
};

#[test]
fn a_server_that_refuses_a_second_gets_the_request_again_once_nothing_is_found() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    assert!(story.looks_up());
    story.found(nothing_found());
    let again = story.due(HOSTING).expect("a resend at once");
    assert_eq!((again.attempt, again.candidate), (2, 0));
}

#[test]
fn a_server_that_takes_two_gets_it_again_after_the_longest_duration_and_two_look_ups() {
    let mut story = Story::with_look_up(TAKES_TWO);
    story.call(HOSTING, unknown());
    story.later(10);
    story.found(nothing_found());
    let until = story.waits_until().expect("a wait");
    assert_eq!(until - story.now, LONGEST as i64 + 1);
    story.now = until - 1;
    assert!(story.looks_up());
    story.found(nothing_found());
    assert_eq!(story.due(HOSTING).map(|call| call.attempt), Some(2));
}

#[test]
fn a_look_up_that_began_too_early_proves_no_absence_however_late_it_is_recorded() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(nothing_found());
    story.call(HOSTING, forbidden());
    // The look-up begins while the first request may still arrive, and takes so long that it is recorded afterwards.
    story.later(LONGEST as i64 - 1);
    story.event(Event::Resumed {
        by: "new key".into(),
    });
    assert!(story.looks_up());
    story.later(LONGEST as i64);
    story.found(nothing_found());
    for _ in 0..3 {
        if let Some(until) = story.waits_until() {
            story.now = until;
        }
        let call = story.call(HOSTING, not_sent());
        assert_eq!(
            call.server.unwrap().as_str(),
            "np-1",
            "the request may have arrived"
        );
    }
}

#[test]
fn proven_absence_sets_the_next_server_free() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(nothing_found());
    story.call(HOSTING, forbidden());
    story.later(LONGEST as i64);
    story.event(Event::Resumed {
        by: "new key".into(),
    });
    story.found(nothing_found());
    for _ in 0..2 {
        if let Some(until) = story.waits_until() {
            story.now = until;
        }
        story.call(HOSTING, not_sent());
    }
    assert_eq!(story.due(HOSTING).unwrap().server.unwrap().as_str(), "np-2");
    // And who holds the name now is somebody else.
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(nothing_found());
    story.call(HOSTING, forbidden());
    story.later(LONGEST as i64);
    story.event(Event::Resumed {
        by: "new key".into(),
    });
    story.found(nothing_found());
    story.call(HOSTING, rejected(Because::UsernameTaken));
    story.found(found(MarkReading::Nothing, LoginReading::Refused, false));
    assert_eq!(story.due(HOSTING).map(|call| call.candidate), Some(1));
}

#[test]
fn one_look_up_proves_no_absence_however_late_it_is() {
    let mut story = Story::with_look_up(TAKES_TWO);
    story.call(HOSTING, unknown());
    let until = story.now + 100 * LONGEST as i64;
    story.found(Finding::NotPossible {
        text: "too many requests".into(),
        not_before: Some(at(until)),
    });
    story.now = until;
    story.found(nothing_found());
    let until = story.waits_until().expect("a second look-up");
    assert!(until - story.now >= LONGEST as i64);
}

#[test]
fn look_ups_before_the_last_unknown_outcome_say_nothing_about_it() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(nothing_found());
    story.later(2 * LONGEST as i64);
    story.call(HOSTING, unknown());
    story.found(nothing_found());
    story.now = story.waits_until().expect("a pause after two failures");
    for _ in 0..2 {
        if let Some(until) = story.waits_until() {
            story.now = until;
        }
        let call = story.call(HOSTING, not_sent());
        assert_eq!(call.server.unwrap().as_str(), "np-1");
    }
    assert_eq!(
        story.run.server_of(&HOSTING.into()).unwrap().as_str(),
        "np-1"
    );
}

#[test]
fn a_refusal_is_forgotten_with_the_next_call() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(nothing_found());
    story.call(HOSTING, rejected(Because::Invalid));
    story.found(found(MarkReading::Other, LoginReading::NotTried, true));
    assert_eq!(story.call(HOSTING, unknown()).candidate, 1);
    story.found(nothing_found());
    assert!(
        story.run.parked().is_empty(),
        "what was refused was another call"
    );
}

#[test]
fn a_list_that_may_lack_rows_proves_no_absence_and_in_the_end_asks() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    while story.run.parked().is_empty() {
        assert!(story.due(HOSTING).is_none());
        if let Some(until) = story.waits_until() {
            story.now = until;
        }
        story.found(Finding::Read {
            matches: Vec::new(),
            whole: false,
            shows_marks: true,
        });
    }
    assert!(story.parked().contains("cannot be shown to be whole"));
}

#[test]
fn a_stranger_with_our_name_gives_the_next_name() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(found(MarkReading::Other, LoginReading::NotTried, true));
    assert_eq!(story.due(HOSTING).map(|call| call.candidate), Some(1));
}

#[test]
fn a_stranger_proves_nothing_where_the_server_takes_a_name_twice() {
    let mut story = Story::with_look_up(TAKES_TWO);
    story.call(HOSTING, unknown());
    story.found(found(MarkReading::Other, LoginReading::NotTried, true));
    assert_eq!(story.parked(), "it is held by somebody else");
}

#[test]
fn a_verb_may_declare_that_a_stranger_is_no_reason_to_go_on() {
    for policy in [WhenForeign::Reject, WhenForeign::AskHuman] {
        let mut plan = four_steps();
        plan.steps[0].verb.as_mut().unwrap().when_foreign = policy;
        let mut story = Story::of(plan);
        story.call(HOSTING, unknown());
        story.found(found(MarkReading::Other, LoginReading::NotTried, true));
        assert!(matches!(
            story.run.parked().as_slice(),
            [(_, Attention::Foreign)]
        ));
    }
}

#[test]
fn ours_is_proven_by_mark_or_by_login_and_by_nothing_else() {
    for (mark, login, expected) in [
        (
            MarkReading::Ours,
            LoginReading::NotTried,
            Some(Proof::MarkReadsBack),
        ),
        (
            MarkReading::Nothing,
            LoginReading::Proved,
            Some(Proof::PasswordLogsIn),
        ),
        (MarkReading::Nothing, LoginReading::Refused, None),
        (MarkReading::Nothing, LoginReading::NotOffered, None),
    ] {
        let mut story = Story::of(four_steps());
        story.call(HOSTING, unknown());
        story.found(found(mark, login, false));
        let proof = story
            .run
            .account(&HOSTING.into())
            .map(|account| account.proof.clone());
        assert_eq!(proof, expected);
        if expected.is_none() {
            assert!(
                story.parked().contains(
                    "id 77 (`example`) may be ours, but neither mark nor login proves it"
                )
            );
        }
    }
}

#[test]
fn a_look_up_keeps_the_pause_the_server_asks_for() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    for (asked, least) in [(90_000, 90_000), (0, 500)] {
        let until = story.now + asked;
        story.found(Finding::NotPossible {
            text: "too many requests".into(),
            not_before: Some(at(until)),
        });
        let waits = story.waits_until().expect("a wait") - story.now;
        assert!(waits >= least, "waits {waits} ms");
        story.now += waits;
    }
    assert!(story.looks_up());
}

#[test]
fn a_verb_that_cannot_be_looked_up_asks_and_is_never_looked_up() {
    let mut story = Story::with_look_up(LookUpBy::Nothing);
    story.call(HOSTING, unknown());
    let choices = story.run.parked()[0].1.choices().join(", ");
    assert_eq!(
        choices,
        "it exists with id X, it does not exist, send again, abandon this step (nothing is deleted)"
    );
    assert!(story.answer(Answer::TryAgain).is_err());
    story.event(Event::Resumed {
        by: "new key".into(),
    });
    assert!(story.parked().contains("cannot be looked up"));
}
