//! Why a payload is not a paid order.

use crate::problem::{ProblemKind, Problems};

use super::shape::PayloadShape;

/// Why a payload is not a paid order.
///
/// Nothing was sent or stored when one of these is returned; the caller still holds the bytes.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// The payload is larger than any order is.
    #[error(
        "the order has {bytes} bytes, more than the {limit} an order may have: this is probably another file"
    )]
    TooLarge {
        /// Its size in bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The payload is empty.
    #[error("the order is empty")]
    Empty,
    /// The payload is not UTF-8.
    #[error("the order is not UTF-8 text: byte {at} (counted from 1) does not belong there")]
    NotText {
        /// The first wrong byte, counted from 1.
        at: usize,
    },
    /// The payload is not JSON.
    #[error("the order is not JSON: line {line}, column {column}: {reason}")]
    NotJson {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
        /// What is wrong there; it never repeats the payload.
        reason: &'static str,
    },
    /// The payload is JSON, but not one object.
    #[error("the order must be one JSON object, not {found}{}", if found.starts_with("a list") { ": send orders one by one" } else { "" })]
    NotAnObject {
        /// What it is, such as `a list of 3`.
        found: String,
    },
    /// The payload has none of the known shapes.
    #[error("the order has no known shape: its fields are {}. Known shapes:{}", fields(.found), known_shapes())]
    UnknownShape {
        /// Its top-level fields.
        found: Vec<String>,
    },
    /// A payment event that does not make a new order.
    #[error("the event {event} is not a paid order{}", if *.payment_event { ": read it with read_payment_event" } else { ": it can be answered with success and ignored" })]
    OtherEvent {
        /// The event's type.
        event: String,
        /// True if [`read_payment_event`](super::read_payment_event) understands it.
        payment_event: bool,
    },
    /// The payload says that it is not paid.
    #[error(
        "the order is not paid: {what} is \"{status}\". Nothing is provisioned; send it again once it is paid"
    )]
    NotPaid {
        /// Where it says so, a JSON path.
        what: String,
        /// The status as it was sent.
        status: String,
    },
    /// The order was made in the payment provider's test mode.
    #[error(
        "the order was made in test mode ({what}): no money moved. Allow test orders to accept it"
    )]
    TestMode {
        /// What shows it, such as `livemode is false`.
        what: String,
    },
    /// The payload names another tenant than the one whose secret verified it.
    #[error(
        "{path} names another tenant than the one this order was received for ({received_for}): refused"
    )]
    OtherTenant {
        /// Where it does, a JSON path.
        path: String,
        /// The tenant the order was received for.
        received_for: String,
    },
    /// The payload is understood and something in it is wrong or missing: everything at once.
    #[error("{0}")]
    Invalid(Problems),
}

impl OrderError {
    /// The refusal of a payload of this many bytes, for hosts that know the size before they read.
    pub fn too_large(bytes: u64) -> Self {
        Self::TooLarge {
            bytes,
            limit: super::MAX_ORDER_BYTES as u64,
        }
    }

    /// The single problems, if that is what it is.
    pub fn problems(&self) -> Option<&Problems> {
        match self {
            Self::Invalid(problems) => Some(problems),
            _ => None,
        }
    }

    /// True if the payload carries no id and the host has to give one.
    pub fn needs_order_id(&self) -> bool {
        self.needs(ProblemKind::NeedsOrderId)
    }

    /// True if the payload does not say it was paid and the host has to give evidence.
    pub fn needs_evidence(&self) -> bool {
        self.needs(ProblemKind::NeedsEvidence)
    }

    /// True if the payload names the customer by a panel id only and the host has to give the e-mail address.
    pub fn needs_customer(&self) -> bool {
        self.needs(ProblemKind::NeedsCustomer)
    }

    fn needs(&self, kind: ProblemKind) -> bool {
        self.problems()
            .is_some_and(|problems| problems.any_of_kind(kind))
    }
}

impl From<Problems> for OrderError {
    fn from(problems: Problems) -> Self {
        Self::Invalid(problems)
    }
}

fn fields(found: &[String]) -> String {
    const SHOWN: usize = 12;
    if found.is_empty() {
        return "none".to_owned();
    }
    let mut text = found
        .iter()
        .take(SHOWN)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if let Some(more) = found.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

fn known_shapes() -> String {
    PayloadShape::READABLE
        .into_iter()
        .map(|shape| format!("\n  {shape}: {}", shape.marks()))
        .collect()
}
