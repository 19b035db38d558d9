//! Provisioning tasks as the provisioning routes show them.

use serde_json::{Value, json};

use super::answer::{Answer, Handled, not_found, ok};
use super::exchange::Exchange;
use super::state::newest_first;
use super::{postgres, queue};

pub(super) fn list_tasks(exchange: &mut Exchange<'_>) -> Handled {
    exchange.provisioning_caller()?;
    let number = |name: &str, default: u64| match exchange.query(name) {
        None => Ok(default),
        // The database refuses what is no number, and what is less than nothing.
        Some(text) => text.trim().parse().map_err(|_| {
            let message = format!("invalid input syntax for type bigint: \"{text}\"");
            Answer::error_with(500, "Failed to fetch provisioning tasks", message)
        }),
    };
    let (limit, offset) = (number("limit", 50)?, number("offset", 0)?);
    let status = exchange.query("status").filter(|status| !status.is_empty());
    let tasks = newest_first(&exchange.state.tasks, |task| task.created_at);
    let rows: Vec<Value> = tasks
        .into_iter()
        .filter(|task| status.as_ref().is_none_or(|status| task.status == *status))
        .map(|task| task.row(true))
        .collect();
    let total = rows.len();
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let rows: Vec<Value> = rows
        .into_iter()
        .skip(count(offset))
        .take(count(limit))
        .collect();
    ok(&json!({ "tasks": rows, "total": total, "limit": limit, "offset": offset }))
}

pub(super) fn get_task(exchange: &mut Exchange<'_>) -> Handled {
    exchange.provisioning_caller()?;
    let id = exchange.parameter();
    if id.starts_with("job_") {
        return queue::get_job(exchange, &id);
    }
    postgres::check_uuid(&id)
        .map_err(|refused| refused.shown("Failed to fetch provisioning task"))?;
    let task = exchange.state.task_mut(&id);
    ok(&task.ok_or_else(|| not_found("Task"))?.row(false))
}
