//! A customer who comes again.

use panel_sandbox::mpanel::operations::CREATE_CUSTOMER;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::event::Answer;

use super::*;

/// An order by this customer of Stripe's, with the same e-mail address each time.
fn by(stripe_id: &str, order: &str, domain: &str) -> PaidOrder {
    let payload = format!(
        r#"{{"source":"shop.example","stripeCustomerId":"{stripe_id}","customerEmail":"ada@example.com",
        "items":[{{"code":"wp_growth","domain":"{domain}"}}]}}"#
    );
    let intake = provisioning_core::order::Intake::new(
        provisioning_core::order::TenantId::new("shop").unwrap(),
    )
    .with_order_id(order)
    .with_evidence(provisioning_core::order::PaymentEvidence::Operator {
        name: "tests".to_owned(),
    });
    provisioning_core::order::read_order(payload.as_bytes(), &intake).unwrap()
}

#[tokio::test]
async fn the_same_customer_of_stripe_is_the_same_customer_and_is_not_created_again() {
    let both = Both::start(Generation::Legacy, MpanelMode::Direct).await;
    awaits_confirmation(&both.run(&by("cus_Ada", "C-1", "one.example")).await.1);
    awaits_confirmation(&both.run(&by("cus_Ada", "C-2", "two.example")).await.1);
    let mpanel = both.mpanel();
    assert_eq!(mpanel.customers().len(), 1);
    assert_eq!(mpanel.requests_for(&CREATE_CUSTOMER).len(), 1);
    assert_eq!(mpanel.subscriptions().len(), 2);
}

#[tokio::test]
async fn the_customer_an_entry_made_is_known_to_the_next_order() {
    let mode = delegate(OrderEntry::StripeCompleted);
    let both = Both::start(Generation::TypeScript, mode).await;
    both.run(&purchase(
        "C-3",
        r#"{"code":"starter","domain":"one.example"}"#,
    ))
    .await;
    awaits_confirmation(&both.run(&purchase("C-4", ACCOUNT)).await.1);
    assert_eq!(both.mpanel().customers().len(), 1);
}

#[tokio::test]
async fn the_same_address_alone_asks_and_names_the_customer() {
    let both = Both::start(Generation::Legacy, MpanelMode::Direct).await;
    both.run(&by("cus_Ada", "C-5", "one.example")).await;
    let known = both.mpanel().customers()[0].id.clone();
    let (run, view) = both.run(&by("cus_Other", "C-6", "two.example")).await;
    let parked = planned(&view).parked();
    let [(step, attention @ Attention::Refused { .. })] = &parked[..] else {
        panic!("{parked:#?}");
    };
    assert!(attention.to_string().contains(&known), "{attention}");
    assert_eq!(both.mpanel().requests_for(&CREATE_CUSTOMER).len(), 1);
    let answer = Answer::Exists {
        remote_id: known,
        username: None,
    };
    both.engine
        .answer(run, (*step).clone(), answer, "kim")
        .await
        .unwrap();
    awaits_confirmation(&both.go_on(run).await);
    assert_eq!(both.mpanel().customers().len(), 1);
}
