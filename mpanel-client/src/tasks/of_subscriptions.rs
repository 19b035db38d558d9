//! Watching the tasks that an order entry made.

use futures_util::TryStreamExt;
use panel_http::Error;

use super::{ListTasks, Task};
use crate::{client::Mpanel, subscriptions::SubscriptionId};

impl Mpanel {
    /// The tasks of these subscriptions, reading the list from its newest end until each has one, or the list is over.
    /// For an order just placed that is one request.
    ///
    /// # Errors
    /// Those of the list.
    pub async fn tasks_of_subscriptions(
        &self,
        subscriptions: &[SubscriptionId],
    ) -> Result<Vec<Task>, Error> {
        let mut found: Vec<Task> = Vec::new();
        let mut pages = self.list(ListTasks::new()).pages();
        while let Some(page) = pages.try_next().await? {
            found.extend(page.items.into_iter().filter(|task| {
                task.subscription_id
                    .as_ref()
                    .is_some_and(|id| subscriptions.contains(id))
            }));
            let is_seen = |id: &SubscriptionId| {
                found
                    .iter()
                    .any(|task| task.subscription_id.as_ref() == Some(id))
            };
            if subscriptions.iter().all(is_seen) {
                break;
            }
        }
        Ok(found)
    }
}
