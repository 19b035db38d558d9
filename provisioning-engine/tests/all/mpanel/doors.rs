//! One purchase, whichever door it comes by.

use provisioning_core::order::{Intake, PaymentEvidence, TenantId, read_order};
use provisioning_engine::store::Submitted;

use super::*;

const ORDER_CREATED: &str = r#"{"source": "shop.example", "stripeCustomerId": "cus_Ada", "stripeSubscriptionId": "sub_Ada1",
    "customerEmail": "ada@example.com", "customerName": "Ada Byron",
    "items": [{"code": "wp_growth", "type": "hosting", "domain": "ada.example"}]}"#;

/// The event that Stripe sends for it.
fn stripe_event(lookup_key: &str) -> String {
    format!(
        r#"{{"id": "evt_Ada1", "object": "event", "created": 1795157386, "livemode": true,
        "type": "checkout.session.completed", "data": {{"object": {{
            "id": "cs_live_Ada1", "object": "checkout.session", "livemode": true, "mode": "subscription",
            "amount_total": 4999, "currency": "usd", "customer": "cus_Ada", "subscription": "sub_Ada1",
            "payment_intent": "pi_Ada1", "payment_status": "paid", "status": "complete",
            "customer_details": {{"email": "ada@example.com", "name": "Ada Byron"}},
            "custom_fields": [{{"key": "domain", "type": "text", "text": {{"value": "ada.example"}}}}],
            "line_items": {{"object": "list", "has_more": false, "data": [{{"id": "li_1", "quantity": 1,
                "price": {{"id": "price_1", "lookup_key": "{lookup_key}", "unit_amount": 4999, "product": "prod_1",
                    "recurring": {{"interval": "month", "interval_count": 1}}}}}}]}}}}}}}}"#
    )
}

fn read(payload: &str) -> PaidOrder {
    let intake =
        Intake::new(TenantId::new("shop").unwrap()).with_evidence(PaymentEvidence::Operator {
            name: "tests".to_owned(),
        });
    read_order(payload.as_bytes(), &intake).unwrap()
}

#[tokio::test]
async fn the_same_purchase_by_the_shop_and_by_stripe_is_one_run() {
    let both = Both::start(Generation::Legacy, MpanelMode::Direct).await;
    let (run, view) = both.run(&read(ORDER_CREATED)).await;
    awaits_confirmation(&view);
    let again = both
        .engine
        .submit(&read(&stripe_event("wp_growth_monthly")))
        .await
        .unwrap();
    let Submitted::Existing { run: known, .. } = again else {
        panic!("{again:?}");
    };
    assert_eq!(known, run);
    both.go_on(known).await;
    assert_eq!(both.accounts(), 1);
    assert_eq!(both.mpanel().subscriptions().len(), 1);
}

#[tokio::test]
async fn the_same_id_with_another_product_is_a_conflict() {
    let both = Both::start(Generation::Legacy, MpanelMode::Direct).await;
    let (run, _) = both.run(&read(ORDER_CREATED)).await;
    let other = both
        .engine
        .submit(&read(&stripe_event("starter_monthly")))
        .await
        .unwrap();
    let Submitted::Conflict { run: known, .. } = other else {
        panic!("{other:?}");
    };
    assert_eq!(known, run);
    assert_eq!(both.accounts(), 1);
}
