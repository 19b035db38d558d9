//! What any payload may say around its content: ids, source, tenant, test mode, time.

use jiff::Timestamp;

use super::alias::{Alias, AliasKind};
use super::error::OrderError;
use super::identity::{OrderMode, SourceName, check_id};
use super::intake::Intake;
use super::reading::{Field, Object, Reading};

const TENANT: &[&str] = &[
    "tenant",
    "tenantId",
    "tenant_id",
    "tenantSlug",
    "tenant_slug",
];
const TIME: &[&str] = &[
    "createdAt",
    "created_at",
    "occurredAt",
    "occurred_at",
    "timestamp",
];

/// The ids that any payload may carry, by kind, the most telling name first.
const IDS: &[(AliasKind, &[&str])] = &[
    (
        AliasKind::Order,
        &[
            "externalOrderId",
            "external_order_id",
            "orderId",
            "order_id",
            "orderNumber",
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
    (
        AliasKind::Charge,
        &["stripeChargeId", "stripe_charge_id", "chargeId"],
    ),
];

/// Which id becomes the primary one where the host gives none.
///
/// What belongs to one payment comes first; a subscription, which sees many payments, late.
const PRIMARY: [AliasKind; 6] = [
    AliasKind::PaymentIntent,
    AliasKind::CheckoutSession,
    AliasKind::Invoice,
    AliasKind::Order,
    AliasKind::Subscription,
    AliasKind::External,
];

/// What any payload may say around its content.
#[derive(Default)]
pub(super) struct Envelope {
    pub(super) occurred_at: Option<Timestamp>,
    pub(super) stripe_customer_id: Option<String>,
    /// In the order they were found.
    ids: Vec<Alias>,
    source: Option<SourceName>,
    test_mark: Option<String>,
    other_tenant: Option<String>,
}

impl Envelope {
    /// Reads everything of the top level.
    pub(super) fn read(&mut self, object: &mut Object, intake: &Intake, reading: &mut Reading) {
        self.read_ids(object, reading);
        self.read_tenant(object, intake, reading);
        self.read_test_mode(object, reading);
        if let Some(source) = object.free_text(&["source"], reading) {
            self.source = claimed_source(&source);
        }
        if let Some(time) = object.time(TIME, reading) {
            self.occurred_at = Some(time);
        }
    }

    /// Reads what is around the object of a Stripe event, and takes that object.
    pub(super) fn read_event(
        &mut self,
        event: &mut Object,
        intake: &Intake,
        reading: &mut Reading,
    ) -> Option<Object> {
        event.field(&["object"]);
        if let Some((path, id)) = event.text(&["id"], reading) {
            self.add_id(AliasKind::Event, &path, id, reading);
        }
        self.read_test_mode(event, reading);
        self.read_tenant(event, intake, reading);
        if let Some(created) = event.time(&["created"], reading) {
            self.occurred_at = Some(created);
        }
        let mut data = event.child(&["data"], reading)?;
        let object = data.child(&["object"], reading);
        if object.is_none() && reading.problems.is_empty() {
            reading.problem(
                data.path_of("object"),
                "is missing: it is what the event is about",
            );
        }
        data.finish(reading);
        object
    }

    /// Takes every id there is; each becomes an alias, but for the customer's.
    pub(super) fn read_ids(&mut self, object: &mut Object, reading: &mut Reading) {
        for (kind, names) in IDS {
            for name in *names {
                if let Some((path, id)) = object.id(&[name], reading) {
                    self.add_id(*kind, &path, id, reading);
                }
            }
        }
        if self.stripe_customer_id.is_none() {
            self.stripe_customer_id =
                object.shown_id(&["stripeCustomerId", "stripe_customer_id"], reading);
        }
    }

    /// Sets the Stripe customer.
    pub(super) fn set_stripe_customer(&mut self, path: &str, id: String, reading: &mut Reading) {
        match check_id(&id) {
            Ok(()) => self.stripe_customer_id = Some(id),
            Err(error) => reading.problem(path, error.to_string()),
        }
    }

    /// Adds an id; what cannot be one is a problem, and so is a second payment intent or session.
    pub(super) fn add_id(
        &mut self,
        kind: AliasKind,
        path: &str,
        id: String,
        reading: &mut Reading,
    ) {
        let kind = match kind {
            // The marketing site sends its own database id in this field (contract section 12), which is no Stripe id.
            AliasKind::Subscription if !id.starts_with("sub_") => AliasKind::External,
            kind => kind,
        };
        if kind == AliasKind::CheckoutSession && id.starts_with("cs_test_") {
            self.test_mark = Some(format!("{path} begins with cs_test_"));
        }
        let alias = match Alias::new(kind, id) {
            Ok(alias) => alias,
            Err(error) => return reading.problem(path, error.to_string()),
        };
        if self.ids.contains(&alias) {
            return;
        }
        let only_one = matches!(
            kind,
            AliasKind::PaymentIntent | AliasKind::CheckoutSession | AliasKind::Subscription
        );
        if only_one && self.ids.iter().any(|known| known.kind() == kind) {
            let message = format!(
                "is another {} than the one named elsewhere in it",
                kind.as_str()
            );
            return reading.problem(path, message);
        }
        self.ids.push(alias);
    }

    /// Compares every tenant the payload names with the one it was received for.
    pub(super) fn read_tenant(
        &mut self,
        object: &mut Object,
        intake: &Intake,
        reading: &mut Reading,
    ) {
        for name in TENANT {
            if let Some(Field { path, value }) = object.field(&[name]) {
                match value.as_str() {
                    Some(tenant) if intake.is_tenant(tenant) => {}
                    Some(_) => self.other_tenant = Some(path),
                    None => reading.keep(Field { path, value }),
                }
            }
        }
    }

    /// Reads `livemode`.
    pub(super) fn read_test_mode(&mut self, object: &mut Object, reading: &mut Reading) {
        if let Some(Field { path, value }) = object.field(&["livemode"]) {
            match value.as_bool() {
                Some(true) => {}
                Some(false) => self.test_mark = Some(format!("{path} is false")),
                None => reading.problem(path, "must be true or false"),
            }
        }
    }

    /// Whether the payload may be used at all: not another tenant's, and test mode only where the host allows it.
    pub(super) fn admit(&self, intake: &Intake) -> Result<OrderMode, OrderError> {
        if let Some(path) = &self.other_tenant {
            return Err(OrderError::OtherTenant {
                path: path.clone(),
                received_for: intake.tenant().to_string(),
            });
        }
        match &self.test_mark {
            Some(what) if !intake.allows_test() => Err(OrderError::TestMode { what: what.clone() }),
            Some(_) => Ok(OrderMode::Test),
            None => Ok(OrderMode::Live),
        }
    }

    /// The source: the host's word, else the payload's, else `assumed`.
    pub(super) fn source(
        &self,
        intake: &Intake,
        assumed: SourceName,
        reading: &mut Reading,
    ) -> SourceName {
        let given = intake.source();
        if let (Some(given), Some(claimed)) = (given, &self.source)
            && given != claimed
        {
            reading.note(format!(
                "it calls its source {claimed}; it was received from {given}"
            ));
        }
        given.or(self.source.as_ref()).cloned().unwrap_or(assumed)
    }

    /// The id by which the order is known first.
    pub(super) fn primary_id(&self) -> Option<&Alias> {
        PRIMARY
            .into_iter()
            .find_map(|kind| self.ids.iter().find(|alias| alias.kind() == kind))
    }

    /// Every id.
    pub(super) fn into_ids(self) -> impl Iterator<Item = Alias> {
        self.ids.into_iter()
    }

    /// True if there is an id by which an order could be found.
    pub(super) fn names_an_order(&self) -> bool {
        self.ids
            .iter()
            .any(|alias| alias.kind() != AliasKind::Event)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claimed_source_always_becomes_a_name() {
        for (claimed, name) in [
            ("MigraHosting.com", "migrahosting.com"),
            ("Migra Hosting", "migra-hosting"),
            ("jane@shop.example", "jane-shop.example"),
            ("日本", "--"),
        ] {
            assert_eq!(
                claimed_source(claimed).map(String::from).as_deref(),
                Some(name)
            );
        }
    }
}
