//! Invoices (contract, section 4.8).

use http::HeaderValue;
use http::header::CONTENT_DISPOSITION;
use wiremock::ResponseTemplate;

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::invoice::{Invoice, Recurrence, Sent};
use super::operations::{CREATE_INVOICE, GET_INVOICE, LIST_INVOICES};
use super::pages::Page;
use super::state::State;
use crate::fastapi::{Refusal, json, query_boolean, query_number};

pub(super) const ROUTES: &[Route] = &[
    (LIST_INVOICES, list),
    (CREATE_INVOICE, create),
    (GET_INVOICE, get),
];

const STATUSES: [&str; 7] = [
    "draft",
    "open",
    "paid",
    "partially_paid",
    "overdue",
    "void",
    "uncollectible",
];
fn create(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    let mut fields = body.fields()?;
    fields.require("items");
    let sent = Sent::read(&mut fields, backend.settings.database);
    let currency = fields.optional_string("currency");
    let recurrence = Recurrence::read(&mut fields);
    for name in [
        "payment_id",
        "subscription_id",
        "license_id",
        "payment_instructions",
    ] {
        fields.optional_string(name);
    }
    fields.optional_object("billing_address");
    fields.finish()?;
    recurrence.check()?;
    let mut state = backend.state();
    let invoice = Invoice::add_open(&mut state, &caller.id, sent, recurrence);
    invoice.currency = currency.unwrap_or_else(|| "USD".to_owned());
    Ok(json(201, invoice))
}

fn list(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let page = Page::unchecked(call, backend.settings.database)?;
    let least: Option<f64> = query_number(call.request, "min_amount")?;
    let most: Option<f64> = query_number(call.request, "max_amount")?;
    let is_recurring = query_boolean(call.request, "is_recurring")?;
    // A status there is not, or a date that is none, is as good as nothing.
    let status = call.query("status");
    let status = status.filter(|status| STATUSES.contains(&status.as_str()));
    let database = backend.settings.database;
    let date = |name| call.query(name).and_then(|text| database.read(&text));
    let (from, until) = (date("start_date"), date("end_date"));

    let state = backend.state();
    let Some(user) = state.user(&caller.id) else {
        return Err(Refusal::new(
            500,
            "Failed to list invoices: 404: User not found",
        ));
    };
    let matching = state
        .invoices
        .iter()
        .rev()
        .filter(|invoice| user.is_admin || invoice.user_id == caller.id)
        .filter(|invoice| {
            status
                .as_ref()
                .is_none_or(|wanted| invoice.status == *wanted)
        })
        .filter(|invoice| from.is_none_or(|from| invoice.created_at >= from))
        .filter(|invoice| until.is_none_or(|until| invoice.created_at <= until))
        .filter(|invoice| least.is_none_or(|least| invoice.amounts.total >= least))
        .filter(|invoice| most.is_none_or(|most| invoice.amounts.total <= most))
        .filter(|invoice| is_recurring.is_none_or(|wanted| invoice.is_recurring == wanted));
    Ok(json(200, &page.of(matching)))
}

/// Only the owner, whatever the rights.
fn get(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    Ok(json(200, own(&mut state, &caller.id, call)?))
}

pub(super) fn own<'state>(
    state: &'state mut State,
    user: &str,
    call: &Call<'_>,
) -> Result<&'state mut Invoice, Refusal> {
    let id = call.segment("invoice_id");
    let mut all = state.invoices.iter_mut();
    all.find(|invoice| invoice.id == id && invoice.user_id == user)
        .ok_or_else(|| Refusal::new(404, "Invoice not found"))
}

/// The document of this invoice number.
pub(super) fn pdf(number: &str) -> ResponseTemplate {
    let disposition = format!("attachment; filename=invoice_{number}.pdf");
    let document = format!("%PDF-1.4\n% invoice {number}\n%%EOF\n");
    let answer = ResponseTemplate::new(200).set_body_raw(document, "application/pdf");
    match HeaderValue::try_from(disposition) {
        Ok(disposition) => answer.insert_header(CONTENT_DISPOSITION, disposition),
        Err(_) => answer,
    }
}
