//! The order as it comes together from a payload, and its last step: a paid order, or everything that is wrong.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::alias::{Alias, AliasKind};
use super::customer::Customer;
use super::error::OrderError;
use super::evidence::PaymentEvidence;
use super::identity::{OrderId, OrderKey, OrderMode, SourceName};
use super::intake::Intake;
use super::item::OrderItem;
use super::reading::{AmountUnit, Field, Object, Reading, quote};
use super::shape::PayloadShape;
use super::{Adjustments, PaidOrder};
use crate::domain::DomainName;
use crate::email::EmailAddress;
use crate::money::{Currency, Money};
use crate::problem::{Problem, ProblemKind};

/// What the payload itself says about payment.
#[derive(Default)]
pub(super) enum Payment {
    /// Nothing.
    #[default]
    Silent,
    /// It is paid.
    Proved(PaymentEvidence),
    /// It ought to say, and what it says is a problem of its own.
    Doubtful,
    /// It is not paid.
    Unpaid { what: String, status: String },
}

/// An order that is coming together.
pub(super) struct Draft<'a> {
    pub(super) intake: &'a Intake,
    pub(super) reading: Reading,
    pub(super) items: Vec<OrderItem>,
    pub(super) payment: Payment,
    pub(super) amount: Option<Money>,
    pub(super) currency: Option<Currency>,
    pub(super) adjustments: Adjustments,
    pub(super) occurred_at: Option<Timestamp>,
    shape: PayloadShape,
    email: Option<EmailAddress>,
    /// Where the e-mail address would stand if it is missing; none once something was said about it.
    email_missing_at: Option<String>,
    id_missing_at: &'static str,
    person: Person,
    aliases: BTreeSet<Alias>,
    source: Option<SourceName>,
    test_mark: Option<String>,
    other_tenant: Option<String>,
}

#[derive(Default)]
struct Person {
    full_name: Option<String>,
    company: Option<String>,
    phone: Option<String>,
    country: Option<String>,
    stripe_customer_id: Option<String>,
    panel_customer_id: Option<String>,
}

const EMAIL: &[&str] = &["customerEmail", "customer_email", "email"];
const FULL_NAME: &[&str] = &[
    "customerName",
    "customer_name",
    "fullName",
    "full_name",
    "name",
];
const COMPANY: &[&str] = &["customerCompany", "companyName", "company_name", "company"];
const PHONE: &[&str] = &["customerPhone", "customer_phone", "phone"];
const COUNTRY: &[&str] = &["customerCountry", "country"];
const TENANT: &[&str] = &[
    "tenant",
    "tenantId",
    "tenant_id",
    "tenantSlug",
    "tenant_slug",
];

const TOTAL_CENTS: &[&str] = &[
    "totalAmountCents",
    "total_amount_cents",
    "amountCents",
    "amount_cents",
];
const TOTAL: &[&str] = &["totalAmount", "total_amount", "amount", "total"];

/// The ids that any payload may carry, by kind.
const IDS: &[(AliasKind, &[&str])] = &[
    (
        AliasKind::Order,
        &[
            "externalOrderId",
            "external_order_id",
            "orderId",
            "order_id",
        ],
    ),
    (
        AliasKind::PaymentIntent,
        &[
            "stripePaymentIntentId",
            "paymentIntentId",
            "stripe_payment_intent_id",
            "payment_intent_id",
        ],
    ),
    (
        AliasKind::CheckoutSession,
        &[
            "stripeSessionId",
            "stripe_session_id",
            "checkoutSessionId",
            "sessionId",
            "session_id",
        ],
    ),
    (
        AliasKind::Invoice,
        &["stripeInvoiceId", "stripe_invoice_id"],
    ),
    (
        AliasKind::Subscription,
        &["stripeSubscriptionId", "stripe_subscription_id"],
    ),
];

/// Which alias becomes the primary id where the host gives none.
const PRIMARY: [AliasKind; 6] = [
    AliasKind::Order,
    AliasKind::PaymentIntent,
    AliasKind::CheckoutSession,
    AliasKind::Invoice,
    AliasKind::Subscription,
    AliasKind::External,
];

