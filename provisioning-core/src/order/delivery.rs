//! One door for everything that a webhook brings.

use super::PaidOrder;
use super::error::OrderError;
use super::event::{PaymentEvent, read_payment_event};
use super::intake::Intake;
use super::read::read_order;

/// What a webhook brought.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Delivery {
    /// A paid order.
    Order(Box<PaidOrder>),
    /// Something that happened to the payment of a known order.
    Event(Box<PaymentEvent>),
    /// An event that concerns neither: answer it with success, or it is sent again and again.
    Ignored {
        /// The event's type.
        event: String,
    },
}

/// Reads whatever a webhook brought: a paid order, a payment event, or an event to ignore.
///
/// # Errors
/// [`OrderError`] as for [`read_order`], but for `OtherEvent`, which is [`Delivery::Ignored`] here.
pub fn read_delivery(bytes: &[u8], intake: &Intake) -> Result<Delivery, OrderError> {
    let read = match read_order(bytes, intake) {
        Err(OrderError::OtherEvent {
            payment_event: true,
            ..
        }) => read_payment_event(bytes, intake).map(|event| Delivery::Event(Box::new(event))),
        order => order.map(|order| Delivery::Order(Box::new(order))),
    };
    match read {
        Err(OrderError::OtherEvent { event, .. }) => Ok(Delivery::Ignored { event }),
        read => read,
    }
}
