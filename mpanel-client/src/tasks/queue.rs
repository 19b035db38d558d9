//! The queue: `GET /tasks/job_...`, `/stats`, `GET` and `DELETE /failed`. Its routes are slow: each command may wait
//! ten seconds and more for a connection that listens (contract section 7).

use std::collections::BTreeMap;

use panel_http::{
    Answer, DecodeError, Endpoint, Kind, Operation, Paging, PathParameters, ServerError, Timestamp,
};
use serde::Deserialize;
use serde_json::Value;

use super::{CLEAR_FAILED, FAILED, GET_JOB, STATS, TaskStatus};
use crate::{
    endpoints::{endpoints, lists},
    row::row,
};

panel_http::opaque_id! {
    /// Id of a job of the queue: `job_<milliseconds>_<letters>`.
    pub struct QueueJobId;
}

row! {
    /// A job of the queue.
    pub struct QueueJob {
        /// Id.
        id: QueueJobId,
        ;
        /// What it does.
        #[serde(rename = "type")]
        kind: String,
        /// What it was given.
        data: Value,
        /// Status.
        status: TaskStatus,
        /// How often it was tried.
        #[serde(deserialize_with = "panel_http::lenient")]
        attempts: u32,
        /// How often it may be tried.
        #[serde(deserialize_with = "panel_http::lenient")]
        max_retries("maxRetries"): u32,
        /// What went wrong last.
        last_error("lastError"): String,
        /// When that was.
        last_error_at("lastErrorAt"): Timestamp,
        /// What it brought.
        result: Value,
        /// When it was made.
        created_at("createdAt"): Timestamp,
        /// When it was done.
        completed_at("completedAt"): Timestamp,
        /// When it was given up.
        failed_at("failedAt"): Timestamp,
    }
    shows id, kind, status, attempts, last_error
}

/// Reads a job of the queue. One it does not know is `NotFound`, although the server answers 200.
#[derive(Debug, Clone)]
pub struct GetQueueJob(pub QueueJobId);

impl Endpoint for GetQueueJob {
    const OPERATION: &'static Operation = &GET_JOB;
    type Reply = QueueJob;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.0);
    }

    fn decode(&self, answer: &Answer) -> Result<QueueJob, DecodeError> {
        let job: QueueJob = answer.json()?;
        if job.status == Some(TaskStatus::NotFound) {
            let text =
                br#"{"message":"the queue does not know this job: its status is not_found"}"#;
            return Err(DecodeError::told(Kind::NotFound, ServerError::read(text)));
        }
        Ok(job)
    }
}

/// How much waits where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueStats {
    /// Jobs of each queue: provisioning, emails, invoices, backups, sms.
    pub queues: BTreeMap<String, QueueCounts>,
    /// Jobs given up, over all queues.
    pub failed: u64,
    /// Tasks of the last seven days, by status.
    pub tasks_of_last_week: BTreeMap<String, u64>,
}

/// Jobs of one queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct QueueCounts {
    /// Those that wait.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub pending: u64,
    /// Those under way.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub processing: u64,
}

endpoints! {
    /// Counts jobs and tasks. Slow: up to two minutes and more.
    GetQueueStats -> QueueStats = STATS, read_stats;

    /// Forgets all jobs that were given up. Slow.
    ClearFailedJobs -> ClearedJobs = CLEAR_FAILED, |answer| answer.json();
}

lists! {
    /// Lists the jobs that were given up, at most 50: the server reads no further. Slow.
    ListFailedJobs -> QueueJob = FAILED, Paging::Whole;
}

/// How many jobs were forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ClearedJobs {
    /// Their number.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub count: u64,
}

fn read_stats(answer: &Answer) -> Result<QueueStats, DecodeError> {
    #[derive(Deserialize)]
    struct Reply {
        queue: BTreeMap<String, Entry>,
        #[serde(default)]
        tasks: Tasks,
    }
    /// Queues stand beside totals.
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Entry {
        Counts(QueueCounts),
        Number(u64),
        Other(serde::de::IgnoredAny),
    }
    #[derive(Default, Deserialize)]
    struct Tasks {
        #[serde(default)]
        last_7_days: BTreeMap<String, u64>,
    }
    let reply: Reply = answer.json()?;
    let mut stats = QueueStats {
        queues: BTreeMap::new(),
        failed: 0,
        tasks_of_last_week: reply.tasks.last_7_days,
    };
    for (name, entry) in reply.queue {
        match entry {
            Entry::Counts(counts) => {
                stats.queues.insert(name, counts);
            }
            Entry::Number(number) if name == "failed" => stats.failed = number,
            Entry::Number(_) | Entry::Other(_) => {}
        }
    }
    Ok(stats)
}
