//! Watching the jobs that an order made.

use futures_util::TryStreamExt;
use panel_http::Error;

use super::{Job, JobId, ListJobs};
use crate::{client::Mpanel, orders::OrderId};

impl Mpanel {
    /// The jobs of an order, reading the list from its newest end until all that are `expected` were seen, or the list is
    /// over. For an order just placed that is one request.
    ///
    /// # Errors
    /// Those of the list; `Denied` for a user who is no platform administrator.
    pub async fn jobs_of_order(
        &self,
        order: &OrderId,
        expected: &[JobId],
    ) -> Result<Vec<Job>, Error> {
        let mut found: Vec<Job> = Vec::new();
        let mut pages = self.list(ListJobs::new()).pages();
        while let Some(page) = pages.try_next().await? {
            found.extend(
                page.items
                    .into_iter()
                    .filter(|job| job.order_id.as_ref() == Some(order)),
            );
            let is_seen = |id: &JobId| found.iter().any(|job| job.id == *id);
            if !expected.is_empty() && expected.iter().all(is_seen) {
                break;
            }
        }
        Ok(found)
    }
}
