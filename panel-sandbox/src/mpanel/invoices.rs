//! Invoices: legacy handlers on both servers.

use jiff::civil::{Date, DateTime};
use serde_json::{Value, json};

use super::MPanelSettings;
use super::answer::{Answer, Handled, not_found, ok};
use super::customer::add;
use super::exchange::Exchange;
use super::postgres::{self, Refused};
use super::state::newest_first;
use super::timestamps::{iso, midnight};

#[derive(Debug, Clone)]
pub(super) struct Invoice {
    id: String,
    tenant_id: Option<String>,
    customer_id: Option<String>,
    number: String,
    status: String,
    subtotal: f64,
    tax_rate: f64,
    currency: String,
    due_date: Option<Date>,
    notes: Option<String>,
    /// As aggregated JSON shows them.
    items: Vec<Value>,
    created_at: DateTime,
    updated_at: DateTime,
}

impl Invoice {
    fn total(&self) -> f64 {
        self.subtotal + self.tax()
    }

    fn tax(&self) -> f64 {
        self.subtotal * self.tax_rate
    }

    fn row(&self, settings: &MPanelSettings) -> Value {
        let due = self.due_date;
        json!({
            "id": self.id,
            "tenant_id": self.tenant_id,
            "customer_id": self.customer_id,
            "invoice_number": self.number,
            "status": self.status,
            "subtotal": format!("{:.2}", self.subtotal),
            "tax_rate": format!("{:.4}", self.tax_rate),
            "tax_amount": format!("{:.2}", self.tax()),
            "total": format!("{:.2}", self.total()),
            "currency": self.currency,
            "due_date": due.map(|date| midnight(date, settings.hours_behind_utc)),
            "paid_date": null,
            "notes": self.notes,
            "metadata": {},
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        })
    }
}

/// Without a customer there is nothing to list.
pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let Some(customer) = exchange.query("customerId").filter(|id| !id.is_empty()) else {
        return ok(&json!([]));
    };
    let failed = "Failed to fetch invoices";
    postgres::check_uuid(&customer).map_err(|refused| refused.hidden(failed))?;
    let number = |name: &str, default: usize| match exchange.query(name) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| Answer::error(500, failed)),
    };
    let (limit, offset) = (number("limit", 10)?, number("offset", 0)?);
    let invoices = newest_first(&exchange.state.invoices, |invoice| invoice.created_at);
    let rows: Vec<Value> = invoices
        .into_iter()
        .filter(|invoice| invoice.customer_id.as_ref() == Some(&customer))
        .skip(offset)
        .take(limit)
        .map(|invoice| invoice.row(exchange.settings))
        .collect();
    ok(&rows)
}

pub(super) fn list_due(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["admin", "manager"])?;
    let today = exchange.now.date();
    let invoices = exchange.state.invoices.iter();
    let rows: Vec<Value> = invoices
        .filter(|invoice| invoice.status == "sent")
        .filter(|invoice| invoice.due_date.is_some_and(|due| due <= today))
        .map(|invoice| invoice.row(exchange.settings))
        .collect();
    ok(&rows)
}

/// With its lines; of an invoice without any, one line of nothing but `null`.
pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let position = exchange.invoice("Failed to fetch invoice")?;
    let invoice = exchange.state.invoices.get(position);
    let invoice = invoice.ok_or_else(|| not_found("Invoice"))?;
    let mut row = invoice.row(exchange.settings);
    let items = if invoice.items.is_empty() {
        let nothing = line(&Value::Null, &Value::Null);
        json!([nothing])
    } else {
        json!(invoice.items)
    };
    add(&mut row, "items", items);
    ok(&row)
}

/// A document of one line, as what is drawn there matters to nobody.
pub(super) fn pdf(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    exchange.invoice("Failed to generate PDF")?;
    Ok(Answer::new(200, "application/pdf", "%PDF-1.4\n%%EOF\n"))
}

fn line(id: &Value, item: &Value) -> Value {
    let of_item = |name: &str| item.get(name).cloned().unwrap_or_default();
    json!({
        "id": id,
        "description": of_item("description"),
        "quantity": of_item("quantity"),
        "unit_price": of_item("unitPrice"),
        "amount": of_item("amount"),
        "taxable": of_item("taxable"),
    })
}

/// Adds the amounts up as JavaScript does: texts are concatenated, which the database then refuses.
pub(super) fn create(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.legacy_caller_with(&["admin", "manager"])?;
    let failed = || Answer::error(500, "Failed to create invoice");
    let refused = |_: Refused| failed();
    let items = exchange.field("items").and_then(Value::as_array);
    let items = items.cloned().ok_or_else(failed)?;
    let number = exchange.text("invoiceNumber").ok_or_else(failed)?;
    if exchange
        .state
        .invoices
        .iter()
        .any(|invoice| invoice.number == number)
    {
        return Err(failed());
    }
    let customer_id = postgres::uuid(exchange.field("customerId")).map_err(refused)?;
    let due_date = postgres::date(exchange.field("dueDate")).map_err(refused)?;
    let mut subtotal = 0.0;
    let mut lines = Vec::with_capacity(items.len());
    for item in &items {
        let amount = item.get("amount").and_then(Value::as_f64);
        subtotal += amount.ok_or_else(failed)?;
        let id = json!(exchange.state.ids.next());
        lines.push(line(&id, item));
    }
    let tax_rate = exchange.field("taxRate").and_then(Value::as_f64);
    let currency = exchange.given_text("currency");
    let invoice = Invoice {
        id: exchange.state.ids.next(),
        tenant_id: caller.tenant_id,
        customer_id,
        number,
        status: "draft".to_owned(),
        subtotal,
        tax_rate: tax_rate.unwrap_or(0.0),
        currency: currency.unwrap_or_else(|| "USD".to_owned()),
        due_date,
        notes: exchange.text("notes"),
        items: lines,
        created_at: exchange.now,
        updated_at: exchange.now,
    };
    let row = invoice.row(exchange.settings);
    exchange.state.invoices.push(invoice);
    Ok(Answer::json(201, &row))
}

/// The invoice in the answer is as it was before.
pub(super) fn pay(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller()?;
    let position = exchange.invoice("Failed to process payment")?;
    let method = exchange.text("paymentMethod");
    let (now, settings) = (exchange.now, exchange.settings);
    let id = exchange.state.ids.next();
    let invoice = exchange.state.invoices.get_mut(position);
    let invoice = invoice.ok_or_else(|| not_found("Invoice"))?;
    if invoice.status == "paid" {
        return Err(Answer::error(400, "Invoice already paid"));
    }
    let stale = invoice.row(settings);
    let payment = json!({
        "id": id,
        "invoice_id": invoice.id,
        "amount": format!("{:.2}", invoice.total()),
        "payment_method": method,
        "status": "pending",
        "created_at": iso(now),
    });
    invoice.status = "paid".to_owned();
    invoice.updated_at = now;
    ok(&json!({ "invoice": stale, "payment": payment }))
}

/// Names columns that only some deployments have.
pub(super) fn mark_paid(exchange: &mut Exchange<'_>) -> Handled {
    exchange.legacy_caller_with(&["admin"])?;
    exchange.invoice("Failed to mark invoice as paid")?;
    Err(Answer::error(500, "Failed to mark invoice as paid"))
}

impl Exchange<'_> {
    /// Where the invoice of the path is.
    fn invoice(&self, failed: &str) -> Result<usize, Answer> {
        let is_it = |invoice: &Invoice, id: &str| invoice.id == id;
        self.position(&self.state.invoices, is_it, "Invoice", failed)
    }
}
