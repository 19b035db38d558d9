//! Orders.

use panel_sandbox::nextpanel_billing::Resource;
use reqwest::Method;
use serde_json::{Value, json};

use super::user::{User, id_of, three_parties};

pub(super) fn order(customer: &str, price: f64) -> Value {
    json!({
        "customer_id": customer,
        "items": [
            { "product_id": "none", "product_name": "Small", "quantity": 1, "price": price },
        ],
        "subtotal": price,
        "tax": 0,
        "total": price,
        "payment_method": "card",
        "billing_info": { "country": "PT" },
    })
}

#[tokio::test]
async fn an_order_is_completed_at_once_with_a_paid_invoice_and_licences() {
    let (billing, administrator, ada, id) = three_parties().await;
    let mut body = order(&id, 5.0);
    body["coupon_code"] = json!("SPRING");
    body["due_date"] = json!("2027-05-06T07:08:09+02:00");
    let made = ada.make("/orders", &body, 201).await;
    assert_eq!(made["status"], "completed");
    assert_eq!(made["order_number"], "ORD-0001");
    assert_eq!(made["invoice_number"], "INV-0001");
    assert_eq!(made["due_date"], "2027-05-06T07:08:09");
    assert_eq!(made["billing_period"], "monthly");
    assert_eq!(made["updated_at"], json!(null));
    assert_eq!(
        made["billing_info"],
        json!({ "country": "PT", "coupon_code": "SPRING", "discount_amount": 0.0, "discount_percent": 0.0 })
    );
    assert_eq!(made["customer"]["id"], json!(id));
    assert_eq!(made["customer"]["company_name"], json!(null));
    assert_eq!(
        ada.get(&format!("/orders/{}", id_of(&made))).await.body,
        made
    );

    let invoice = ada.list("/invoices/").await[0].clone();
    assert_eq!(
        (&invoice["status"], &invoice["invoice_number"]),
        (&json!("paid"), &json!("INV-0001"))
    );
    assert_eq!(invoice["amount_due"], json!(0.0));
    // The product is called like no product plan, so it became one.
    assert_eq!(administrator.list("/plans/").await[0]["name"], "Small");
    assert_eq!(ada.list("/licenses/").await.len(), 1);
    assert_eq!(billing.times_created(Resource::Orders, &id), 1);
}

#[tokio::test]
async fn totals_are_not_checked_but_the_customer_is() {
    let (_billing, administrator, ada, id) = three_parties().await;
    let mut body = order(&id, 5.0);
    body["total"] = json!(-1000);
    assert_eq!(
        ada.make("/orders", &body, 201).await["total"],
        json!(-1000.0)
    );
    let got = administrator.post("/orders", &body).await;
    assert_eq!(
        got.refusal(),
        (403, "You can only create orders for yourself")
    );
    // Fields come first here.
    body["items"] = json!([{ "product_id": 7, "product_name": "Small", "quantity": "x" }]);
    let got = administrator.post("/orders", &body).await;
    assert_eq!(got.status, 422);
    assert_eq!(
        got.body["detail"][0]["loc"],
        json!(["body", "items", 0, "product_id"])
    );
    assert_eq!(got.body["detail"].as_array().unwrap().len(), 3);
    let mut body = order(&id, 5.0);
    body["due_date"] = json!("tomorrow");
    assert_eq!(
        ada.post("/orders", &body).await.refusal(),
        (400, "Invalid due_date format")
    );
}

