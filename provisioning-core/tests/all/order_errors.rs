//! What is refused, and that everything wrong is told at once.

use provisioning_core::catalog::Catalog;
use provisioning_core::order::{Intake, MAX_ORDER_BYTES, OrderError, PayloadShape, read_order};
use serde_json::{Value, json};

use crate::fixtures::bytes;
use crate::order_payloads::{intake, vouched};

fn error(payload: &Value, intake: &Intake) -> OrderError {
    match read_order(payload.to_string().as_bytes(), intake) {
        Err(error) => error,
        Ok(order) => panic!("{order:?}"),
    }
}

fn told(payload: &Value, intake: &Intake) -> Vec<String> {
    let error = error(payload, intake);
    let problems = error.problems().unwrap_or_else(|| panic!("{error}"));
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_no_json_object_is_told_with_the_place() {
    for (payload, message) in [
        (&b""[..], "the order is empty"),
        (b" \n ", "the order is empty"),
        (b"\xef\xbb\xbf", "the order is empty"),
        (
            b"{\"a\": 1,}",
            "the order is not JSON: line 1, column 9: this is not how JSON is written",
        ),
        (
            b"{\n  \"a\": [1,",
            "the order is not JSON: line 2, column 10: it ends too early, as a cut-off file does",
        ),
        (
            b"<html>",
            "the order is not JSON: line 1, column 1: this is not how JSON is written",
        ),
        (
            b"{\"a\": \"\xff\"}",
            "the order is not UTF-8 text: byte 8 (counted from 1) does not belong there",
        ),
        (
            b"[]",
            "the order must be one JSON object, not a list of 0: send orders one by one",
        ),
        (
            b"[{}, {}]",
            "the order must be one JSON object, not a list of 2: send orders one by one",
        ),
        (b"7", "the order must be one JSON object, not a number"),
        (b"\"x\"", "the order must be one JSON object, not text"),
        (b"null", "the order must be one JSON object, not null"),
    ] {
        let error = read_order(payload, &vouched()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn a_file_that_is_too_large_is_refused_with_its_size() {
    let fifty_megabytes = vec![b' '; 50 << 20];
    let error = read_order(&fifty_megabytes, &vouched()).unwrap_err();
    assert_eq!(error, OrderError::too_large(52_428_800));
    assert_eq!(
        error.to_string(),
        "the order has 52428800 bytes, more than the 1048576 an order may have: this is probably another file"
    );
    let mut largest = bytes("orders/a_order_created_short.json");
    largest.resize(MAX_ORDER_BYTES, b' ');
    assert!(read_order(&largest, &vouched()).is_ok());
}

#[test]
fn json_nested_too_deep_is_an_error_and_not_a_crash() {
    let deep = format!("{{\"items\":{}", "[".repeat(500_000));
    assert!(matches!(
        read_order(deep.as_bytes(), &vouched()),
        Err(OrderError::NotJson { .. })
    ));
}

#[test]
fn an_object_of_no_known_shape_is_told_which_there_are() {
    let error = error(&json!({"hello": 1, "jane@example.com": 2}), &vouched()).to_string();
    assert!(
        error.starts_with(
            "the order has no known shape: its fields are hello, (an odd name). Known shapes:"
        ),
        "{error}"
    );
    for shape in PayloadShape::READABLE {
        assert!(error.contains(&format!("\n  {shape}: ")), "{error}");
    }
    assert!(matches!(
        read_order(b"{}", &vouched()),
        Err(OrderError::UnknownShape { found }) if found.is_empty()
    ));
}

#[test]
fn every_bad_field_is_told_at_once() {
    let payload = json!({
        "customerEmail": "buyer.example.com",
        "stripeSubscriptionId": ["sub_1"],
        "items": [
            {"code": "", "type": "hosting"},
            {"code": "wp growth"},
            {"type": 7, "code": "starter", "domain": "https://shop.example/"},
            {"code": "starter", "quantity": 0, "domain": "shop_1.example"},
            {"code": "starter", "quantity": 1.5, "billingCycle": 12},
            "starter",
            {"code": {"a": 1}, "domain": "jane@example.com"},
        ],
    });
    let expected = [
        "stripeSubscriptionId: must be text, not a list of 1",
        "customerEmail: is not an e-mail address: it has no @",
        "items[0].code: is missing: it names the product",
        "items[1].code: is not a product code: letters, digits and . _ - : only",
        "items[2].type: must be text, not a number",
        "items[2].domain: \"https://shop.example/\" is not a domain: it is a web address: give the domain alone, without https:// and without a path",
        "items[3].domain: \"shop_1.example\" is not a domain: it contains a character that domain names cannot have",
        "items[3].quantity: must be a whole number from 1 to 1000",
        "items[4].quantity: must be a whole number from 1 to 1000",
        "items[4].billingCycle: must be text, not a number",
        "items[5]: must be an object, not text",
        "items[6].code: must be text, not an object",
        "items[6].domain: is not a domain: it contains @, as an e-mail address does: give the domain alone",
        "the order carries no id of its own (no order number, payment intent, checkout session or subscription): give it one, the same each time this order is sent",
        "nothing in the order says that it was paid: verify its sender, look the payment up at the payment provider, or name an operator who vouches for it",
    ];
    assert_eq!(told(&payload, &intake()), expected);
    assert_eq!(error(&payload, &intake()).to_string(), expected.join("\n"));
}

#[test]
fn items_must_be_a_list_with_something_in_it() {
    let with = |items: Value| {
        told(
            &json!({"customerEmail": "a@b.example", "items": items}),
            &vouched(),
        )
    };
    assert_eq!(
        with(json!(null)),
        ["items: is missing: an order has to list what was bought"]
    );
    assert_eq!(
        with(json!([])),
        ["items: is empty: an order has to list what was bought"]
    );
    assert_eq!(
        with(json!("starter")),
        ["items: must be a list of items, not text"]
    );
    assert_eq!(
        with(json!({"code": "starter"})),
        ["items: must be a list of items, not an object"]
    );
    let many = vec![json!({"code": "starter"}); 501];
    assert_eq!(
        with(json!(many)),
        ["items: has 501 items; an order may have 500"]
    );
}

#[test]
fn an_order_without_items_field_is_still_recognised_and_told_so() {
    assert_eq!(
        told(
            &json!({"customerEmail": null, "source": "x", "items": [{"code": "a"}]}),
            &vouched()
        ),
        ["customerEmail: is missing: the account is handed over to this e-mail address"]
    );
    assert_eq!(
        told(&json!({"customerEmail": "a@b.example"}), &vouched()),
        ["items: is missing: an order has to list what was bought"]
    );
}

#[test]
fn payload_c_must_tell_amount_currency_status_and_payment_intent() {
    let payload = json!({"cart": [{}], "customerEmail": "a@b.example"});
    assert_eq!(
        told(&payload, &intake()),
        [
            "currency: is missing: three letters such as usd",
            "amount: is missing: what was paid, in minor units (cents)",
            "status: is missing: paid or succeeded once the money is there",
            "cart[0].productCode: is missing: it names the product",
            "stripePaymentIntentId: the order carries no id of its own (no order number, payment intent, checkout session or subscription): give it one, the same each time this order is sent",
        ]
    );
    let payload = json!({"stripePaymentIntentId": "pi_1", "amount": 19.99, "currency": "usb", "status": "paid",
        "customerEmail": "a@b.example", "cart": null});
    assert_eq!(
        told(&payload, &intake()),
        [
            "currency: is not a currency code of ISO 4217, such as USD or EUR",
            "cart: is missing: an order has to list what was bought",
        ]
    );
    let payload = json!({"stripePaymentIntentId": "pi_1", "amount": 19.99, "currency": "usd", "status": "paid",
        "customerEmail": "a@b.example", "cart": [{"slug": "starter", "priceCents": "1999"}]});
    assert_eq!(
        told(&payload, &intake()),
        [
            "amount: must be a whole number of minor units (cents), without a fraction",
            "cart[0].priceCents: must be a whole number of minor units (cents), not text",
        ]
    );
}

#[test]
fn payload_d_must_tell_customer_price_and_amount() {
    let payload =
        json!({"priceSlug": "starter-monthly", "totalAmountCents": "1999", "customer": "jane"});
    assert_eq!(
        told(&payload, &vouched()),
        [
            "customer: must be an object, not text",
            "totalAmountCents: must be a whole number of minor units (cents), not text",
            "customer.email: is missing: the account is handed over to this e-mail address",
        ]
    );
    assert_eq!(
        told(
            &json!({"totalAmountCents": 1, "customer": {"email": "a@b.example"}}),
            &vouched()
        ),
        ["priceSlug: is missing: it names the product"]
    );
}

#[test]
fn a_customer_known_by_panel_id_only_has_to_be_looked_up() {
    let payload = bytes("orders/e_order_contract.json");
    let error = read_order(&payload, &vouched()).unwrap_err();
    assert!(error.needs_customer() && !error.needs_evidence() && !error.needs_order_id());
}

#[test]
fn an_unpaid_order_is_its_own_result_whatever_the_host_says() {
    let c = |status: &str| json!({"stripePaymentIntentId": "pi_1", "amount": 1999, "currency": "usd", "status": status, "cart": [{}]});
    let session = json!({"object": "checkout.session", "id": "cs_1", "payment_status": "unpaid"});
    let free = json!({"customer": {"email": "a@b.example"}, "priceSlug": "s", "totalAmountCents": 0,
        "stripePaymentIntentId": "pi_1"});
    let shop = json!({"customerEmail": "a@b.example", "items": [{"code": "starter"}], "paymentStatus": "pending"});
    for (payload, intake, what, status) in [
        (
            c("requires_payment_method"),
            vouched(),
            "status",
            "requires_payment_method",
        ),
        (c("failed"), vouched(), "status", "failed"),
        (session, vouched(), "payment_status", "unpaid"),
        (free, intake(), "totalAmountCents", "0"),
        (shop, vouched(), "paymentStatus", "pending"),
    ] {
        let not_paid = OrderError::NotPaid {
            what: what.to_owned(),
            status: status.to_owned(),
        };
        assert_eq!(error(&payload, &intake), not_paid);
    }
}

#[test]
fn an_unpaid_session_event_is_not_paid_until_the_async_event_comes() {
    let event = |kind: &str| {
        json!({"object": "event", "id": "evt_1", "type": kind, "created": 1, "data": {"object": {
            "object": "checkout.session", "id": "cs_1", "payment_status": "unpaid", "customer_email": "a@b.example",
            "metadata": {"code": "starter"}}}})
    };
    assert!(matches!(
        error(&event("checkout.session.completed"), &intake()),
        OrderError::NotPaid { what, .. } if what == "data.object.payment_status"
    ));
    let paid = event("checkout.session.async_payment_succeeded");
    assert!(read_order(paid.to_string().as_bytes(), &intake()).is_ok());
}

#[test]
fn test_mode_is_refused_unless_the_host_allows_it() {
    for payload in [
        json!({"customerEmail": "a@b.example", "items": [{"code": "starter"}], "livemode": false}),
        json!({"object": "checkout.session", "id": "cs_test_1", "payment_status": "paid"}),
        json!({"customer": {"email": "a@b.example"}, "priceSlug": "s", "totalAmountCents": 1, "stripeSessionId": "cs_test_9"}),
    ] {
        assert!(
            matches!(error(&payload, &vouched()), OrderError::TestMode { .. }),
            "{payload}"
        );
    }
}

#[test]
fn a_body_that_names_another_tenant_is_refused_before_anything_else() {
    for (field, path) in [
        ("tenant", "tenant"),
        ("tenantId", "tenantId"),
        ("tenantSlug", "tenantSlug"),
    ] {
        let payload =
            json!({"customerEmail": 1, field: "someone-else", "livemode": false, "items": []});
        let refused = OrderError::OtherTenant {
            path: path.to_owned(),
            received_for: "migrahosting".to_owned(),
        };
        assert_eq!(error(&payload, &intake()), refused);
    }
    let in_metadata = json!({"customer": {"email": "a@b.example"}, "priceSlug": "s", "totalAmountCents": 1,
        "metadata": {"tenant": "someone-else"}});
    assert!(
        matches!(error(&in_metadata, &intake()), OrderError::OtherTenant { path, .. } if path == "metadata.tenant")
    );
}

#[test]
fn a_tenant_may_go_by_several_names() {
    let payload = json!({"customerEmail": "a@b.example", "items": [{"code": "starter"}], "tenantId": "0E3-uuid"});
    assert!(matches!(
        error(&payload, &vouched()),
        OrderError::OtherTenant { .. }
    ));
    let intake = vouched().with_tenant_name("0e3-UUID");
    assert!(read_order(payload.to_string().as_bytes(), &intake).is_ok());
}

#[test]
fn two_payment_intents_in_one_order_are_a_problem() {
    let payload = json!({"customerEmail": "a@b.example", "items": [{"code": "starter"}],
        "stripePaymentIntentId": "pi_1", "paymentIntentId": "pi_2"});
    assert_eq!(
        told(&payload, &vouched()),
        ["paymentIntentId: is another payment intent than the one named elsewhere in it"]
    );
}

#[test]
fn a_session_without_products_says_how_to_add_them() {
    let session = json!({"object": "checkout.session", "id": "cs_1", "payment_status": "paid",
        "customer_email": "a@b.example", "metadata": {}});
    let problems = told(&session, &intake());
    assert_eq!(problems.len(), 1);
    for part in [
        "line_items: ",
        "expand[]=line_items.data.price.product",
        "lookup_key",
        "metadata key \"code\"",
    ] {
        assert!(problems[0].contains(part), "{problems:?}");
    }
    let session = json!({"object": "checkout.session", "id": "cs_1", "payment_status": "paid",
        "customer_email": "a@b.example", "line_items": {"has_more": true, "data": [
            {"price": {"lookup_key": "starter"}}, {"price": {"id": "price_1"}}]}});
    let problems = told(&session, &intake());
    assert!(
        problems[0].starts_with("line_items.has_more: is true"),
        "{problems:?}"
    );
    assert!(
        problems[1].starts_with("line_items.data[1].price: does not name its product"),
        "{problems:?}"
    );
    let session = json!({"object": "checkout.session", "id": "cs_1", "payment_status": "paid",
        "customer_email": "a@b.example", "metadata": {"items": "starter"}});
    assert!(
        told(&session, &intake())[0]
            .starts_with("metadata.items: must hold a list of items as JSON")
    );
}

#[test]
fn events_that_are_no_orders_are_told_apart() {
    let event = |kind: &str| {
        error(
            &json!({"object": "event", "type": kind, "data": {"object": {}}}),
            &vouched(),
        )
    };
    assert_eq!(
        event("charge.refunded").to_string(),
        "the event \"charge.refunded\" is not a paid order: read it with read_payment_event"
    );
    assert_eq!(
        event("customer.created").to_string(),
        "the event \"customer.created\" is not a paid order: it can be answered with success and ignored"
    );
    // Told shapes do not turn a refund into an order.
    let refund = json!({"event": "order.refunded", "orderId": "1", "customerEmail": "a@b.example",
        "items": [{"code": "starter"}]});
    let told = vouched().with_shape(PayloadShape::OrderCreated);
    assert!(matches!(
        error(&refund, &told),
        OrderError::OtherEvent {
            payment_event: true,
            ..
        }
    ));
}

#[test]
fn what_the_catalog_cannot_provide_is_told_by_item() {
    let payload = json!({"customerEmail": "a@b.example", "items": [
        {"code": "wp-grwth", "domain": "a.example"},
        {"code": "wp_growth", "type": "addon", "domain": "b.example"},
        {"code": "starter", "domain": "B.example"},
        {"code": "premium", "domain": "c.example", "quantity": 2},
        {"code": "qqqq"},
    ]});
    let order = read_order(payload.to_string().as_bytes(), &vouched()).unwrap();
    let catalog = Catalog::migrahosting();
    let problems: Vec<_> = catalog
        .check_order(&order)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        problems,
        [
            "items[0]: the product code wp-grwth is not in the catalog migrahosting: did you mean wp_growth?",
            "items[4]: the product code qqqq is not in the catalog migrahosting: nothing in it is spelled like that",
            "items[2]: b.example already gets the hosting plan wp_growth (items[1]): one domain can have one hosting plan",
            "items[3]: c.example would get the hosting plan premium 2 times: one domain can have one hosting plan",
        ]
    );
    assert_eq!(
        catalog.kind_differences(&order),
        [
            "items[1]: the order calls wp_growth addon; the catalog says nextpanel-hosting, and that counts"
        ]
    );
}

#[test]
fn add_ons_are_sold_with_what_they_require() {
    let order = |codes: &[&str]| {
        let items: Vec<_> = codes.iter().map(|code| json!({"code": code})).collect();
        let payload = json!({"customerEmail": "a@b.example", "items": items});
        read_order(payload.to_string().as_bytes(), &vouched()).unwrap()
    };
    let catalog = Catalog::migrahosting();
    assert!(
        catalog
            .check_order(&order(&["wordpress-pro", "addon-wp-staging"]))
            .is_empty()
    );
    let problems = catalog.check_order(&order(&["starter", "addon-wp-staging"]));
    assert_eq!(
        problems.to_string(),
        "items[1]: addon-wp-staging is sold only together with wp_starter or wp_growth or wp_pro or wp_business or wp_agency"
    );
}
