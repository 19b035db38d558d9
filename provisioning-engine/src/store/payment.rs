//! Payment events as they are stored, and what an order's first run keeps about its payment.

use std::time::Duration;

use jiff::Timestamp;
use provisioning_core::order::{Alias, OrderMode, PaymentEventKind, TenantId};
use provisioning_core::plan::id::PlanId;

use super::Sealed;

/// How many events are kept whose order has not come; the oldest go first.
pub const MOST_EARLY_EVENTS: u32 = 10_000;

/// How long an event is kept whose order has not come.
pub const EARLY_EVENTS_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// A payment event that is to be kept.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// Whose order it concerns.
    pub tenant: TenantId,
    /// Live or test.
    pub mode: OrderMode,
    /// What tells a redelivery: the same id of the same tenant and mode is the same event.
    pub id: String,
    /// The ids by which its order is found.
    pub aliases: Vec<Alias>,
    /// What happened.
    pub kind: PaymentEventKind,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The rest of it, sealed.
    pub details: Sealed,
    /// When it was received.
    pub at: Timestamp,
}

/// What became of a payment event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivered {
    /// It is kept, and its order is to be decided about anew.
    New {
        /// The first run of its order.
        run: PlanId,
    },
    /// It is known already.
    Redelivered {
        /// The first run of its order; none while that has not come.
        run: Option<PlanId>,
    },
    /// None of its ids is known. It is kept until its order comes, at most [`EARLY_EVENTS_KEPT`] and as one of at most
    /// [`MOST_EARLY_EVENTS`].
    Early,
    /// Its ids lead to several orders: for a human. It is not kept.
    Conflict {
        /// The first runs of these orders.
        runs: Vec<PlanId>,
    },
    /// Its order is forgotten. It is not kept.
    Forgotten {
        /// The first run of its order.
        run: PlanId,
    },
}

/// A payment event that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Whose order it concerns.
    pub tenant: TenantId,
    /// Live or test.
    pub mode: OrderMode,
    /// What tells a redelivery.
    pub id: String,
    /// What happened.
    pub kind: PaymentEventKind,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// When it was received.
    pub received_at: Timestamp,
    /// The rest of it, sealed.
    pub details: Sealed,
}

/// What the first run of an order keeps about its payment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PaymentNote {
    /// Grows with every event that arrives and, once there is any, with every run of the order that ends: whenever there
    /// is something to decide anew. 0 for an order without events.
    pub version: u64,
    /// The version that was acted on last.
    pub settled: u64,
    /// When time alone makes it necessary to decide anew.
    pub decide_at: Option<Timestamp>,
    /// What happened to the payment, when it was decided last and the order was not paid.
    pub unpaid: Option<Unpaid>,
    /// What a person has to decide.
    pub question: Option<String>,
}

impl PaymentNote {
    /// Whether something has changed that was not acted on. No call of any run of the order is begun before it is.
    #[must_use]
    pub const fn is_unsettled(&self) -> bool {
        self.version > self.settled
    }

    /// Whether there is something to decide at `now`.
    #[must_use]
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.is_unsettled() || self.decide_at.is_some_and(|at| at <= now)
    }
}

/// What happened to the payment of an order that is not paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unpaid {
    /// What.
    pub kind: PaymentEventKind,
    /// When.
    pub since: Timestamp,
}

/// What was decided about the payment of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// [`PaymentNote::version`] when the events were read.
    pub version: u64,
    /// When time alone makes it necessary to decide anew.
    pub decide_at: Option<Timestamp>,
    /// What happened to the payment, if the order is not paid.
    pub unpaid: Option<Unpaid>,
    /// What a person has to decide.
    pub question: Option<String>,
}
