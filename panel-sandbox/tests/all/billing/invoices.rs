//! Invoices.

use panel_sandbox::nextpanel_billing::Resource;
use reqwest::Method;
use serde_json::{Value, json};

use super::orders::order;
use super::user::{id_of, three_parties};

fn invoice() -> Value {
    json!({
        "items": [{ "description": "Hosting", "quantity": 2, "amount": 10.005 }],
        "tax_rate": 19,
        "discount_percent": 10,
        "due_date": "2026-12-01",
    })
}

#[tokio::test]
async fn amounts_are_rounded_and_the_owner_is_the_caller() {
    let (billing, _, ada, id) = three_parties().await;
    ada.make("/orders", &order(&id, 5.0), 201).await;
    let made = ada.make("/invoices/", &invoice(), 201).await;
    for (field, expected) in [
        ("subtotal", 20.01),
        ("discount_amount", 2.0),
        ("tax", 3.42),
        ("total", 21.43),
        ("amount_due", 21.43),
    ] {
        assert_eq!(made[field], json!(expected), "{field}");
    }
    assert_eq!(made["status"], "open");
    // Counted together with the orders' invoices, which have another form.
    assert_eq!(made["invoice_number"], "INV-2026-01-0002");
    assert_eq!(made["due_date"], "2026-12-01T00:00:00");
    assert_eq!(made["currency"], "USD");
    assert!(made.get("user_id").is_none());
    assert_eq!(billing.rows(Resource::Invoices)[1]["user_id"], json!(id));
    let got = ada
        .post(
            "/invoices/",
            &json!({ "items": [], "recurring_interval": "weekly" }),
        )
        .await;
    assert_eq!(got.status, 500);
    assert_eq!(ada.post("/invoices/", &json!({})).await.status, 422);
}

#[tokio::test]
async fn an_administrator_sees_all_in_the_list_and_none_alone() {
    let (_billing, administrator, ada, _) = three_parties().await;
    let made = ada.make("/invoices/", &invoice(), 201).await;
    assert_eq!(administrator.list("/invoices/").await[0], made);
    let path = format!("/invoices/{}", id_of(&made));
    assert_eq!(ada.get(&path).await.body, made);
    assert_eq!(
        administrator.get(&path).await.refusal(),
        (404, "Invoice not found")
    );
}

#[tokio::test]
async fn filters_that_mean_nothing_are_ignored_and_limits_are_not_checked() {
    let (_billing, _, ada, _) = three_parties().await;
    for _ in 0..3 {
        ada.make("/invoices/", &invoice(), 201).await;
    }
    for (query, expected) in [
        ("status=bogus", 3),
        ("status=paid", 0),
        ("start_date=soon", 3),
        ("limit=-1", 3),
        ("limit=0", 0),
        ("offset=2", 1),
        ("min_amount=22", 0),
        ("is_recurring=true", 0),
    ] {
        let rows = ada.list(&format!("/invoices/?{query}")).await;
        assert_eq!(rows.len(), expected, "{query}");
    }
    let numbers: Vec<_> = ada.list("/invoices/").await;
    assert_eq!(
        numbers[0]["invoice_number"], "INV-2026-01-0003",
        "newest first"
    );
}

