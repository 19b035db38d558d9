//! `GET /api/provisioning/tasks/{id}/log`: documented, and served nowhere that was seen.

use panel_http::{Answer, DecodeError, Error};
use serde_json::Value;

use super::{GetTask, LOG, Task, TaskId};
use crate::{client::Mpanel, endpoints::endpoints, served::Served};

/// What is known of how a task went, line by line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskLog {
    /// The lines, oldest first.
    pub lines: Vec<String>,
}

endpoints! {
    /// The documented path; [`Mpanel::task_log`] works on every server.
    GetTaskLog(id: TaskId) -> TaskLog = LOG, read;
}

/// No server was seen to answer it, so any of the usual shapes is taken: lines in a list, bare or in an object.
fn read(answer: &Answer) -> Result<TaskLog, DecodeError> {
    let value: Value = answer.json()?;
    let lines = match &value {
        Value::Array(lines) => Some(lines),
        Value::Object(members) => ["log", "logs", "lines", "data", "items"]
            .into_iter()
            .find_map(|name| members.get(name)?.as_array()),
        _ => None,
    };
    let lines = lines.ok_or_else(|| DecodeError::unreadable("", "the reply holds no log"))?;
    Ok(TaskLog {
        lines: lines.iter().map(line).collect(),
    })
}

fn line(value: &Value) -> String {
    let text = value.as_str().or_else(|| value.get("message")?.as_str());
    text.map_or_else(|| value.to_string(), str::to_owned)
}

impl Mpanel {
    /// How a task went: by the documented path where the server has it, else as the task itself tells it.
    ///
    /// # Errors
    /// Those of the call that answered.
    pub async fn task_log(&self, id: &TaskId) -> Result<Served<TaskLog>, Error> {
        self.documented_or(
            GetTaskLog(id.clone()),
            "GET /api/provisioning/tasks/{id}",
            async || Ok(told_by(&self.call(GetTask(id.clone())).await?)),
        )
        .await
    }
}

fn told_by(task: &Task) -> TaskLog {
    let mut lines = Vec::new();
    let step = task.step.as_deref().unwrap_or("task");
    if let Some(at) = task.created_at {
        lines.push(format!("{at} {step} created"));
    }
    if let (Some(attempts), Some(at)) = (task.attempts, task.updated_at)
        && attempts > 0
    {
        lines.push(format!("{at} attempts so far: {attempts}"));
    }
    if let Some(error) = &task.error_message {
        lines.push(format!("error: {error}"));
    }
    if let Some(result) = task.result_data.as_ref().filter(|data| !data.is_null()) {
        lines.push(format!("result: {result}"));
    }
    if let Some(status) = &task.status {
        let at = task.completed_at.or(task.updated_at);
        let at = at.map_or_else(String::new, |at| format!("{at} "));
        lines.push(format!("{at}{status}"));
    }
    TaskLog { lines }
}
