//! What can be done with an order (contract, section 4.7).

use serde_json::json;

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::customer_licenses::known;
use super::invoice::Invoice;
use super::invoices::pdf;
use super::operations::{
    ORDER_PDF, PAY_ORDER, REFUND_ORDER, SEND_ORDER, SET_ORDER_STATUS, VOID_ORDER,
};
use super::orders::{self, Order, STATUSES, accessible};
use super::payments::Payment;
use super::state::State;
use crate::fastapi::{Refusal, json, required_parameter};

pub(super) const ROUTES: &[Route] = &[
    (SET_ORDER_STATUS, set_status),
    (PAY_ORDER, pay),
    (VOID_ORDER, void),
    (REFUND_ORDER, refund),
    (SEND_ORDER, send),
    (ORDER_PDF, order_pdf),
];

/// The status is a query parameter; a body is not looked at.
fn set_status(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let status = required_parameter(call.request, "status")?;
    backend.demand(call, backend.is_administrator(&caller))?;
    let mut state = backend.state();
    let id = order_of(&mut state, call)?.id.clone();
    let status = known(status, &STATUSES)?;
    set(&mut state, &id, &status);
    Order::answer(&state, &id, 200)
}

fn pay(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let mut state = backend.state();
    let order = order_of(&mut state, call)?.clone();
    set(&mut state, &order.id, "completed");
    Payment::add(&mut state, &order, order.total);
    let now = state.by_program();
    if let Some(invoice) = Invoice::of_order(&mut state, &order.id) {
        invoice.settle(now);
    }
    let body = json!({ "message": "Order marked as paid", "order_id": order.id });
    Ok(json(200, &body))
}

fn void(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let mut state = backend.state();
    let id = order_of(&mut state, call)?.id.clone();
    set(&mut state, &id, "cancelled");
    if let Some(invoice) = Invoice::of_order(&mut state, &id) {
        invoice.void();
    }
    Ok(json(
        200,
        &json!({ "message": "Order voided", "order_id": id }),
    ))
}

fn refund(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    let mut fields = body.fields()?;
    let amount = fields.optional_number("amount");
    fields.optional_string("reason");
    fields.optional_string("refund_method");
    fields.finish()?;
    backend.demand(call, backend.is_administrator(&caller))?;

    let mut state = backend.state();
    let order = order_of(&mut state, call)?.clone();
    if order.status == "cancelled" {
        return Err(Refusal::new(400, "Cannot refund a cancelled order"));
    }
    let amount = amount.unwrap_or(order.total);
    if amount <= 0.0 {
        return Err(Refusal::new(400, "Refund amount must be greater than 0"));
    }
    if amount > order.total {
        return Err(Refusal::new(400, "Refund amount cannot exceed order total"));
    }
    let is_full = amount >= order.total;
    let payment = Payment::add(&mut state, &order, -amount);
    if is_full {
        set(&mut state, &order.id, "cancelled");
    }
    if let Some(invoice) = Invoice::of_order(&mut state, &order.id) {
        invoice.give_back(amount);
    }
    Ok(json(
        200,
        &json!({
            "message": format!("Refund of ${amount:?} processed successfully"),
            "order_id": order.id,
            "refund_amount": amount,
            "refund_type": if is_full { "full" } else { "partial" },
            "refunded_payments": [payment],
        }),
    ))
}

fn send(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let id = accessible(backend, &caller, call)?;
    Ok(json(
        200,
        &json!({
            "message": "Invoice prepared",
            "order_id": id,
            "note": "Email service is not configured",
        }),
    ))
}

fn order_pdf(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let id = accessible(backend, &caller, call)?;
    let state = backend.state();
    let order = state.orders.iter().find(|order| order.id == id);
    let number = order.and_then(|order| order.invoice_number.clone());
    Ok(pdf(&number.unwrap_or(id)))
}

fn order_of<'state>(
    state: &'state mut State,
    call: &Call<'_>,
) -> Result<&'state mut Order, Refusal> {
    let id = call.segment("order_id");
    let mut all = state.orders.iter_mut();
    all.find(|order| order.id == id).ok_or_else(orders::unknown)
}

fn set(state: &mut State, id: &str, status: &str) {
    let now = state.by_database();
    if let Some(order) = state.orders.iter_mut().find(|order| order.id == id) {
        order.status = status.to_owned();
        order.updated_at = Some(now);
    }
}
