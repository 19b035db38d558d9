//! Handing over: shown when it works, until it is confirmed, then gone.

use provisioning_core::plan::step::CredentialId;
use provisioning_core::run::Run;
use provisioning_core::run::directive::Directive;
use provisioning_core::run::event::{Answer, Event};
use provisioning_core::run::journal::Journal;
use provisioning_core::run::outcome::Because;
use provisioning_core::run::status::{Conclusion, RunStatus};

use super::{HOSTING, Story, VERIFY, rejected};
use crate::sample::{at, eight_steps, four_steps};

const OTHER: &str = "hosting/wp_growth/example.net";

fn confirmed(credential: &str) -> Event {
    Event::CredentialConfirmed {
        credential: credential.into(),
        by: "client".into(),
    }
}

fn erased(credential: &str) -> Event {
    Event::CredentialErased {
        credential: credential.into(),
    }
}

#[test]
fn a_credential_is_confirmed_once_it_works_and_erased_once_it_is_confirmed() {
    let mut story = Story::of(four_steps());
    assert!(story.try_event(confirmed(HOSTING)).is_err(), "never made");
    story.create(HOSTING, "12");
    assert!(
        story.try_event(confirmed(HOSTING)).is_err(),
        "does not work yet"
    );
    story.verify(VERIFY);
    assert!(story.try_event(erased(HOSTING)).is_err(), "not confirmed");
    assert_eq!(story.next(), [Directive::Confirm(HOSTING.into())]);
    story.event(confirmed(HOSTING));
    assert!(story.try_event(confirmed(HOSTING)).is_err(), "only once");
    assert_eq!(story.next(), [Directive::Erase(HOSTING.into())]);
    assert!(story.run.sealed(&HOSTING.into()).is_some());
    story.event(erased(HOSTING));
    assert!(story.try_event(erased(HOSTING)).is_err(), "only once");
    assert!(story.run.sealed(&HOSTING.into()).is_none());
    let journal = serde_json::to_string(story.run.journal()).unwrap();
    assert!(
        !journal.contains("sealed bytes"),
        "the journal keeps the bytes"
    );
    assert_eq!(
        Run::replay(Journal::from_json(&journal).unwrap()).unwrap(),
        story.run
    );
}

#[test]
fn what_a_person_does_stays_open_without_holding_the_order_up() {
    let mut story = Story::of(four_steps());
    story.create(HOSTING, "12");
    story.verify(VERIFY);
    story.event(confirmed(HOSTING));
    story.event(erased(HOSTING));
    let attach = "attach/hosting/wp_growth/example.com";
    assert_eq!(
        story.run.status(at(story.now)),
        RunStatus::Over(Conclusion::DoneExceptManual {
            steps: vec![attach.into()]
        })
    );
    let over = story.try_event(Event::Cancelled {
        by: "late".into(),
        reason: "refund".into(),
    });
    assert!(over.is_err(), "what is over cannot be cancelled");
    let done = Event::ManualConfirmed {
        step: attach.into(),
        by: "support".into(),
    };
    story.event(done.clone());
    assert!(story.try_event(done).is_err());
    assert_eq!(
        story.run.status(at(story.now)),
        RunStatus::Over(Conclusion::Done)
    );
}

#[test]
fn an_account_that_fails_keeps_no_other_ones_password() {
    let mut story = Story::of(eight_steps());
    story.call(HOSTING, rejected(Because::Invalid));
    story.create(OTHER, "13");
    story.verify("verify/hosting/wp_growth/example.net");
    let credential = CredentialId::from(OTHER);
    assert!(
        story
            .next()
            .contains(&Directive::Confirm(credential.clone()))
    );
    assert!(!story.next().contains(&Directive::Confirm(HOSTING.into())));
    assert!(story.try_event(confirmed(HOSTING)).is_err());
    story.answer(Answer::Abandon).unwrap();
    // Given up in part, the order is not over before the part that works is handed over.
    assert_eq!(story.next(), [Directive::Confirm(credential)]);
    story.event(confirmed(OTHER));
    story.event(erased(OTHER));
    assert!(matches!(
        story.run.status(at(story.now)),
        RunStatus::Over(Conclusion::Abandoned { .. })
    ));
}
