//! What a human may answer, and what follows.

use provisioning_core::plan::verb::LookUpBy;
use provisioning_core::run::event::{Answer, Event};
use provisioning_core::run::facts::{LoginReading, MarkReading, Proof};
use provisioning_core::run::outcome::{Because, Outcome};
use provisioning_core::run::status::{Conclusion, RunStatus};

use super::{HOSTING, Story, VERIFY, found, nothing_found, rejected, unknown};
use crate::sample::{LONGEST, at, four_steps};

fn exists(remote_id: &str) -> Answer {
    Answer::Exists {
        remote_id: remote_id.into(),
        username: None,
    }
}

#[test]
fn an_answer_within_the_longest_duration_says_nothing_about_a_request_on_its_way() {
    let mut story = Story::with_look_up(LookUpBy::Nothing);
    story.call(HOSTING, unknown());
    story.later(LONGEST as i64 - 1);
    let refused = story.answer(Answer::SendAgain).unwrap_err().to_string();
    assert!(
        refused.contains("may still arrive until") && refused.contains("look again after that"),
        "{refused}"
    );
    story.later(1);
    story.answer(Answer::SendAgain).unwrap();
    assert_eq!(story.due(HOSTING).map(|call| call.attempt), Some(2));
}

#[test]
fn every_unknown_outcome_begins_that_time_anew() {
    let mut story = Story::with_look_up(LookUpBy::Nothing);
    story.call(HOSTING, unknown());
    story.later(LONGEST as i64);
    story.answer(Answer::SendAgain).unwrap();
    story.call(HOSTING, unknown());
    story.later(LONGEST as i64 - 1);
    assert!(story.answer(Answer::SendAgain).is_err());
}

#[test]
fn an_early_answer_leaves_the_name_in_doubt_where_the_server_refuses_a_second() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(found(MarkReading::Nothing, LoginReading::Refused, false));
    story.answer(Answer::SendAgain).unwrap();
    story.call(HOSTING, rejected(Because::UsernameTaken));
    assert!(story.looks_up(), "our own request may have arrived since");
}

#[test]
fn a_human_who_finds_a_stranger_behind_the_name_sets_the_next_name_free() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(found(MarkReading::Nothing, LoginReading::Refused, false));
    story.later(LONGEST as i64);
    story.answer(Answer::SendAgain).unwrap();
    story.call(HOSTING, rejected(Because::UsernameTaken));
    // Who holds it is looked at once more; without the answer a human would be asked about it again, for ever.
    story.found(found(MarkReading::Nothing, LoginReading::Refused, false));
    assert_eq!(story.due(HOSTING).map(|call| call.candidate), Some(1));
}

#[test]
fn it_exists_is_taken_at_its_word_and_verified() {
    let mut story = Story::with_look_up(LookUpBy::Nothing);
    story.call(HOSTING, unknown());
    assert!(story.answer(exists(" ")).is_err(), "an id is needed");
    story.answer(exists("31")).unwrap();
    let account = story.run.account(&HOSTING.into()).unwrap();
    assert_eq!(
        (account.remote_id.as_str(), account.username.as_str()),
        ("31", "example")
    );
    assert_eq!(
        account.proof,
        Proof::SaidBy {
            by: "support".into()
        }
    );
    assert!(story.due(VERIFY).is_some());
}

#[test]
fn it_exists_is_no_answer_where_nothing_was_executed() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, rejected(Because::Invalid));
    let refused = story.answer(exists("31")).unwrap_err().to_string();
    assert!(
        refused.contains("\"it exists\" is no answer to: the panel refused it"),
        "{refused}"
    );
}

#[test]
fn it_was_done_is_no_answer_where_something_is_to_be_created() {
    let mut story = Story::with_look_up(LookUpBy::Nothing);
    story.call(HOSTING, unknown());
    let refused = story.answer(Answer::WasDone).unwrap_err().to_string();
    assert!(
        refused.contains("\"it was done\" is no answer"),
        "{refused}"
    );
}

#[test]
fn a_step_that_asks_nothing_takes_no_answer() {
    let mut story = Story::of(four_steps());
    for answer in [
        exists("1"),
        Answer::SendAgain,
        Answer::WasDone,
        Answer::TryAgain,
        Answer::Abandon,
    ] {
        assert!(story.answer(answer).is_err());
    }
}

#[test]
fn trying_again_looks_first_where_something_may_exist() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(found(MarkReading::Nothing, LoginReading::Refused, false));
    story.answer(Answer::TryAgain).unwrap();
    assert!(story.looks_up());
}

#[test]
fn an_abandoned_order_says_what_exists() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, rejected(Because::Invalid));
    story.answer(Answer::Abandon).unwrap();
    let RunStatus::Over(Conclusion::Abandoned { steps, exists }) = story.run.status(at(story.now))
    else {
        panic!("not over")
    };
    let steps: Vec<&str> = steps.iter().map(|step| step.as_str()).collect();
    assert_eq!(steps, [HOSTING, VERIFY, "hand-over"]);
    assert!(exists.is_empty());
}

#[test]
fn a_cancelled_run_begins_nothing_and_still_finds_out_what_exists() {
    let mut story = Story::of(four_steps());
    let call = story.intend(HOSTING);
    story.event(Event::Cancelled {
        by: "refund".into(),
        reason: "refunded".into(),
    });
    story.event(Event::Outcome {
        step: call.step,
        attempt: 1,
        outcome: unknown(),
    });
    assert!(story.looks_up());
    story.found(found(MarkReading::Ours, LoginReading::NotTried, true));
    assert!(story.due(VERIFY).is_none());
    let RunStatus::Over(Conclusion::Cancelled { exists, .. }) = story.run.status(at(story.now))
    else {
        panic!("not over")
    };
    assert_eq!(exists, [HOSTING.into()]);
}

#[test]
fn a_cancelled_run_sends_nothing_again() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.event(Event::Cancelled {
        by: "refund".into(),
        reason: "refunded".into(),
    });
    assert!(
        story
            .try_event(Event::Cancelled {
                by: "again".into(),
                reason: "again".into()
            })
            .is_err()
    );
    story.found(nothing_found());
    assert!(matches!(
        story.run.status(at(story.now)),
        RunStatus::Over(Conclusion::Cancelled { .. })
    ));
}

#[test]
fn a_refused_account_that_is_odd_is_tried_again_until_it_is_right() {
    let mut story = Story::of(four_steps());
    story.create(HOSTING, "12");
    let account = story.run.account(&HOSTING.into()).unwrap().clone();
    let mut odd = super::verified(&account);
    odd.active = false;
    odd.mark = MarkReading::Other;
    story.call(
        VERIFY,
        Outcome::Ok {
            facts: provisioning_core::run::facts::Facts::Verified(odd),
        },
    );
    assert_eq!(
        story.parked(),
        "the account is not as it should be: account 12 carries somebody else's mark; account 12 is not active"
    );
    story.event(Event::Resumed {
        by: "support".into(),
    });
    story.verify(VERIFY);
    assert!(matches!(
        story.run.status(at(story.now)),
        RunStatus::AwaitingConfirmation { .. }
    ));
}
