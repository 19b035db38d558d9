//! `/api/orders`, TypeScript

use mpanel_client::{
    Generation,
    customers::CustomerId,
    orders::{
        CancelOrder, CreateOrder, FailOrder, GetOrder, ListOrders, OrderId, OrderStatus, PayOrder,
    },
};
use panel_http::Kind;
use provisioning_core::money::{Currency, Money};
use serde_json::json;

use super::{
    case::{CUSTOMER, ORDER, call, list},
    script::{asked, json as reply, script, with_login},
};

fn id() -> OrderId {
    OrderId::text(ORDER)
}

#[tokio::test]
async fn orders_are_listed_by_customer_status_and_time() {
    let wanted = ListOrders::new()
        .with_customer(CustomerId::text(CUSTOMER))
        .with_status(OrderStatus::Paid)
        .with_period(
            "2027-03-01T00:00:00Z".parse().unwrap(),
            "2027-04-01T00:00:00Z".parse().unwrap(),
        );
    let orders = list("orders/list", wanted).await.unwrap();
    assert_eq!(orders[0].total_amount_cents, Some(4999));
    assert_eq!(
        orders[0].metadata.as_ref().unwrap()["domain"],
        "shop.example"
    );
    let error = list("orders/list_forbidden", ListOrders::new())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}

#[tokio::test]
async fn a_legacy_server_does_not_implement_orders_however_it_says_so() {
    for name in ["orders/list_on_legacy", "orders/list_on_a_tail"] {
        let error = list(name, ListOrders::new()).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotImplemented, "{name}: {error}");
        assert_eq!(error.attempts().len(), 1, "{name}");
    }
}

#[tokio::test]
async fn orders_are_read_created_and_settled() {
    assert_eq!(
        call("orders/get", GetOrder(id())).await.unwrap().status,
        Some(OrderStatus::Paid)
    );
    let error = call("orders/get_unknown", GetOrder(id()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    let total = Money::from_minor(4999, Currency::USD);
    let create = CreateOrder::for_email("kim@buyer.example", total)
        .set_person(Some("Kim Lee".into()), Some("+43 1 555".into()))
        .set_price_slug("wp-growth-monthly")
        .set_product_code("wp_growth")
        .set_quantity(1)
        .set_payment_intent("pi_7")
        .set_session("cs_7")
        .set_external_id("x-1")
        .set_metadata("domain", "shop.example")
        .set_notes("n");
    let made = call("orders/create", create).await.unwrap();
    assert_eq!(
        (made.order_id, made.status),
        (id(), Some(OrderStatus::Pending))
    );
    let pay = PayOrder::new(id()).set_payment_intent("pi_7");
    assert_eq!(
        call("orders/pay", pay).await.unwrap().status,
        Some(OrderStatus::Paid)
    );
    let cancel = CancelOrder::new(id()).set_reason("asked for");
    assert_eq!(
        call("orders/cancel", cancel).await.unwrap().status,
        Some(OrderStatus::Cancelled)
    );
    let fail = FailOrder::new(id(), "chargeback");
    assert_eq!(
        call("orders/fail", fail).await.unwrap().status,
        Some(OrderStatus::Failed)
    );
}

#[tokio::test]
async fn an_order_is_found_by_its_payment_over_all_pages() {
    let page = |number: u32, payment: &str| {
        json!({
            "success": true,
            "data": [{"id": format!("o-{number}"), "stripePaymentIntentId": payment}],
            "meta": {"total": 2, "page": number, "pageSize": 1, "totalPages": 2},
        })
    };
    let transport = script(
        Generation::TypeScript,
        vec![reply(200, &page(1, "pi_6")), reply(200, &page(2, "pi_7"))],
    );
    let client = with_login(&transport).build().unwrap();
    let found = client.find_order_of_payment("pi_7").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, OrderId::text("o-2"));
    assert_eq!(asked(&transport)[2], "GET /api/orders?page=2&pageSize=50");
}
