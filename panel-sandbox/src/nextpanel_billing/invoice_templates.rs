//! Templates of invoices, of which there is no list: `GET /invoices/templates` asks for the invoice of that id
//! (contract, section 4.8).

use serde::Serialize;

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::invoice::{Invoice, Item, Recurrence, Sent};
use super::moment::Moment;
use super::operations::{CREATE_INVOICE_TEMPLATE, GENERATE_INVOICE};
use crate::fastapi::{Refusal, json};

pub(super) const ROUTES: &[Route] = &[
    (CREATE_INVOICE_TEMPLATE, create),
    (GENERATE_INVOICE, generate),
];

/// A template of invoices, serialised as the answer shows it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct InvoiceTemplate {
    id: String,
    name: String,
    description: Option<String>,
    items: Vec<Item>,
    tax_rate: f64,
    discount_percent: f64,
    is_recurring: bool,
    recurring_interval: Option<String>,
    is_active: bool,
    created_at: Moment,
    #[serde(skip)]
    user_id: String,
}

fn create(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    let mut fields = body.fields()?;
    let name = fields.required_string("name");
    fields.require("items");
    let description = fields.optional_string("description");
    let sent = Sent::read(&mut fields, backend.settings.database);
    let recurrence = Recurrence::read(&mut fields);
    fields.finish()?;
    recurrence.check()?;
    let mut state = backend.state();
    let template = InvoiceTemplate {
        id: state.new_id(),
        name,
        description,
        items: sent.items.unwrap_or_default(),
        tax_rate: sent.tax_rate.unwrap_or_default(),
        discount_percent: sent.discount_percent.unwrap_or_default(),
        is_recurring: recurrence.is_recurring,
        recurring_interval: recurrence.interval,
        is_active: true,
        created_at: state.by_database(),
        user_id: caller.id,
    };
    Ok(json(201, state.templates.push_mut(template)))
}

fn generate(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let id = call.segment("template_id");
    let mut state = backend.state();
    let mut all = state.templates.iter();
    let template = all.find(|template| template.id == id && template.user_id == caller.id);
    let template = template.ok_or_else(|| Refusal::new(404, "Template not found"))?;
    let recurrence = Recurrence {
        is_recurring: template.is_recurring,
        interval: template.recurring_interval.clone(),
    };
    let sent = Sent {
        items: Some(template.items.clone()),
        due_date: None,
        tax_rate: Some(template.tax_rate),
        discount_percent: Some(template.discount_percent),
        discount_amount: None,
        notes: None,
        terms: None,
    };
    let invoice = Invoice::add_open(&mut state, &caller.id, sent, recurrence);
    Ok(json(200, invoice))
}
