//! Invoices.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use panel_http::{Answer, DecodeError, Endpoint, Operation, PathParameters};

use super::amount::{Amount, Percent, Price};
use super::endpoint::{Document, Done, endpoint, private_debug};
use super::id::{InvoiceId, InvoiceTemplateId, LicenceId, PaymentId, SubscriptionId};
use super::operations::{GENERATE_INVOICE, INVOICE_PDF, LIST_INVOICE_TEMPLATES};
use super::report::Report;
use crate::{Field, Timestamp};

panel_http::open_enum! {
    /// State of an invoice.
    pub enum InvoiceStatus {
        /// Not issued; no route ever makes one.
        Draft = "draft",
        /// To be paid.
        Open = "open",
        /// Paid.
        Paid = "paid",
        /// Paid in part.
        PartiallyPaid = "partially_paid",
        /// Not paid in time.
        Overdue = "overdue",
        /// Void.
        Void = "void",
        /// Given up.
        Uncollectible = "uncollectible",
    }
}

/// How often an invoice comes again. The backend answers 500 to any other word (section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RecurringInterval {
    /// Every month.
    Monthly,
    /// Every three months.
    Quarterly,
    /// Every year.
    Yearly,
}

/// One line of an invoice to create.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct InvoiceItem {
    description: String,
    quantity: u32,
    amount: Price,
}

impl InvoiceItem {
    /// So many at this amount each.
    #[must_use]
    pub fn new(description: impl Into<String>, quantity: u32, each: impl Into<Price>) -> Self {
        Self {
            description: description.into(),
            quantity,
            amount: each.into(),
        }
    }
}

/// An invoice (section 4.8). The backend shows neither its user nor its order.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// Its number.
    #[serde(default)]
    pub invoice_number: Field<String>,
    /// State.
    pub status: InvoiceStatus,
    /// Sum of the lines.
    pub subtotal: Amount,
    /// Discount.
    #[serde(default)]
    pub discount_amount: Field<Amount>,
    /// Discount in percent.
    #[serde(default)]
    pub discount_percent: Field<f64>,
    /// Tax.
    #[serde(default)]
    pub tax: Field<Amount>,
    /// Tax in percent.
    #[serde(default)]
    pub tax_rate: Field<f64>,
    /// Total.
    pub total: Amount,
    /// Paid so far.
    #[serde(default)]
    pub amount_paid: Field<Amount>,
    /// Still to be paid.
    #[serde(default)]
    pub amount_due: Field<Amount>,
    /// Currency, three letters.
    #[serde(default)]
    pub currency: Field<String>,
    /// Its date.
    #[serde(default)]
    pub invoice_date: Field<Timestamp>,
    /// When it is due.
    #[serde(default)]
    pub due_date: Field<Timestamp>,
    /// When it was paid.
    #[serde(default)]
    pub paid_at: Field<Timestamp>,
    /// Its lines; those of an order's invoice look like the order's.
    #[serde(default)]
    pub items: Field<Vec<Map<String, Value>>>,
    /// Notes.
    #[serde(default)]
    pub notes: Field<String>,
    /// Terms.
    #[serde(default)]
    pub terms: Field<String>,
    /// Whether it comes again.
    #[serde(default)]
    pub is_recurring: Field<bool>,
    /// How often, in the backend's words.
    #[serde(default)]
    pub recurring_interval: Field<String>,
    /// Whether it was mailed.
    #[serde(default)]
    pub sent_to_customer: Field<bool>,
    /// How often the customer was reminded.
    #[serde(default)]
    pub reminder_count: Field<u32>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
}

private_debug!(Invoice: id, invoice_number, status, total);

/// A state to filter by: one the backend knows. It ignores any other, and lists everything (section 4.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvoiceFilter {
    /// To be paid.
    Open,
    /// Paid.
    Paid,
    /// Paid in part.
    PartiallyPaid,
    /// Not paid in time.
    Overdue,
    /// Void.
    Void,
    /// Given up.
    Uncollectible,
}

impl std::fmt::Display for InvoiceFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::PartiallyPaid => "partially_paid",
            Self::Overdue => "overdue",
            Self::Void => "void",
            Self::Uncollectible => "uncollectible",
        })
    }
}

endpoint! {
    /// Lists invoices, newest first, 50 at a time: one's own, or all for administrators, who yet can open only their own.
    pub struct ListInvoices: LIST_INVOICES -> Vec<Invoice> {
        query {
            /// Only those in this state.
            set_status status: InvoiceFilter,
            /// Not before.
            set_start_date start_date: Timestamp,
            /// Not after.
            set_end_date end_date: Timestamp,
            /// Not less than.
            set_min_amount min_amount: Price,
            /// Not more than.
            set_max_amount max_amount: Price,
            /// Only those that do, or do not, come again.
            set_is_recurring is_recurring: bool,
            /// How many to list. The backend does not check it.
            set_limit limit: u32,
            /// How many to leave out.
            set_offset offset: u32,
        }
    }
}

