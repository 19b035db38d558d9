//! Subscriptions on mPanel that exist: suspended with the accounts, none waiting for another, nothing done on a guess.

use std::time::Duration;

use provisioning_core::catalog::Catalog;
use provisioning_core::order::PaymentEventKind::{Paid, Refunded};
use provisioning_core::payment::{
    Accounts, PaymentPolicy, PaymentState, Provisioning, Reaction, RunPosition, react,
};
use provisioning_core::plan::action::mpanel::{MpanelAction, SubscriptionChange};
use provisioning_core::plan::action::{Action, SuspensionReason};
use provisioning_core::plan::mpanel::{MpanelMode, OrderEntry};
use provisioning_core::plan::subscription::KnownSubscription;
use provisioning_core::plan::verb::{Capabilities, MpanelOffer};
use provisioning_core::planner::lifecycle::{
    NoAccount, Observed, next_generation, suspend, terminate, unsuspend,
};
use provisioning_core::planner::{Inputs, plan};
use provisioning_core::run::attention::Attention;
use provisioning_core::run::facts::mpanel::{
    CameToStatus, MpanelFacts, MpanelOrder, MpanelRecord, OrderProgress, PieceOfWork,
    SubscriptionState,
};
use provisioning_core::run::status::{Conclusion, RunStatus};
use provisioning_core::status::ProvisioningState;

use super::*;
use crate::fixtures::difference_to_golden;
use crate::lifecycle_plans::grounds;
use crate::sample::{fleet_of, item, order_of};

const CUSTOMER: &str = "mpanel/customer";
const SUBSCRIPTION: &str = "mpanel/subscription/hosting/wp_growth/example.com";
const PENDING: &str = "mpanel/pending/hosting/wp_growth/example.com";
const WEBSITE: &str = "mpanel/website/hosting/wp_growth/example.com";
const ORDER: &str = "mpanel/order";
const WATCH: &str = "watch/mpanel/order";

fn offer(mode: MpanelMode) -> MpanelOffer {
    MpanelOffer::new(mode).with_longest_duration(Duration::from_secs(5))
}

fn inputs(mode: MpanelMode) -> Inputs {
    let longest = Duration::from_secs(5);
    let nextpanel =
        Capabilities::nextpanel(longest).and(Capabilities::nextpanel_lifecycle(longest));
    let mpanel =
        Capabilities::mpanel(&offer(mode)).and(Capabilities::mpanel_lifecycle(&offer(mode)));
    Inputs::new(nextpanel.and(mpanel))
}

fn story(product: &str, mode: MpanelMode) -> Story {
    Story::of(
        plan(
            &order_of("A-1001", vec![item(0, product, Some("example.com"))]),
            &Catalog::migrahosting(),
            &fleet_of(&[("np-1", 50, 3)]),
            &inputs(mode),
            at(START),
        )
        .unwrap(),
    )
}

fn record(id: &str, product: Option<&str>) -> Outcome {
    Outcome::Ok {
        facts: Facts::Mpanel(MpanelFacts::Record(
            MpanelRecord::new(id, Proof::Created).with_product(product.map(str::to_owned)),
        )),
    }
}

fn taken(customer: Option<&str>, subscriptions: &[&str], proof: Proof) -> Outcome {
    Outcome::Ok {
        facts: Facts::Mpanel(MpanelFacts::Order(MpanelOrder {
            customer_id: customer.map(str::to_owned),
            subscription_ids: subscriptions.iter().map(ToString::to_string).collect(),
            ..MpanelOrder::new(proof)
        })),
    }
}

fn seen(state: ProvisioningState) -> Outcome {
    Outcome::Ok {
        facts: Facts::Mpanel(MpanelFacts::Progress(OrderProgress {
            work: vec![PieceOfWork {
                what: "task 1".into(),
                status: state.to_string(),
                state,
                error: None,
            }],
            whole: true,
        })),
    }
}

fn came(id: &str, status: &str, came: CameToStatus) -> Outcome {
    Outcome::Ok {
        facts: Facts::Mpanel(MpanelFacts::Subscription(SubscriptionState {
            remote_id: id.into(),
            status: status.into(),
            came,
        })),
    }
}

fn suspended(id: &str) -> Outcome {
    let from = CameToStatus::Changed {
        from: "active".into(),
    };
    came(id, "suspended", from)
}

