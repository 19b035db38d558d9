//! The order as it comes together from a payload, and its last step: a paid order, or everything that is wrong.

use super::alias::{Alias, AliasKind};
use super::envelope::Envelope;
use super::error::OrderError;
use super::evidence::PaymentEvidence;
use super::identity::{OrderId, OrderKey, SourceName};
use super::intake::Intake;
use super::item::OrderItem;
use super::items::read_domain;
use super::person::Person;
use super::reading::{AmountUnit, Object, Reading, quote};
use super::shape::PayloadShape;
use super::{Adjustments, PaidOrder};
use crate::domain::DomainName;
use crate::money::{Currency, Money};
use crate::problem::{Problem, ProblemKind};

const TOTAL_CENTS: &[&str] = &[
    "totalAmountCents",
    "total_amount_cents",
    "amountCents",
    "amount_cents",
];
const TOTAL: &[&str] = &["totalAmount", "total_amount", "amount", "total"];
const DOMAIN: &[&str] = &["primaryDomain", "primary_domain", "domain"];

/// What the payload itself says about payment.
#[derive(Default)]
pub(super) enum Payment {
    /// Nothing.
    #[default]
    Silent,
    /// It ought to say, and what it says is a problem of its own.
    Doubtful,
    /// It is paid.
    Proved(PaymentEvidence),
    /// It is not paid.
    Unpaid { what: String, status: String },
}

/// An order that is coming together.
pub(super) struct Draft<'a> {
    pub(super) intake: &'a Intake,
    pub(super) reading: Reading,
    pub(super) envelope: Envelope,
    pub(super) person: Person,
    pub(super) items: Vec<OrderItem>,
    pub(super) amount: Option<Money>,
    pub(super) currency: Option<Currency>,
    pub(super) adjustments: Adjustments,
    shape: PayloadShape,
    payment: Payment,
    domain: Option<DomainName>,
    id_belongs_at: &'static str,
}

impl<'a> Draft<'a> {
    pub(super) fn new(shape: PayloadShape, intake: &'a Intake) -> Self {
        Self {
            intake,
            reading: Reading::default(),
            envelope: Envelope::default(),
            person: Person::new(),
            items: Vec::new(),
            amount: None,
            currency: intake.currency(),
            adjustments: Adjustments::default(),
            shape,
            payment: Payment::default(),
            domain: None,
            id_belongs_at: "",
        }
    }

    /// Reads what stands flat at the top level of most payloads: envelope, person, payment status.
    pub(super) fn read_top(&mut self, object: &mut Object) {
        self.envelope.read(object, self.intake, &mut self.reading);
        self.person.read(object, &mut self.reading);
        if let Some((what, status)) =
            object.text(&["paymentStatus", "payment_status"], &mut self.reading)
        {
            // A status that says paid proves nothing in payloads that are not known to have one.
            const PAID: [&str; 5] = [
                "paid",
                "succeeded",
                "success",
                "completed",
                "no_payment_required",
            ];
            if !PAID.contains(&status.to_ascii_lowercase().as_str()) {
                self.set_payment(Payment::Unpaid { what, status });
            } else {
                self.reading.rest.insert(what, status.into());
            }
        }
    }

    /// Reads what metadata adds: ids, tenant, and what was not found before of person and domain.
    pub(super) fn read_metadata(&mut self, metadata: &mut Object) {
        self.envelope.read_ids(metadata, &mut self.reading);
        self.envelope
            .read_tenant(metadata, self.intake, &mut self.reading);
        self.person.read(metadata, &mut self.reading);
        self.read_domain(metadata, DOMAIN);
    }

    /// Reads the domain of the whole order, unless it is known already.
    pub(super) fn read_domain<S: AsRef<str>>(&mut self, object: &mut Object, names: &[S]) {
        if self.domain.is_none() {
            self.domain = read_domain(object, names, &mut self.reading);
        }
    }

    /// Reads the domain of the whole order from its usual fields.
    pub(super) fn read_usual_domain(&mut self, object: &mut Object) {
        self.read_domain(object, DOMAIN);
    }

    /// Reads a total and its currency, where a payload carries them without being obliged to.
    pub(super) fn read_totals(&mut self, object: &mut Object) {
        self.read_currency(object);
        let reading = &mut self.reading;
        self.amount = match object.money(TOTAL_CENTS, AmountUnit::Minor, self.currency, reading) {
            Some(amount) => Some(amount),
            None => object.money(TOTAL, AmountUnit::Either, self.currency, reading),
        };
    }

