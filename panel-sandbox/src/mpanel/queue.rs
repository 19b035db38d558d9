//! The Redis queue behind the provisioning routes, which is slow on real servers (contract, section 7).

use serde_json::{Value, json};

use super::answer::{Answer, Handled, not_found};
use super::exchange::Exchange;
use super::timestamps::epoch_milliseconds;

/// A job of the queue.
#[derive(Debug, Clone)]
pub(super) struct QueueJob {
    pub(super) id: String,
    /// `pending`, `processing`, `completed`, `failed`.
    pub(super) status: String,
    /// The task it works on again, if it is for one.
    pub(super) task_id: Option<String>,
    pub(super) data: Value,
    pub(super) created_at: i64,
    pub(super) attempts: u32,
    pub(super) last_error: Option<String>,
    pub(super) ended_at: Option<i64>,
}

impl QueueJob {
    pub(super) fn is_open(&self) -> bool {
        matches!(self.status.as_str(), "pending" | "processing")
    }

    fn shown(&self) -> Value {
        let mut job = json!({
            "id": self.id,
            "type": "provision_service",
            "data": self.data,
            "attempts": self.attempts,
            "maxRetries": 3,
            "createdAt": self.created_at,
            "status": self.status,
        });
        let mut add = |name: &str, value: Value| super::customer::add(&mut job, name, value);
        if let Some(error) = &self.last_error {
            add("lastError", json!(error));
            add("lastErrorAt", json!(self.ended_at));
            add("failedAt", json!(self.ended_at));
        } else if self.ended_at.is_some() {
            add("completedAt", json!(self.ended_at));
            add("result", json!({ "success": true }));
        }
        job
    }
}

impl Exchange<'_> {
    /// The id of a job: when it was made, and something that makes it unique.
    fn enqueue(&mut self, task_id: Option<String>, data: Value) -> String {
        let made = epoch_milliseconds(self.now);
        let unique = self.state.ids.next();
        let unique = unique.get(..5).unwrap_or_default();
        let id = format!("job_{made}_{unique}");
        self.state.watch(&id);
        self.state.queue.push(QueueJob {
            id: id.clone(),
            status: "pending".to_owned(),
            task_id,
            data,
            created_at: made,
            attempts: 0,
            last_error: None,
            ended_at: None,
        });
        id
    }

    /// An answer that had to wait for Redis.
    fn slow(&self, answer: Answer) -> Handled {
        Ok(answer.late(self.settings.redis_latency))
    }
}

/// A job, or 200 and the status `not_found`.
pub(super) fn get_job(exchange: &Exchange<'_>, id: &str) -> Handled {
    let job = exchange.state.queue.iter().find(|job| job.id == id);
    let shown = job.map_or_else(
        || json!({ "id": id, "status": "not_found" }),
        QueueJob::shown,
    );
    exchange.slow(Answer::json(200, &shown))
}

pub(super) fn retry(exchange: &mut Exchange<'_>) -> Handled {
    exchange.provisioning_caller()?;
    let id = exchange.parameter();
    if id.starts_with("job_") {
        return retry_job(exchange, &id);
    }
    super::postgres::check_uuid(&id).map_err(|refused| refused.shown("Failed to retry task"))?;
    let now = exchange.now;
    let task = exchange
        .state
        .task_mut(&id)
        .ok_or_else(|| not_found("Task"))?;
    if task.status != "failed" {
        let body = json!({
            "error": "Can only retry failed tasks",
            "currentStatus": task.status,
        });
        return Err(Answer::json(400, &body));
    }
    task.set_status("pending", now);
    task.attempts += 1;
    task.error_message = None;
    let data = json!({ "taskId": id, "subscriptionId": task.subscription_id });
    let job = exchange.enqueue(Some(id.clone()), data);
    let answer = Answer::json(
        200,
        &json!({
            "message": "Task queued for retry",
            "taskId": id,
            "jobId": job,
            "status": "queued",
        }),
    );
    exchange.slow(answer)
}

fn retry_job(exchange: &mut Exchange<'_>, id: &str) -> Handled {
    let failed = exchange.state.queue.iter_mut().find(|job| job.id == id);
    let Some(job) = failed else {
        let message = format!("Job not found: {id}");
        return Err(Answer::error_with(500, "Failed to retry task", message));
    };
    job.status = "pending".to_owned();
    job.last_error = None;
    job.ended_at = None;
    exchange.state.watch(id);
    let body = json!({ "message": "Job queued for retry", "success": true, "jobId": id });
    exchange.slow(Answer::json(200, &body))
}

pub(super) fn provision(exchange: &mut Exchange<'_>) -> Handled {
    exchange.provisioning_caller()?;
    let needed = ["serviceId", "customerId", "productId", "domain"];
    if !exchange.are_given(&needed) {
        let body = json!({ "error": "Missing required fields", "required": needed });
        return Err(Answer::json(400, &body));
    }
    let data = exchange.body.clone();
    let service = exchange.field("serviceId").cloned();
    let job = exchange.enqueue(None, data);
    let answer = Answer::json(
        202,
        &json!({
            "message": "Provisioning job queued",
            "jobId": job,
            "serviceId": service,
            "status": "queued",
        }),
    );
    exchange.slow(answer)
}

pub(super) fn stats(exchange: &mut Exchange<'_>) -> Handled {
    exchange.provisioning_caller()?;
    let state = &exchange.state;
    let count = |status: &str| {
        let jobs = state.queue.iter();
        jobs.filter(|job| job.status == status).count()
    };
    let mut tasks = serde_json::Map::new();
    for task in &state.tasks {
        let of_status = state
            .tasks
            .iter()
            .filter(|other| other.status == task.status);
        tasks.insert(task.status.clone(), json!(of_status.count()));
    }
    let idle = json!({ "pending": 0, "processing": 0 });
    let body = json!({
        "queue": {
            "provisioning": { "pending": count("pending"), "processing": count("processing") },
            "emails": idle,
            "invoices": idle,
            "backups": idle,
            "sms": idle,
            "failed": count("failed"),
            "processing_total": 0,
        },
        "tasks": { "last_7_days": tasks },
    });
    exchange.slow(Answer::json(200, &body))
}

pub(super) fn list_failed(exchange: &mut Exchange<'_>) -> Handled {
    exchange.provisioning_caller()?;
    let limit = exchange.query("limit").and_then(|text| text.parse().ok());
    let jobs: Vec<Value> = exchange
        .state
        .queue
        .iter()
        .filter(|job| job.status == "failed")
        .take(limit.unwrap_or(50))
        .map(QueueJob::shown)
        .collect();
    let body = json!({ "failed_jobs": jobs, "count": jobs.len() });
    exchange.slow(Answer::json(200, &body))
}

pub(super) fn clear_failed(exchange: &mut Exchange<'_>) -> Handled {
    exchange.provisioning_caller()?;
    let before = exchange.state.queue.len();
    exchange.state.queue.retain(|job| job.status != "failed");
    let count = before - exchange.state.queue.len();
    let body = json!({ "message": "Failed jobs cleared", "count": count });
    exchange.slow(Answer::json(200, &body))
}