/// An account on NextPanel that is recorded on mPanel.
fn recorded() -> Story {
    let mut story = story("wp_growth", MpanelMode::Direct);
    story.call(CUSTOMER, record("c1", None));
    story.call(SUBSCRIPTION, record("s1", Some("p1")));
    story.call(PENDING, record("s1", None));
    story.call(WEBSITE, record("w1", None));
    story.create(HOSTING, "41");
    story
}

/// What mPanel has taken and provided.
fn delegated(customer: Option<&str>, subscriptions: &[&str]) -> Story {
    let mut story = story("starter", MpanelMode::Delegate(OrderEntry::StripeCompleted));
    story.call(ORDER, taken(customer, subscriptions, Proof::Created));
    story
}

fn refund() -> SuspensionReason {
    SuspensionReason::Payment { event: Refunded }
}

/// The suspension of what a story has made.
fn suspension(of: &Story) -> Story {
    let things = Observed::of([&of.run]);
    let key = &of.run.plan().order;
    let mut made = Story::of(
        suspend(
            key,
            &things,
            &refund(),
            &inputs(MpanelMode::Direct),
            at(of.now),
        )
        .unwrap(),
    );
    made.now = of.now;
    made
}

fn known(run: &Run) -> Vec<KnownSubscription> {
    let observed = Observed::of([run]);
    let things = observed.subscriptions.into_iter();
    things.map(|thing| thing.subscription).collect()
}

fn paths(story: &Story) -> Vec<&str> {
    let steps = story.run.plan().steps.iter();
    steps.map(|step| step.path.as_str()).collect()
}

#[test]
fn what_is_known_of_a_subscription_comes_from_the_journal_alone() {
    let direct = recorded();
    let mark = direct.run.plan().id.mark(&SUBSCRIPTION.into());
    let expected = KnownSubscription {
        remote_id: "s1".into(),
        proof: Proof::Created,
        customer_id: Some("c1".into()),
        product_id: Some("p1".into()),
        mark: Some(mark),
        under_way: false,
    };
    assert_eq!(known(&direct.run), [expected]);

    let mut handed_over = delegated(Some("c2"), &["s2", "s3"]);
    let of = |story: &Story| {
        let all = known(&story.run);
        let of = |one: &KnownSubscription| (one.remote_id.clone(), one.under_way);
        all.iter().map(of).collect::<Vec<_>>()
    };
    assert_eq!(of(&handed_over), [("s2".into(), true), ("s3".into(), true)]);
    assert!(known(&handed_over.run)[0].customer_id.as_deref() == Some("c2"));
    handed_over.call(WATCH, seen(ProvisioningState::Done));
    assert_eq!(
        of(&handed_over),
        [("s2".into(), false), ("s3".into(), false)]
    );

    // A person's word names ids, and proves nothing of rows that no mark of ours is in.
    let mut said = story("starter", MpanelMode::Delegate(OrderEntry::StripeCompleted));
    let by = Proof::SaidBy { by: "kim".into() };
    said.call(ORDER, taken(Some("c2"), &["s2"], by));
    assert_eq!(known(&said.run), []);
}

#[test]
fn account_and_subscription_are_suspended_and_neither_waits_for_the_other() {
    let mut story = suspension(&recorded());
    assert_eq!(
        paths(&story),
        [
            format!("suspend/{HOSTING}"),
            format!("verify/suspend/{HOSTING}"),
            format!("suspend/{SUBSCRIPTION}"),
        ]
    );
    let on_mpanel = format!("suspend/{SUBSCRIPTION}");
    let account = format!("suspend/{HOSTING}");
    assert!(story.due(&account).is_some() && story.due(&on_mpanel).is_some());
    story.call(
        &on_mpanel,
        Outcome::Rejected {
            because: Because::StandsOtherwise,
            text: "subscription s1 is expired".into(),
        },
    );
    assert!(story.parked().contains("nothing was done to it"));
    assert!(story.due(&account).is_some(), "the account does not wait");
    // The other way round.
    let mut story = suspension(&recorded());
    story.call(
        &account,
        Outcome::Rejected {
            because: Because::OtherAccount,
            text: "account 41 is `victim`".into(),
        },
    );
    story.call(&on_mpanel, suspended("s1"));
    let status = story.run.status(at(story.now));
    assert!(matches!(status, RunStatus::NeedsAttention { steps } if steps.len() == 1));
    let position = RunPosition::of(&[&recorded().run, &story.run], at(story.now));
    assert!(matches!(
        position.accounts,
        Accounts::Suspended {
            carried_out: false,
            for_payment: true,
            ..
        }
    ));
}

