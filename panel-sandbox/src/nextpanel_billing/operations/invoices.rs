//! Invoices (contract, section 4.8).

use super::user;
use crate::Operation;

/// List the invoices: all for an administrator, else one's own.
pub const LIST_INVOICES: Operation = user("list-invoices", "GET", "/api/v1/invoices/").look_up();

/// Create an invoice for oneself.
pub const CREATE_INVOICE: Operation = user("create-invoice", "POST", "/api/v1/invoices/");

/// List the overdue invoices.
pub const OVERDUE_INVOICES: Operation =
    user("overdue-invoices", "GET", "/api/v1/invoices/overdue").look_up();

/// Figures of the invoices.
pub const INVOICE_STATS: Operation = user("invoice-stats", "GET", "/api/v1/invoices/stats/summary");

/// What is owed, by how long.
pub const AGING_REPORT: Operation =
    user("aging-report", "GET", "/api/v1/invoices/stats/aging-report");

/// Remind of all open invoices.
pub const SEND_REMINDERS: Operation = user(
    "send-reminders",
    "POST",
    "/api/v1/invoices/bulk/send-reminders",
);

/// Mark what is overdue as such.
pub const MARK_OVERDUE: Operation =
    user("mark-overdue", "POST", "/api/v1/invoices/bulk/mark-overdue");

/// Create a template of invoices.
pub const CREATE_INVOICE_TEMPLATE: Operation = user(
    "create-invoice-template",
    "POST",
    "/api/v1/invoices/templates",
);

/// Create an invoice from a template.
pub const GENERATE_INVOICE: Operation = user(
    "generate-invoice",
    "POST",
    "/api/v1/invoices/templates/{template_id}/generate",
);

/// Get one of one's own invoices. It stands before the list of templates, which nobody can get.
pub const GET_INVOICE: Operation =
    user("get-invoice", "GET", "/api/v1/invoices/{invoice_id}").look_up();

/// Change an invoice.
pub const UPDATE_INVOICE: Operation =
    user("update-invoice", "PUT", "/api/v1/invoices/{invoice_id}");

/// Delete a draft.
pub const DELETE_INVOICE: Operation =
    user("delete-invoice", "DELETE", "/api/v1/invoices/{invoice_id}");

/// Mark an invoice as paid.
pub const PAY_INVOICE: Operation = user("pay-invoice", "POST", "/api/v1/invoices/{invoice_id}/pay");

/// Void an invoice.
pub const VOID_INVOICE: Operation =
    user("void-invoice", "POST", "/api/v1/invoices/{invoice_id}/void");

/// Pay a part of an invoice.
pub const PAY_INVOICE_IN_PART: Operation = user(
    "pay-invoice-in-part",
    "POST",
    "/api/v1/invoices/{invoice_id}/partial-payment",
);

/// List the parts of an invoice that were paid.
pub const LIST_PARTIAL_PAYMENTS: Operation = user(
    "list-partial-payments",
    "GET",
    "/api/v1/invoices/{invoice_id}/partial-payments",
)
.look_up();

/// Send an invoice by mail.
pub const SEND_INVOICE: Operation =
    user("send-invoice", "POST", "/api/v1/invoices/{invoice_id}/send");

/// Remind of an invoice by mail.
pub const REMIND_OF_INVOICE: Operation = user(
    "remind-of-invoice",
    "POST",
    "/api/v1/invoices/{invoice_id}/send-reminder",
);

/// An invoice as PDF.
pub const INVOICE_PDF: Operation = user("invoice-pdf", "GET", "/api/v1/invoices/{invoice_id}/pdf");
