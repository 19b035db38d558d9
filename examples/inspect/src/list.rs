//! Runs, a line each.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde::Serialize;

use provisioning_engine::Engine;
use provisioning_engine::store::{ListedRun, Wanted};

use crate::Problem;
use crate::arguments::Listed;

#[derive(Serialize)]
struct Line {
    number: u64,
    run: String,
    order: String,
    submitted_at: Timestamp,
    standing: &'static str,
    next_wake: Option<Timestamp>,
    worker: Option<String>,
    denied_by: Vec<String>,
    poisoned: bool,
    problem: Option<String>,
}

impl Line {
    fn of(run: &ListedRun, now: Timestamp) -> Self {
        Self {
            number: run.arrival,
            run: run.id.to_string(),
            order: run.key.to_string(),
            submitted_at: run.submitted_at,
            standing: run.standing.as_str(),
            next_wake: run.wake_at,
            worker: run.lease.as_ref().map(|lease| lease.by.clone()),
            denied_by: run.denied_by.iter().map(ToString::to_string).collect(),
            poisoned: run.is_poisoned(now),
            problem: run.problem.clone(),
        }
    }

    /// What is worth a second look.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.poisoned {
            remarks.push("left alone after ending one worker after the other".to_owned());
        }
        if !self.denied_by.is_empty() {
            remarks.push(format!("key refused by {}", self.denied_by.join(", ")));
        }
        if let Some(worker) = &self.worker {
            remarks.push(format!("held by {worker}"));
        }
        remarks.extend(self.problem.clone());
        remarks
    }
}

pub(crate) async fn list(engine: &Engine, wanted: &Listed, json: bool) -> Result<String, Problem> {
    let runs = engine
        .list(Wanted {
            standing: wanted.standing,
            after: wanted.after,
            most: wanted.most,
        })
        .await?;
    let now = Timestamp::now();
    let lines: Vec<Line> = runs.iter().map(|run| Line::of(run, now)).collect();
    if json {
        return serde_json::to_string_pretty(&serde_json::json!({ "runs": lines }))
            .map_err(Problem::bad_input);
    }
    if lines.is_empty() {
        return Ok("no runs".to_owned());
    }
    let mut text = String::new();
    for line in &lines {
        let wake = line
            .next_wake
            .map(|wake| format!(", next at {wake:.0}"))
            .unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{:>6}  {}  {}{wake}  {}",
            line.number, line.run, line.standing, line.order
        );
        for remark in line.remarks() {
            let _ = writeln!(text, "        {remark}");
        }
    }
    if lines.len() == wanted.most as usize
        && let Some(last) = lines.last()
    {
        let _ = writeln!(text, "there may be more: --after {}", last.number);
    }
    Ok(text)
}
