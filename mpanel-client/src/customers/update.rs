//! `PUT /api/customers/{id}`.

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
};

use super::{CreateCustomer, Customer, CustomerId, UPDATE};
use crate::reply;

/// Replaces what can be changed of a customer. The server sets what is left out to null, company and e-mail address
/// included, so all of it is sent.
///
/// # Errors
/// Of the call: `NotFound` for a customer of another user's or without tenant, `Conflict` for an e-mail address that is
/// taken.
#[derive(Debug, Clone)]
pub struct UpdateCustomer {
    id: CustomerId,
    values: CreateCustomer,
}

impl UpdateCustomer {
    /// Replaces the values of a customer by these.
    #[must_use]
    pub const fn new(id: CustomerId, values: CreateCustomer) -> Self {
        Self { id, values }
    }
}

impl Endpoint for UpdateCustomer {
    const OPERATION: &'static Operation = &UPDATE;
    type Reply = Customer;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        self.values.write()
    }

    fn decode(&self, answer: &Answer) -> Result<Customer, DecodeError> {
        reply::row(answer, &["customer"])
    }
}