#[tokio::test]
async fn an_administrator_sees_all_orders_and_others_their_own() {
    let (billing, administrator, ada, id) = three_parties().await;
    administrator.customer("bob").await;
    let bob = User::logged_in(&billing, "bob@fields.example", super::user::PASSWORD).await;
    let made = ada.make("/orders", &order(&id, 5.0), 201).await;
    ada.make("/orders", &order(&id, 50.0), 201).await;
    assert!(bob.list("/orders").await.is_empty());
    let path = format!("/orders/{}", id_of(&made));
    assert_eq!(bob.get(&path).await.refusal(), (403, "Access denied"));
    assert_eq!(administrator.get(&path).await.status, 200);
    assert_eq!(
        ada.get("/orders/1").await.refusal(),
        (404, "Order not found")
    );

    let totals = async |query: &str| {
        let rows = administrator.list(&format!("/orders?{query}")).await;
        rows.iter()
            .map(|row| row["total"].as_f64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(totals("").await, [50.0, 5.0], "newest first");
    assert_eq!(totals("skip=1&limit=1").await, [5.0]);
    assert_eq!(totals("min_amount=6").await, [50.0]);
    assert_eq!(totals("status=pending").await, [0.0; 0]);
    assert_eq!(
        totals(&format!("customer_id={id}&end_date=2020-01-01")).await,
        [0.0; 0]
    );
    for (query, expected) in [
        ("status=paid", "Invalid status: paid"),
        ("start_date=soon", "Invalid start_date format"),
    ] {
        let got = ada.get(&format!("/orders?{query}")).await;
        assert_eq!(got.refusal(), (400, expected));
    }
    assert_eq!(ada.get("/orders?limit=1001").await.status, 422);
}

#[tokio::test]
async fn the_status_is_set_by_a_query_parameter_alone() {
    let (_billing, administrator, ada, id) = three_parties().await;
    let made = ada.make("/orders", &order(&id, 5.0), 201).await;
    let path = format!("/orders/{}", id_of(&made));
    let got = administrator
        .send_body(Method::PATCH, &path, &json!({ "status": "processing" }))
        .await;
    assert_eq!(got.status, 422);
    assert_eq!(got.body["detail"][0]["loc"], json!(["query", "status"]));
    let patch = async |user: &User, status: &str| {
        user.send(Method::PATCH, &format!("{path}?status={status}"))
            .await
    };
    assert_eq!(
        patch(&ada, "processing").await.refusal(),
        (403, "Admin access required")
    );
    assert_eq!(
        patch(&administrator, "sent").await.refusal(),
        (400, "Invalid status: sent")
    );
    let got = patch(&administrator, "processing").await;
    assert_eq!(
        (got.status, &got.body["status"]),
        (200, &json!("processing"))
    );
    assert!(got.body["updated_at"].is_string());
    let got = administrator.delete(&path).await;
    assert_eq!(got.refusal(), (405, "Method Not Allowed"));
}

#[tokio::test]
async fn changing_writes_first_and_looks_later() {
    let (billing, administrator, ada, id) = three_parties().await;
    let made = ada.make("/orders", &order(&id, 5.0), 201).await;
    let path = format!("/orders/{}", id_of(&made));
    let got = ada
        .put(&path, &json!({ "total": 7, "payment_method": "cash" }))
        .await;
    assert_eq!(
        (&got.body["total"], &got.body["payment_method"]),
        (&json!(7.0), &json!("cash"))
    );
    assert_eq!(
        ada.put(&path, &json!({ "due_date": null })).await.status,
        500
    );
    let got = ada.put(&path, &json!({ "items": "oops" })).await;
    assert_eq!(got.status, 500);
    assert!(got.detail().contains("input_value='oops', input_type=str"));
    assert_eq!(billing.rows(Resource::Orders)[0]["items"], "oops");
    assert_eq!(ada.get("/orders").await.status, 500);
    assert_eq!(administrator.get("/orders").await.status, 500);
}

#[tokio::test]
async fn a_partial_refund_is_a_negative_payment_and_a_full_one_cancels() {
    let (_billing, administrator, ada, id) = three_parties().await;
    let made = ada.make("/orders", &order(&id, 5.5), 201).await;
    let path = format!("/orders/{}", id_of(&made));
    let got = administrator
        .send(Method::POST, &format!("{path}/pay"))
        .await;
    assert_eq!(
        got.body,
        json!({ "message": "Order marked as paid", "order_id": made["id"] })
    );
    let refund = format!("{path}/refund");
    assert_eq!(ada.post(&refund, &json!({})).await.status, 403);
    for amount in [0.0, 6.0] {
        assert_eq!(
            administrator
                .post(&refund, &json!({ "amount": amount }))
                .await
                .status,
            400
        );
    }
    let got = administrator
        .post(&refund, &json!({ "amount": 2, "reason": "late" }))
        .await
        .body;
    assert_eq!(got["message"], "Refund of $2.0 processed successfully");
    assert_eq!(
        (&got["refund_amount"], &got["refund_type"]),
        (&json!(2.0), &json!("partial"))
    );
    assert_eq!(got["refunded_payments"].as_array().unwrap().len(), 1);
    let invoice = ada.list("/invoices/").await[0].clone();
    assert_eq!(invoice["status"], "partially_paid");
    assert_eq!(
        (&invoice["amount_paid"], &invoice["amount_due"]),
        (&json!(3.5), &json!(2.0))
    );
    let payments = administrator
        .list(&format!("/payments/history/{}", id_of(&made)))
        .await;
    let amounts: Vec<_> = payments
        .iter()
        .map(|row| row["amount"].as_f64().unwrap())
        .collect();
    assert_eq!(amounts, [-2.0, 5.5]);
    assert!(payments.iter().all(|row| row["status"] == "succeeded"));

    let got = administrator.post(&refund, &json!({})).await.body;
    assert_eq!(got["refund_type"], "full");
    assert_eq!(ada.get(&path).await.body["status"], "cancelled");
    assert_eq!(administrator.post(&refund, &json!({})).await.status, 400);
}

#[tokio::test]
async fn an_order_can_be_voided_sent_and_printed() {
    let (_billing, administrator, ada, id) = three_parties().await;
    let made = ada.make("/orders", &order(&id, 5.0), 201).await;
    let path = format!("/orders/{}", id_of(&made));
    let got = ada.send(Method::POST, &format!("{path}/send")).await;
    assert!(got.status == 200 && got.body["note"].is_string(), "{got:?}");
    let pdf = ada.get(&format!("{path}/pdf")).await;
    assert_eq!(pdf.headers["content-type"], "application/pdf");
    assert_eq!(
        pdf.headers["content-disposition"],
        "attachment; filename=invoice_INV-0001.pdf"
    );
    assert!(pdf.body.as_str().unwrap().starts_with("%PDF"));
    let got = administrator
        .send(Method::POST, &format!("{path}/void"))
        .await;
    assert_eq!(got.body["message"], "Order voided");
    let invoice = ada.list("/invoices/").await[0].clone();
    assert_eq!(
        (&invoice["status"], &invoice["amount_due"]),
        (&json!("void"), &json!(5.0))
    );
}

#[tokio::test]
async fn the_sum_of_no_orders_is_an_integer() {
    let (_billing, _, ada, id) = three_parties().await;
    assert!(ada.get("/orders/stats").await.body["total_revenue"].is_i64());
    ada.make("/orders", &order(&id, 5.0), 201).await;
    assert!(ada.get("/orders/stats").await.body["total_revenue"].is_f64());
}
