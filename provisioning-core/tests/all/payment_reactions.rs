//! What follows from payment events, by how far the runs have come.

use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use provisioning_core::order::PaymentEventKind::{
    self, Cancelled, Disputed, Paid, PartlyRefunded, PaymentFailed, Refunded, SubscriptionDeleted,
};
use provisioning_core::payment::{
    Accounts, AllowedBy, Amendment, NotTerminable, PaymentPolicy, PaymentState, Provisioning,
    Question, Reaction, RunPosition, TerminationGrounds, TerminationPolicy, react,
};

use crate::hosted::{DAY, at, item};

pub(crate) fn state(events: &[(PaymentEventKind, i64)]) -> PaymentState {
    events.iter().fold(
        PaymentState::default().with(Paid, at(0)),
        |state, (kind, day)| state.with(*kind, at(day * DAY)),
    )
}

pub(crate) fn position(provisioning: Provisioning, accounts: Accounts) -> RunPosition {
    RunPosition {
        provisioning,
        accounts,
        amendment: None,
    }
}

pub(crate) fn suspended(day: i64, for_payment: bool) -> Accounts {
    Accounts::Suspended {
        since: at(day * DAY),
        for_payment,
        carried_out: true,
    }
}

fn called_off(by_payment: bool, day: i64) -> Provisioning {
    Provisioning::Cancelled {
        by_payment,
        at: at(day * DAY),
        at_rest: true,
    }
}

pub(crate) fn days(number: u64) -> Duration {
    Duration::from_secs(number * DAY.unsigned_abs())
}

fn wait_until(reaction: &Reaction) -> Option<Timestamp> {
    match reaction {
        Reaction::Wait { until, .. } => Some(*until),
        _ => None,
    }
}

