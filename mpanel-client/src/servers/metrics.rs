//! `GET` and `POST /api/servers/{id}/metrics`.

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody, Timestamp,
};
use serde::Serialize;

use super::{RECORD_METRICS, ServerId};
use crate::{
    reply::{self, Done},
    row::row,
};

row! {
    /// Metrics of a server at one moment.
    pub struct ServerMetrics {
        /// The server.
        server_id("serverId"): ServerId,
        ;
        /// When they were taken.
        metric_time("metricTime"): Timestamp,
        /// Use of the processor, in percent.
        #[serde(deserialize_with = "panel_http::lenient")]
        cpu_usage("cpuUsage"): f64,
        /// Memory in use, in MB.
        #[serde(deserialize_with = "panel_http::lenient")]
        memory_usage_mb("memoryUsageMb"): f64,
        /// Memory in all, in MB.
        #[serde(deserialize_with = "panel_http::lenient")]
        memory_total_mb("memoryTotalMb"): f64,
        /// Disk in use, in GB.
        #[serde(deserialize_with = "panel_http::lenient")]
        disk_usage_gb("diskUsageGb"): f64,
        /// Disk in all, in GB.
        #[serde(deserialize_with = "panel_http::lenient")]
        disk_total_gb("diskTotalGb"): f64,
        /// Incoming traffic, in Mbit/s.
        #[serde(deserialize_with = "panel_http::lenient")]
        network_in_mbps("networkInMbps"): f64,
        /// Outgoing traffic, in Mbit/s.
        #[serde(deserialize_with = "panel_http::lenient")]
        network_out_mbps("networkOutMbps"): f64,
        /// Load over one minute.
        #[serde(deserialize_with = "panel_http::lenient")]
        load_average_1m("loadAverage1m"): f64,
        /// Load over five minutes.
        #[serde(deserialize_with = "panel_http::lenient")]
        load_average_5m("loadAverage5m"): f64,
        /// Load over fifteen minutes.
        #[serde(deserialize_with = "panel_http::lenient")]
        load_average_15m("loadAverage15m"): f64,
        /// Open connections.
        #[serde(deserialize_with = "panel_http::lenient")]
        active_connections("activeConnections"): u64,
    }
    shows server_id, metric_time, cpu_usage
}

/// Records metrics of a server, as its agent does.
#[derive(Debug, Clone)]
pub struct RecordMetrics {
    id: ServerId,
    values: Values,
}

#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Values {
    cpu_usage: f64,
    memory_usage_mb: u64,
    memory_total_mb: u64,
    disk_usage_gb: f64,
    disk_total_gb: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    load_average_1m: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    active_connections: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_version: Option<String>,
}

impl RecordMetrics {
    /// Use of the processor in percent, memory in MB and disk in GB, each in use and in all.
    #[must_use]
    pub fn new(id: ServerId, cpu: f64, memory_mb: (u64, u64), disk_gb: (f64, f64)) -> Self {
        Self {
            id,
            values: Values {
                cpu_usage: cpu,
                memory_usage_mb: memory_mb.0,
                memory_total_mb: memory_mb.1,
                disk_usage_gb: disk_gb.0,
                disk_total_gb: disk_gb.1,
                ..Values::default()
            },
        }
    }

    /// Sets the load over one minute.
    #[must_use]
    pub const fn set_load(mut self, load: f64) -> Self {
        self.values.load_average_1m = Some(load);
        self
    }

    /// Sets the number of open connections.
    #[must_use]
    pub const fn set_connections(mut self, connections: u64) -> Self {
        self.values.active_connections = Some(connections);
        self
    }

    /// Sets the version of the agent.
    #[must_use]
    pub fn set_agent_version(mut self, version: impl Into<String>) -> Self {
        self.values.agent_version = Some(version.into());
        self
    }
}

impl Endpoint for RecordMetrics {
    const OPERATION: &'static Operation = &RECORD_METRICS;
    type Reply = Done;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::json(&self.values)
    }

    fn decode(&self, answer: &Answer) -> Result<Done, DecodeError> {
        reply::done(answer)
    }
}
