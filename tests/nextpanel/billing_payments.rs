//! Payments.

use nextpanel_client::billing::{
    ChargeManually, CreatePaymentIntent, GetChargeQueue, GetPayment, GetPaymentHistory,
    GetPaymentStatistics, ListPayments, PaymentFilter, PaymentStatus, Price, RetryPayment,
};
use panel_http::{Error, Kind};
use provisioning_core::money::{Currency, Money};
use secrecy::ExposeSecret;

use super::billing_customers::moment;
use super::exchange::golden;

const PAYMENT: &str = "d9e8f7a6-0005-4000-8000-000000000005";
const ORDER: &str = "e5d4c3b2-0003-4000-8000-000000000003";

fn price(minor: u64) -> Price {
    Money::from_minor(minor, Currency::USD).into()
}

#[tokio::test]
async fn payments_are_listed_and_read() -> Result<(), Error> {
    let list = ListPayments::new()
        .set_limit(20_u32)
        .set_offset(40_u32)
        .set_status(PaymentFilter::Succeeded)
        .set_gateway_id("stripe")
        .set_date_from(moment("2026-01-01"))
        .set_date_to(moment("2026-02-01"))
        .set_min_amount(price(100))
        .set_max_amount(price(2000));
    let payments = golden("billing.list_payments", list).await?;
    assert_eq!(payments[0].status, PaymentStatus::Succeeded);
    // A refund is a payment that succeeded, of less than nothing.
    assert!(payments[1].amount.is_negative());
    let back = payments[1].amount.absolute().money(Currency::USD).unwrap();
    assert_eq!(back.minor(), 1725);
    golden("billing.get_payment", GetPayment::new(PAYMENT)).await?;
    let history = golden("billing.payment_history", GetPaymentHistory::new(ORDER)).await?;
    assert_eq!(history[0].order_id.as_ref().unwrap().as_str(), ORDER);
    let figures = golden("billing.payment_statistics", GetPaymentStatistics::new()).await?;
    assert_eq!(figures.count("/total"), Some(2));
    Ok(())
}

#[tokio::test]
async fn a_route_that_always_fails_is_told_as_it_is() {
    let error = golden("billing.charge_queue", GetChargeQueue::new()).await;
    let error = error.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 500);
    assert!(matches!(error.kind(), Kind::Api | Kind::GaveUp), "{error}");
}

#[tokio::test]
async fn payments_are_begun_charged_and_retried() -> Result<(), Error> {
    let begin = CreatePaymentIntent::new(ORDER, price(1725), "USD")
        .set_payment_method("card")
        .set_customer_email("Flora@garden.example")
        .set_description("Meadow");
    let intent = golden("billing.create_payment_intent", begin).await?;
    assert_eq!(intent.amount, 1725);
    assert_eq!(intent.client_secret.expose_secret(), "pi_canary_secret");
    assert!(!format!("{intent:?}").contains("canary"));
    let charge = ChargeManually::new(ORDER, price(1725), "USD", "pm_1")
        .set_description("Meadow")
        .set_save_payment_method(true);
    golden("billing.charge_manually", charge).await?;
    golden("billing.retry_payment", RetryPayment::new(PAYMENT)).await?;
    Ok(())
}