#[test]
fn every_standing_at_every_position() {
    use Provisioning::{NotBegun, Settled, UnderWay};
    let policy = PaymentPolicy::default();
    let refunded = || state(&[(Refunded, 2)]);
    let paid = || state(&[(Refunded, 2), (Paid, 3)]);
    let unsettled = Provisioning::Cancelled {
        by_payment: true,
        at: at(2 * DAY),
        at_rest: false,
    };
    let cancel = Reaction::CancelBeforeHosting { event: Refunded };
    let suspend = |event| Reaction::Suspend { event };
    let table = [
        // Not paid any more.
        (refunded(), NotBegun, Accounts::None, cancel.clone()),
        (refunded(), NotBegun, Accounts::Serving, cancel),
        (
            refunded(),
            UnderWay,
            Accounts::None,
            Reaction::CancelUnderWay { event: Refunded },
        ),
        (
            refunded(),
            UnderWay,
            Accounts::Serving,
            Reaction::CancelUnderWay { event: Refunded },
        ),
        (refunded(), unsettled, Accounts::None, Reaction::Nothing),
        (
            refunded(),
            called_off(true, 2),
            Accounts::None,
            Reaction::Nothing,
        ),
        (
            refunded(),
            called_off(true, 2),
            Accounts::Serving,
            suspend(Refunded),
        ),
        (
            refunded(),
            called_off(false, 1),
            Accounts::Serving,
            suspend(Refunded),
        ),
        (refunded(), Settled, Accounts::None, Reaction::Nothing),
        (refunded(), Settled, Accounts::Serving, suspend(Refunded)),
        (refunded(), Settled, suspended(2, false), Reaction::Nothing),
        (
            refunded(),
            Settled,
            Accounts::Terminating { begun: false },
            Reaction::Nothing,
        ),
        (
            refunded(),
            Settled,
            Accounts::Gone { at: at(3 * DAY) },
            Reaction::Nothing,
        ),
        (
            state(&[(Disputed, 2)]),
            Settled,
            Accounts::Serving,
            suspend(Disputed),
        ),
        (
            state(&[(Cancelled, 2)]),
            Settled,
            Accounts::Serving,
            suspend(Cancelled),
        ),
        (
            state(&[(SubscriptionDeleted, 2)]),
            Settled,
            Accounts::Serving,
            suspend(SubscriptionDeleted),
        ),
        (
            state(&[(PaymentFailed, 0), (PaymentFailed, 1)]),
            NotBegun,
            Accounts::None,
            Reaction::CancelBeforeHosting {
                event: PaymentFailed,
            },
        ),
        // Paid again, or still.
        (paid(), NotBegun, Accounts::None, Reaction::Nothing),
        (paid(), UnderWay, Accounts::None, Reaction::Nothing),
        (paid(), Settled, Accounts::Serving, Reaction::Nothing),
        (paid(), Settled, suspended(2, true), Reaction::Unsuspend),
        (paid(), Settled, suspended(2, false), Reaction::Nothing),
        (
            paid(),
            called_off(true, 2),
            suspended(2, true),
            Reaction::Unsuspend,
        ),
        (
            paid(),
            called_off(true, 2),
            Accounts::None,
            Reaction::Resubmit,
        ),
        (
            paid(),
            called_off(true, 2),
            Accounts::Serving,
            Reaction::Reinstate,
        ),
        (paid(), unsettled, Accounts::None, Reaction::Reinstate),
        (
            paid(),
            called_off(false, 1),
            Accounts::None,
            Reaction::AskHuman(Question::PaidAfterCancellation {
                paid_at: at(3 * DAY),
            }),
        ),
        (
            paid(),
            called_off(false, 4),
            Accounts::None,
            Reaction::Nothing,
        ),
        (
            paid(),
            Settled,
            Accounts::Terminating { begun: false },
            Reaction::CancelTermination,
        ),
        (
            paid(),
            Settled,
            Accounts::Terminating { begun: true },
            Reaction::AskHuman(Question::PaidDuringTermination {
                paid_at: at(3 * DAY),
            }),
        ),
        (
            paid(),
            Settled,
            Accounts::Gone { at: at(2 * DAY) },
            Reaction::AskHuman(Question::PaidAfterTermination {
                paid_at: at(3 * DAY),
            }),
        ),
        (
            paid(),
            Settled,
            Accounts::Gone { at: at(4 * DAY) },
            Reaction::Nothing,
        ),
        (
            state(&[(PartlyRefunded, 2)]),
            Settled,
            Accounts::Serving,
            Reaction::AskHuman(Question::PartlyRefunded {
                occurred_at: at(2 * DAY),
            }),
        ),
        (
            state(&[(PartlyRefunded, 2), (Paid, 3)]),
            Settled,
            Accounts::Serving,
            Reaction::Nothing,
        ),
    ];
    for (state, provisioning, accounts, expected) in table {
        let position = position(provisioning, accounts);
        let reaction = react(&state, &position, &policy, at(5 * DAY));
        assert_eq!(reaction, expected, "{state:?} at {position:?}");
    }
}

#[test]
fn a_failed_payment_may_be_tried_again_for_some_days() {
    let policy = PaymentPolicy::default();
    let failed = state(&[(PaymentFailed, 2)]);
    for (provisioning, accounts, after) in [
        (
            Provisioning::Settled,
            Accounts::Serving,
            Reaction::Suspend {
                event: PaymentFailed,
            },
        ),
        (
            Provisioning::UnderWay,
            Accounts::None,
            Reaction::CancelUnderWay {
                event: PaymentFailed,
            },
        ),
    ] {
        let position = position(provisioning, accounts);
        let early = react(&failed, &position, &policy, at(5 * DAY - 1));
        assert_eq!(wait_until(&early), Some(at(5 * DAY)));
        assert_eq!(react(&failed, &position, &policy, at(5 * DAY)), after);
    }
}

#[test]
fn termination_is_asked_or_carried_out_only_when_the_grace_period_is_over() {
    let refunded = state(&[(Refunded, 2)]);
    let position = position(Provisioning::Settled, suspended(2, true));
    let ask = PaymentPolicy::default();
    assert_eq!(
        wait_until(&react(&refunded, &position, &ask, at(31 * DAY))),
        Some(at(32 * DAY))
    );
    assert_eq!(
        react(&refunded, &position, &ask, at(32 * DAY)),
        Reaction::AskHuman(Question::Terminate {
            event: Refunded,
            suspended_since: at(2 * DAY),
            grace_over_since: at(32 * DAY),
        })
    );
    let explicit = PaymentPolicy {
        termination: TerminationPolicy::Terminate {
            after: days(10),
            name: "terms, section 9".into(),
        },
        ..PaymentPolicy::default()
    };
    assert_eq!(
        wait_until(&react(&refunded, &position, &explicit, at(12 * DAY - 1))),
        Some(at(12 * DAY))
    );
    let Reaction::Terminate(grounds) = react(&refunded, &position, &explicit, at(12 * DAY)) else {
        panic!("not terminated by an explicit policy");
    };
    let name = "terms, section 9".to_owned();
    assert_eq!(grounds.allowed_by(), &AllowedBy::Policy { name });
    let never = PaymentPolicy {
        termination: TerminationPolicy::Never,
        ..PaymentPolicy::default()
    };
    assert_eq!(
        react(&refunded, &position, &never, at(9_999 * DAY)),
        Reaction::Nothing
    );
}

