//! `GET /api/invoices`.

use panel_http::{ListEndpoint, Operation, Paging, Query};

use super::{Invoice, LIST};
use crate::customers::CustomerId;

/// Lists a customer's invoices. Without customer the server answers with an empty list, so one must be named.
#[derive(Debug, Clone)]
pub struct ListInvoices {
    customer: CustomerId,
}

impl ListInvoices {
    /// Those of this customer.
    #[must_use]
    pub const fn of(customer: CustomerId) -> Self {
        Self { customer }
    }
}

impl ListEndpoint for ListInvoices {
    const OPERATION: &'static Operation = &LIST;
    const PAGING: Paging = Paging::Offset {
        offset: "offset",
        limit: "limit",
        size: 100,
    };
    type Item = Invoice;

    fn query(&self, query: &mut Query) {
        query.set("customerId", &self.customer);
    }
}
