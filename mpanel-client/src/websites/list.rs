//! `GET /api/websites`.

use panel_http::{ListEndpoint, Operation, Paging, Query};

use super::{LIST, Website};
use crate::customers::CustomerId;

/// Lists websites of the user's tenant. A user without tenant sees none.
#[derive(Debug, Clone, Default)]
pub struct ListWebsites {
    customer: Option<CustomerId>,
}

impl ListWebsites {
    /// All of the tenant's.
    #[must_use]
    pub const fn all() -> Self {
        Self { customer: None }
    }

    /// Those of this customer.
    #[must_use]
    pub const fn of(customer: CustomerId) -> Self {
        Self {
            customer: Some(customer),
        }
    }
}

impl ListEndpoint for ListWebsites {
    const OPERATION: &'static Operation = &LIST;
    const PAGING: Paging = Paging::Whole;
    type Item = Website;

    fn query(&self, query: &mut Query) {
        query.set_some("customerId", self.customer.as_ref());
    }
}