#[test]
fn a_payment_since_the_suspension_begins_the_grace_period_anew() {
    let state = state(&[(Refunded, 2), (Paid, 20), (Disputed, 25)]);
    let position = position(Provisioning::Settled, suspended(2, true));
    let reaction = react(&state, &position, &PaymentPolicy::default(), at(40 * DAY));
    assert_eq!(wait_until(&reaction), Some(at(50 * DAY)));
}

#[test]
fn grounds_for_a_termination_need_everything_at_once() {
    let refunded = state(&[(Refunded, 2)]);
    let human = || AllowedBy::Human {
        name: "ines".into(),
    };
    let establish = |state: &PaymentState, accounts, by, day| {
        let position = position(Provisioning::Settled, accounts);
        TerminationGrounds::establish(state, &position, days(30), by, at(day * DAY))
    };
    let ripe = suspended(2, true);
    assert!(establish(&refunded, ripe, human(), 32).is_ok());
    let under_way = Accounts::Suspended {
        since: at(2 * DAY),
        for_payment: true,
        carried_out: false,
    };
    let paid = state(&[(Refunded, 2), (Paid, 3)]);
    let nobody = AllowedBy::Policy { name: " ".into() };
    for (state, accounts, by, day, expected) in [
        (&paid, ripe, human(), 99, NotTerminable::Paid),
        (
            &refunded,
            Accounts::None,
            human(),
            99,
            NotTerminable::NoAccount,
        ),
        (
            &refunded,
            Accounts::Gone { at: at(0) },
            human(),
            99,
            NotTerminable::NoAccount,
        ),
        (
            &refunded,
            Accounts::Serving,
            human(),
            99,
            NotTerminable::NotSuspended,
        ),
        (
            &refunded,
            under_way,
            human(),
            99,
            NotTerminable::SuspensionUnderWay,
        ),
        (
            &refunded,
            suspended(2, false),
            human(),
            99,
            NotTerminable::NotForPayment,
        ),
        (
            &refunded,
            Accounts::Terminating { begun: false },
            human(),
            99,
            NotTerminable::UnderWay,
        ),
        (
            &refunded,
            ripe,
            human(),
            31,
            NotTerminable::GraceNotOver {
                until: at(32 * DAY),
            },
        ),
        (&refunded, ripe, nobody, 99, NotTerminable::NobodyNamed),
    ] {
        assert_eq!(establish(state, accounts, by, day), Err(expected));
    }
}

#[test]
fn an_event_in_the_future_is_for_a_human() {
    let ahead = state(&[(Paid, 9)]);
    let reaction = react(
        &ahead,
        &RunPosition::default(),
        &PaymentPolicy::default(),
        at(8 * DAY),
    );
    let occurred_at = at(9 * DAY);
    assert_eq!(
        reaction,
        Reaction::AskHuman(Question::EventInTheFuture { occurred_at })
    );
    // A clock that is a little ahead is no reason to ask.
    let reaction = react(
        &ahead,
        &RunPosition::default(),
        &PaymentPolicy::default(),
        at(9 * DAY - 60),
    );
    assert_eq!(reaction, Reaction::Nothing);
}

