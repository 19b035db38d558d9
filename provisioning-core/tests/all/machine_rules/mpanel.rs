//! mPanel: what is handed over is watched, what was lost asks, what is not there yet costs nothing.

use std::time::Duration;

use provisioning_core::catalog::Catalog;
use provisioning_core::plan::mpanel::{MpanelMode, OrderEntry};
use provisioning_core::plan::verb::{Capabilities, MpanelOffer};
use provisioning_core::planner::{Inputs, plan};
use provisioning_core::run::attention::Attention;
use provisioning_core::run::facts::mpanel::{
    MpanelFacts, MpanelOrder, MpanelRecord, OrderProgress, PieceOfWork,
};
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_core::status::ProvisioningState;

use super::*;
use crate::sample::{fleet_of, item, order_of};

const ORDER: &str = "mpanel/order";
const WATCH: &str = "watch/mpanel/order";
const CUSTOMER: &str = "mpanel/customer";

fn story(product: &str, mode: MpanelMode) -> Story {
    let offer = MpanelOffer::new(mode).with_longest_duration(Duration::from_secs(5));
    let capabilities =
        Capabilities::nextpanel(Duration::from_secs(5)).and(Capabilities::mpanel(&offer));
    Story::of(
        plan(
            &order_of("A-1001", vec![item(0, product, Some("example.com"))]),
            &Catalog::migrahosting(),
            &fleet_of(&[("np-1", 50, 3)]),
            &Inputs::new(capabilities),
            at(START),
        )
        .unwrap(),
    )
}

fn delegated(entry: OrderEntry) -> Story {
    story("starter", MpanelMode::Delegate(entry))
}

fn taken() -> Outcome {
    Outcome::Ok {
        facts: Facts::Mpanel(MpanelFacts::Order(MpanelOrder {
            subscription_ids: vec!["s1".into()],
            ..MpanelOrder::new(Proof::Created)
        })),
    }
}

fn seen(state: ProvisioningState) -> Outcome {
    let error = (state == ProvisioningState::Failed).then(|| "no space left".to_owned());
    Outcome::Ok {
        facts: Facts::Mpanel(MpanelFacts::Progress(OrderProgress {
            work: vec![PieceOfWork {
                what: "task 1".into(),
                status: state.to_string(),
                state,
                error,
            }],
            whole: true,
        })),
    }
}

fn unknown() -> Outcome {
    Outcome::Unknown {
        text: "connection reset".into(),
    }
}

#[test]
fn what_is_not_there_yet_is_read_again_later_and_costs_no_failure() {
    let mut story = delegated(OrderEntry::StripeCompleted);
    story.call(ORDER, taken());
    story.call(WATCH, seen(ProvisioningState::Pending));
    assert!(story.due(WATCH).is_none());
    story.later(3_000);
    story.call(WATCH, seen(ProvisioningState::Running));
    story.later(5_999);
    assert!(story.due(WATCH).is_none(), "pauses double");
    story.later(1);
    story.call(WATCH, seen(ProvisioningState::Done));
    let status = story.run.status(at(story.now));
    assert_eq!(status, RunStatus::Over(Conclusion::Done));
}

#[test]
fn what_never_settles_asks_after_its_reads_and_is_read_again_when_told() {
    let mut story = delegated(OrderEntry::StripeCompleted);
    story.call(ORDER, taken());
    for _ in 0..6 {
        story.call(WATCH, seen(ProvisioningState::Pending));
        story.later(300_000);
    }
    let [Directive::AskHuman { attention, .. }] = &story.next()[..] else {
        panic!("{:?}", story.next());
    };
    assert!(matches!(attention, Attention::NotSettled { reads: 6, .. }));
    story.event(Event::Resumed { by: "kim".into() });
    story.call(WATCH, seen(ProvisioningState::Done));
    assert_eq!(
        story.run.status(at(story.now)),
        RunStatus::Over(Conclusion::Done)
    );
}

#[test]
fn work_that_failed_is_told_in_the_panels_words() {
    let mut story = delegated(OrderEntry::StripeCompleted);
    story.call(ORDER, taken());
    story.call(WATCH, seen(ProvisioningState::Failed));
    let [Directive::AskHuman { attention, .. }] = &story.next()[..] else {
        panic!("{:?}", story.next());
    };
    assert!(attention.to_string().contains("no space left"));
}

#[test]
fn an_entry_where_nothing_of_ours_reads_back_asks_and_is_never_sent_again_by_itself() {
    let mut story = delegated(OrderEntry::StripeCompleted);
    story.call(ORDER, unknown());
    story.later(3_600_000);
    assert!(matches!(
        &story.next()[..],
        [Directive::AskHuman {
            attention: Attention::NoLookUp { .. },
            ..
        }]
    ));
    story.event(Event::Resumed { by: "kim".into() });
    assert!(story.due(ORDER).is_none());
    story.event(Event::HumanAnswered {
        step: ORDER.into(),
        answer: Answer::Exists {
            remote_id: "s1 s2".into(),
            username: None,
        },
        by: "kim".into(),
    });
    assert!(story.due(WATCH).is_some());
}

#[test]
fn an_entry_that_is_keyed_is_sent_again_without_asking() {
    let mut story = delegated(OrderEntry::ProvisioningStripe);
    story.call(ORDER, unknown());
    story.later(1_000);
    story.call(ORDER, taken());
    assert!(story.due(WATCH).is_some());
}

#[test]
fn a_customer_is_looked_up_by_what_was_sent_and_adopted_by_its_reference() {
    let mut story = story("wp_growth", MpanelMode::Direct);
    story.call(CUSTOMER, unknown());
    let [Directive::LookUpRecord(look_up)] = &story.next()[..] else {
        panic!("{:?}", story.next());
    };
    assert_eq!(look_up.step.as_str(), CUSTOMER);
    story.event(Event::LookedUp {
        step: CUSTOMER.into(),
        finding: Finding::Read {
            matches: vec![Match {
                remote_id: "c1".into(),
                username: String::new(),
                mark: MarkReading::Ours,
                login: LoginReading::NotTried,
                bound_to: None,
            }],
            whole: true,
            shows_marks: true,
        },
    });
    let record = MpanelFacts::Record(MpanelRecord::new("c1", Proof::MarkReadsBack));
    assert_eq!(story.run.on_mpanel(&CUSTOMER.into()), Some(&record));
    assert!(
        story
            .due("mpanel/subscription/hosting/wp_growth/example.com")
            .is_some()
    );
}

#[test]
fn a_customer_that_exists_under_an_unknown_id_asks_for_the_id() {
    let mut story = story("wp_growth", MpanelMode::Direct);
    story.call(
        CUSTOMER,
        Outcome::Rejected {
            because: Because::ExistsIdUnknown,
            text: "customers_email_key".into(),
        },
    );
    story.event(Event::HumanAnswered {
        step: CUSTOMER.into(),
        answer: Answer::Exists {
            remote_id: "c9".into(),
            username: None,
        },
        by: "kim".into(),
    });
    assert!(
        story
            .due("mpanel/subscription/hosting/wp_growth/example.com")
            .is_some()
    );
}
