//! `GET /api/subscriptions`.

use panel_http::{ListEndpoint, Operation, Paging, Query};

use super::{LIST, Subscription, SubscriptionStatus};
use crate::customers::CustomerId;

/// Lists a customer's subscriptions. Without customer the server answers with an empty list, whatever there is, so one
/// must be named.
#[derive(Debug, Clone)]
pub struct ListSubscriptions {
    customer: CustomerId,
    status: Option<SubscriptionStatus>,
}

impl ListSubscriptions {
    /// Those of this customer.
    #[must_use]
    pub const fn of(customer: CustomerId) -> Self {
        Self {
            customer,
            status: None,
        }
    }

    /// Only those with this status.
    #[must_use]
    pub fn with_status(mut self, status: SubscriptionStatus) -> Self {
        self.status = Some(status);
        self
    }
}

impl ListEndpoint for ListSubscriptions {
    const OPERATION: &'static Operation = &LIST;
    const PAGING: Paging = Paging::Whole;
    type Item = Subscription;

    fn query(&self, query: &mut Query) {
        query.set("customerId", &self.customer);
        query.set_some("status", self.status.as_ref());
    }
}