#[test]
fn what_mpanel_hosts_alone_is_suspended_by_a_refund_and_reactivated_by_a_payment() {
    let mut provided = delegated(Some("c2"), &["s2", "s3"]);
    provided.call(WATCH, seen(ProvisioningState::Done));
    let second = |second: i64| at(START + second * 1_000);
    let policy = PaymentPolicy::default();
    let refunded = PaymentState::default().with(Refunded, second(1));
    let position = |runs: &[&Run]| RunPosition::of(runs, second(3));
    assert_eq!(position(&[&provided.run]).accounts, Accounts::Serving);
    let reaction = react(&refunded, &position(&[&provided.run]), &policy, second(3));
    assert_eq!(reaction, Reaction::Suspend { event: Refunded });

    let mut stopped = suspension(&provided);
    assert_eq!(
        paths(&stopped),
        ["suspend/mpanel/order", "suspend/mpanel/order#2"]
    );
    stopped.call("suspend/mpanel/order", suspended("s2"));
    // An answer about another subscription is none.
    stopped.call("suspend/mpanel/order#2", suspended("s2"));
    stopped.later(60_000);
    stopped.call(
        "suspend/mpanel/order#2",
        came("s3", "suspended", CameToStatus::HadIt),
    );
    assert_eq!(
        stopped.run.status(at(stopped.now)),
        RunStatus::Over(Conclusion::Done)
    );
    let both = [&provided.run, &stopped.run];
    assert!(matches!(
        position(&both).accounts,
        Accounts::Suspended {
            carried_out: true,
            for_payment: true,
            ..
        }
    ));
    let paid = refunded.with(Paid, second(2));
    let reaction = react(&paid, &position(&both), &policy, second(3));
    assert_eq!(reaction, Reaction::Unsuspend);
    let things = Observed::of(both);
    let inputs = inputs(MpanelMode::Direct).with_generation(next_generation(
        both,
        provisioning_core::plan::id::Operation::Unsuspend,
    ));
    let lifted = unsuspend(&provided.run.plan().order, &things, &inputs, second(3)).unwrap();
    let reactivates = |action: &Action| {
        matches!(action, Action::Mpanel(MpanelAction::ChangeSubscription(change))
            if change.change == SubscriptionChange::Reactivate)
    };
    assert_eq!(lifted.steps.len(), 2);
    assert!(lifted.steps.iter().all(|step| reactivates(&step.action)));
    let lifted = Run::start(lifted);
    let position = position(&[&provided.run, &stopped.run, &lifted]);
    assert_eq!(position.accounts, Accounts::Serving);
}

/// Its worker makes what it has provided active, so a suspension before that would not last.
#[test]
fn what_mpanel_is_still_providing_is_read_again_and_asks_in_the_end() {
    let provided = delegated(Some("c2"), &["s2"]);
    let step = "suspend/mpanel/order";
    let not_yet = || came("s2", "pending_provisioning", CameToStatus::NotYet);
    let mut story = suspension(&provided);
    story.call(step, not_yet());
    assert!(story.due(step).is_none(), "after a pause");
    story.later(3_000);
    story.call(step, suspended("s2"));
    assert_eq!(
        story.run.status(at(story.now)),
        RunStatus::Over(Conclusion::Done)
    );

    let mut story = suspension(&provided);
    for _ in 0..6 {
        story.call(step, not_yet());
        story.later(300_000);
    }
    assert!(matches!(
        story.run.parked().as_slice(),
        [(_, Attention::NotSettled { reads: 6, .. })]
    ));
    assert!(story.parked().contains("subscription s2 is pending"));
    // Somebody has done it by hand, or has seen to the worker.
    let mut by_hand = Story::of(story.run.plan().clone());
    std::mem::swap(&mut by_hand, &mut story);
    by_hand.event(Event::HumanAnswered {
        step: step.into(),
        answer: Answer::WasDone,
        by: "kim".into(),
    });
    assert!(by_hand.run.is_carried_out(&step.into()));
}

