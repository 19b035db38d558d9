//! Calls and their outcomes.

use provisioning_core::run::attention::Attention;
use provisioning_core::run::event::{Event, Intent};
use provisioning_core::run::facts::{Facts, HostingAccount, LoginReading, MarkReading};
use provisioning_core::run::outcome::{Barrier, Because, Outcome};
use provisioning_core::run::step_state::Phase;

use super::{HOSTING, Story, VERIFY, account, found, not_sent, nothing_found, rejected, unknown};
use crate::sample::{START, at, four_steps, server};

fn pause(until: i64) -> Outcome {
    Outcome::NotSent {
        text: "too many requests".into(),
        retryable: true,
        not_before: Some(at(until)),
    }
}

#[test]
fn a_server_that_asks_for_no_time_at_all_is_not_called_again_within_the_instant() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, pause(START));
    let until = story.waits_until().expect("a wait");
    assert!(until >= START + 500, "waits {} ms", until - START);
}

#[test]
fn a_server_that_keeps_asking_for_a_pause_is_asked_ever_later() {
    let mut story = Story::of(four_steps());
    let mut waits = Vec::new();
    for _ in 0..12 {
        story.call(HOSTING, pause(story.now + 1));
        let until = story.waits_until().expect("a pause");
        waits.push(until - story.now);
        story.now = until;
    }
    // The brisk policy of these tests doubles from 1 s to its cap of 8 s, with jitter over the second half.
    assert!(
        waits[0] <= 1_000 && waits[2..].iter().all(|wait| *wait > 2 * 1_000),
        "{waits:?}"
    );
    assert!(waits[4..].iter().all(|wait| *wait >= 4_000), "{waits:?}");
    // Another answer ends the row of pauses.
    story.call(HOSTING, not_sent());
    story.now = story.waits_until().unwrap_or(story.now);
    story.call(HOSTING, pause(story.now + 1));
    let again = story.waits_until().expect("a pause") - story.now;
    assert!(again <= 2 * waits[0], "{again} after {waits:?}");
}

#[test]
fn a_pause_the_server_asks_for_is_kept_and_costs_no_attempt() {
    let mut story = Story::of(four_steps());
    for _ in 0..50 {
        let until = story.now + 61_000;
        story.call(HOSTING, pause(until));
        assert_eq!(story.waits_until(), Some(until + 1));
        assert!(
            story
                .try_event(Event::Resumed {
                    by: "nobody".into()
                })
                .is_ok()
        );
        assert_eq!(story.waits_until(), Some(until + 1), "nothing was parked");
        story.now = until;
    }
    assert!(story.due(HOSTING).is_some());
}

#[test]
fn every_ranked_server_is_tried_before_a_human_is_asked() {
    let mut story = Story::of(four_steps());
    let mut tried = Vec::new();
    while story.run.parked().is_empty() {
        if let Some(until) = story.waits_until() {
            story.now = until;
        }
        let call = story.call(HOSTING, not_sent());
        tried.push(call.server.unwrap().to_string());
    }
    // Two failures move on; on the last server the policy's four failures are waited for.
    assert_eq!(
        tried,
        [
            "np-1", "np-1", "np-2", "np-2", "np-3", "np-3", "np-3", "np-3"
        ]
    );
    assert_eq!(story.parked(), "no request got through: connection refused");
}

#[test]
fn a_server_is_kept_while_something_of_ours_may_be_on_it() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(nothing_found());
    for _ in 0..3 {
        if let Some(until) = story.waits_until() {
            story.now = until;
        }
        assert_eq!(
            story.call(HOSTING, not_sent()).server.unwrap().as_str(),
            "np-1"
        );
    }
    assert!(matches!(
        story.run.parked().as_slice(),
        [(_, Attention::Unreachable { .. })]
    ));
    // Taken up again, it looks first.
    story.event(Event::Resumed {
        by: "support".into(),
    });
    assert!(story.looks_up());
}

#[test]
fn a_setting_that_does_not_mend_itself_asks_at_once() {
    let mut story = Story::of(four_steps());
    story.call(
        HOSTING,
        Outcome::NotSent {
            text: "certificate expired".into(),
            retryable: false,
            not_before: None,
        },
    );
    assert_eq!(
        story.parked(),
        "no request got through: certificate expired"
    );
}

#[test]
fn a_reply_about_another_account_is_looked_up_and_not_believed() {
    for spoil in [
        |account: &mut HostingAccount| account.username = "stranger".into(),
        |account: &mut HostingAccount| account.remote_id.clear(),
        |account: &mut HostingAccount| account.server = server("np-2"),
    ] {
        let mut story = Story::of(four_steps());
        let call = story.intend(HOSTING);
        let mut other = account(&call, "12");
        spoil(&mut other);
        story.event(Event::Outcome {
            step: call.step,
            attempt: call.attempt,
            outcome: Outcome::Ok {
                facts: Facts::HostingAccount(other),
            },
        });
        assert!(story.looks_up());
    }
}

