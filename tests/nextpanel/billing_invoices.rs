//! Invoices and their templates.

use nextpanel_client::billing::{
    CreateInvoice, CreateInvoiceTemplate, DeleteInvoice, GenerateInvoice, GetAgingReport,
    GetInvoice, GetInvoicePdf, GetInvoiceStatistics, InvoiceFilter, InvoiceItem, InvoiceStatus,
    ListInvoiceTemplates, ListInvoices, ListOverdueInvoices, ListPartialPayments, MarkOverdue,
    PayInvoice, PayInvoicePartially, Percent, Price, RecurringInterval, SendInvoice,
    SendInvoiceReminder, SendReminders, UpdateInvoice, VoidInvoice,
};
use panel_http::{Error, Kind};
use provisioning_core::money::{Currency, Money};
use serde_json::{Map, json};

use super::billing_customers::{LICENCE, SUBSCRIPTION, moment};
use super::exchange::golden;

const INVOICE: &str = "b1a2c3d4-0004-4000-8000-000000000004";
const TEMPLATE: &str = "f0f0f0f0-0006-4000-8000-000000000006";
const PAYMENT: &str = "d9e8f7a6-0005-4000-8000-000000000005";

fn price(minor: u64) -> Price {
    Money::from_minor(minor, Currency::EUR).into()
}

fn percent(share: f64) -> Percent {
    Percent::try_from(share).unwrap()
}

fn items() -> Vec<InvoiceItem> {
    vec![InvoiceItem::new("Weeding", 3, price(1000))]
}

#[tokio::test]
async fn invoices_are_listed_and_read() {
    let list = ListInvoices::new()
        .set_status(InvoiceFilter::PartiallyPaid)
        .set_start_date(moment("2026-01-01"))
        .set_end_date(moment("2026-02-01"))
        .set_min_amount(Price::ZERO)
        .set_max_amount(price(10_000))
        .set_is_recurring(true)
        .set_limit(5_u32)
        .set_offset(10_u32);
    let invoices = golden("billing.list_invoices", list).await.unwrap();
    let invoice = &invoices[0];
    let currency: Currency = invoice.currency.as_deref().unwrap().parse().unwrap();
    assert_eq!(invoice.total.money(currency).unwrap().minor(), 3321);
    assert_eq!(invoice.recurring_interval.as_deref(), Some("quarterly"));
    let invoice = golden("billing.get_invoice", GetInvoice::new(INVOICE)).await;
    assert_eq!(invoice.unwrap().status, InvoiceStatus::Open);
}

#[tokio::test]
async fn invoices_are_created_and_changed() -> Result<(), Error> {
    let create = CreateInvoice::new(items())
        .set_payment_id(PAYMENT)
        .set_subscription_id(SUBSCRIPTION)
        .set_license_id(LICENCE)
        .set_due_date(moment("2026-01-23"))
        .set_tax_rate(percent(23.0))
        .set_discount_percent(percent(10.0))
        .set_discount_amount(Price::ZERO)
        .set_currency("EUR")
        .set_notes("by hand")
        .set_terms("14 days")
        .set_payment_instructions("by card")
        .set_customer_po_number("PO-9")
        .set_billing_address(Map::from_iter([("city".to_owned(), json!("Cork"))]))
        .set_is_recurring(true)
        .set_recurring_interval(RecurringInterval::Quarterly)
        .set_send_email(false);
    golden("billing.create_invoice", create).await?;
    let update = UpdateInvoice::new(INVOICE)
        .set_items(items())
        .set_due_date(moment("2026-01-23"))
        .set_tax_rate(percent(23.0))
        .set_discount_percent(percent(10.0))
        .set_discount_amount(price(100))
        .set_notes("n")
        .set_terms("t")
        .set_payment_instructions("p");
    golden("billing.update_invoice", update).await?;
    let paid = golden("billing.pay_invoice", PayInvoice::new(INVOICE)).await?;
    assert_eq!(paid.status, InvoiceStatus::Paid);
    assert!(paid.paid_at.is_some());
    let part = PayInvoicePartially::new(INVOICE, price(1000))
        .set_payment_method("cash")
        .set_notes("half");
    let partly = golden("billing.pay_invoice_partially", part).await?;
    assert_eq!(partly.status, InvoiceStatus::PartiallyPaid);
    let parts = golden(
        "billing.list_partial_payments",
        ListPartialPayments::new(INVOICE),
    )
    .await?;
    assert_eq!(parts[0].amount.as_f64(), 10.0);
    let void = golden("billing.void_invoice", VoidInvoice::new(INVOICE)).await?;
    assert_eq!(void.status, InvoiceStatus::Void);
    golden("billing.delete_invoice", DeleteInvoice::new(INVOICE)).await?;
    Ok(())
}

#[tokio::test]
async fn invoices_are_sent_and_reminded_of() -> Result<(), Error> {
    golden("billing.send_invoice", SendInvoice::new(INVOICE)).await?;
    golden(
        "billing.send_invoice_reminder",
        SendInvoiceReminder::new(INVOICE),
    )
    .await?;
    let all = SendReminders::new().set_days_before_due(5_u32);
    let notice = golden("billing.send_reminders", all).await?;
    assert_eq!(*notice.count, Some(2));
    golden("billing.mark_overdue", MarkOverdue::new()).await?;
    let document = golden("billing.invoice_pdf", GetInvoicePdf::new(INVOICE)).await?;
    assert_eq!(document.file_name.as_deref(), Some("INV.pdf"));
    Ok(())
}

#[tokio::test]
async fn figures_are_read() -> Result<(), Error> {
    let overdue = golden("billing.list_overdue_invoices", ListOverdueInvoices::new()).await?;
    assert!(overdue.is_empty());
    let figures = golden("billing.invoice_statistics", GetInvoiceStatistics::new()).await?;
    assert!(figures.amount("/total_invoiced").unwrap().is_negative());
    let aging = golden("billing.aging_report", GetAgingReport::new()).await?;
    assert_eq!(aging.count("/1_30_days/count"), Some(1));
    Ok(())
}

#[tokio::test]
async fn templates_make_invoices_and_cannot_be_listed() {
    let create = CreateInvoiceTemplate::new("Quarterly weeding", items())
        .set_description("d")
        .set_tax_rate(percent(23.0))
        .set_discount_percent(percent(0.0))
        .set_terms("t")
        .set_notes("n")
        .set_is_recurring(true)
        .set_recurring_interval(RecurringInterval::Quarterly);
    let template = golden("billing.create_invoice_template", create).await;
    assert_eq!(template.unwrap().id.as_str(), TEMPLATE);
    let generate = GenerateInvoice::new(TEMPLATE).set_send_email(true);
    golden("billing.generate_invoice", generate).await.unwrap();
    // The backend takes "templates" for the id of an invoice. That is no missing invoice.
    let error = golden("billing.list_invoice_templates", ListInvoiceTemplates).await;
    assert_eq!(error.unwrap_err().kind(), Kind::NotImplemented);
}
