//! Payment events: what happens to the payment of an order that is known already.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::alias::Alias;
use super::error::OrderError;
use super::event_draft::EventDraft;
use super::identity::{OrderMode, SourceName, TenantId};
use super::intake::Intake;
use super::item::OrderItem;
use super::read::{parse_object, stripe_event_type};
use super::reading::{Object, quote};
use super::{own_event, stripe_event};
use crate::money::Money;

/// What happened to a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentEventKind {
    /// Money arrived: a renewal, or a dispute that was won.
    Paid,
    /// All of the money went back.
    Refunded,
    /// Some of the money went back.
    PartlyRefunded,
    /// The buyer's bank demands the money back.
    Disputed,
    /// A payment that was due did not arrive.
    PaymentFailed,
    /// The subscription ended at the payment provider.
    SubscriptionDeleted,
    /// The order was called off.
    Cancelled,
    /// The order now holds other items.
    Amended,
}

impl PaymentEventKind {
    /// The kind's name: `paid`, `refunded`, `partly_refunded`, `disputed`, `payment_failed`, `subscription_deleted`,
    /// `cancelled` or `amended`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Refunded => "refunded",
            Self::PartlyRefunded => "partly_refunded",
            Self::Disputed => "disputed",
            Self::PaymentFailed => "payment_failed",
            Self::SubscriptionDeleted => "subscription_deleted",
            Self::Cancelled => "cancelled",
            Self::Amended => "amended",
        }
    }

    /// What happened, as a sentence without its end.
    pub fn words(self) -> &'static str {
        match self {
            Self::Paid => "the order was paid",
            Self::Refunded => "the payment was refunded",
            Self::PartlyRefunded => "some of the payment was refunded",
            Self::Disputed => "the payment is disputed",
            Self::PaymentFailed => "a payment that was due did not arrive",
            Self::SubscriptionDeleted => "the subscription ended",
            Self::Cancelled => "the order was called off",
            Self::Amended => "the order was amended",
        }
    }

    /// The kind that a host's own event name means, such as `order.refunded` or `subscription-deleted`.
    pub fn of_name(name: &str) -> Option<Self> {
        let plain = name
            .trim()
            .to_ascii_lowercase()
            .replace(['.', '-', ' ', ':', '/'], "_");
        let bare = plain
            .strip_prefix("order_")
            .or_else(|| plain.strip_prefix("payment_"))
            .unwrap_or(&plain);
        match bare {
            "paid" | "succeeded" => Some(Self::Paid),
            "refunded" | "refund" | "fully_refunded" => Some(Self::Refunded),
            "partly_refunded" | "partially_refunded" | "partial_refund" => {
                Some(Self::PartlyRefunded)
            }
            "disputed" | "dispute" | "dispute_created" | "chargeback" => Some(Self::Disputed),
            "payment_failed" | "failed" => Some(Self::PaymentFailed),
            "subscription_deleted" | "subscription_ended" => Some(Self::SubscriptionDeleted),
            "cancelled" | "canceled" | "subscription_cancelled" | "subscription_canceled" => {
                Some(Self::Cancelled)
            }
            "amended" | "changed" | "subscription_changed" => Some(Self::Amended),
            _ => None,
        }
    }
}

impl fmt::Display for PaymentEventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something that happened to the payment of an order, found by one of its ids.
///
/// `Debug` leaves out what was not understood.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentEvent {
    pub(super) kind: PaymentEventKind,
    pub(super) tenant: TenantId,
    pub(super) source: SourceName,
    pub(super) mode: OrderMode,
    pub(super) aliases: BTreeSet<Alias>,
    pub(super) occurred_at: Timestamp,
    #[serde(default)]
    pub(super) event_id: Option<String>,
    #[serde(default)]
    pub(super) stripe_customer_id: Option<String>,
    #[serde(default)]
    pub(super) amount: Option<Money>,
    #[serde(default)]
    pub(super) reason: Option<String>,
    #[serde(default)]
    pub(super) items: Vec<OrderItem>,
    #[serde(default)]
    pub(super) notes: Vec<String>,
    #[serde(default)]
    pub(super) not_understood: Map<String, Value>,
}

impl PaymentEvent {
    /// What happened.
    pub fn kind(&self) -> PaymentEventKind {
        self.kind
    }

