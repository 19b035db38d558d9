//! How the payment of an order stands, folded from its events.

use jiff::Timestamp;

use super::amendment::Amendment;
use crate::order::{PaidOrder, PaymentEvent, PaymentEventKind};

/// How the payment of an order stands, whatever the order in which its events arrived and however often.
///
/// The newest `occurred_at` wins; on a tie *paid* wins. Observing is commutative, associative and idempotent, so a late
/// or doubled event leads where it would have led in time.
///
/// ```
/// use jiff::Timestamp;
/// use provisioning_core::order::PaymentEventKind::{Disputed, Paid};
/// use provisioning_core::payment::{PaymentState, Standing};
///
/// let at = |second| Timestamp::from_second(second).unwrap();
/// let state = PaymentState::default().with(Paid, at(20)).with(Disputed, at(10));
/// assert_eq!(state.standing(), Standing::Paid { since: Some(at(20)) });
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentState {
    paid: Option<Timestamp>,
    unpaid: Option<Unpaid>,
    partly_refunded: Option<Timestamp>,
    amendment: Option<Amendment>,
}

/// The newest event that says that the order is not paid; of several of one instant the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Unpaid {
    occurred_at: Timestamp,
    gravity: u8,
    kind: PaymentEventKind,
}

/// Whether an order is paid now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is paid.
    Paid {
        /// Since when; none if only the evidence of the order itself says so, without a time.
        since: Option<Timestamp>,
    },
    /// It is not paid any more.
    Unpaid {
        /// What happened.
        kind: PaymentEventKind,
        /// When.
        since: Timestamp,
    },
}

impl PaymentState {
    /// As a paid order came, before any event: paid when it says so, or at some time before every event.
    #[must_use]
    pub fn of_order(order: &PaidOrder) -> Self {
        Self {
            paid: order.occurred_at(),
            ..Self::default()
        }
    }

    /// An order and all events that are known of it.
    #[must_use]
    pub fn fold<'a>(order: &PaidOrder, events: impl IntoIterator<Item = &'a PaymentEvent>) -> Self {
        let mut state = Self::of_order(order);
        for event in events {
            state.observe(event);
        }
        state
    }

    /// Takes an event into account.
    pub fn observe(&mut self, event: &PaymentEvent) {
        if event.kind() == PaymentEventKind::Amended {
            self.amend(Amendment::new(event.occurred_at(), event.items().to_vec()));
        } else {
            self.happened(event.kind(), event.occurred_at());
        }
    }

    /// Takes into account that the order holds other items.
    pub fn amend(&mut self, amendment: Amendment) {
        if self
            .amendment
            .as_ref()
            .is_none_or(|known| known.id() < amendment.id())
        {
            self.amendment = Some(amendment);
        }
    }

    /// Takes into account that something happened to the payment. [`PaymentEventKind::Amended`] says nothing about the
    /// payment; its items are told by [`PaymentState::amend`].
    pub fn happened(&mut self, kind: PaymentEventKind, occurred_at: Timestamp) {
        let gravity = match kind {
            PaymentEventKind::Paid => {
                self.paid = self.paid.max(Some(occurred_at));
                return;
            }
            PaymentEventKind::PartlyRefunded => {
                self.partly_refunded = self.partly_refunded.max(Some(occurred_at));
                return;
            }
            PaymentEventKind::Amended => return,
            PaymentEventKind::PaymentFailed => 0,
            PaymentEventKind::Cancelled => 1,
            PaymentEventKind::SubscriptionDeleted => 2,
            PaymentEventKind::Disputed => 3,
            PaymentEventKind::Refunded => 4,
        };
        self.unpaid = self.unpaid.max(Some(Unpaid {
            occurred_at,
            gravity,
            kind,
        }));
    }

    /// The same state after something happened.
    #[must_use]
    pub fn with(mut self, kind: PaymentEventKind, occurred_at: Timestamp) -> Self {
        self.happened(kind, occurred_at);
        self
    }

    /// Whether the order is paid now.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match self.unpaid {
            Some(unpaid) if self.paid.is_none_or(|paid| paid < unpaid.occurred_at) => {
                Standing::Unpaid {
                    kind: unpaid.kind,
                    since: unpaid.occurred_at,
                }
            }
            _ => Standing::Paid { since: self.paid },
        }
    }

    /// The last time money arrived, as far as known.
    #[must_use]
    pub const fn last_paid(&self) -> Option<Timestamp> {
        self.paid
    }

    /// When some of the money last went back, if that is newer than the last payment.
    #[must_use]
    pub fn partly_refunded(&self) -> Option<Timestamp> {
        self.partly_refunded
            .filter(|at| self.paid.is_none_or(|paid| paid < *at))
    }

    /// What the order holds now, if it was amended.
    #[must_use]
    pub const fn amendment(&self) -> Option<&Amendment> {
        self.amendment.as_ref()
    }

    /// The newest instant any event speaks of.
    #[must_use]
    pub fn newest(&self) -> Option<Timestamp> {
        let amended = self
            .amendment
            .as_ref()
            .map(|amended| amended.id().occurred_at);
        self.paid
            .max(self.unpaid.map(|unpaid| unpaid.occurred_at))
            .max(self.partly_refunded)
            .max(amended)
    }
}
