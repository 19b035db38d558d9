//! Personal data: in no Debug, in no error, in no note. Driven by canaries in every place a payload has.

use proptest::prelude::*;
use provisioning_core::order::{PaidOrder, read_order, read_payment_event};
use serde_json::{Value, json};

use crate::order_payloads::{intake, vouched};

/// No real text contains it.
const CANARY: &str = "xqzcanary";

fn payloads(canary: &str) -> Vec<Value> {
    let email = format!("{canary}@example.com");
    let person = json!({"email": email, "fullName": canary, "phone": canary, "company": canary, "country": canary,
        "extra": canary});
    let items =
        json!([{"code": "starter", "name": canary, "notes": canary, "extra": {"deep": canary}}]);
    vec![
        json!({"customerEmail": email, "customerName": canary, "customerPhone": canary, "items": items, "extra": canary}),
        json!({"paymentIntentId": "pi_1", "customerEmail": email, "items": [{"productSlug": "starter", "notes": canary}]}),
        json!({"stripePaymentIntentId": "pi_1", "amount": 1, "currency": "usd", "status": "paid", "customerEmail": email,
            "cart": items, "rawMetadata": {"customerName": canary, "note": canary}}),
        json!({"customer": person, "priceSlug": "starter-monthly", "totalAmountCents": 1, "metadata": {"notes": canary}}),
        json!({"email": email, "name": canary, "plan_id": "starter", "utm_source": canary, "resources": {"x": canary}}),
        json!({"object": "checkout.session", "id": "cs_1", "payment_status": "paid", "metadata": {"code": "starter", "x": canary},
            "customer_details": {"email": email, "name": canary, "address": {"line1": canary, "country": "US"}}}),
    ]
}

/// The same payloads, each broken in one field after the other by the canary.
fn broken(canary: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for payload in payloads(canary) {
        let Value::Object(fields) = &payload else {
            continue;
        };
        for name in fields.keys() {
            for wrong in [
                json!(canary),
                json!([canary]),
                json!({canary: canary}),
                json!(format!("{canary}@x y")),
            ] {
                let mut broken = payload.clone();
                broken[name.as_str()] = wrong;
                all.push(broken);
            }
        }
    }
    all.push(json!({canary: canary, format!("{canary}@example.com"): 1}));
    all.push(json!({"customerEmail": format!("{canary}@localhost"), "items": [{"code": format!("{canary}@x.example"),
        "type": format!("{canary} {canary}"), "domain": format!("{canary}@x.example"),
        "billingCycle": format!("{canary} for life"), "quantity": canary}]}));
    all
}

fn shown(order: &PaidOrder) -> String {
    format!(
        "{order:?} {order:#?} {:?} {:?}",
        order.customer(),
        order.notes()
    )
}

#[test]
fn a_paid_order_shows_no_personal_data() {
    for payload in payloads(CANARY) {
        let order = read_order(payload.to_string().as_bytes(), &vouched())
            .unwrap_or_else(|error| panic!("{error}"));
        let shown = shown(&order);
        assert!(!shown.contains(CANARY), "{shown}");
        let stored = serde_json::to_string(&order).unwrap();
        assert!(stored.contains(CANARY), "what is sealed is whole: {stored}");
    }
}

#[test]
fn errors_repeat_no_personal_data() {
    let mut refused = 0;
    for payload in broken(CANARY) {
        match read_order(payload.to_string().as_bytes(), &vouched()) {
            Ok(order) => assert!(!shown(&order).contains(&format!("{CANARY}@")), "{order:?}"),
            Err(error) => {
                refused += 1;
                let shown = format!("{error} {error:?}");
                // Single words may be codes, statuses or event names, which errors have to name.
                for personal in [format!("{CANARY}@"), format!("{CANARY} ")] {
                    assert!(!shown.contains(&personal), "{shown}");
                }
            }
        }
    }
    assert!(refused > 20, "{refused}");
}

#[test]
fn a_payment_event_shows_no_personal_data() {
    let payload = json!({"event": "refunded", "orderId": "1", "occurredAt": 1, "reason": format!("{CANARY} asked"),
        "customerEmail": format!("{CANARY}@example.com"), "extra": {"x": CANARY}});
    let event = read_payment_event(payload.to_string().as_bytes(), &intake()).unwrap();
    assert!(
        !format!("{event:?} {event:#?}").contains(CANARY),
        "{event:?}"
    );
    assert!(serde_json::to_string(&event).unwrap().contains(CANARY));
}

proptest! {
    #[test]
    fn no_e_mail_address_and_nothing_not_understood_is_ever_shown(
        local in "[a-z]{8,12}",
        key in "zz[a-z]{6}",
        value in "vv[a-z ]{8,20}vv",
    ) {
        let payload = json!({"customerEmail": format!("{local}@example.com"), "items": [{"code": "starter"}], key: value});
        let order = read_order(payload.to_string().as_bytes(), &vouched()).unwrap();
        let shown = shown(&order);
        prop_assert!(!shown.contains(&local));
        prop_assert!(!shown.contains(&value));
    }
}