impl<'a> Draft<'a> {
    pub(super) fn new(shape: PayloadShape, intake: &'a Intake) -> Self {
        Self {
            intake,
            reading: Reading::default(),
            items: Vec::new(),
            payment: Payment::Silent,
            amount: None,
            currency: intake.currency(),
            adjustments: Adjustments::default(),
            occurred_at: None,
            shape,
            email: None,
            email_missing_at: Some("customerEmail".to_owned()),
            id_missing_at: "",
            person: Person::default(),
            aliases: BTreeSet::new(),
            source: None,
            test_mark: None,
            other_tenant: None,
        }
    }

    /// Reads what any payload may say at its top level: ids, source, tenant, test mode, time, payment status.
    pub(super) fn read_envelope(&mut self, object: &mut Object) {
        self.read_ids(object);
        self.read_tenant(object);
        self.read_test_mode(object);
        if let Some((path, status)) =
            object.text(&["paymentStatus", "payment_status"], &mut self.reading)
        {
            self.read_unpaid(path, status);
        }
        if let Some(source) = object.free_text(&["source"], &mut self.reading) {
            self.source = claimed_source(&source);
        }
        if let Some(time) = object.time(
            &["createdAt", "created_at", "occurredAt", "timestamp"],
            &mut self.reading,
        ) {
            self.occurred_at = Some(time);
        }
    }

    /// Takes every id there is; each becomes an alias.
    pub(super) fn read_ids(&mut self, object: &mut Object) {
        for (kind, names) in IDS {
            for name in *names {
                if let Some((path, id)) = object.id(&[name], &mut self.reading) {
                    self.add_id(*kind, &path, id);
                }
            }
        }
        if let Some((_, id)) = object.id(
            &["stripeCustomerId", "stripe_customer_id"],
            &mut self.reading,
        ) {
            self.person.stripe_customer_id = Some(id);
        }
    }

    /// Adds an id; what cannot be one is a problem.
    pub(super) fn add_id(&mut self, kind: AliasKind, path: &str, id: String) {
        // The marketing site sends its own database id in this field (contract section 12), which is no Stripe id.
        let kind = match kind {
            AliasKind::Subscription if !id.starts_with("sub_") => AliasKind::External,
            kind => kind,
        };
        if kind == AliasKind::CheckoutSession && id.starts_with("cs_test_") {
            self.test_mark = Some(format!("{path} begins with cs_test_"));
        }
        let known = self
            .aliases
            .iter()
            .find(|alias| alias.kind() == kind && alias.value() != id);
        if known.is_some() && kind != AliasKind::External {
            let message = format!(
                "is another {} than the one named elsewhere in this order",
                kind.as_str()
            );
            return self.reading.problem(path, message);
        }
        match Alias::new(kind, id) {
            Ok(alias) => {
                self.aliases.insert(alias);
            }
            Err(error) => self.reading.problem(path, error.to_string()),
        }
    }

    /// Compares every tenant the payload names with the one it was received for.
    pub(super) fn read_tenant(&mut self, object: &mut Object) {
        for name in TENANT {
            if let Some(Field { path, value }) = object.field(&[name]) {
                match value.as_str() {
                    Some(tenant) if self.intake.is_tenant(tenant) => {}
                    Some(_) => self.other_tenant = Some(path),
                    None => self.reading.keep(Field { path, value }),
                }
            }
        }
    }

    /// Reads `livemode`.
    pub(super) fn read_test_mode(&mut self, object: &mut Object) {
        if let Some(Field { path, value }) = object.field(&["livemode"]) {
            match value.as_bool() {
                Some(true) => {}
                Some(false) => self.test_mark = Some(format!("{path} is false")),
                None => self.reading.problem(path, "must be true or false"),
            }
        }
    }