endpoint! {
    /// Creates an invoice to the user who is logged in.
    pub struct CreateInvoice: CREATE_INVOICE -> Invoice {
        required { items: Vec<InvoiceItem> }
        optional {
            /// Its payment.
            set_payment_id payment_id: PaymentId,
            /// Its subscription.
            set_subscription_id subscription_id: SubscriptionId,
            /// Its licence.
            set_license_id license_id: LicenceId,
            /// When it is due; in 30 days unless set.
            set_due_date due_date: Timestamp,
            /// Tax in percent.
            set_tax_rate tax_rate: Percent,
            /// Discount in percent.
            set_discount_percent discount_percent: Percent,
            /// Discount.
            set_discount_amount discount_amount: Price,
            /// Currency, three letters; USD unless set.
            set_currency currency: String,
            /// Notes.
            set_notes notes: String,
            /// Terms.
            set_terms terms: String,
            /// How to pay it.
            set_payment_instructions payment_instructions: String,
            /// The customer's own number for it.
            set_customer_po_number customer_po_number: String,
            /// Where it goes.
            set_billing_address billing_address: Map<String, Value>,
            /// Whether it comes again.
            set_is_recurring is_recurring: bool,
            /// How often.
            set_recurring_interval recurring_interval: RecurringInterval,
            /// Whether it is mailed.
            set_send_email send_email: bool,
        }
    }
}

endpoint! {
    /// Reads one of one's own invoices. Somebody else's is `NotFound`, for administrators too.
    pub struct GetInvoice: GET_INVOICE -> Invoice {
        path { invoice_id: InvoiceId }
    }
}

endpoint! {
    /// Changes one of one's own invoices while it is open. What is not set stays.
    pub struct UpdateInvoice: UPDATE_INVOICE -> Invoice {
        path { invoice_id: InvoiceId }
        optional {
            /// The lines, all of them.
            set_items items: Vec<InvoiceItem>,
            /// When it is due.
            set_due_date due_date: Timestamp,
            /// Tax in percent.
            set_tax_rate tax_rate: Percent,
            /// Discount in percent.
            set_discount_percent discount_percent: Percent,
            /// Discount.
            set_discount_amount discount_amount: Price,
            /// Notes.
            set_notes notes: String,
            /// Terms.
            set_terms terms: String,
            /// How to pay it.
            set_payment_instructions payment_instructions: String,
        }
    }
}

endpoint! {
    /// Deletes a draft. As nothing is ever a draft, this is refused; void the invoice instead (section 4.8).
    pub struct DeleteInvoice: DELETE_INVOICE -> Done {
        path { invoice_id: InvoiceId }
    }
}

endpoint! {
    /// Marks one of one's own invoices paid.
    pub struct PayInvoice: PAY_INVOICE -> Invoice {
        path { invoice_id: InvoiceId }
    }
}

endpoint! {
    /// Pays a part of one of one's own invoices.
    pub struct PayInvoicePartially: PAY_INVOICE_PARTIALLY -> Invoice {
        path { invoice_id: InvoiceId }
        required { amount: Price }
        optional {
            /// How it was paid.
            set_payment_method payment_method: String,
            /// Notes.
            set_notes notes: String,
        }
    }
}

/// A part of an invoice that was paid.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct PartialPayment {
    /// Its id.
    pub id: String,
    /// The invoice.
    #[serde(default)]
    pub invoice_id: Field<InvoiceId>,
    /// How much.
    pub amount: Amount,
    /// How it was paid.
    #[serde(default)]
    pub payment_method: Field<String>,
    /// Notes.
    #[serde(default)]
    pub notes: Field<String>,
    /// When.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
}

endpoint! {
    /// Lists the parts of one of one's own invoices that were paid.
    pub struct ListPartialPayments: LIST_PARTIAL_PAYMENTS -> Vec<PartialPayment> {
        path { invoice_id: InvoiceId }
    }
}

endpoint! {
    /// Voids one of one's own invoices.
    pub struct VoidInvoice: VOID_INVOICE -> Invoice {
        path { invoice_id: InvoiceId }
    }
}

/// What was done about invoices, in words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct InvoiceNotice {
    /// One word.
    #[serde(default)]
    pub status: Field<String>,
    /// In words.
    #[serde(default)]
    pub message: Field<String>,
    /// How many invoices it was about.
    #[serde(default)]
    pub count: Field<u64>,
}

endpoint! {
    /// Mails one of one's own invoices.
    pub struct SendInvoice: SEND_INVOICE -> InvoiceNotice {
        path { invoice_id: InvoiceId }
    }
}

endpoint! {
    /// Reminds the customer of one of one's own invoices.
    pub struct SendInvoiceReminder: SEND_INVOICE_REMINDER -> InvoiceNotice {
        path { invoice_id: InvoiceId }
    }
}

endpoint! {
    /// Lists invoices that were not paid in time.
    pub struct ListOverdueInvoices: LIST_OVERDUE_INVOICES -> Vec<Invoice> {}
}

endpoint! {
    /// Reads figures of invoices; sums may be below zero.
    pub struct GetInvoiceStatistics: INVOICE_STATISTICS -> Report {}
}

