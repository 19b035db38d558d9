//! Finding the subscription that a lost reply may have created.

use panel_http::Error;
use provisioning_core::plan::id::Mark;

use super::{ListSubscriptions, Subscription};
use crate::{client::Mpanel, customers::CustomerId};

/// What a search for a created subscription brought.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FoundSubscriptions {
    /// Those that carry the mark.
    pub subscriptions: Vec<Subscription>,
    /// How many the customer has in all. The list is never cut, so none with the mark means that there is none.
    pub searched: usize,
}

impl Mpanel {
    /// Searches a customer's subscriptions for our mark.
    ///
    /// # Errors
    /// Those of the list.
    pub async fn find_created_subscription(
        &self,
        customer: &CustomerId,
        mark: Mark,
    ) -> Result<FoundSubscriptions, Error> {
        let list = self
            .list(ListSubscriptions::of(customer.clone()))
            .collect()
            .await?;
        let searched = list.len();
        Ok(FoundSubscriptions {
            subscriptions: list.into_iter().filter(|row| row.carries(mark)).collect(),
            searched,
        })
    }
}
