//! Payment events: what happens to the payment of an order that is known already.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::alias::{Alias, AliasKind};
use super::envelope::Envelope;
use super::error::OrderError;
use super::identity::{OrderMode, SourceName, TenantId};
use super::intake::Intake;
use super::item::OrderItem;
use super::items::read_items;
use super::order_created::ITEMS;
use super::read::{parse_object, stripe_event_type};
use super::reading::{AmountUnit, Field, Object, Reading, quote};
use super::stripe_event;
use crate::money::{Currency, Money};
use crate::problem::{Problem, ProblemKind};

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
    kind: PaymentEventKind,
    tenant: TenantId,
    source: SourceName,
    mode: OrderMode,
    aliases: BTreeSet<Alias>,
    occurred_at: Timestamp,
    #[serde(default)]
    event_id: Option<String>,
    #[serde(default)]
    stripe_customer_id: Option<String>,
    #[serde(default)]
    amount: Option<Money>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    items: Vec<OrderItem>,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    not_understood: Map<String, Value>,
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
        None => read_own(object, &mut draft)?,
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

/// An event that is coming together.
pub(super) struct EventDraft<'a> {
    pub(super) intake: &'a Intake,
    pub(super) reading: Reading,
    pub(super) envelope: Envelope,
    pub(super) kind: Option<PaymentEventKind>,
    pub(super) currency: Option<Currency>,
    pub(super) amount: Option<Money>,
    pub(super) reason: Option<String>,
    pub(super) items: Vec<OrderItem>,
    assumed_source: &'static str,
}

impl<'a> EventDraft<'a> {
    fn new(intake: &'a Intake) -> Self {
        Self {
            intake,
            reading: Reading::default(),
            envelope: Envelope::default(),
            kind: None,
            currency: intake.currency(),
            amount: None,
            reason: None,
            items: Vec::new(),
            assumed_source: "payment-event",
        }
    }

    /// Reads the currency of the event's amount.
    pub(super) fn read_currency(&mut self, object: &mut Object) {
        if let Some((path, text)) = object.text(&["currency"], &mut self.reading) {
            match Currency::parse(&text) {
                Ok(currency) => self.currency = Some(currency),
                Err(error) => self.reading.problem(path, error.to_string()),
            }
        }
    }

    /// Reads a reason; prose is kept apart, because it may be about a person.
    pub(super) fn read_reason(&mut self, object: &mut Object) {
        let Some(field) = object.field(&["reason"]) else {
            return;
        };
        match field.value.as_str() {
            Some(word) if quote(word).is_some() => self.reason = Some(word.to_owned()),
            _ => self.reading.keep(field),
        }
    }

    fn finish(mut self) -> Result<PaymentEvent, OrderError> {
        let mode = self.envelope.admit(self.intake)?;
        let given = self
            .intake
            .order_id()
            .map(|id| Alias::new(AliasKind::Order, id));
        let given = match given.transpose() {
            Ok(given) => given,
            Err(error) => {
                self.reading
                    .problem("", format!("the order id given for this event {error}"));
                None
            }
        };
        if given.is_none() && !self.envelope.names_an_order() && self.reading.problems.is_empty() {
            let message = "the event names no order: give it an order id, a payment intent, a session, an invoice or \
                           a subscription";
            self.reading
                .problems
                .push(Problem::new("", message).of_kind(ProblemKind::NeedsOrderId));
        }
        if self.kind == Some(PaymentEventKind::Amended)
            && self.items.is_empty()
            && self.reading.problems.is_empty()
        {
            self.reading.problem(
                "items",
                "is missing: an amended order has to list what it holds now",
            );
        }
        let occurred_at = self.envelope.occurred_at;
        if occurred_at.is_none() {
            let message = "is missing: of two events the later one counts, so each needs its time";
            self.reading.problem("occurredAt", message);
        }
        let source = SourceName::assumed(self.assumed_source);
        let source = self.envelope.source(self.intake, source, &mut self.reading);
        let (Some(kind), Some(occurred_at), true) =
            (self.kind, occurred_at, self.reading.problems.is_empty())
        else {
            return Err(OrderError::Invalid(self.reading.problems));
        };
        let stripe_customer_id = self.envelope.stripe_customer_id.take();
        let aliases: BTreeSet<_> = self.envelope.into_ids().chain(given).collect();
        let event_id = aliases
            .iter()
            .find(|alias| alias.kind() == AliasKind::Event);
        Ok(PaymentEvent {
            kind,
            tenant: self.intake.tenant().clone(),
            source,
            mode,
            occurred_at,
            event_id: event_id.map(|alias| alias.value().to_owned()),
            aliases,
            stripe_customer_id,
            amount: self.amount,
            reason: self.reason,
            items: self.items,
            notes: self.reading.notes,
            not_understood: self.reading.rest,
        })
    }
}

/// An event in this crate's own form.
fn read_own(mut object: Object, draft: &mut EventDraft<'_>) -> Result<(), OrderError> {
    let reading = &mut draft.reading;
    let Some((_, name)) = object.text(&["event", "eventType", "event_type", "type"], reading)
    else {
        let message =
            "is missing: what happened, such as refunded, disputed, payment_failed or cancelled";
        reading.problem(object.path_of("event"), message);
        return Ok(());
    };
    draft.kind = PaymentEventKind::of_name(&name);
    if draft.kind.is_none() {
        return Err(other_event(&name));
    }
    if let Some((path, id)) = object.id(&["id", "eventId", "event_id"], reading) {
        draft.envelope.add_id(AliasKind::Event, &path, id, reading);
    }
    draft.envelope.read(&mut object, draft.intake, reading);
    if draft.kind == Some(PaymentEventKind::Refunded)
        && let Some(Field { path: flag, value }) = object.field(&["partial"])
    {
        match value {
            Value::Bool(true) => draft.kind = Some(PaymentEventKind::PartlyRefunded),
            Value::Bool(false) => {}
            _ => draft.reading.problem(flag, "must be true or false"),
        }
    }
    draft.read_currency(&mut object);
    draft.read_reason(&mut object);
    let reading = &mut draft.reading;
    draft.amount = match object.money(&["amountCents"], AmountUnit::Minor, draft.currency, reading)
    {
        Some(amount) => Some(amount),
        None => object.money(&["amount"], AmountUnit::Either, draft.currency, reading),
    };
    if draft.kind == Some(PaymentEventKind::Amended) {
        draft.items = read_items(&mut object, &ITEMS, draft.currency, reading);
    }
    object.finish(&mut draft.reading);
    Ok(())
}
