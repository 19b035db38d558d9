//! `/api/invoices`

use jiff::civil::date;
use mpanel_client::{
    customers::CustomerId,
    invoices::{
        CreateInvoice, CreatePaymentIntent, GetInvoice, GetInvoicePdf, InvoiceId, InvoiceStatus,
        ListDueInvoices, ListInvoices, MarkInvoicePaid, NewInvoiceItem, PayInvoice,
    },
    products::ProductId,
    subscriptions::SubscriptionId,
};
use panel_http::{Decimal, Kind};
use provisioning_core::money::{Currency, Money};
use secrecy::ExposeSecret;

use super::case::{CUSTOMER, INVOICE, PRODUCT, SUBSCRIPTION, call, list};

fn id() -> InvoiceId {
    InvoiceId::text(INVOICE)
}

fn create() -> CreateInvoice {
    let line = NewInvoiceItem::new("WP Growth", 2, Money::from_minor(4999, Currency::EUR))
        .set_subject(
            Some(ProductId::text(PRODUCT)),
            Some(SubscriptionId::text(SUBSCRIPTION)),
        );
    CreateInvoice::new(CustomerId::text(CUSTOMER), "2027-0007", [line])
        .set_tax_rate(Decimal::parse("0.2").unwrap())
        .set_due_date(date(2027, 4, 1))
        .set_notes("n")
}

#[tokio::test]
async fn a_customers_invoices_are_listed() {
    let rows = list(
        "invoices/list",
        ListInvoices::of(CustomerId::text(CUSTOMER)),
    )
    .await
    .unwrap();
    assert_eq!(rows[0].total.as_ref().unwrap().as_str(), "59.99");
    assert_eq!(rows[0].tax_rate.as_ref().unwrap().as_str(), "0.2000");
    assert_eq!(
        list("invoices/due", ListDueInvoices).await.unwrap().len(),
        1
    );
    let error = list("invoices/due_forbidden", ListDueInvoices)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}

#[tokio::test]
async fn lines_are_read_and_the_line_of_nulls_is_none() {
    let invoice = call("invoices/get", GetInvoice(id())).await.unwrap();
    let lines = invoice.items.unwrap();
    assert_eq!(lines[0].unit_price.as_ref().unwrap().as_str(), "49.99");
    assert_eq!(lines[0].taxable, Some(true));
    let invoice = call("invoices/get_without_lines", GetInvoice(id()))
        .await
        .unwrap();
    assert!(invoice.items.unwrap().is_empty());
    let recent = GetInvoice(InvoiceId::text("recent"));
    let error = call("invoices/get_recent_is_an_id", recent)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
}

#[tokio::test]
async fn amounts_go_out_as_exact_numbers() {
    let invoice = call("invoices/create", create()).await.unwrap();
    assert_eq!(invoice.status, Some(InvoiceStatus::Sent));
    let error = call("invoices/create_again", create()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.key()),
        (Kind::Conflict, Some("2027-0007"))
    );
    let transport = panel_http::testing::ScriptedTransport::new();
    let client = super::script::with_login(&transport).build().unwrap();
    let empty = CreateInvoice::new(CustomerId::text(CUSTOMER), "2027-0008", []);
    assert_eq!(client.call(empty).await.unwrap_err().kind(), Kind::Encode);
}

#[tokio::test]
async fn invoices_are_paid() {
    let pay = PayInvoice::new(id(), "card").set_token("tok_canary".into());
    let payment = call("invoices/pay", pay).await.unwrap();
    assert_eq!(payment.amount.as_ref().unwrap().as_str(), "59.99");
    // The server sends the invoice as it was before.
    assert_eq!(
        payment.invoice_before.unwrap().status,
        Some(InvoiceStatus::Sent)
    );
    let error = call("invoices/pay_again", PayInvoice::new(id(), "card"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    let paid = call("invoices/mark_paid", MarkInvoicePaid(id()))
        .await
        .unwrap();
    assert_eq!(paid.status, Some(InvoiceStatus::Paid));
    let intent = call("invoices/payment_intent", CreatePaymentIntent(id()))
        .await
        .unwrap();
    assert_eq!(
        intent.client_secret.as_ref().unwrap().expose_secret(),
        "pi_secret_canary"
    );
    assert!(!format!("{intent:?}").contains("canary"));
    let pdf = call("invoices/pdf", GetInvoicePdf(id())).await.unwrap();
    assert!(pdf.starts_with(b"%PDF"));
}
