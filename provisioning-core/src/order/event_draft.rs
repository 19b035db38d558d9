//! A payment event as it comes together from a payload, and its last step.

use std::collections::BTreeSet;

use super::alias::{Alias, AliasKind};
use super::envelope::Envelope;
use super::error::OrderError;
use super::event::{PaymentEvent, PaymentEventKind};
use super::identity::SourceName;
use super::intake::Intake;
use super::item::OrderItem;
use super::reading::{Object, Reading, quote};
use crate::money::{Currency, Money};
use crate::problem::{Problem, ProblemKind};

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
    pub(super) assumed_source: &'static str,
}

impl<'a> EventDraft<'a> {
    pub(super) fn new(intake: &'a Intake) -> Self {
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

    pub(super) fn finish(mut self) -> Result<PaymentEvent, OrderError> {
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
