//! `GET /api/provisioning/summary`: documented, and served nowhere that was seen.

use panel_http::Error;
use serde::Deserialize;

use super::{GetQueueStats, SUMMARY, TaskStatus};
use crate::{client::Mpanel, endpoints::endpoints, reply, served::Served};

/// Tasks by status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct ProvisioningSummary {
    /// Those that wait.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub pending: u64,
    /// Those under way.
    #[serde(
        default,
        alias = "inProgress",
        alias = "processing",
        deserialize_with = "panel_http::lenient"
    )]
    pub in_progress: u64,
    /// Those done.
    #[serde(default, alias = "success", deserialize_with = "panel_http::lenient")]
    pub completed: u64,
    /// Those given up.
    #[serde(default, deserialize_with = "panel_http::lenient")]
    pub failed: u64,
}

endpoints! {
    /// The documented path; [`Mpanel::provisioning_summary`] works on every server.
    GetProvisioningSummary -> ProvisioningSummary = SUMMARY, |answer| reply::row(answer, &["summary"]);
}

impl Mpanel {
    /// Tasks by status: by the documented path where the server has it, else those of the last seven days, as the queue's
    /// statistics count them (slow).
    ///
    /// # Errors
    /// Those of the call that answered.
    pub async fn provisioning_summary(&self) -> Result<Served<ProvisioningSummary>, Error> {
        self.documented_or(
            GetProvisioningSummary,
            "GET /api/provisioning/stats",
            async || {
                let stats = self.call(GetQueueStats).await?;
                let mut summary = ProvisioningSummary::default();
                for (status, count) in stats.tasks_of_last_week {
                    let sum = match TaskStatus::from(status) {
                        TaskStatus::Pending => &mut summary.pending,
                        TaskStatus::InProgress => &mut summary.in_progress,
                        TaskStatus::Success => &mut summary.completed,
                        TaskStatus::Failed => &mut summary.failed,
                        _ => continue,
                    };
                    *sum = sum.saturating_add(count);
                }
                Ok(summary)
            },
        )
        .await
    }
}
