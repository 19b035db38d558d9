//! Payment events of Stripe and in this crate's own form.

use provisioning_core::order::{OrderError, PaymentEvent, PaymentEventKind, read_payment_event};
use serde_json::{Value, json};

use crate::fixtures::{bytes, difference_to_golden};
use crate::order_payloads::{intake, vouched};

const EVENTS: [(&str, PaymentEventKind); 10] = [
    ("stripe_charge_refunded", PaymentEventKind::Refunded),
    (
        "stripe_charge_partly_refunded",
        PaymentEventKind::PartlyRefunded,
    ),
    ("stripe_dispute_created", PaymentEventKind::Disputed),
    ("stripe_dispute_won", PaymentEventKind::Paid),
    (
        "stripe_invoice_payment_failed",
        PaymentEventKind::PaymentFailed,
    ),
    (
        "stripe_subscription_deleted",
        PaymentEventKind::SubscriptionDeleted,
    ),
    ("stripe_subscription_amended", PaymentEventKind::Amended),
    ("own_amended", PaymentEventKind::Amended),
    ("own_cancelled", PaymentEventKind::Cancelled),
    ("own_partly_refunded", PaymentEventKind::PartlyRefunded),
];

#[test]
fn every_event_is_read_as_its_golden_file_says() {
    let mut differences = Vec::new();
    for (name, kind) in EVENTS {
        let event = read_payment_event(&bytes(&format!("events/{name}.json")), &intake())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(event.kind(), kind, "{name}");
        let json = serde_json::to_string_pretty(&event).unwrap();
        differences.extend(difference_to_golden(
            &format!("events/{name}.golden"),
            &json,
        ));
        assert_eq!(
            serde_json::from_str::<PaymentEvent>(&json).unwrap(),
            event,
            "{name}"
        );
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn debug_shows_nothing_that_was_not_understood() {
    for (name, _) in EVENTS {
        let event = read_payment_event(&bytes(&format!("events/{name}.json")), &intake()).unwrap();
        let shown = format!("{event:?}");
        for personal in ["secret.person", "private words"] {
            assert!(!shown.contains(personal), "{name}: {shown}");
        }
    }
}

#[test]
fn every_further_stripe_event_has_its_kind() {
    let kind = |name: &str, status: &str| {
        let payload = json!({"object": "event", "id": "evt_1", "created": 1_795_170_000, "type": name,
            "data": {"object": {"id": "in_1", "payment_intent": "pi_1", "status": status}}});
        let payload = match name.starts_with("payment_intent") {
            // Its id is the payment intent.
            true => {
                json!({"object": "event", "id": "evt_1", "created": 1_795_170_000, "type": name,
                "data": {"object": {"id": "pi_1"}}})
            }
            false => payload,
        };
        read_payment_event(payload.to_string().as_bytes(), &intake())
            .unwrap()
            .kind()
    };
    for (name, status, expected) in [
        ("invoice.paid", "paid", PaymentEventKind::Paid),
        ("invoice.payment_succeeded", "paid", PaymentEventKind::Paid),
        (
            "payment_intent.payment_failed",
            "",
            PaymentEventKind::PaymentFailed,
        ),
        ("payment_intent.canceled", "", PaymentEventKind::Cancelled),
        (
            "checkout.session.expired",
            "expired",
            PaymentEventKind::Cancelled,
        ),
        (
            "checkout.session.async_payment_failed",
            "complete",
            PaymentEventKind::PaymentFailed,
        ),
        ("charge.dispute.closed", "lost", PaymentEventKind::Disputed),
        (
            "charge.dispute.closed",
            "warning_closed",
            PaymentEventKind::Paid,
        ),
        (
            "charge.dispute.funds_withdrawn",
            "lost",
            PaymentEventKind::Disputed,
        ),
        (
            "charge.dispute.funds_reinstated",
            "won",
            PaymentEventKind::Paid,
        ),
    ] {
        assert_eq!(kind(name, status), expected, "{name} {status}");
    }
}

#[test]
fn own_names_are_read_in_every_spelling() {
    use PaymentEventKind::{
        Amended, Cancelled, Disputed, PartlyRefunded, PaymentFailed, Refunded, SubscriptionDeleted,
    };
    for (name, kind) in [
        ("refunded", Refunded),
        ("order.refunded", Refunded),
        ("payment.refunded", Refunded),
        ("partially-refunded", PartlyRefunded),
        ("disputed", Disputed),
        ("chargeback", Disputed),
        ("payment_failed", PaymentFailed),
        ("payment.failed", PaymentFailed),
        ("subscription.deleted", SubscriptionDeleted),
        ("Order.Canceled", Cancelled),
        ("order/amended", Amended),
    ] {
        assert_eq!(PaymentEventKind::of_name(name), Some(kind), "{name}");
        assert_eq!(
            PaymentEventKind::of_name(kind.as_str()),
            Some(kind),
            "{kind}"
        );
    }
    for name in ["", "order.created", "hosting", "order.shipped"] {
        assert_eq!(PaymentEventKind::of_name(name), None, "{name}");
    }
}

#[test]
fn an_event_must_name_its_order_and_its_time() {
    let told = |payload: &Value| {
        let error = read_payment_event(payload.to_string().as_bytes(), &intake()).unwrap_err();
        error.problems().unwrap().to_string()
    };
    assert_eq!(
        told(&json!({"event": "refunded", "id": "e-1"})),
        "the event names no order: give it an order id, a payment intent, a session, an invoice or a subscription\n\
         occurredAt: is missing: of two events the later one counts, so each needs its time"
    );
    assert_eq!(
        told(&json!({"event": "amended", "orderId": "1", "occurredAt": 1_795_170_000})),
        "items: is missing: an order has to list what was bought"
    );
    assert!(told(&json!({"orderId": "1"})).starts_with("event: is missing"));
}

#[test]
fn the_host_s_order_id_names_the_order_too() {
    let payload = json!({"event": "refunded", "occurredAt": 1_795_170_000});
    let event = read_payment_event(payload.to_string().as_bytes(), &vouched()).unwrap();
    assert_eq!(
        event
            .aliases()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["order A-1001"]
    );
}

#[test]
fn events_of_another_tenant_or_of_test_mode_are_refused() {
    let other = json!({"event": "refunded", "orderId": 1, "occurredAt": 1, "tenant": "x"});
    assert!(matches!(
        read_payment_event(other.to_string().as_bytes(), &intake()),
        Err(OrderError::OtherTenant { .. })
    ));
    let test = json!({"object": "event", "id": "evt_1", "created": 1, "livemode": false, "type": "charge.refunded",
        "data": {"object": {"id": "ch_1"}}});
    assert!(matches!(
        read_payment_event(test.to_string().as_bytes(), &intake()),
        Err(OrderError::TestMode { .. })
    ));
    assert!(read_payment_event(test.to_string().as_bytes(), &intake().allowing_test()).is_ok());
}

#[test]
fn what_is_no_payment_event_is_told_apart() {
    for payload in [
        json!({"event": "order.shipped", "orderId": 1}),
        json!({"object": "event", "type": "customer.created", "data": {"object": {}}}),
    ] {
        let error = read_payment_event(payload.to_string().as_bytes(), &intake()).unwrap_err();
        assert!(
            matches!(
                error,
                OrderError::OtherEvent {
                    payment_event: false,
                    ..
                }
            ),
            "{error}"
        );
    }
}