#[test]
fn a_username_in_capitals_is_the_same_account() {
    let mut story = Story::of(four_steps());
    let call = story.intend(HOSTING);
    let mut ours = account(&call, "12");
    ours.username = ours.username.to_ascii_uppercase();
    story.event(Event::Outcome {
        step: call.step,
        attempt: call.attempt,
        outcome: Outcome::Ok {
            facts: Facts::HostingAccount(ours),
        },
    });
    assert!(story.run.account(&HOSTING.into()).is_some());
}

#[test]
fn a_name_that_was_never_unknown_is_given_up_once_its_holder_is_not_us() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, rejected(Because::UsernameTaken));
    // A journal that was lost may have made it: the mark says so.
    assert!(story.looks_up());
    story.found(found(MarkReading::Nothing, LoginReading::Refused, false));
    assert_eq!(story.due(HOSTING).map(|call| call.candidate), Some(1));
}

#[test]
fn a_name_that_was_unknown_is_looked_up_before_it_is_given_up() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(nothing_found());
    story.call(HOSTING, rejected(Because::UsernameTaken));
    assert!(story.looks_up());
    story.found(found(MarkReading::Ours, LoginReading::NotTried, true));
    assert_eq!(
        story
            .run
            .account(&HOSTING.into())
            .map(|account| account.remote_id.as_str()),
        Some("77")
    );
}

#[test]
fn any_other_refusal_after_an_unknown_outcome_is_looked_up_before_it_is_believed() {
    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(nothing_found());
    // "E-mail already in use": by our own first request, which arrived meanwhile.
    story.call(HOSTING, rejected(Because::Invalid));
    assert!(story.looks_up());
    story.found(found(MarkReading::Ours, LoginReading::NotTried, true));
    assert!(story.run.account(&HOSTING.into()).is_some());

    let mut story = Story::of(four_steps());
    story.call(HOSTING, unknown());
    story.found(nothing_found());
    story.call(HOSTING, rejected(Because::Invalid));
    story.found(nothing_found());
    assert_eq!(
        story.parked(),
        "the panel refused it; nothing was created: refused"
    );
}

#[test]
fn used_up_names_ask_a_human() {
    let mut story = Story::of(four_steps());
    for _ in 0..8 {
        story.call(HOSTING, rejected(Because::UsernameTaken));
        story.found(found(MarkReading::Other, LoginReading::NotTried, true));
    }
    assert_eq!(story.parked(), "all 8 username candidates are taken");
}

#[test]
fn a_denied_step_resumes_where_it_stood() {
    let mut story = Story::of(four_steps());
    story.call(
        HOSTING,
        Outcome::Denied {
            barrier: Barrier::Proxy { status: 403 },
            text: "<html>".into(),
        },
    );
    assert!(story.parked().contains("a proxy or firewall answered"));
    story.event(Event::Resumed {
        by: "new key".into(),
    });
    assert_eq!(story.due(HOSTING).map(|call| call.attempt), Some(2));
}

#[test]
fn what_the_process_died_in_is_unknown_and_never_simply_sent_again() {
    let mut story = Story::of(four_steps());
    let call = story.intend(HOSTING);
    assert!(story.next().is_empty(), "a call is under way");
    let interrupted = story.run.interrupted();
    assert_eq!(
        interrupted,
        [Event::Interrupted {
            step: call.step,
            attempt: 1
        }]
    );
    story.event(interrupted[0].clone());
    assert!(story.looks_up());
}

#[test]
fn reading_is_repeated_until_the_policy_is_used_up() {
    let mut story = Story::of(four_steps());
    story.create(HOSTING, "12");
    for _ in 0..4 {
        if let Some(until) = story.waits_until() {
            story.now = until;
        }
        story.call(VERIFY, unknown());
    }
    assert!(matches!(
        story.run.step(&VERIFY.into()).map(|state| &state.phase),
        Some(Phase::Parked(Attention::Unreachable { .. }))
    ));
}

/// The Intent that would be right if only the step were due.
fn intent(story: &Story, step: &str, attempt: u32, server: Option<&str>) -> Event {
    Event::Intent(Intent {
        step: step.into(),
        attempt,
        candidate: 0,
        server: server.map(crate::sample::server),
        key: story.run.plan().id.idempotency_key(&step.into(), 0),
    })
}

#[test]
fn a_call_that_is_not_due_cannot_begin() {
    let why = |story: &mut Story, event| story.try_event(event).unwrap_err().to_string();

    let mut story = Story::of(four_steps());
    let create = intent(&story, HOSTING, 1, Some("np-1"));
    assert!(why(&mut story, create).contains("sealed first"));
    let verify = intent(&story, VERIFY, 1, None);
    assert!(why(&mut story, verify).contains("needs steps that are not done"));
    let by_hand = intent(&story, "hand-over", 1, None);
    assert!(why(&mut story, by_hand).contains("is not ready to be called"));

    story.call(HOSTING, pause(START + 9_000));
    let early = intent(&story, HOSTING, 2, Some("np-1"));
    story.later(8_999);
    assert!(why(&mut story, early.clone()).contains("must wait"));
    story.event(Event::Cancelled {
        by: "refund".into(),
        reason: "refunded".into(),
    });
    story.later(1);
    assert!(why(&mut story, early).contains("is cancelled"));
}
