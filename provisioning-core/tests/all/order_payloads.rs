//! Every payload shape: what comes out of it, as golden files, and by which door it may come.

use provisioning_core::catalog::Catalog;
use provisioning_core::money::{Currency, Money};
use provisioning_core::order::{
    Alias, AliasKind, AmountComparison, Delivery, Intake, OrderMode, PaidOrder, PayloadShape,
    PaymentEvidence, SourceName, TenantId, compare_amount, read_delivery, read_order,
};
use serde_json::json;

use crate::fixtures::{bytes, difference_to_golden};

pub(crate) fn intake() -> Intake {
    Intake::new(TenantId::new("migrahosting").unwrap())
}

pub(crate) fn vouched() -> Intake {
    intake()
        .with_order_id("A-1001")
        .with_evidence(PaymentEvidence::Operator {
            name: "support desk".to_owned(),
        })
}

fn verified() -> Intake {
    intake().with_evidence(PaymentEvidence::VerifiedSender {
        by: "x-mpanel-token".to_owned(),
    })
}

fn read(value: &serde_json::Value, intake: &Intake) -> PaidOrder {
    read_order(value.to_string().as_bytes(), intake).unwrap_or_else(|error| panic!("{error}"))
}

/// Every fixture, the shape it must be recognised as, and what its host knows besides.
fn payloads() -> Vec<(&'static str, PayloadShape, Intake)> {
    use PayloadShape::{
        MarketingAccount, OrderContract, OrderCreated, OrderSpecification, OrderWebhook,
        ProvisioningStripe, StripeCheckoutSession, StripeCompleted, StripeCompletedBlueprint,
    };
    let mail = "rosa@example.com".parse().unwrap();
    vec![
        ("a_order_created_short", OrderCreated, vouched()),
        ("a_order_created_long", OrderCreated, verified()),
        ("b_stripe_completed", StripeCompleted, verified()),
        (
            "b_blueprint",
            StripeCompletedBlueprint,
            verified().with_currency(Currency::USD),
        ),
        ("c_provisioning_stripe", ProvisioningStripe, intake()),
        ("c_provisioning_stripe_jpy", ProvisioningStripe, intake()),
        ("d_order_webhook", OrderWebhook, intake()),
        ("d_order_specification", OrderSpecification, intake()),
        (
            "e_order_contract",
            OrderContract,
            vouched().with_customer_email(mail),
        ),
        ("f_marketing_signup", MarketingAccount, vouched()),
        ("f_marketing_provisioning", MarketingAccount, verified()),
        ("stripe_completed_expanded", StripeCheckoutSession, intake()),
        (
            "stripe_async_succeeded_metadata",
            StripeCheckoutSession,
            intake(),
        ),
        ("stripe_session_bare_trial", StripeCheckoutSession, intake()),
    ]
}

