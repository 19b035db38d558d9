//! `GET /api/ops/provisioning/queues`, `/queues/{name}`, `/workers`.

use panel_http::{Decimal, Paging};
use serde::Deserialize;

use super::{Job, QUEUE, QUEUES, WORKERS};
use crate::{
    endpoints::{endpoints, lists},
    reply,
    row::row,
};

row! {
    /// A queue of jobs.
    pub struct JobQueue {
        /// Its name.
        name: String,
        ;
        /// How much is in it.
        stats: QueueLoad,
        /// Its newest jobs, where one queue is read.
        recent_jobs("recentJobs"): Vec<Job>,
    }
    shows name, stats
}

/// How much is in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct QueueLoad {
    /// Those that wait.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub waiting: u64,
    /// Those under way.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub active: u64,
    /// Those done.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub completed: u64,
    /// Those that failed.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub failed: u64,
    /// All.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub total: u64,
}

row! {
    /// A worker, as the server makes it up: its numbers are random (contract section 7).
    pub struct Worker {
        /// Its name or id.
        id: String,
        ;
        /// Status.
        status: String,
        /// Load of its processor.
        cpu("cpuUsage"): Decimal,
    }
    shows id, status
}

lists! {
    /// Lists the queues.
    ListJobQueues -> JobQueue = QUEUES, Paging::Whole;

    /// Lists the workers; their numbers are random.
    ListWorkers -> Worker = WORKERS, Paging::Whole;
}

endpoints! {
    /// Reads a queue with its newest jobs.
    GetJobQueue(name: String) -> JobQueue = QUEUE, |answer| reply::row(answer, &["queue"]);
}
