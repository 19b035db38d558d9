//! Payments (contract, section 4.8).

use serde::Serialize;
use serde_json::json;

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::moment::Moment;
use super::operations::{
    AUTO_CHARGE_QUEUE, GET_PAYMENT, LIST_PAYMENTS, PAYMENT_HISTORY, PAYMENT_STATS,
};
use super::orders::Order;
use super::pages::Page;
use super::state::State;
use super::{Resource, python};
use crate::fastapi::{Refusal, json, query_number};

pub(super) const ROUTES: &[Route] = &[
    (LIST_PAYMENTS, list),
    (PAYMENT_STATS, stats),
    (AUTO_CHARGE_QUEUE, auto_charge_queue),
    (PAYMENT_HISTORY, history),
    (GET_PAYMENT, get),
];

const STATUSES: [&str; 4] = ["succeeded", "pending", "failed", "refunded"];

/// A payment, serialised as every answer shows it. A refund is a payment of a negative amount that succeeded.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Payment {
    pub(super) id: String,
    pub(super) order_id: Option<String>,
    pub(super) amount: f64,
    currency: &'static str,
    pub(super) status: &'static str,
    payment_method: Option<String>,
    gateway_transaction_id: Option<String>,
    pub(super) created_at: Moment,
    failure_reason: Option<String>,
    #[serde(skip)]
    pub(super) user_id: String,
}

impl Payment {
    /// Adds a payment of an order that succeeded, and returns its id.
    pub(super) fn add(state: &mut State, order: &Order, amount: f64) -> String {
        state.note_creation(Resource::Payments, &order.id);
        let id = state.new_id();
        let created_at = state.by_database();
        state.payments.push(Self {
            id: id.clone(),
            order_id: Some(order.id.clone()),
            amount,
            currency: "USD",
            status: "succeeded",
            payment_method: order.payment_method.clone(),
            gateway_transaction_id: None,
            created_at,
            failure_reason: None,
            user_id: order.customer_id.clone(),
        });
        id
    }
}

fn list(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.claimed_administrator(call)?;
    let page = Page::unchecked(call, backend.settings.database)?;
    let least: Option<f64> = query_number(call.request, "min_amount")?;
    let most: Option<f64> = query_number(call.request, "max_amount")?;
    let status = call.query("status");
    if let Some(status) = status
        .as_deref()
        .filter(|status| !STATUSES.contains(status))
    {
        // The name of a member that its enumeration has not.
        let name = python::repr(&json!(status.to_uppercase()));
        return Err(Refusal::new(500, format!("Internal server error: {name}")));
    }
    let state = backend.state();
    let matching = state
        .payments
        .iter()
        .rev()
        .filter(|payment| {
            status
                .as_deref()
                .is_none_or(|wanted| payment.status == wanted)
        })
        .filter(|payment| least.is_none_or(|least| payment.amount >= least))
        .filter(|payment| most.is_none_or(|most| payment.amount <= most));
    Ok(json(200, &page.of(matching)))
}

fn history(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.claimed_administrator(call)?;
    let id = call.segment("order_id");
    let state = backend.state();
    let all = state.payments.iter().rev();
    let payments: Vec<_> = all
        .filter(|payment| payment.order_id.as_deref() == Some(id))
        .collect();
    Ok(json(200, &payments))
}

fn get(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.claimed_administrator(call)?;
    let id = call.segment("payment_id");
    let state = backend.state();
    let payment = state.payments.iter().find(|payment| payment.id == id);
    Ok(json(
        200,
        payment.ok_or_else(|| Refusal::new(404, "Payment not found"))?,
    ))
}

fn stats(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.claimed_administrator(call)?;
    let state = backend.state();
    let paid: f64 = state.payments.iter().map(|payment| payment.amount).sum();
    Ok(json(
        200,
        &json!({
            "total_payments": state.payments.len(),
            "successful_payments": state.payments.len(),
            "failed_payments": 0,
            "total_amount": paid,
        }),
    ))
}

fn auto_charge_queue(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.claimed_administrator(call)?;
    Err(Refusal::new(
        500,
        "Internal server error: type object 'Order' has no attribute 'auto_charge_enabled'",
    ))
}