#[test]
fn a_refund_while_mpanel_is_at_it_stops_the_run_before_it_suspends() {
    let mut story = story("starter", MpanelMode::Delegate(OrderEntry::StripeCompleted));
    let second = |second: i64| at(START + second * 1_000);
    let refunded = PaymentState::default().with(Refunded, second(1));
    let policy = PaymentPolicy::default();
    let decide = |story: &Story, payment: &PaymentState| {
        let position = RunPosition::of(&[&story.run], second(3));
        (
            position.provisioning,
            react(payment, &position, &policy, second(3)),
        )
    };
    let before = Reaction::CancelBeforeHosting { event: Refunded };
    assert_eq!(decide(&story, &refunded), (Provisioning::NotBegun, before));
    story.call(ORDER, taken(Some("c2"), &["s2"], Proof::Created));
    let under_way = Reaction::CancelUnderWay { event: Refunded };
    assert_eq!(
        decide(&story, &refunded),
        (Provisioning::UnderWay, under_way.clone())
    );
    story.event(under_way.journal_event().unwrap());
    let suspends = Reaction::Suspend { event: Refunded };
    assert_eq!(decide(&story, &refunded).1, suspends);
    // Paid again, the same run goes on: a new generation would hand the order over twice.
    let paid = refunded.with(Paid, second(2));
    assert_eq!(decide(&story, &paid).1, Reaction::Reinstate);
}

#[test]
fn a_cancelled_subscription_and_one_of_a_removed_account_are_no_longer_there() {
    let direct = recorded();
    let things = Observed::of([&direct.run]);
    let key = &direct.run.plan().order;
    let inputs = inputs(MpanelMode::Direct);
    let now = at(direct.now);
    let mut gone = Story::of(terminate(key, &things, &grounds(), &inputs, now).unwrap());
    gone.now = direct.now;
    let cancel = format!("terminate/{SUBSCRIPTION}");
    gone.call(&cancel, came("s1", "cancelled", CameToStatus::HadIt));
    let left = Observed::of([&direct.run, &gone.run]);
    assert_eq!((left.accounts.len(), left.subscriptions.len()), (1, 0));
    let without = Observed {
        accounts: Vec::new(),
        ..left
    };
    assert!(without.has_nothing_to_suspend());
    let nothing = suspend(key, &without, &refund(), &inputs, now);
    assert_eq!(nothing, Err(NoAccount));
}

#[test]
fn a_change_that_ends_unknown_is_called_again_because_each_call_reads_first() {
    let mut story = suspension(&delegated(Some("c2"), &["s2"]));
    let step = "suspend/mpanel/order";
    story.call(
        step,
        Outcome::Unknown {
            text: "connection reset".into(),
        },
    );
    story.later(60_000);
    let again = story.call(step, came("s2", "suspended", CameToStatus::HadIt));
    assert_eq!(again.attempt, 2);
    assert!(story.run.is_carried_out(&step.into()));
}

#[test]
fn plans_about_both_panels_are_rendered_as_their_golden_files_say() {
    let mut provided = recorded();
    provided.event(Event::Cancelled {
        by: "tests".into(),
        reason: "enough of it exists".into(),
    });
    let handed_over = delegated(Some("c2"), &["s2"]);
    let things = Observed::of([&provided.run, &handed_over.run]);
    let key = &provided.run.plan().order;
    let now = at(START + 60_000);
    let with = inputs(MpanelMode::Direct);
    let by_hand = Inputs::new(Capabilities::nextpanel_lifecycle(Duration::from_secs(5)));
    let plans = [
        (
            "suspend_on_both",
            suspend(key, &things, &refund(), &with, now),
        ),
        (
            "suspend_mpanel_by_hand",
            suspend(key, &things, &refund(), &by_hand, now),
        ),
        ("unsuspend_on_both", unsuspend(key, &things, &with, now)),
        (
            "terminate_on_both",
            terminate(key, &things, &grounds(), &with, now),
        ),
    ];
    let differences: Vec<String> = plans
        .into_iter()
        .filter_map(|(name, plan)| {
            let plan = plan.unwrap();
            let stored = plan.to_json().unwrap();
            assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
            let rendered = crate::lifecycle_plans::rendered(&plan);
            difference_to_golden(&format!("lifecycle/{name}.golden"), &rendered)
        })
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_record_that_was_written_before_products_were_kept_reads_as_it_was() {
    let old = r#"{"mpanel":"record","remote_id":"s1","proof":{"proof":"created"}}"#;
    let read: MpanelFacts = serde_json::from_str(old).unwrap();
    let expected = MpanelFacts::Record(MpanelRecord::new("s1", Proof::Created));
    assert_eq!(read, expected);
    assert_eq!(serde_json::to_string(&read).unwrap(), old);
}