    /// Whose order it concerns.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// Where the event comes from.
    pub fn source(&self) -> &SourceName {
        &self.source
    }

    /// Live or test.
    pub fn mode(&self) -> OrderMode {
        self.mode
    }

    /// The ids by which the order is found; at least one that is not the event's own.
    pub fn aliases(&self) -> &BTreeSet<Alias> {
        &self.aliases
    }

    /// When it happened: of two events, the later one counts.
    pub fn occurred_at(&self) -> Timestamp {
        self.occurred_at
    }

    /// The event's own id: the same one means a redelivery.
    pub fn event_id(&self) -> Option<&str> {
        self.event_id.as_deref()
    }

    /// The Stripe customer it concerns.
    pub fn stripe_customer_id(&self) -> Option<&str> {
        self.stripe_customer_id.as_deref()
    }

    /// The amount it concerns, such as what was refunded.
    pub fn amount(&self) -> Option<Money> {
        self.amount
    }

    /// The reason given, a word such as `fraudulent`.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// What the order holds from now on, for [`PaymentEventKind::Amended`]; empty otherwise.
    pub fn items(&self) -> &[OrderItem] {
        &self.items
    }

    /// What was noticed while reading, for people; without personal data.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The fields that were not understood, by JSON path. May hold personal data.
    pub fn not_understood(&self) -> &Map<String, Value> {
        &self.not_understood
    }
}

impl fmt::Debug for PaymentEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentEvent")
            .field("kind", &self.kind)
            .field("tenant", &self.tenant)
            .field("source", &self.source)
            .field("mode", &self.mode)
            .field("aliases", &self.aliases)
            .field("occurred_at", &self.occurred_at)
            .field("stripe_customer_id", &self.stripe_customer_id)
            .field("amount", &self.amount)
            .field("reason", &self.reason)
            .field("items", &self.items)
            .field("notes", &self.notes)
            .field(
                "not_understood",
                &format_args!("[{} fields]", self.not_understood.len()),
            )
            .finish()
    }
}

/// Reads a payment event from the bytes of a payload.
///
/// Stripe: `charge.refunded`, `charge.dispute.*`, `invoice.paid`, `invoice.payment_succeeded`,
/// `invoice.payment_failed`, `payment_intent.payment_failed`, `payment_intent.canceled`,
/// `customer.subscription.deleted`, `customer.subscription.updated` where its items changed,
/// `checkout.session.expired` and `checkout.session.async_payment_failed`.
///
/// Of other senders: `event` (a name that [`PaymentEventKind::of_name`] knows), `occurredAt`, at least one id of the
/// order (`orderId`, `stripePaymentIntentId`, `stripeSubscriptionId`, ...), and where it applies `id` of the event,
/// `amount` with `currency`, `reason`, and `items` of an amended order.
///
/// ```
/// use provisioning_core::order::{Intake, PaymentEventKind, TenantId, read_payment_event};
///
/// let payload = br#"{"event": "order.refunded", "orderId": "A-1001", "occurredAt": "2026-11-20T08:00:00Z"}"#;
/// let event = read_payment_event(payload, &Intake::new(TenantId::new("migrahosting")?))?;
/// assert_eq!(event.kind(), PaymentEventKind::Refunded);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`OrderError`] as for [`read_order`](super::read_order); `OtherEvent` for events that concern no payment.
pub fn read_payment_event(bytes: &[u8], intake: &Intake) -> Result<PaymentEvent, OrderError> {
    let fields = parse_object(bytes)?;
    let stripe = stripe_event_type(&fields).map(str::to_owned);
    let mut draft = EventDraft::new(intake);
    let object = Object::root(fields);
    match stripe {
        Some(event) => {
            if !stripe_event::is_payment_event(&event) {
                return Err(other_event(&event));
            }
            draft.assumed_source = "stripe";
            stripe_event::read(object, &event, &mut draft)?;
        }
        None => own_event::read(object, &mut draft)?,
    }
    draft.finish()
}

/// An event that is no payment event.
pub(super) fn other_event(event: &str) -> OrderError {
    OrderError::OtherEvent {
        event: quote(event).unwrap_or_else(|| "of an unreadable type".to_owned()),
        payment_event: false,
    }
}