#[test]
fn an_amendment_is_planned_once_and_only_while_the_order_is_paid() {
    let amendment = Amendment::new(at(2 * DAY), vec![item("items[0]", "growth", "")]);
    let mut amended = state(&[]);
    amended.amend(amendment.clone());
    let policy = PaymentPolicy::default();
    let plans = |provisioning, planned| {
        let position = RunPosition {
            provisioning,
            accounts: Accounts::Serving,
            amendment: planned,
        };
        react(&amended, &position, &policy, at(3 * DAY))
    };
    let amend = Reaction::Amend(amendment.id());
    assert_eq!(plans(Provisioning::Settled, None), amend);
    assert_eq!(plans(Provisioning::NotBegun, None), amend);
    assert_eq!(plans(Provisioning::UnderWay, None), Reaction::Nothing);
    assert_eq!(
        plans(Provisioning::Settled, Some(amendment.id())),
        Reaction::Nothing
    );
    let older = Amendment::new(at(DAY), vec![]).id();
    assert_eq!(plans(Provisioning::Settled, Some(older)), amend);
    let newer = Amendment::new(at(4 * DAY), vec![]).id();
    assert_eq!(plans(Provisioning::Settled, Some(newer)), Reaction::Nothing);
    amended.happened(Refunded, at(2 * DAY));
    let position = position(Provisioning::Settled, Accounts::Serving);
    assert_eq!(
        react(&amended, &position, &policy, at(3 * DAY)),
        Reaction::Suspend { event: Refunded }
    );
}

fn any_kind() -> impl Strategy<Value = PaymentEventKind> {
    prop::sample::select(vec![
        Paid,
        Refunded,
        PartlyRefunded,
        Disputed,
        PaymentFailed,
        SubscriptionDeleted,
        Cancelled,
    ])
}

fn any_position() -> impl Strategy<Value = RunPosition> {
    let day = 0..40_i64;
    let provisioning = prop_oneof![
        Just(Provisioning::NotBegun),
        Just(Provisioning::UnderWay),
        Just(Provisioning::Settled),
        (any::<bool>(), day.clone(), any::<bool>()).prop_map(|(by_payment, day, at_rest)| {
            Provisioning::Cancelled {
                by_payment,
                at: at(day * DAY),
                at_rest,
            }
        }),
    ];
    let accounts = prop_oneof![
        Just(Accounts::None),
        Just(Accounts::Serving),
        (day.clone(), any::<bool>(), any::<bool>()).prop_map(|(day, for_payment, carried_out)| {
            Accounts::Suspended {
                since: at(day * DAY),
                for_payment,
                carried_out,
            }
        }),
        any::<bool>().prop_map(|begun| Accounts::Terminating { begun }),
        day.prop_map(|day| Accounts::Gone { at: at(day * DAY) }),
    ];
    (provisioning, accounts).prop_map(|(provisioning, accounts)| position(provisioning, accounts))
}

proptest! {
    #[test]
    fn no_events_alone_terminate_anything(
        events in prop::collection::vec((any_kind(), 0..60_i64), 0..8),
        position in any_position(),
        now in 0..4_000_i64,
    ) {
        // A host that wrote no policy about it.
        let reaction = react(&state(&events), &position, &PaymentPolicy::default(), at(now * DAY));
        prop_assert!(!matches!(reaction, Reaction::Terminate(_)), "{reaction:?}");
    }

    #[test]
    fn a_policy_terminates_only_what_it_suspended_for_payment_and_only_after_its_grace_period(
        events in prop::collection::vec((any_kind(), 0..60_i64), 0..8),
        position in any_position(),
        now in 0..200_i64,
        grace in 0..60_u64,
    ) {
        let policy = PaymentPolicy {
            termination: TerminationPolicy::Terminate { after: days(grace), name: "terms".into() },
            ..PaymentPolicy::default()
        };
        let state = state(&events);
        let now = at(now * DAY);
        if let Reaction::Terminate(_) = react(&state, &position, &policy, now) {
            let Accounts::Suspended { since, for_payment: true, carried_out: true } = position.accounts else {
                return Err(TestCaseError::fail(format!("{position:?}")));
            };
            let begins = state.last_paid().unwrap().max(since);
            prop_assert!(now.duration_since(begins) >= days(grace).try_into().unwrap());
            let paid_since = events.iter().any(|(kind, day)| *kind == Paid && at(day * DAY) > since
                && now.duration_since(at(day * DAY)) < days(grace).try_into().unwrap());
            prop_assert!(!paid_since);
        }
    }
}