endpoint! {
    /// Reads what is owed by age, of the whole system: `1_30_days` to `90_plus_days`.
    pub struct GetAgingReport: AGING_REPORT -> Report {}
}

endpoint! {
    /// Marks all open invoices overdue whose day has passed.
    pub struct MarkOverdue: MARK_OVERDUE -> InvoiceNotice {}
}

endpoint! {
    /// Reminds of all invoices that are overdue or will soon be due.
    pub struct SendReminders: SEND_REMINDERS -> InvoiceNotice {
        query {
            /// How many days before; 3 unless set.
            set_days_before_due days_before_due: u32,
        }
    }
}

/// A pattern for invoices.
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct InvoiceTemplate {
    /// Its id.
    pub id: InvoiceTemplateId,
    /// Name.
    #[serde(default)]
    pub name: Field<String>,
    /// Description.
    #[serde(default)]
    pub description: Field<String>,
    /// Lines.
    #[serde(default)]
    pub items: Field<Vec<Map<String, Value>>>,
    /// Tax in percent.
    #[serde(default)]
    pub tax_rate: Field<f64>,
    /// Discount in percent.
    #[serde(default)]
    pub discount_percent: Field<f64>,
    /// Whether its invoices come again.
    #[serde(default)]
    pub is_recurring: Field<bool>,
    /// How often, in the backend's words.
    #[serde(default)]
    pub recurring_interval: Field<String>,
    /// Whether it is in use.
    #[serde(default)]
    pub is_active: Field<bool>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
}

private_debug!(InvoiceTemplate: id, name);

endpoint! {
    /// Creates a pattern for invoices. Keep its id: the backend cannot list patterns.
    pub struct CreateInvoiceTemplate: CREATE_INVOICE_TEMPLATE -> InvoiceTemplate {
        required { name: String, items: Vec<InvoiceItem> }
        optional {
            /// Description.
            set_description description: String,
            /// Tax in percent.
            set_tax_rate tax_rate: Percent,
            /// Discount in percent.
            set_discount_percent discount_percent: Percent,
            /// Terms.
            set_terms terms: String,
            /// Notes.
            set_notes notes: String,
            /// Whether its invoices come again.
            set_is_recurring is_recurring: bool,
            /// How often.
            set_recurring_interval recurring_interval: RecurringInterval,
        }
    }
}

/// Lists patterns for invoices. The backend takes the path for that of an invoice called "templates" and answers
/// "Invoice not found": then the list is not implemented, and that is what the call says (section 4.8).
#[derive(Debug, Clone, Copy, Default)]
pub struct ListInvoiceTemplates;

impl Endpoint for ListInvoiceTemplates {
    const OPERATION: &'static Operation = &LIST_INVOICE_TEMPLATES;
    type Reply = Vec<InvoiceTemplate>;

    fn accepts(&self, status: http::StatusCode) -> bool {
        status.is_success() || status == http::StatusCode::NOT_FOUND
    }

    fn decode(&self, answer: &Answer) -> Result<Vec<InvoiceTemplate>, DecodeError> {
        if answer.status() == http::StatusCode::NOT_FOUND {
            let server = panel_http::ServerError::read(answer.body());
            return Err(DecodeError::told(panel_http::Kind::NotImplemented, server));
        }
        answer.json()
    }
}

/// Creates an invoice from a pattern.
#[derive(Debug, Clone)]
pub struct GenerateInvoice {
    template_id: InvoiceTemplateId,
    send_email: bool,
}

impl GenerateInvoice {
    /// From this pattern, not mailed.
    #[must_use]
    pub fn new(template_id: impl Into<InvoiceTemplateId>) -> Self {
        Self {
            template_id: template_id.into(),
            send_email: false,
        }
    }

    /// Whether it is mailed.
    #[must_use]
    pub const fn set_send_email(mut self, send_email: bool) -> Self {
        self.send_email = send_email;
        self
    }
}

impl Endpoint for GenerateInvoice {
    const OPERATION: &'static Operation = &GENERATE_INVOICE;
    type Reply = Invoice;

    fn path(&self, path: &mut PathParameters) {
        path.set("template_id", &self.template_id);
    }

    fn query(&self, query: &mut panel_http::Query) {
        query.set("send_email", self.send_email);
    }

    fn decode(&self, answer: &Answer) -> Result<Invoice, DecodeError> {
        super::endpoint::read(Self::OPERATION, answer)
    }
}

/// Reads one of one's own invoices as PDF.
#[derive(Debug, Clone)]
pub struct GetInvoicePdf(InvoiceId);

impl GetInvoicePdf {
    /// This invoice.
    #[must_use]
    pub fn new(invoice_id: impl Into<InvoiceId>) -> Self {
        Self(invoice_id.into())
    }
}

impl Endpoint for GetInvoicePdf {
    const OPERATION: &'static Operation = &INVOICE_PDF;
    type Reply = Document;

    fn path(&self, path: &mut PathParameters) {
        path.set("invoice_id", &self.0);
    }

    fn decode(&self, answer: &Answer) -> Result<Document, DecodeError> {
        Ok(Document::read(answer))
    }
}
