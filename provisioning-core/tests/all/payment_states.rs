//! Payment events, folded: whatever the order and however often they arrive, the newest counts, and *paid* on a tie.

use jiff::Timestamp;
use proptest::prelude::*;
use provisioning_core::order::{PaymentEvent, PaymentEventKind, read_payment_event};
use provisioning_core::payment::{PaymentState, Standing};
use serde_json::json;

use crate::hosted::{at, item, order};
use crate::order_payloads::intake;

use PaymentEventKind::{
    Amended, Cancelled, Disputed, Paid, PartlyRefunded, PaymentFailed, Refunded,
    SubscriptionDeleted,
};

const KINDS: [PaymentEventKind; 8] = [
    Paid,
    Refunded,
    PartlyRefunded,
    Disputed,
    PaymentFailed,
    SubscriptionDeleted,
    Cancelled,
    Amended,
];

/// An event as a sender would tell it. Amendments of one instant differ by the variant.
fn event(kind: PaymentEventKind, second: i64, variant: u32) -> PaymentEvent {
    let mut payload =
        json!({"event": kind.as_str(), "orderId": "A-1001", "occurredAt": at(second).as_second()});
    if kind == Amended {
        payload["items"] = json!([{"code": "starter", "quantity": variant + 1}]);
    }
    read_payment_event(payload.to_string().as_bytes(), &intake()).unwrap()
}

fn any_event() -> impl Strategy<Value = PaymentEvent> {
    (prop::sample::select(KINDS.to_vec()), 0..6_i64, 0..3_u32)
        .prop_map(|(kind, second, variant)| event(kind, second, variant))
}

/// The rule, told without a fold.
fn newest_wins(events: &[PaymentEvent], paid_at: Timestamp) -> Standing {
    let deciding = |event: &&PaymentEvent| !matches!(event.kind(), PartlyRefunded | Amended);
    let newest = events
        .iter()
        .filter(deciding)
        .map(PaymentEvent::occurred_at)
        .max()
        .map_or(paid_at, |newest| newest.max(paid_at));
    let then: Vec<PaymentEventKind> = events
        .iter()
        .filter(deciding)
        .filter(|event| event.occurred_at() == newest)
        .map(PaymentEvent::kind)
        .collect();
    if then.contains(&Paid) || newest == paid_at {
        return Standing::Paid {
            since: Some(newest),
        };
    }
    let gravest = [
        Refunded,
        Disputed,
        SubscriptionDeleted,
        Cancelled,
        PaymentFailed,
    ]
    .into_iter()
    .find(|kind| then.contains(kind))
    .unwrap();
    Standing::Unpaid {
        kind: gravest,
        since: newest,
    }
}

proptest! {
    #[test]
    fn late_and_doubled_events_converge_to_the_newest(
        events in prop::collection::vec(any_event(), 0..8),
        shuffled in any::<prop::sample::Index>(),
        doubled in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        seed in any::<u64>(),
    ) {
        let order = order(vec![item("items[0]", "starter", "")]);
        let expected = PaymentState::fold(&order, &events);
        prop_assert_eq!(expected.standing(), newest_wins(&events, at(0)));

        let mut arriving = events.clone();
        for index in &doubled {
            if !events.is_empty() {
                arriving.push(index.get(&events).clone());
            }
        }
        // Any permutation: sorted by a key that depends on the seed alone.
        let mut keyed: Vec<(u64, PaymentEvent)> = arriving
            .into_iter()
            .enumerate()
            .map(|(index, event)| ((index as u64 + 1).wrapping_mul(seed | 1).rotate_left(17), event))
            .collect();
        keyed.sort_by_key(|(key, _)| *key);
        let mut arriving: Vec<PaymentEvent> = keyed.into_iter().map(|(_, event)| event).collect();
        if !arriving.is_empty() {
            let middle = shuffled.index(arriving.len());
            arriving.rotate_left(middle);
        }
        prop_assert_eq!(&PaymentState::fold(&order, &arriving), &expected);
        arriving.reverse();
        prop_assert_eq!(&PaymentState::fold(&order, &arriving), &expected);
    }
}

#[test]
fn paid_wins_a_tie_whoever_comes_first() {
    for kind in KINDS {
        for state in [
            PaymentState::default().with(Paid, at(5)).with(kind, at(5)),
            PaymentState::default().with(kind, at(5)).with(Paid, at(5)),
        ] {
            let since = Some(at(5));
            assert_eq!(state.standing(), Standing::Paid { since }, "{kind}");
        }
    }
}

#[test]
fn the_gravest_of_several_that_end_a_payment_at_once_is_named() {
    let both = [
        PaymentState::default()
            .with(Refunded, at(5))
            .with(Cancelled, at(5)),
        PaymentState::default()
            .with(Cancelled, at(5))
            .with(Refunded, at(5)),
    ];
    for state in both {
        let (kind, since) = (Refunded, at(5));
        assert_eq!(state.standing(), Standing::Unpaid { kind, since });
    }
}

#[test]
fn what_says_nothing_about_the_payment_does_not_hide_what_does() {
    let state = PaymentState::default()
        .with(Refunded, at(5))
        .with(PartlyRefunded, at(9))
        .with(Amended, at(9));
    let (kind, since) = (Refunded, at(5));
    assert_eq!(state.standing(), Standing::Unpaid { kind, since });
    assert_eq!(state.partly_refunded(), Some(at(9)));
    assert_eq!(state.with(Paid, at(10)).partly_refunded(), None);
}

#[test]
fn of_two_amendments_the_newer_one_counts_and_of_one_instant_always_the_same() {
    let order = order(vec![item("items[0]", "starter", "")]);
    let newer = [event(Amended, 7, 0), event(Amended, 3, 1)];
    let state = PaymentState::fold(&order, &newer);
    assert_eq!(state.amendment().unwrap().items(), newer[0].items());
    let tied = [event(Amended, 3, 0), event(Amended, 3, 1)];
    let one = PaymentState::fold(&order, &tied);
    let other = PaymentState::fold(&order, tied.iter().rev());
    assert_eq!(one, other);
}