    /// Reads the currency of the payload's amounts.
    pub(super) fn read_currency(&mut self, object: &mut Object) {
        if let Some((path, text)) = object.text(&["currency"], &mut self.reading) {
            match Currency::parse(&text) {
                Ok(currency) => self.currency = Some(currency),
                Err(error) => self.reading.problem(path, error.to_string()),
            }
        }
    }

    /// What the payload says about payment; once it says unpaid, that stands.
    pub(super) fn set_payment(&mut self, payment: Payment) {
        if !matches!(self.payment, Payment::Unpaid { .. }) {
            self.payment = payment;
        }
    }

    /// Which field ought to carry the id.
    pub(super) fn expect_id_at(&mut self, name: &'static str) {
        self.id_belongs_at = name;
    }

    /// The paid order, or the most important reason why there is none: another tenant, test mode, unpaid, and then
    /// everything that is wrong at once.
    pub(super) fn finish(mut self) -> Result<PaidOrder, OrderError> {
        let mode = self.envelope.admit(self.intake)?;
        if let Payment::Unpaid { what, status } = self.payment {
            let status = quote(&status).map_or_else(|| "not a known status".to_owned(), |_| status);
            return Err(OrderError::NotPaid { what, status });
        }
        let id = self.primary_id();
        let evidence = self.evidence();
        let stripe_customer_id = self.envelope.stripe_customer_id.take();
        let customer =
            self.person
                .into_customer(self.intake, stripe_customer_id, &mut self.reading);
        let assumed = SourceName::assumed(self.shape.default_source());
        let source = self
            .envelope
            .source(self.intake, assumed, &mut self.reading);
        if self.items.is_empty() && self.reading.problems.is_empty() {
            self.reading
                .problem("", "the order lists nothing that was bought");
        }
        let (Some(id), Some(evidence), Some(customer), true) =
            (id, evidence, customer, self.reading.problems.is_empty())
        else {
            return Err(OrderError::Invalid(self.reading.problems));
        };
        // An item without a domain of its own is for the order's.
        for item in self.items.iter_mut().filter(|item| item.domain.is_none()) {
            item.domain.clone_from(&self.domain);
        }
        let given = Alias::new(AliasKind::Order, id.as_str())
            .ok()
            .filter(|_| self.intake.order_id().is_some());
        Ok(PaidOrder {
            key: OrderKey::new(self.intake.tenant().clone(), source, mode, id),
            occurred_at: self.envelope.occurred_at,
            aliases: self.envelope.into_ids().chain(given).collect(),
            customer,
            items: self.items,
            evidence,
            amount: self.amount,
            currency: self.amount.map(Money::currency).or(self.currency),
            adjustments: self.adjustments,
            shape: self.shape,
            notes: self.reading.notes,
            not_understood: self.reading.rest,
        })
    }

    fn primary_id(&mut self) -> Option<OrderId> {
        if let Some(given) = self.intake.order_id() {
            return OrderId::new(given)
                .inspect_err(|error| {
                    self.reading
                        .problem("", format!("the id given for this order {error}"))
                })
                .ok();
        }
        let primary = self
            .envelope
            .primary_id()
            .and_then(|alias| OrderId::new(alias.value()).ok());
        if primary.is_none() {
            let message = "the order carries no id of its own (no order number, payment intent, checkout session or \
                           subscription): give it one, the same each time this order is sent";
            let problem =
                Problem::new(self.id_belongs_at, message).of_kind(ProblemKind::NeedsOrderId);
            self.reading.problems.push(problem);
        }
        primary
    }

    fn evidence(&mut self) -> Option<PaymentEvidence> {
        match &self.payment {
            Payment::Proved(evidence) => Some(evidence.clone()),
            Payment::Doubtful | Payment::Unpaid { .. } => None,
            Payment::Silent => {
                let evidence = self.intake.evidence().cloned();
                if evidence.is_none() {
                    let message = "nothing in the order says that it was paid: verify its sender, look the payment up \
                                   at the payment provider, or name an operator who vouches for it";
                    let problem = Problem::new("", message).of_kind(ProblemKind::NeedsEvidence);
                    self.reading.problems.push(problem);
                }
                evidence
            }
        }
    }
}
