//! Orders.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nextpanel_client::billing::{
    BillingPeriod, GetOrder, GetOrderPdf, GetOrderStatistics, ListOrders, NewOrder, OrderItem,
    OrderStatus, PayOrder, Price, RefundOrder, RefundType, SendOrder, SetOrderStatus, UpdateOrder,
    VoidOrder,
};
use panel_http::{Error, Kind};
use provisioning_core::money::{Currency, Money};
use serde_json::{Map, Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use super::billing_customers::{FLORA, PLAN, moment};
use super::billing_login::logged_in;
use super::exchange::{Exchange, golden};

const ORDER: &str = "e5d4c3b2-0003-4000-8000-000000000003";

fn price(minor: u64) -> Price {
    Money::from_minor(minor, Currency::USD).into()
}

fn items() -> Vec<OrderItem> {
    vec![OrderItem::new(PLAN, "Meadow", 2, price(725))]
}

fn ireland() -> Map<String, Value> {
    Map::from_iter([("country".to_owned(), json!("IE"))])
}

fn new_order() -> NewOrder {
    NewOrder::new(FLORA, items(), price(1450), price(275), price(1725), "card")
        .set_billing_info(ireland())
        .set_billing_period(BillingPeriod::OneTime)
        .set_due_date(moment("2026-02-08T00:00:00"))
        .set_discount_amount(Price::ZERO)
        .set_coupon_code("SPRING")
}

#[tokio::test]
async fn orders_are_listed_and_read() {
    let list = ListOrders::new()
        .set_skip(0_u32)
        .set_limit(50_u32)
        .set_customer_id(FLORA)
        .set_status(OrderStatus::Completed)
        .set_start_date(moment("2026-01-01"))
        .set_end_date(moment("2026-02-01"))
        .set_min_amount(price(150))
        .set_max_amount(price(9999));
    let orders = golden("billing.list_orders", list).await.unwrap();
    let order = &orders[0];
    assert_eq!(order.status, OrderStatus::Completed);
    assert_eq!(*order.billing_period, Some(BillingPeriod::Monthly));
    assert_eq!(order.items.as_ref().unwrap()[0]["product_name"], "Meadow");
    assert!(order.updated_at.is_null());
    let customer = order.customer.as_ref().unwrap();
    assert_eq!(customer.id.as_str(), FLORA);
    assert!(!format!("{order:?}{customer:?}").contains("garden"));
    // A tax of a third decimal is what the backend computes; it is told, not rounded.
    assert_eq!(order.tax.to_string(), "2.755");
    assert!(order.tax.money(Currency::USD).is_err());
    let order = golden("billing.get_order", GetOrder::new(ORDER)).await;
    assert_eq!(order.unwrap().order_number.as_deref(), Some("ORD-0042"));
}

#[tokio::test]
async fn an_order_is_created() {
    let exchange = Exchange::of("billing.create_order");
    let order = exchange.billing().create_order(&new_order()).await;
    exchange.assert_golden();
    assert_eq!(order.unwrap().id.as_str(), ORDER);
}

#[tokio::test]
async fn an_order_that_cannot_be_named_is_indeterminate() {
    let exchange = Exchange::with_last_reply("billing.create_order", 201, json!({}));
    let error = exchange.billing().create_order(&new_order()).await;
    assert_eq!(error.unwrap_err().kind(), Kind::Indeterminate);
}

#[tokio::test]
async fn a_500_created_nothing_and_says_so() {
    let race = json!({"detail": "Failed to create order: UNIQUE constraint failed: orders.invoice_number"});
    let exchange = Exchange::with_last_reply("billing.create_order", 500, race);
    let error = exchange.billing().create_order(&new_order()).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(error.to_string().contains("nothing was created"), "{error}");
    assert_eq!(exchange.requests().len(), 1);
    let page = json!("<html>500</html>");
    let exchange = Exchange::with_last_reply("billing.create_order", 500, page);
    let error = exchange.billing().create_order(&new_order()).await;
    assert_eq!(
        error.unwrap_err().kind(),
        Kind::Indeterminate,
        "a proxy's 500 tells nothing"
    );
}

/// Takes the next number as the backend does: of creates that overlap, all but one fail.
#[derive(Clone, Default)]
struct Racy {
    under_way: Arc<AtomicUsize>,
    created: Arc<AtomicUsize>,
}

impl Respond for Racy {
    fn respond(&self, _request: &wiremock::Request) -> ResponseTemplate {
        // A create is under way until its reply has been sent, a good while after this.
        let under_way = Arc::clone(&self.under_way);
        if under_way.fetch_add(1, Ordering::SeqCst) > 0 {
            under_way.fetch_sub(1, Ordering::SeqCst);
            return ResponseTemplate::new(500).set_body_json(
                json!({"detail": "Failed to create order: UNIQUE constraint failed"}),
            );
        }
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(4)).await;
            under_way.fetch_sub(1, Ordering::SeqCst);
        });
        let number = self.created.fetch_add(1, Ordering::SeqCst);
        ResponseTemplate::new(201)
            .set_delay(Duration::from_millis(12))
            .set_body_json(json!({"id": format!("o-{number}"), "status": "completed", "subtotal": 1, "tax": 0, "total": 1}))
    }
}

