//! Cancel, suspend and reactivate, where an unknown subscription is told from a broken server.

use panel_http::{Endpoint, Error, Kind};

use super::{
    CancelSubscription, GetSubscription, ReactivateSubscription, Subscription, SubscriptionId,
    SuspendSubscription,
};
use crate::{client::Mpanel, meaning::retold};

impl Mpanel {
    /// Cancels a subscription, at once.
    ///
    /// # Errors
    /// `NotFound` for an id nobody has: the server answers 500, and a read of it afterwards 404.
    pub async fn cancel_subscription(&self, id: &SubscriptionId) -> Result<Subscription, Error> {
        self.settle(id, CancelSubscription(id.clone())).await
    }

    /// Suspends a subscription.
    ///
    /// # Errors
    /// As [`cancel_subscription`](Self::cancel_subscription).
    pub async fn suspend_subscription(&self, id: &SubscriptionId) -> Result<Subscription, Error> {
        self.settle(id, SuspendSubscription(id.clone())).await
    }

    /// Reactivates a subscription.
    ///
    /// # Errors
    /// As [`cancel_subscription`](Self::cancel_subscription).
    pub async fn reactivate_subscription(
        &self,
        id: &SubscriptionId,
    ) -> Result<Subscription, Error> {
        self.settle(id, ReactivateSubscription(id.clone())).await
    }

    async fn settle<E>(&self, id: &SubscriptionId, endpoint: E) -> Result<Subscription, Error>
    where
        E: Endpoint<Reply = Subscription>,
    {
        let error = match self.call(endpoint).await {
            Err(error) if error.status().is_some_and(|status| status.as_u16() == 500) => error,
            settled => return settled,
        };
        match self.call(GetSubscription(id.clone())).await {
            Err(read) if read.kind() == Kind::NotFound => Err(retold(
                &error,
                Kind::NotFound,
                "the server answers 500 for a subscription it does not have, and a read of it said 404",
            )),
            _ => Err(error),
        }
    }
}
