//! Jobs of the TypeScript dialect, for platform administrators.

use serde_json::{Value, json};

use super::Job;
use super::answer::{Answer, Handled, data, ok};
use super::exchange::Exchange;
use super::postgres;
use super::state::newest_first;

const DEFAULT_PAGE_SIZE: usize = 50;

pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    exchange.platform_caller()?;
    exchange.has_prisma_columns()?;
    let page = exchange.page(DEFAULT_PAGE_SIZE)?;
    let filter = |name: &str| exchange.query(name).filter(|value| !value.is_empty());
    // Orders write their jobs in capitals, so that this finds only those that were cancelled.
    let status = filter("status").map(|status| status.to_lowercase());
    let queue = filter("queue");
    let rows: Vec<Value> = newest_first(&exchange.state.jobs, |job| job.created_at)
        .into_iter()
        .filter(|job| status.as_ref().is_none_or(|status| job.status == *status))
        .filter(|job| queue.as_ref().is_none_or(|queue| is_in_queue(job, queue)))
        .map(|job| job.data(&exchange.state.tenant, true))
        .collect();
    let total = rows.len();
    let figures = page.figures(total);
    ok(&json!({ "success": true, "data": page.of(rows), "pagination": figures }))
}

pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    exchange.platform_caller()?;
    let id = exchange.parameter();
    if postgres::check_uuid(&id).is_err() {
        return Err(Answer::failure(500, "Failed to fetch job"));
    }
    let job = exchange.state.jobs.iter().find(|job| job.id == id);
    let job = job.ok_or_else(|| Answer::failure(404, "Job not found"))?;
    data(&job.data(&exchange.state.tenant, true))
}

/// Names a model that is not there, whatever the job.
pub(super) fn retry(exchange: &mut Exchange<'_>) -> Handled {
    exchange.platform_caller()?;
    Err(Answer::failure(500, "Failed to retry job"))
}

/// Writes a status in small letters, which no order ever does.
pub(super) fn cancel(exchange: &mut Exchange<'_>) -> Handled {
    exchange.platform_caller()?;
    let id = exchange.parameter();
    let now = exchange.now;
    let state = &mut *exchange.state;
    let job = state.jobs.iter_mut().find(|job| job.id == id);
    let job = job.ok_or_else(|| Answer::failure(500, "Failed to cancel job"))?;
    job.status = "failed".to_owned();
    job.last_error = Some("Cancelled by administrator".to_owned());
    job.completed_at = Some(now);
    job.updated_at = now;
    data(&job.data(&state.tenant, true))
}

pub(super) fn list_queues(exchange: &mut Exchange<'_>) -> Handled {
    exchange.platform_caller()?;
    let mut names: Vec<&str> = Vec::new();
    for job in &exchange.state.jobs {
        let name = queue_of(job);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let queues: Vec<Value> = names
        .into_iter()
        .map(|name| json!({ "name": name, "stats": stats(exchange, name) }))
        .collect();
    data(&queues)
}

pub(super) fn get_queue(exchange: &mut Exchange<'_>) -> Handled {
    exchange.platform_caller()?;
    let name = exchange.parameter();
    let jobs = newest_first(&exchange.state.jobs, |job| job.created_at);
    let recent: Vec<Value> = jobs
        .into_iter()
        .filter(|job| is_in_queue(job, &name))
        .take(20)
        .map(|job| job.data(&exchange.state.tenant, false))
        .collect();
    data(&json!({ "name": name, "stats": stats(exchange, &name), "recentJobs": recent }))
}

/// Counts only statuses in small letters, and not all jobs in its total either.
fn stats(exchange: &Exchange<'_>, queue: &str) -> Value {
    let count = |status: &str| {
        let jobs = exchange.state.jobs.iter();
        let in_queue = jobs.filter(|job| is_in_queue(job, queue));
        in_queue.filter(|job| job.status == status).count()
    };
    let (waiting, active) = (count("pending"), count("running"));
    let (completed, failed) = (count("success"), count("failed"));
    json!({
        "waiting": waiting,
        "active": active,
        "completed": completed,
        "failed": failed,
        "total": waiting + active + completed + failed,
    })
}

fn queue_of(job: &Job) -> &str {
    job.kind
        .split_once('_')
        .map_or(job.kind.as_str(), |(queue, _)| queue)
}

fn is_in_queue(job: &Job, queue: &str) -> bool {
    queue_of(job) == queue
}