    /// A status that says the order is not paid; one that says paid proves nothing by itself.
    fn read_unpaid(&mut self, what: String, status: String) {
        const PAID: [&str; 5] = [
            "paid",
            "succeeded",
            "success",
            "completed",
            "no_payment_required",
        ];
        if !PAID.contains(&status.to_ascii_lowercase().as_str()) {
            self.payment = Payment::Unpaid { what, status };
        }
    }

    /// Reads who ordered, in every flat spelling the payloads use.
    pub(super) fn read_person(&mut self, object: &mut Object) {
        self.read_email(object, EMAIL);
        let reading = &mut self.reading;
        let set = |slot: &mut Option<String>, value: Option<String>| {
            if value.is_some() {
                *slot = value;
            }
        };
        set(
            &mut self.person.full_name,
            object.free_text(FULL_NAME, reading),
        );
        set(&mut self.person.company, object.free_text(COMPANY, reading));
        set(&mut self.person.phone, object.free_text(PHONE, reading));
        set(&mut self.person.country, object.free_text(COUNTRY, reading));
        let first = object.free_text(&["firstName", "first_name"], reading);
        let last = object.free_text(&["lastName", "last_name"], reading);
        if self.person.full_name.is_none() {
            let parts: Vec<_> = [first, last].into_iter().flatten().collect();
            self.person.full_name = (!parts.is_empty()).then(|| parts.join(" "));
        }
    }

    /// Reads the customer's e-mail address.
    pub(super) fn read_email(&mut self, object: &mut Object, names: &[&str]) {
        if self.email.is_some() {
            return;
        }
        let problems = self.reading.problems.len();
        if let Some((path, text)) = object.text(names, &mut self.reading) {
            match EmailAddress::parse(&text) {
                Ok(email) => self.email = Some(email),
                Err(error) => self
                    .reading
                    .problem(path, format!("is not an e-mail address: it {error}")),
            }
        }
        if self.reading.problems.len() > problems {
            self.email_missing_at = None;
        }
    }

