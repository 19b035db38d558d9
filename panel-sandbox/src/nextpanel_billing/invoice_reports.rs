//! Figures of invoices, and what is done with many at once (contract, section 4.8).

use serde_json::json;
use wiremock::ResponseTemplate;

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::invoice::{Invoice, round};
use super::operations::{
    AGING_REPORT, INVOICE_STATS, MARK_OVERDUE, OVERDUE_INVOICES, SEND_REMINDERS,
};
use crate::clock::isoformat;
use crate::fastapi::json;

pub(super) const ROUTES: &[Route] = &[
    (OVERDUE_INVOICES, overdue),
    (INVOICE_STATS, stats),
    (AGING_REPORT, aging_report),
    (SEND_REMINDERS, send_reminders),
    (MARK_OVERDUE, mark_overdue),
];

fn overdue(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    let now = state.by_program();
    let all = state.invoices.iter();
    let overdue: Vec<_> = all
        .filter(|invoice| invoice.user_id == caller.id && invoice.is_overdue(now))
        .collect();
    Ok(json(200, &overdue))
}

fn stats(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    let now = state.by_program();
    let own: Vec<_> = state
        .invoices
        .iter()
        .filter(|invoice| invoice.user_id == caller.id)
        .collect();
    let sum = |amount: fn(&Invoice) -> f64| -> f64 { own.iter().map(|row| amount(row)).sum() };
    let count = |status: &str| {
        own.iter()
            .filter(|invoice| invoice.status == status)
            .count()
    };
    let overdue = || own.iter().filter(|invoice| invoice.is_overdue(now));
    Ok(json(
        200,
        &json!({
            "total_invoiced": round(sum(|invoice| invoice.amounts.total)),
            "total_paid": round(sum(|invoice| invoice.amount_paid)),
            "total_outstanding":
                round(sum(|row| if row.is_outstanding() { row.amount_due } else { 0.0 })),
            "overdue_amount": overdue().map(|invoice| invoice.amount_due).sum::<f64>(),
            "open_invoices": count("open"),
            "paid_invoices": count("paid"),
            "overdue_invoices": overdue().count(),
            "partially_paid_invoices": count("partially_paid"),
        }),
    ))
}

/// What everybody owes, whoever asks.
fn aging_report(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.caller(call)?;
    let mut state = backend.state();
    let now = state.by_program();
    let owed = |from: i64, until: i64| -> f64 {
        let outstanding = state.invoices.iter().filter(|row| row.is_outstanding());
        let aged = outstanding.filter(|invoice| {
            let due = invoice.due_date.unwrap_or(now);
            let days = now.at().duration_since(due.at()).as_hours() / 24;
            (from..=until).contains(&days.max(0))
        });
        round(aged.map(|invoice| invoice.amount_due).sum())
    };
    Ok(json(
        200,
        &json!({
            "current": owed(0, 0),
            "1_30_days": owed(1, 30),
            "31_60_days": owed(31, 60),
            "61_90_days": owed(61, 90),
            "90_plus_days": owed(91, i64::MAX),
            "generated_at": isoformat(now.at()),
        }),
    ))
}

fn send_reminders(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.caller(call)?;
    let mut state = backend.state();
    let mut count = 0;
    for invoice in state.invoices.iter_mut().filter(|row| row.is_outstanding()) {
        invoice.reminder_count += 1;
        count += 1;
    }
    Ok(bulk(format!("Sent {count} reminders"), count))
}

fn mark_overdue(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.caller(call)?;
    let mut state = backend.state();
    let now = state.by_program();
    let mut count = 0;
    for invoice in state.invoices.iter_mut().filter(|row| row.is_overdue(now)) {
        invoice.status = "overdue".to_owned();
        count += 1;
    }
    Ok(bulk(format!("Marked {count} invoices as overdue"), count))
}

fn bulk(message: String, count: u32) -> ResponseTemplate {
    json(
        200,
        &json!({ "status": "success", "message": message, "count": count }),
    )
}
