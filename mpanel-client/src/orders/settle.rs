//! `POST /api/orders/{id}/pay`, `/cancel`, `/fail`.

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, RequestBody,
};

use super::{CANCEL, FAIL, Order, OrderId, PAY};
use crate::reply;

/// Marks an order paid, which makes its subscription. The reply shows none although it was made.
#[derive(Debug, Clone)]
pub struct PayOrder {
    id: OrderId,
    payment_intent: Option<String>,
}

impl PayOrder {
    /// Marks this order paid.
    #[must_use]
    pub const fn new(id: OrderId) -> Self {
        Self {
            id,
            payment_intent: None,
        }
    }

    /// Sets the payment intent.
    #[must_use]
    pub fn set_payment_intent(mut self, id: impl Into<String>) -> Self {
        self.payment_intent = Some(id.into());
        self
    }
}

impl Endpoint for PayOrder {
    const OPERATION: &'static Operation = &PAY;
    type Reply = Order;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.optional("stripePaymentIntentId", self.payment_intent.as_ref())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<Order, DecodeError> {
        reply::row(answer, &["order"])
    }
}

/// Withdraws an order.
#[derive(Debug, Clone)]
pub struct CancelOrder {
    id: OrderId,
    reason: Option<String>,
}

impl CancelOrder {
    /// Withdraws this order.
    #[must_use]
    pub const fn new(id: OrderId) -> Self {
        Self { id, reason: None }
    }

    /// Sets why.
    #[must_use]
    pub fn set_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }
}

impl Endpoint for CancelOrder {
    const OPERATION: &'static Operation = &CANCEL;
    type Reply = Order;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.optional("reason", self.reason.as_ref()))
    }

    fn decode(&self, answer: &Answer) -> Result<Order, DecodeError> {
        reply::row(answer, &["order"])
    }
}

/// Marks an order failed, whatever state it is in.
#[derive(Debug, Clone)]
pub struct FailOrder {
    id: OrderId,
    reason: String,
}

impl FailOrder {
    /// For this reason, which the server demands.
    #[must_use]
    pub fn new(id: OrderId, reason: impl Into<String>) -> Self {
        Self {
            id,
            reason: reason.into(),
        }
    }
}

impl Endpoint for FailOrder {
    const OPERATION: &'static Operation = &FAIL;
    type Reply = Order;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", &self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.field("reason", &self.reason))
    }

    fn decode(&self, answer: &Answer) -> Result<Order, DecodeError> {
        reply::row(answer, &["order"])
    }
}