    /// Reads a total and its currency, where a payload carries them without being obliged to.
    pub(super) fn read_totals(&mut self, object: &mut Object) {
        self.read_currency(object);
        if let Some(amount) = object.money(
            TOTAL_CENTS,
            AmountUnit::Minor,
            self.currency,
            &mut self.reading,
        ) {
            self.amount = Some(amount);
        } else if let Some(amount) =
            object.money(TOTAL, AmountUnit::Either, self.currency, &mut self.reading)
        {
            self.amount = Some(amount);
        }
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

    /// Gives every item that has no domain of its own the one of the order.
    pub(super) fn apply_domain(&mut self, domain: Option<DomainName>) {
        let Some(domain) = domain else { return };
        for item in self.items.iter_mut().filter(|item| item.domain.is_none()) {
            item.domain = Some(domain.clone());
        }
    }

    /// Which field ought to carry the id.
    pub(super) fn expect_id(&mut self, name: &'static str) {
        self.id_missing_at = name;
    }

    /// Where to say that the e-mail address is missing.
    pub(super) fn expect_email_at(&mut self, path: String) {
        if self.email_missing_at.is_some() {
            self.email_missing_at = Some(path);
        }
    }

    pub(super) fn set_panel_customer(&mut self, id: String) {
        self.person.panel_customer_id = Some(id);
    }

    /// The paid order, or the most important reason why there is none: another tenant, test mode, unpaid, and then
    /// everything that is wrong at once.
    pub(super) fn finish(mut self) -> Result<PaidOrder, OrderError> {
        if let Some(path) = self.other_tenant {
            return Err(OrderError::OtherTenant {
                path,
                received_for: self.intake.tenant().to_string(),
            });
        }
        let mode = match self.test_mark.take() {
            Some(what) if !self.intake.allows_test() => return Err(OrderError::TestMode { what }),
            Some(_) => OrderMode::Test,
            None => OrderMode::Live,
        };
        if let Payment::Unpaid { what, status } = self.payment {
            let status = quote(&status).map_or_else(|| "not a known status".to_owned(), |_| status);
            return Err(OrderError::NotPaid { what, status });
        }
        let id = self.primary_id();
        let evidence = self.evidence();
        let email = self.email();
        let (Some(id), Some(evidence), Some(email), true) =
            (id, evidence, email, self.reading.problems.is_empty())
        else {
            return Err(OrderError::Invalid(self.reading.problems));
        };
        let source = self.source();
        let key = OrderKey::new(self.intake.tenant().clone(), source, mode, id);
        let customer = Customer {
            email,
            full_name: self.person.full_name,
            company: self.person.company,
            phone: self.person.phone,
            country: self.person.country,
            stripe_customer_id: self.person.stripe_customer_id,
            panel_customer_id: self.person.panel_customer_id,
        };
        Ok(PaidOrder {
            key,
            aliases: self.aliases,
            customer,
            items: self.items,
            evidence,
            amount: self.amount,
            currency: self.amount.map(Money::currency).or(self.currency),
            adjustments: self.adjustments,
            occurred_at: self.occurred_at,
            shape: self.shape,
            notes: self.reading.notes,
            not_understood: self.reading.rest,
        })
    }

    fn primary_id(&mut self) -> Option<OrderId> {
        if let Some(given) = self.intake.order_id() {
            return match OrderId::new(given) {
                Ok(id) => {
                    self.aliases
                        .extend(Alias::new(AliasKind::Order, id.as_str()));
                    Some(id)
                }
                Err(error) => {
                    self.reading
                        .problem("", format!("the order id given for this order {error}"));
                    None
                }
            };
        }
        let primary = PRIMARY
            .into_iter()
            .find_map(|kind| self.aliases.iter().find(|alias| alias.kind() == kind))
            .and_then(|alias| OrderId::new(alias.value()).ok());
        if primary.is_none() {
            let message = "the order carries no id of its own (no order number, payment intent, checkout session or \
                           subscription): give it one, the same each time this order is sent";
            self.reading
                .problems
                .push(Problem::new(self.id_missing_at, message).of_kind(ProblemKind::NeedsOrderId));
        }
        primary
    }

    fn evidence(&mut self) -> Option<PaymentEvidence> {
        if let Payment::Proved(evidence) = &self.payment {
            return Some(evidence.clone());
        }
        let evidence = self.intake.evidence().cloned();
        if evidence.is_none() && !matches!(self.payment, Payment::Doubtful) {
            let message = "nothing in the order says that it was paid: verify its sender, look the payment up at the \
                           payment provider, or name an operator who vouches for it";
            self.reading
                .problems
                .push(Problem::new("", message).of_kind(ProblemKind::NeedsEvidence));
        }
        evidence
    }

    fn email(&mut self) -> Option<EmailAddress> {
        if self.email.is_none()
            && let Some(given) = self.intake.customer_email()
        {
            return Some(given.clone());
        }
        if self.email.is_none()
            && let Some(path) = self.email_missing_at.take()
        {
            let problem = match &self.person.panel_customer_id {
                Some(_) => Problem::new(
                    path,
                    "is missing: the order names the customer by a panel id only; look the customer up and give the \
                     e-mail address",
                )
                .of_kind(ProblemKind::NeedsCustomer),
                None => Problem::new(path, "is missing: the account is handed over to this e-mail address"),
            };
            self.reading.problems.push(problem);
        }
        self.email.take()
    }

    fn source(&mut self) -> SourceName {
        let given = self.intake.source();
        if let (Some(given), Some(claimed)) = (given, &self.source)
            && given != claimed
        {
            self.reading.notes.push(format!(
                "the order calls its source {claimed}; it was received from {given}"
            ));
        }
        given
            .or(self.source.as_ref())
            .cloned()
            .unwrap_or_else(|| SourceName::of_shape(self.shape))
    }
}

/// A source as the payload names it, with what names cannot hold replaced.
fn claimed_source(text: &str) -> Option<SourceName> {
    let allowed =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
    let name: String = text
        .chars()
        .take(128)
        .map(|character| if allowed(character) { character } else { '-' })
        .collect();
    SourceName::new(name).ok()
}
