//! `GET /api/orders`.

use panel_http::{ListEndpoint, Operation, Paging, Query, Timestamp};

use super::{LIST, Order, OrderStatus};
use crate::{customers::CustomerId, endpoints::BY_PAGE};

/// Lists orders of the user's tenant, the newest first.
#[derive(Debug, Clone, Default)]
pub struct ListOrders {
    customer: Option<CustomerId>,
    status: Option<OrderStatus>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

impl ListOrders {
    /// All of them.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            customer: None,
            status: None,
            from: None,
            until: None,
        }
    }

    /// Only this customer's.
    #[must_use]
    pub fn with_customer(mut self, id: CustomerId) -> Self {
        self.customer = Some(id);
        self
    }

    /// Only those with this status.
    #[must_use]
    pub fn with_status(mut self, status: OrderStatus) -> Self {
        self.status = Some(status);
        self
    }

    /// Only those made between these moments.
    #[must_use]
    pub const fn with_period(mut self, from: Timestamp, until: Timestamp) -> Self {
        self.from = Some(from);
        self.until = Some(until);
        self
    }
}

impl ListEndpoint for ListOrders {
    const OPERATION: &'static Operation = &LIST;
    const PAGING: Paging = BY_PAGE;
    type Item = Order;

    fn query(&self, query: &mut Query) {
        query.set_some("customerId", self.customer.as_ref());
        query.set_some("status", self.status.as_ref());
        query.set_some("startDate", self.from);
        query.set_some("endDate", self.until);
    }
}
