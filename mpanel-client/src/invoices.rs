//! Invoices: the legacy handlers, on both generations (contract section 7).

mod create;
mod invoice;
mod list;
mod pay;

use panel_http::{HttpMethod, Operation, Paging, Safety};
use provisioning_core::permission::Verb;

pub use self::{
    create::{CreateInvoice, NewInvoiceItem},
    invoice::{Invoice, InvoiceId, InvoiceItem, InvoiceItemId, InvoiceStatus},
    list::ListInvoices,
    pay::{CreatePaymentIntent, GetInvoicePdf, PayInvoice, Payment, PaymentIntent},
};
use crate::{
    endpoints::{change, endpoints, lists, once, read, repeatable},
    reply,
    route::Route,
};

pub(crate) const LIST: Operation = read("mpanel.list_invoices", "/api/invoices");
pub(crate) const GET: Operation = read("mpanel.get_invoice", "/api/invoices/{id}");
/// The number is unique where the database says so, and reads back.
pub(crate) const CREATE: Operation = change(
    "mpanel.create_invoice",
    HttpMethod::Post,
    "/api/invoices",
    Safety::NaturalKey,
);
pub(crate) const DUE: Operation = read("mpanel.list_due_invoices", "/api/invoices/due");
pub(crate) const PAY: Operation = once("mpanel.pay_invoice", "/api/invoices/{id}/pay");
pub(crate) const MARK_PAID: Operation = repeatable(
    "mpanel.mark_invoice_paid",
    HttpMethod::Post,
    "/api/invoices/{id}/mark-paid",
);
pub(crate) const PAYMENT_INTENT: Operation = once(
    "mpanel.create_payment_intent",
    "/api/invoices/{id}/payment-intent",
);
pub(crate) const PDF: Operation = read("mpanel.get_invoice_pdf", "/api/invoices/{id}/pdf");

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&LIST).asks(Verb::MpanelReadInvoices),
    Route::both(&GET).asks(Verb::MpanelReadInvoices),
    Route::both(&CREATE).asks(Verb::MpanelWriteInvoice),
    Route::both(&DUE).asks(Verb::MpanelWriteInvoice),
    Route::both(&PAY).asks(Verb::MpanelReadInvoices),
    Route::both(&MARK_PAID).asks(Verb::MpanelMarkInvoicePaid),
    Route::both(&PAYMENT_INTENT).asks(Verb::MpanelReadInvoices),
    Route::both(&PDF).asks(Verb::MpanelReadInvoices),
];

endpoints! {
    /// Reads an invoice with its lines.
    GetInvoice(id: InvoiceId) -> Invoice = GET, |answer| reply::row(answer, &["invoice"]);

    /// Marks an invoice paid. A database that lacks the columns for it answers 500.
    MarkInvoicePaid(id: InvoiceId) -> Invoice = MARK_PAID, |answer| reply::row(answer, &["invoice"]);
}

lists! {
    /// Lists the invoices that are due.
    ListDueInvoices -> Invoice = DUE, Paging::Whole;
}
