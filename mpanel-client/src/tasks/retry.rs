//! `POST /api/provisioning/retry/{id}`, and the path documents give it.

use panel_http::Error;

use super::{Queued, RETRY, RETRY_DOCUMENTED, TaskId};
use crate::{client::Mpanel, endpoints::endpoints, served::Served};

endpoints! {
    /// Puts a failed task into the queue again. `Conflict` for a task that has not failed, with its status; `NotFound`
    /// for one nobody has. Slow; after a lost reply read the task first. Also takes the id of a queue job.
    RetryTask(id: TaskId) -> Queued = RETRY, |answer| answer.json();

    /// The documented path; [`Mpanel::retry_task`] works on every server.
    RetryTaskDocumented(id: TaskId) -> Queued = RETRY_DOCUMENTED, |answer| answer.json();
}

impl Mpanel {
    /// Puts a failed task into the queue again: by the documented path where the server has it, else by the one it has.
    ///
    /// # Errors
    /// As [`RetryTask`].
    pub async fn retry_task(&self, id: &TaskId) -> Result<Served<Queued>, Error> {
        self.documented_or(
            RetryTaskDocumented(id.clone()),
            "POST /api/provisioning/retry/{id}",
            async || self.call(RetryTask(id.clone())).await,
        )
        .await
    }
}
