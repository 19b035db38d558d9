//! What can be done with an invoice by its owner (contract, section 4.8).

use serde_json::json;

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::invoice::{PartialPayment, Sent};
use super::invoices::{own, pdf};
use super::operations::{
    DELETE_INVOICE, INVOICE_PDF, LIST_PARTIAL_PAYMENTS, PAY_INVOICE, PAY_INVOICE_IN_PART,
    REMIND_OF_INVOICE, SEND_INVOICE, UPDATE_INVOICE, VOID_INVOICE,
};
use crate::fastapi::{Refusal, json, no_content};

pub(super) const ROUTES: &[Route] = &[
    (UPDATE_INVOICE, update),
    (DELETE_INVOICE, delete),
    (PAY_INVOICE, pay),
    (VOID_INVOICE, void),
    (PAY_INVOICE_IN_PART, pay_in_part),
    (LIST_PARTIAL_PAYMENTS, list_parts),
    (SEND_INVOICE, send),
    (REMIND_OF_INVOICE, remind),
    (INVOICE_PDF, invoice_pdf),
];

fn update(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    let mut fields = body.fields()?;
    let sent = Sent::read(&mut fields, backend.settings.database);
    fields.finish()?;
    let mut state = backend.state();
    let invoice = own(&mut state, &caller.id, call)?;
    if !["draft", "open"].contains(&invoice.status.as_str()) {
        return Err(Refusal::new(
            400,
            "Cannot update paid, void, or partially paid invoices",
        ));
    }
    invoice.change(sent);
    Ok(json(200, invoice))
}

/// Only drafts, of which there are none.
fn delete(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    let invoice = own(&mut state, &caller.id, call)?;
    if invoice.status != "draft" {
        return Err(Refusal::new(400, "Only draft invoices can be deleted"));
    }
    let id = invoice.id.clone();
    state.invoices.retain(|invoice| invoice.id != id);
    Ok(no_content())
}

fn pay(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    let now = state.by_program();
    let invoice = own(&mut state, &caller.id, call)?;
    if invoice.status == "void" {
        return Err(Refusal::new(400, "Cannot pay a void invoice"));
    }
    invoice.settle(now);
    Ok(json(200, invoice))
}

fn void(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    let invoice = own(&mut state, &caller.id, call)?;
    if invoice.status == "paid" {
        return Err(Refusal::new(400, "Cannot void a paid invoice"));
    }
    invoice.void();
    Ok(json(200, invoice))
}

fn pay_in_part(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    let mut fields = body.fields()?;
    let amount = fields.required_number("amount");
    let payment_method = fields.optional_string("payment_method");
    let notes = fields.optional_string("notes");
    fields.finish()?;
    let mut state = backend.state();
    let now = state.by_program();
    let created_at = state.by_database();
    let id = state.new_id();
    let invoice = own(&mut state, &caller.id, call)?;
    if amount <= 0.0 {
        return Err(Refusal::new(400, "Payment amount must be greater than 0"));
    }
    if amount > invoice.amount_due {
        return Err(Refusal::new(400, "Payment amount exceeds amount due"));
    }
    invoice.take_part(amount, now);
    let invoice = invoice.clone();
    state.partial_payments.push(PartialPayment {
        id,
        invoice_id: invoice.id.clone(),
        amount,
        payment_method,
        notes,
        created_at,
    });
    Ok(json(200, &invoice))
}

fn list_parts(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    let id = own(&mut state, &caller.id, call)?.id.clone();
    let all = state.partial_payments.iter();
    let parts: Vec<_> = all.filter(|part| part.invoice_id == id).collect();
    Ok(json(200, &parts))
}

fn send(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    own(&mut state, &caller.id, call)?.sent_to_customer = true;
    let body = json!({ "status": "success", "message": "Invoice sent successfully" });
    Ok(json(200, &body))
}

fn remind(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    own(&mut state, &caller.id, call)?.reminder_count += 1;
    let body = json!({ "status": "success", "message": "Reminder sent successfully" });
    Ok(json(200, &body))
}

fn invoice_pdf(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    Ok(pdf(&own(&mut state, &caller.id, call)?.invoice_number))
}
