//! `POST /api/invoices`.

use std::borrow::Cow;

use jiff::civil::Date;
use panel_http::{Answer, Decimal, DecodeError, EncodeError, Endpoint, Operation, RequestBody};
use provisioning_core::money::Money;
use serde_json::value::RawValue;

use super::{CREATE, Invoice};
use crate::{
    customers::CustomerId, major_units, products::ProductId, reply, subscriptions::SubscriptionId,
};

/// Creates an invoice, as a draft.
///
/// # Errors
/// Of the call: `Encode` without lines, which the server answers with 500; `Conflict` for a number that exists.
#[derive(Debug, Clone)]
pub struct CreateInvoice {
    customer: CustomerId,
    number: String,
    items: Vec<NewInvoiceItem>,
    tax_rate: Option<Decimal>,
    due_date: Option<Date>,
    notes: Option<String>,
}

impl CreateInvoice {
    /// An invoice to this customer, under this number.
    #[must_use]
    pub fn new(
        customer: CustomerId,
        number: impl Into<String>,
        items: impl IntoIterator<Item = NewInvoiceItem>,
    ) -> Self {
        Self {
            customer,
            number: number.into(),
            items: items.into_iter().collect(),
            tax_rate: None,
            due_date: None,
            notes: None,
        }
    }

    /// Sets the rate of the tax, as a fraction: `0.1` for ten per cent.
    #[must_use]
    pub fn set_tax_rate(mut self, rate: Decimal) -> Self {
        self.tax_rate = Some(rate);
        self
    }

    /// Sets when it is due.
    #[must_use]
    pub const fn set_due_date(mut self, date: Date) -> Self {
        self.due_date = Some(date);
        self
    }

    /// Sets notes.
    #[must_use]
    pub fn set_notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }
}

/// A line to be.
#[derive(Debug, Clone)]
pub struct NewInvoiceItem {
    description: String,
    quantity: u32,
    unit_price: Money,
    taxable: bool,
    product: Option<ProductId>,
    subscription: Option<SubscriptionId>,
}

impl NewInvoiceItem {
    /// So many of this, at this price each.
    #[must_use]
    pub fn new(description: impl Into<String>, quantity: u32, unit_price: Money) -> Self {
        Self {
            description: description.into(),
            quantity,
            unit_price,
            taxable: true,
            product: None,
            subscription: None,
        }
    }

    /// Takes it out of the tax.
    #[must_use]
    pub const fn untaxed(mut self) -> Self {
        self.taxable = false;
        self
    }

    /// Sets product and subscription.
    #[must_use]
    pub fn set_subject(
        mut self,
        product: Option<ProductId>,
        subscription: Option<SubscriptionId>,
    ) -> Self {
        self.product = product;
        self.subscription = subscription;
        self
    }
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    description: &'a str,
    quantity: u32,
    /// Numbers: the server joins texts instead of adding them up.
    unit_price: Box<RawValue>,
    amount: Box<RawValue>,
    taxable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<&'a ProductId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription_id: Option<&'a SubscriptionId>,
}

impl Endpoint for CreateInvoice {
    const OPERATION: &'static Operation = &CREATE;
    type Reply = Invoice;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        let Some(first) = self.items.first() else {
            return Err(EncodeError::new("the invoice has no lines"));
        };
        let currency = first.unit_price.currency();
        let mut lines = Vec::with_capacity(self.items.len());
        for item in &self.items {
            if item.unit_price.currency() != currency {
                return Err(EncodeError::new("the lines are in several currencies"));
            }
            let amount = item
                .unit_price
                .checked_mul(item.quantity)
                .ok_or_else(|| EncodeError::new("a line's amount is too large"))?;
            lines.push(Line {
                description: &item.description,
                quantity: item.quantity,
                unit_price: major_units::number(item.unit_price)?,
                amount: major_units::number(amount)?,
                taxable: item.taxable,
                product_id: item.product.as_ref(),
                subscription_id: item.subscription.as_ref(),
            });
        }
        let tax_rate = match &self.tax_rate {
            Some(rate) => Some(RawValue::from_string(rate.to_string()).map_err(EncodeError::new)?),
            None => None,
        };
        RequestBody::object(|body| {
            body.field("customerId", &self.customer)?;
            body.field("invoiceNumber", &self.number)?;
            body.field("items", &lines)?;
            body.optional("taxRate", tax_rate.as_ref())?;
            body.field("currency", currency.code())?;
            body.optional("dueDate", self.due_date.as_ref())?;
            body.optional("notes", self.notes.as_ref())
        })
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        Some(self.number.as_str().into())
    }

    fn decode(&self, answer: &Answer) -> Result<Invoice, DecodeError> {
        reply::row(answer, &["invoice"])
    }
}
