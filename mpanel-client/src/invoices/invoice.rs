//! Invoices as the server shows them.

use panel_http::{Decimal, Timestamp};
use serde::{Deserialize, Deserializer};

use crate::{customers::CustomerId, row::row, tenant::TenantId};

panel_http::opaque_id! {
    /// Id of an invoice.
    pub struct InvoiceId;
}

panel_http::opaque_id! {
    /// Id of an invoice's line.
    pub struct InvoiceItemId;
}

panel_http::open_enum! {
    /// Status of an invoice (contract section 9).
    pub enum InvoiceStatus {
        /// Not sent yet.
        Draft = "draft",
        /// Sent.
        Sent = "sent",
        /// Not settled yet.
        Unpaid = "unpaid" | "pending",
        /// Settled.
        Paid = "paid",
        /// Settled in part.
        PartiallyPaid = "PARTIALLY_PAID",
        /// Late.
        Overdue = "OVERDUE",
        /// Withdrawn.
        Cancelled = "cancelled" | "VOID",
        /// Paid back.
        Refunded = "refunded",
    }
}

row! {
    /// An invoice.
    pub struct Invoice {
        /// Id.
        id: InvoiceId,
        ;
        /// Tenant.
        tenant_id("tenantId"): TenantId,
        /// Customer.
        customer_id("customerId"): CustomerId,
        /// Number.
        invoice_number("invoiceNumber"): String,
        /// Status.
        status: InvoiceStatus,
        /// Sum without tax, in units of its currency.
        subtotal: Decimal,
        /// Rate of the tax, as a fraction.
        tax_rate("taxRate"): Decimal,
        /// Tax.
        tax_amount("taxAmount"): Decimal,
        /// Sum.
        total: Decimal,
        /// Currency.
        currency: String,
        /// When it is due. The server turns the date into midnight of its own zone.
        due_date("dueDate"): Timestamp,
        /// When it was settled.
        paid_date("paidDate"): Timestamp,
        /// Notes.
        notes: String,
        /// Its lines, in single reads.
        #[serde(deserialize_with = "real_items")]
        items: Vec<InvoiceItem>,
        /// When it was made.
        created_at("createdAt"): Timestamp,
        /// When it was changed.
        updated_at("updatedAt"): Timestamp,
    }
    shows id, customer_id, invoice_number, status, total, currency
}

row! {
    /// A line of an invoice.
    pub struct InvoiceItem {
        /// Id.
        id: InvoiceItemId,
        ;
        /// What it is for.
        description: String,
        /// How many.
        quantity: Decimal,
        /// Price of one.
        unit_price("unitPrice"): Decimal,
        /// Price of all.
        amount: Decimal,
        /// Whether it is taxed.
        #[serde(deserialize_with = "panel_http::lenient")]
        taxable: bool,
    }
    shows id, quantity, unit_price, amount
}

/// An invoice without lines is sent with one whose every field is null (contract section 5).
fn real_items<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<InvoiceItem>>, D::Error> {
    #[derive(Deserialize)]
    struct Shown {
        id: Option<InvoiceItemId>,
        description: Option<String>,
        quantity: Option<Decimal>,
        #[serde(alias = "unitPrice")]
        unit_price: Option<Decimal>,
        amount: Option<Decimal>,
        #[serde(default, deserialize_with = "panel_http::lenient")]
        taxable: Option<bool>,
    }
    let shown = Option::<Vec<Shown>>::deserialize(deserializer)?;
    Ok(shown.map(|shown| {
        shown
            .into_iter()
            .filter_map(|shown| {
                Some(InvoiceItem {
                    id: shown.id?,
                    description: shown.description,
                    quantity: shown.quantity,
                    unit_price: shown.unit_price,
                    amount: shown.amount,
                    taxable: shown.taxable,
                })
            })
            .collect()
    }))
}
