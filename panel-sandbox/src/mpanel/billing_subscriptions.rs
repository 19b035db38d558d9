//! Subscriptions in the TypeScript dialect: for owners only, and for them of every tenant.

use serde_json::{Value, json};

use super::Subscription;
use super::answer::{Answer, Handled, ok};
use super::exchange::Exchange;
use super::postgres;
use super::state::newest_first;

const DEFAULT_PAGE_SIZE: usize = 20;

pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("OWNER")?;
    exchange.has_prisma_columns()?;
    let page = exchange.page(DEFAULT_PAGE_SIZE)?;
    let state = &exchange.state;
    let rows: Vec<Value> = newest_first(&state.subscriptions, |found| found.created_at)
        .into_iter()
        .map(|found| found.data(&state.customers, &state.products))
        .collect();
    let total = rows.len();
    ok(&json!({ "data": page.of(rows), "meta": page.figures(total) }))
}

pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("OWNER")?;
    exchange.changed_subscription(|_| ())
}

pub(super) fn activate(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("OWNER")?;
    let now = exchange.now;
    exchange.changed_subscription(|subscription| subscription.set_status("active", now))
}

pub(super) fn cancel(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("OWNER")?;
    let at_end = exchange.given("cancelAtPeriodEnd").is_some();
    let now = exchange.now;
    exchange.changed_subscription(|subscription| {
        if at_end {
            subscription.cancel_at_period_end = true;
            subscription.updated_at = now;
        } else {
            subscription.set_status("cancelled", now);
        }
    })
}

impl Exchange<'_> {
    fn changed_subscription(&mut self, change: impl FnOnce(&mut Subscription)) -> Handled {
        self.has_prisma_columns()?;
        let id = self.parameter();
        if postgres::check_uuid(&id).is_err() {
            return Err(self.thrown(500, "PrismaClientKnownRequestError"));
        }
        let subscription = self.state.subscription_mut(&id).ok_or_else(|| {
            let error = json!({ "code": "NOT_FOUND", "message": "Subscription not found" });
            Answer::json(404, &json!({ "error": error }))
        })?;
        change(subscription);
        let subscription = subscription.clone();
        let state = &self.state;
        ok(&json!({ "data": subscription.data(&state.customers, &state.products) }))
    }
}