#[tokio::test]
async fn orders_created_at_the_same_time_wait_for_each_other() {
    let server = MockServer::start().await;
    let racy = Racy::default();
    Mock::given(method("POST"))
        .and(path("/api/v1/orders"))
        .respond_with(racy.clone())
        .mount(&server)
        .await;
    let billing = logged_in(&server).await;
    let creates = (0..12).map(|_| {
        let billing = billing.clone();
        tokio::spawn(async move { billing.create_order(&new_order()).await.map(|_| ()) })
    });
    for create in creates.collect::<Vec<_>>() {
        create.await.unwrap().unwrap();
    }
    assert_eq!(racy.created.load(Ordering::SeqCst), 12);
    assert_eq!(racy.under_way.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn without_waiting_they_fail() {
    // Proof that the stand-in above has the hazard: two clients, which share no turn.
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api/v1/orders"))
        .respond_with(Racy::default())
        .mount(&server)
        .await;
    let (one, other) = (logged_in(&server).await, logged_in(&server).await);
    let (first, second) = (new_order(), new_order());
    let (first, second) = tokio::join!(one.create_order(&first), other.create_order(&second));
    let failed = first.err().or(second.err()).expect("one of them fails");
    assert_eq!(failed.kind(), Kind::Conflict);
}

#[tokio::test]
async fn figures_are_read_though_numbers_are_mixed() {
    let figures = golden("billing.order_statistics", GetOrderStatistics::new()).await;
    let figures = figures.unwrap();
    assert_eq!(figures.count("/total_orders"), Some(3));
    assert_eq!(figures.amount("/total_revenue").unwrap().as_f64(), 0.0);
}

#[tokio::test]
async fn orders_are_changed_with_the_state_in_the_query() -> Result<(), Error> {
    let status = SetOrderStatus::new(ORDER, OrderStatus::Processing);
    let order = golden("billing.set_order_status", status).await?;
    assert_eq!(order.status, OrderStatus::Processing);
    let update = UpdateOrder::new(ORDER)
        .set_items(items())
        .set_subtotal(price(1450))
        .set_tax(price(275))
        .set_total(price(1725))
        .set_payment_method("sepa")
        .set_billing_info(ireland())
        .set_billing_period(BillingPeriod::Yearly)
        .set_due_date(moment("2026-02-08"));
    golden("billing.update_order", update).await?;
    golden("billing.pay_order", PayOrder::new(ORDER)).await?;
    golden("billing.void_order", VoidOrder::new(ORDER)).await?;
    let notice = golden("billing.send_order", SendOrder::new(ORDER)).await?;
    assert_eq!(notice.note.as_deref(), Some("no mail server"));
    Ok(())
}

#[tokio::test]
async fn an_order_is_refunded() {
    let refund = RefundOrder::new(ORDER)
        .set_amount(price(250))
        .set_reason("frost");
    let refund = golden("billing.refund_order", refund).await.unwrap();
    assert_eq!(
        refund.refund_amount.money(Currency::USD).unwrap().minor(),
        250
    );
    assert_eq!(*refund.refund_type, Some(RefundType::Partial));
    assert_eq!(refund.refunded_payments.as_ref().unwrap().len(), 1);
}

#[tokio::test]
async fn an_order_is_read_as_a_document() {
    let document = golden("billing.order_pdf", GetOrderPdf::new(ORDER)).await;
    let document = document.unwrap();
    assert_eq!(document.content_type.as_deref(), Some("application/pdf"));
    assert_eq!(document.file_name.as_deref(), Some("ORD-0042.pdf"));
    assert!(document.bytes.starts_with(b"%PDF"));
}
