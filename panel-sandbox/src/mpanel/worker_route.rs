//! The routes of a worker outside, which asks without any credential.

use serde_json::json;

use super::answer::{Answer, Handled, not_found, ok};
use super::exchange::Exchange;
use super::{postgres, worker};

/// Hands out the oldest pending task. The answer was read before the claim: it still says `pending`.
pub(super) fn claim(exchange: &mut Exchange<'_>) -> Handled {
    let now = exchange.now;
    let oldest = exchange
        .state
        .tasks
        .iter_mut()
        .filter(|task| task.status == "pending")
        .min_by_key(|task| task.created_at);
    let Some(task) = oldest else {
        return ok(&json!({ "task": null }));
    };
    let row = task.worker_row(false);
    task.set_status("in_progress", now);
    ok(&json!({ "task": row }))
}

/// Works on any task in any state, as often as asked; what came out of it is thrown away.
pub(super) fn complete(exchange: &mut Exchange<'_>) -> Handled {
    let status = exchange
        .given_text("status")
        .filter(|status| matches!(status.as_str(), "success" | "failed"))
        .ok_or_else(|| Answer::error(400, "Invalid status. Must be \"success\" or \"failed\""))?;
    let id = exchange.task_id()?;
    let error = exchange.text("error").filter(|_| status == "failed");
    let now = exchange.now;
    worker::end_task(exchange.state, &id, &status, error.as_deref(), now);
    let task = exchange.state.task_mut(&id);
    let step = task.map(|task| task.step.clone());
    ok(&json!({
        "success": true,
        "task": { "id": id, "step": step, "status": status },
    }))
}

pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    let id = exchange.task_id()?;
    let task = exchange.state.task_mut(&id);
    ok(&json!({ "task": task.map(|task| task.worker_row(true)) }))
}

impl Exchange<'_> {
    /// The id of a task there is.
    fn task_id(&mut self) -> Result<String, Answer> {
        let id = self.parameter();
        postgres::check_uuid(&id).map_err(|refused| refused.shown("Internal server error"))?;
        match self.state.task_mut(&id) {
            Some(_) => Ok(id),
            None => Err(not_found("Task")),
        }
    }
}
