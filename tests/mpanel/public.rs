//! `/api/public`

use mpanel_client::{
    public::{BeginCheckout, ListPublicPlans},
    subscriptions::PlanId,
};

use super::case::{call, list};

#[tokio::test]
async fn plans_are_offered_and_checked_out_without_a_login() {
    let plans = list("public/plans", ListPublicPlans).await.unwrap();
    let terms = plans[0].billing.as_ref().unwrap();
    assert_eq!(
        (terms[0].term.as_str(), terms[0].months),
        ("annually", Some(12))
    );
    let checkout = BeginCheckout::new(PlanId::text("starter"))
        .set_term("annually")
        .set_email("kim@buyer.example")
        .set_return_urls(
            "https://shop.example/thanks".parse().unwrap(),
            "https://shop.example/cart".parse().unwrap(),
        );
    let begun = call("public/checkout", checkout).await.unwrap();
    assert_eq!(begun.url.as_str(), "https://checkout.stripe.example/c/1");
    assert_eq!(begun.id.as_deref(), Some("cs_1"));
}