#[tokio::test]
async fn an_open_invoice_can_be_changed_paid_in_part_and_in_whole() {
    let (_billing, _, ada, _) = three_parties().await;
    let made = ada.make("/invoices/", &invoice(), 201).await;
    let path = format!("/invoices/{}", id_of(&made));
    let got = ada
        .put(
            &path,
            &json!({ "notes": "n", "due_date": "2026-12-24T00:00:00Z" }),
        )
        .await;
    assert_eq!(
        (&got.body["notes"], &got.body["due_date"]),
        (&json!("n"), &json!("2026-12-24T00:00:00"))
    );
    assert_eq!(got.body["total"], made["total"]);
    let part = format!("{path}/partial-payment");
    let got = ada.post(&part, &json!({ "amount": 0 })).await;
    assert_eq!(
        got.refusal(),
        (400, "Payment amount must be greater than 0")
    );
    let got = ada.post(&part, &json!({ "amount": 5 })).await.body;
    assert_eq!(got["status"], "partially_paid");
    assert_eq!(
        (&got["amount_paid"], &got["amount_due"]),
        (&json!(5.0), &json!(16.43))
    );
    let got = ada.put(&path, &json!({ "notes": "x" })).await;
    assert_eq!(
        got.refusal(),
        (400, "Cannot update paid, void, or partially paid invoices")
    );
    let parts = ada.list(&format!("{path}/partial-payments")).await;
    assert_eq!(
        (&parts[0]["amount"], &parts[0]["invoice_id"]),
        (&json!(5.0), &made["id"])
    );
    let got = ada.send(Method::POST, &format!("{path}/pay")).await.body;
    assert_eq!(
        (&got["status"], &got["amount_due"]),
        (&json!("paid"), &json!(0.0))
    );
    assert!(got["paid_at"].is_string());
    assert_eq!(
        ada.send(Method::POST, &format!("{path}/void")).await.status,
        400
    );
    assert_eq!(ada.delete(&path).await.status, 400);
}

#[tokio::test]
async fn an_invoice_can_be_voided_sent_reminded_of_and_printed() {
    let (_billing, _, ada, _) = three_parties().await;
    let made = ada.make("/invoices/", &invoice(), 201).await;
    let path = format!("/invoices/{}", id_of(&made));
    for action in ["send", "send-reminder"] {
        let got = ada.send(Method::POST, &format!("{path}/{action}")).await;
        assert_eq!(got.body["status"], "success");
    }
    let got = ada.get(&path).await.body;
    assert_eq!(
        (&got["sent_to_customer"], &got["reminder_count"]),
        (&json!(true), &json!(1))
    );
    let pdf = ada.get(&format!("{path}/pdf")).await;
    assert_eq!(pdf.headers["content-type"], "application/pdf");
    let got = ada.send(Method::POST, &format!("{path}/void")).await.body;
    assert_eq!(got["status"], "void");
}

#[tokio::test]
async fn what_is_overdue_is_found_marked_and_reported_for_everybody() {
    let (_billing, administrator, ada, _) = three_parties().await;
    let mut body = invoice();
    body["due_date"] = json!("2025-12-01");
    ada.make("/invoices/", &body, 201).await;
    assert_eq!(ada.list("/invoices/overdue").await.len(), 1);
    let got = ada
        .send(Method::POST, "/invoices/bulk/mark-overdue")
        .await
        .body;
    assert_eq!(
        (&got["status"], &got["count"]),
        (&json!("success"), &json!(1))
    );
    let stats = ada.get("/invoices/stats/summary").await.body;
    assert_eq!(
        (&stats["overdue_amount"], &stats["overdue_invoices"]),
        (&json!(21.43), &json!(1))
    );
    let report = administrator.get("/invoices/stats/aging-report").await.body;
    assert_eq!(report["31_60_days"], json!(21.43));
    assert_eq!(report["90_plus_days"], json!(0.0));
    let got = ada
        .send(Method::POST, "/invoices/bulk/send-reminders")
        .await
        .body;
    assert_eq!(got["count"], 1);
}

#[tokio::test]
async fn templates_can_be_made_and_used_but_not_listed() {
    let (_billing, _, ada, _) = three_parties().await;
    let body = json!({ "name": "Monthly", "items": [{ "description": "d", "amount": 7 }], "is_recurring": true, "recurring_interval": "monthly" });
    let template = ada.make("/invoices/templates", &body, 201).await;
    assert_eq!(template["items"][0]["quantity"], 1);
    let got = ada.get("/invoices/templates").await;
    assert_eq!(got.refusal(), (404, "Invoice not found"));
    let path = format!("/invoices/templates/{}/generate", id_of(&template));
    let got = ada.send(Method::POST, &path).await;
    assert_eq!((got.status, &got.body["total"]), (200, &json!(7.0)));
    assert_eq!(got.body["recurring_interval"], "monthly");
}