#[test]
fn every_payload_is_read_as_its_golden_file_says() {
    let mut differences = Vec::new();
    for (name, shape, intake) in payloads() {
        let payload = bytes(&format!("orders/{name}.json"));
        let order = read_order(&payload, &intake).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(order.shape(), shape, "{name}");
        let json = serde_json::to_string_pretty(&order).unwrap();
        differences.extend(difference_to_golden(
            &format!("orders/{name}.golden"),
            &json,
        ));
        let stored: PaidOrder = serde_json::from_str(&json).unwrap();
        assert_eq!(stored, order, "{name}: what is stored reads back");
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn a_shape_that_is_told_reads_as_the_same_one_detected() {
    for (name, shape, intake) in payloads() {
        let payload = bytes(&format!("orders/{name}.json"));
        let detected = read_order(&payload, &intake).unwrap();
        let told = read_order(&payload, &intake.clone().with_shape(shape)).unwrap();
        assert_eq!(told, detected, "{name}");
    }
}

#[test]
fn reading_twice_gives_the_same_order() {
    for (name, _, intake) in payloads() {
        let payload = bytes(&format!("orders/{name}.json"));
        assert_eq!(
            read_order(&payload, &intake),
            read_order(&payload, &intake),
            "{name}"
        );
    }
}

#[test]
fn a_byte_order_mark_does_not_matter() {
    let payload = bytes("orders/c_provisioning_stripe.json");
    let marked = [b"\xef\xbb\xbf".as_slice(), &payload].concat();
    assert_eq!(
        read_order(&marked, &intake()),
        read_order(&payload, &intake())
    );
}

#[test]
fn the_same_order_has_one_digest_by_whichever_door() {
    let by_stripe = read(
        &json!({"stripePaymentIntentId": "pi_1", "amount": 1999, "currency": "usd", "status": "paid",
            "customerEmail": "buyer@Example.com",
            "cart": [{"productCode": "WP-Growth", "domain": "Shop.Example"}, {"productCode": "firewall", "quantity": 2}]}),
        &intake(),
    );
    let by_shop = read(
        &json!({"customerEmail": "buyer@example.com", "customerName": "Buyer", "paymentIntentId": "pi_1",
            "items": [{"productSlug": "firewall"}, {"productSlug": "wp_growth", "domain": "shop.example"},
                      {"productSlug": "Firewall"}]}),
        &verified(),
    );
    assert_eq!(by_stripe.digest(), by_shop.digest());
    assert_eq!(by_stripe.key().id(), by_shop.key().id());
    let shared: Vec<_> = by_stripe
        .aliases()
        .intersection(by_shop.aliases())
        .collect();
    assert_eq!(
        shared,
        [&Alias::new(AliasKind::PaymentIntent, "pi_1").unwrap()]
    );
}

#[test]
fn other_products_domains_amounts_of_items_or_customers_change_the_digest() {
    let order = |email: &str, code: &str, domain: &str, quantity: u32| {
        let item = json!({"code": code, "domain": domain, "quantity": quantity});
        read(
            &json!({"customerEmail": email, "items": [item]}),
            &vouched(),
        )
        .digest()
    };
    let digest = order("a@b.example", "starter", "x.example", 1);
    assert_eq!(digest, order("a@B.example", "STARTER", "X.example", 1));
    for other in [
        order("A@b.example", "starter", "x.example", 1),
        order("a@b.example", "starter2", "x.example", 1),
        order("a@b.example", "starter", "y.example", 1),
        order("a@b.example", "starter", "x.example", 2),
    ] {
        assert_ne!(digest, other);
    }
}

#[test]
fn the_host_s_order_id_is_primary_and_the_payload_s_ids_are_aliases() {
    let payload = bytes("orders/c_provisioning_stripe.json");
    let order = read_order(&payload, &intake().with_order_id(" W-5 ")).unwrap();
    assert_eq!(
        order.key().to_string(),
        "migrahosting/provisioning-stripe/live/W-5"
    );
    let aliases: Vec<_> = order.aliases().iter().map(ToString::to_string).collect();
    assert_eq!(aliases, ["order W-5", "payment intent pi_3Cx4"]);
}

#[test]
fn the_stripe_customer_id_is_never_an_alias() {
    for (name, _, intake) in payloads() {
        let order = read_order(&bytes(&format!("orders/{name}.json")), &intake).unwrap();
        assert!(
            order
                .aliases()
                .iter()
                .all(|alias| !alias.value().starts_with("cus_")),
            "{name}"
        );
    }
}

#[test]
fn the_host_s_source_counts_before_the_payload_s() {
    let payload = bytes("orders/a_order_created_short.json");
    let intake = vouched().with_source(SourceName::new("Marketing-API").unwrap());
    let order = read_order(&payload, &intake).unwrap();
    assert_eq!(order.key().source().as_str(), "marketing-api");
    assert_eq!(
        order.notes(),
        ["it calls its source shop.example; it was received from marketing-api"]
    );
}

#[test]
fn test_orders_have_another_key_than_live_ones() {
    let session = json!({"object": "checkout.session", "id": "cs_test_1", "livemode": false, "payment_status": "paid",
        "customer_email": "a@b.example", "metadata": {"code": "starter"}});
    let order = read(&session, &intake().allowing_test());
    assert_eq!(order.key().mode(), OrderMode::Test);
    assert_eq!(
        order.key().to_string(),
        "migrahosting/stripe/test/cs_test_1"
    );
}

#[test]
fn the_payload_s_own_evidence_counts_before_the_host_s() {
    let order = read_order(&bytes("orders/c_provisioning_stripe.json"), &vouched()).unwrap();
    assert_eq!(
        order.evidence().describe(),
        "the order itself has the status \"succeeded\""
    );
    let order = read_order(&bytes("orders/d_order_webhook.json"), &vouched()).unwrap();
    assert_eq!(
        order.evidence().describe(),
        "the order carries the paid amount, 19.99 USD"
    );
}

#[test]
fn metadata_keys_of_the_host_s_own_name_the_products_too() {
    use provisioning_core::order::MetadataKeys;
    let session = json!({"object": "checkout.session", "id": "cs_1", "payment_status": "paid",
        "customer_email": "a@b.example", "metadata": {"sku_list": "starter, firewall", "site": "x.example"}});
    let keys = MetadataKeys::default()
        .with_codes("sku_list")
        .with_domain("site");
    let order = read(&session, &intake().with_metadata_keys(keys));
    let items: Vec<_> = order
        .items()
        .iter()
        .map(|item| (item.path.as_str(), item.code.as_str()))
        .collect();
    assert_eq!(
        items,
        [
            ("metadata.sku_list[0]", "starter"),
            ("metadata.sku_list[1]", "firewall")
        ]
    );
    assert!(order.items().iter().all(|item| {
        item.domain
            .as_ref()
            .is_some_and(|domain| domain.as_str() == "x.example")
    }));
}

#[test]
fn a_session_s_products_may_be_named_in_metadata_although_its_prices_have_no_keys() {
    let session = json!({"object": "checkout.session", "id": "cs_1", "payment_status": "paid",
        "customer_email": "a@b.example", "metadata": {"code": "starter"},
        "line_items": {"data": [{"price": {"id": "price_1", "product": "prod_1"}, "quantity": 1}]}});
    assert_eq!(
        read(&session, &intake()).items()[0].code.as_str(),
        "starter"
    );
}

#[test]
fn a_free_order_of_payload_d_needs_the_host_s_evidence() {
    let payload = json!({"customer": {"email": "a@b.example"}, "priceSlug": "starter-monthly", "totalAmountCents": 0});
    let order = read(&payload, &vouched());
    assert_eq!(order.evidence().describe(), "support desk vouches for it");
}

#[test]
fn fields_that_are_not_understood_are_kept_by_path() {
    let payload = json!({"customerEmail": "a@b.example", "x": {"y": 1}, "n": null,
        "items": [{"code": "starter", "colour": "red", "odd.name": 2}]});
    let order = read(&payload, &vouched());
    let kept = serde_json::to_value(order.not_understood()).unwrap();
    assert_eq!(
        kept,
        json!({"x": {"y": 1}, "items[0].colour": "red", "items[0][\"odd.name\"]": 2})
    );
}

#[test]
fn amounts_without_a_currency_are_kept_and_not_guessed() {
    let order = read_order(&bytes("orders/b_blueprint.json"), &verified()).unwrap();
    assert_eq!(order.items()[0].amount, None);
    assert_eq!(order.not_understood()["items[0].unitPrice"], json!("49.99"));
}

#[test]
fn amounts_are_compared_with_the_bundled_catalog() {
    let compared = |name: &str, intake: &Intake| {
        let order = read_order(&bytes(&format!("orders/{name}.json")), intake).unwrap();
        compare_amount(&order, &Catalog::migrahosting())
    };
    let usd = |minor| Money::from_minor(minor, Currency::USD);
    assert_eq!(
        compared("c_provisioning_stripe", &intake()),
        AmountComparison::Matches { paid: usd(2498) }
    );
    assert_eq!(
        compared("d_order_webhook", &intake()),
        AmountComparison::Matches { paid: usd(1999) }
    );
    assert_eq!(
        compared("stripe_completed_expanded", &intake()),
        AmountComparison::Matches { paid: usd(5397) }
    );
    for (name, intake) in [
        ("a_order_created_short", vouched()),
        ("c_provisioning_stripe_jpy", intake()),
        ("stripe_session_bare_trial", intake()),
    ] {
        assert!(
            matches!(
                compared(name, &intake),
                AmountComparison::NotComparable { .. }
            ),
            "{name}"
        );
    }
    let short = json!({"customer": {"email": "a@b.example"}, "priceSlug": "wp_growth-monthly", "totalAmountCents": 4900,
        "stripePaymentIntentId": "pi_1"});
    assert_eq!(
        compare_amount(&read(&short, &intake()), &Catalog::migrahosting()),
        AmountComparison::Underpaid {
            expected: usd(4999),
            paid: usd(4900)
        }
    );
}

#[test]
fn one_door_takes_orders_events_and_what_is_neither() {
    let delivery = |payload: &[u8]| read_delivery(payload, &intake()).unwrap();
    assert!(matches!(
        delivery(&bytes("orders/stripe_completed_expanded.json")),
        Delivery::Order(_)
    ));
    assert!(matches!(
        delivery(&bytes("events/stripe_charge_refunded.json")),
        Delivery::Event(_)
    ));
    let other = br#"{"object":"event","type":"customer.created","data":{"object":{}}}"#;
    let ignored = Delivery::Ignored {
        event: "\"customer.created\"".to_owned(),
    };
    assert_eq!(delivery(other), ignored);
    let unchanged = json!({"object": "event", "id": "evt_1", "created": 1, "type": "customer.subscription.updated",
        "data": {"object": {"id": "sub_1"}, "previous_attributes": {"current_period_end": 1}}});
    assert!(matches!(
        delivery(unchanged.to_string().as_bytes()),
        Delivery::Ignored { .. }
    ));
}
