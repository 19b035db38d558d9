//! Whatever the bytes: no panic, the same result twice, nothing personal in `Debug`, and what is stored reads back.
//! `provisioning-core/tests/all/fuzz_corpus.rs` replays the corpus with the same checks.

#![no_main]

use libfuzzer_sys::fuzz_target;
use provisioning_core::catalog::Catalog;
use provisioning_core::money::Currency;
use provisioning_core::order::{
    Intake, PaidOrder, PayloadShape, PaymentEvidence, TenantId, compare_amount, read_delivery,
    read_order, read_payment_event,
};

fuzz_target!(|bytes: &[u8]| {
    let detected = Intake::new(TenantId::new("t").unwrap())
        .with_order_id("1")
        .allowing_test()
        .with_currency(Currency::USD)
        .with_customer_email("host@example.com".parse().unwrap())
        .with_evidence(PaymentEvidence::Operator {
            name: "fuzz".to_owned(),
        });
    // The length chooses the shape that is told, so that the input stays plain JSON.
    let shapes = PayloadShape::READABLE;
    let told = detected
        .clone()
        .with_shape(shapes[bytes.len() % shapes.len()]);
    for intake in [&detected, &told] {
        let order = read_order(bytes, intake);
        assert_eq!(order, read_order(bytes, intake));
        if let Ok(order) = order {
            check(&order);
        }
    }
    let _ = read_payment_event(bytes, &detected);
    let _ = read_delivery(bytes, &detected);
});

fn check(order: &PaidOrder) {
    let stored = serde_json::to_vec(order).unwrap();
    assert_eq!(
        &serde_json::from_slice::<PaidOrder>(&stored).unwrap(),
        order
    );
    assert!(!format!("{order:?}").contains(order.customer().email.as_str()));
    let catalog = Catalog::migrahosting();
    let _ = (catalog.check_order(order), compare_amount(order, &catalog));
}
