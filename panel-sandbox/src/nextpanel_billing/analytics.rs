//! Figures for anybody with a token (contract, section 4.11). What they are called is assumed: the contract names the
//! routes, and which of them always fails.

use serde_json::{Value, json};

use super::Database;
use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::operations::{
    ANALYTICS_DASHBOARD, DOMAIN_ANALYTICS, GROWTH_METRICS, INVOICE_ANALYTICS, LICENSE_ANALYTICS,
    MONTHLY_REVENUE, REVENUE_SUMMARY,
};
use super::state::State;
use crate::fastapi::{Refusal, json};

pub(super) const ROUTES: &[Route] = &[
    (REVENUE_SUMMARY, |backend, call| {
        answer(backend, call, revenue)
    }),
    (MONTHLY_REVENUE, monthly_revenue),
    (LICENSE_ANALYTICS, |backend, call| {
        answer(backend, call, licenses)
    }),
    (DOMAIN_ANALYTICS, |backend, call| {
        answer(backend, call, domains)
    }),
    (INVOICE_ANALYTICS, |backend, call| {
        answer(backend, call, invoices)
    }),
    (ANALYTICS_DASHBOARD, |backend, call| {
        answer(backend, call, dashboard)
    }),
    (GROWTH_METRICS, |backend, call| {
        answer(backend, call, growth)
    }),
];

fn answer(backend: &Backend, call: &Call<'_>, figures: fn(&State) -> Value) -> Answer {
    backend.caller(call)?;
    Ok(json(200, &figures(&backend.state())))
}

/// The query uses a function that SQLite has not.
fn monthly_revenue(backend: &Backend, call: &Call<'_>) -> Answer {
    match backend.settings.database {
        Database::Postgresql => answer(backend, call, |state| json!([revenue(state)])),
        Database::Sqlite => {
            backend.caller(call)?;
            Err(Refusal::new(
                500,
                "Internal server error: (sqlite3.OperationalError) no such function: date_trunc\n\
                 (Background on this error at: https://sqlalche.me/e/20/e3q8)",
            ))
        }
    }
}

fn revenue(state: &State) -> Value {
    let total: f64 = state.payments.iter().map(|payment| payment.amount).sum();
    json!({ "total_revenue": total, "payment_count": state.payments.len() })
}

fn licenses(state: &State) -> Value {
    let active = state
        .licenses
        .iter()
        .filter(|license| license.is_active())
        .count();
    json!({ "total_licenses": state.licenses.len(), "active_licenses": active })
}

fn domains(_: &State) -> Value {
    json!({ "total_domains": 0 })
}

fn invoices(state: &State) -> Value {
    let outstanding = state
        .invoices
        .iter()
        .filter(|row| row.is_outstanding())
        .count();
    json!({ "total_invoices": state.invoices.len(), "outstanding_invoices": outstanding })
}

fn growth(state: &State) -> Value {
    json!({ "new_users": state.users.len(), "new_licenses": state.licenses.len() })
}

fn dashboard(state: &State) -> Value {
    json!({
        "revenue": revenue(state),
        "licenses": licenses(state),
        "domains": domains(state),
        "invoices": invoices(state),
    })
}
