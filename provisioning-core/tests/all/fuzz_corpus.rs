//! The corpus of the fuzz targets, replayed: what a fuzzer found once never comes back. And the same properties on
//! random input.

use std::path::Path;

use jiff::Timestamp;
use proptest::prelude::*;
use provisioning_core::catalog::Catalog;
use provisioning_core::money::Currency;
use provisioning_core::order::{
    Intake, PaidOrder, PayloadShape, PaymentEvidence, TenantId, compare_amount, read_delivery,
    read_order, read_payment_event,
};
use provisioning_core::payment::RunPosition;
use provisioning_core::planner::lifecycle::Observed;
use provisioning_core::run::Run;
use provisioning_core::run::journal::{Journal, JournalError};
use serde_json::{Value, json};

use crate::fixtures::files_below;

/// What must hold for any bytes whatever.
fn check_order_reader(bytes: &[u8]) {
    let strict = Intake::new(TenantId::new("t").unwrap());
    let open = strict
        .clone()
        .with_order_id("1")
        .allowing_test()
        .with_currency(Currency::USD)
        .with_customer_email("host@example.com".parse().unwrap())
        .with_evidence(PaymentEvidence::Operator {
            name: "fuzz".to_owned(),
        });
    let shapes = PayloadShape::READABLE.map(|shape| open.clone().with_shape(shape));
    for intake in [&strict, &open].into_iter().chain(&shapes) {
        let first = read_order(bytes, intake);
        assert_eq!(first, read_order(bytes, intake), "reading is deterministic");
        match first {
            Ok(order) => check_order(&order),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    let _ = read_payment_event(bytes, &open);
    let _ = read_delivery(bytes, &open);
}

fn check_order(order: &PaidOrder) {
    assert!(!order.items().is_empty());
    assert!(order.items().iter().all(|item| item.quantity >= 1));
    let stored = serde_json::to_vec(order).unwrap();
    assert_eq!(
        &serde_json::from_slice::<PaidOrder>(&stored).unwrap(),
        order,
        "what is stored reads back"
    );
    let email = order.customer().email.as_str();
    assert!(
        !format!("{order:?}").contains(email),
        "Debug shows no e-mail address"
    );
    let catalog = Catalog::migrahosting();
    let _ = catalog.check_order(order);
    let _ = compare_amount(order, &catalog);
}

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let files = files_below(&folder);
    assert!(
        files.len() >= 10,
        "{} has only {} inputs",
        folder.display(),
        files.len()
    );
    files
}

#[test]
fn the_corpus_of_the_order_reader_holds() {
    for (_, bytes) in corpus("order_reader") {
        check_order_reader(&bytes);
    }
}

#[test]
fn the_corpus_of_the_catalog_reader_holds() {
    for (name, bytes) in corpus("catalog_reader") {
        let Ok(text) = std::str::from_utf8(&bytes) else {
            continue;
        };
        match Catalog::from_toml("fuzz.toml", text) {
            Ok(catalog) => assert!(!catalog.products().is_empty(), "{name}"),
            Err(error) => assert!(!error.problems().is_empty(), "{name}"),
        }
    }
}

/// What must hold for any text whatever; what was read, if it is a journal.
fn check_journal_reader(text: &str) -> Result<(), JournalError> {
    let journal = Journal::from_json(text)?;
    let entries = journal.entries.len();
    let run = match Run::replay(journal) {
        Ok(run) => run,
        Err(error) => {
            if let JournalError::Impossible { index, .. } = error {
                assert!(index < entries);
            }
            return Err(error);
        }
    };
    let stored = serde_json::to_string(run.journal()).unwrap();
    let again = Run::replay(Journal::from_json(&stored).unwrap()).unwrap();
    assert_eq!(again, run, "what is stored reads back");
    let plan = run.plan();
    let _ = (plan.to_tree(), plan.to_mermaid(), run.interrupted());
    for step in &plan.steps {
        assert!(plan.explain(&step.path).is_some());
        let _ = (run.server_of(&step.path), run.instructions(&step.path));
    }
    let _ = Observed::of([&run]);
    let last = run.journal().entries.last();
    for now in [
        Timestamp::MIN,
        last.map_or(plan.planned_at, |entry| entry.at),
        Timestamp::MAX,
    ] {
        let _ = (run.next(now), run.status(now));
        let _ = RunPosition::of(&[&run], now);
    }
    Ok(())
}

#[test]
fn the_corpus_of_the_journal_reader_holds() {
    let mut accepted = 0;
    for (name, bytes) in corpus("journal_reader") {
        let Ok(text) = std::str::from_utf8(&bytes) else {
            continue;
        };
        match check_journal_reader(text) {
            Ok(()) => accepted += 1,
            Err(error) => assert!(!error.to_string().is_empty(), "{name}"),
        }
    }
    assert!(accepted >= 8, "only {accepted} journals were accepted");
}

/// JSON that often comes near to an order.
fn any_payload() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "starter",
            "wp_growth-monthly",
            "a@b.example",
            "example.com",
            "paid",
            "usd",
            "pi_1",
            "cs_test_1",
            "event",
            "checkout.session",
            "checkout.session.completed",
            "charge.refunded",
            "refunded",
            "month",
            "[{\"code\":1}]",
        ])
        .prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "items",
        "cart",
        "code",
        "productCode",
        "productSlug",
        "productId",
        "customerEmail",
        "email",
        "customer",
        "customer_details",
        "status",
        "payment_status",
        "amount",
        "amount_total",
        "currency",
        "metadata",
        "rawMetadata",
        "line_items",
        "data",
        "object",
        "type",
        "event",
        "price",
        "product",
        "recurring",
        "lookup_key",
        "priceSlug",
        "planSlug",
        "plan_id",
        "totalAmountCents",
        "quantity",
        "domain",
        "addons",
        "tenant",
        "livemode",
        "id",
        "stripePaymentIntentId",
        "custom_fields",
        "total_details",
        "created",
        "occurredAt",
        "has_more",
        "x.y",
    ]);
    leaf.prop_recursive(5, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..8).prop_map(|fields| {
                Value::Object(
                    fields
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check_order_reader(&bytes);
    }

    #[test]
    fn no_journal_with_a_part_replaced_panics(
        journal in prop::sample::select(corpus("journal_reader")),
        at in any::<prop::sample::Index>(),
        length in 0..40_usize,
        with in prop::sample::select(vec!["", "null", "0", "-1", "\"\"", "[]", "{}", "4294967295", "\"parked\"", "9999-12-30T22:00:00.999999999Z"]),
    ) {
        if let Ok(text) = String::from_utf8(journal.1) {
            let characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len() + 1);
            let end = characters.len().min(at + length);
            let damaged: String = characters[..at].iter().chain(with.chars().collect::<Vec<_>>().iter())
                .chain(&characters[end..]).collect();
            let _ = check_journal_reader(&damaged);
        }
    }

    #[test]
    fn no_json_panics(payload in any_payload()) {
        check_order_reader(payload.to_string().as_bytes());
    }

    #[test]
    fn no_field_of_a_good_order_can_be_replaced_so_that_it_panics(
        name in prop::sample::select(vec!["customerEmail", "items", "source", "amount", "currency", "tenant", "livemode"]),
        value in any_payload(),
    ) {
        let mut payload = json!({"customerEmail": "a@b.example", "amount": "1.00", "currency": "usd",
            "items": [{"code": "starter", "domain": "a.example"}]});
        payload[name] = value;
        check_order_reader(payload.to_string().as_bytes());
    }
}
