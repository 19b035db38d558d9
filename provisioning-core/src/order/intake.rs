//! What the host knows about an order besides its payload.

use std::collections::BTreeSet;

use super::evidence::PaymentEvidence;
use super::identity::{SourceName, TenantId};
use super::shape::PayloadShape;
use crate::email::EmailAddress;
use crate::money::Currency;

/// What the host knows about an order besides its payload: for whom it was received, from where, and what the payload
/// leaves out.
///
/// ```
/// use provisioning_core::order::{Intake, PaymentEvidence, TenantId};
///
/// let intake = Intake::new(TenantId::new("migrahosting")?)
///     .with_order_id("A-1001")
///     .with_evidence(PaymentEvidence::Operator { name: "support desk".to_owned() });
/// assert_eq!(intake.tenant().as_str(), "migrahosting");
/// # Ok::<(), provisioning_core::order::IdentityError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Intake {
    tenant: TenantId,
    tenant_names: BTreeSet<String>,
    source: Option<SourceName>,
    order_id: Option<String>,
    evidence: Option<PaymentEvidence>,
    shape: Option<PayloadShape>,
    allow_test: bool,
    currency: Option<Currency>,
    customer_email: Option<EmailAddress>,
    metadata_keys: MetadataKeys,
}

impl Intake {
    /// For orders of `tenant`: the one whose secret verified the request.
    pub fn new(tenant: TenantId) -> Self {
        Self {
            tenant,
            tenant_names: BTreeSet::new(),
            source: None,
            order_id: None,
            evidence: None,
            shape: None,
            allow_test: false,
            currency: None,
            customer_email: None,
            metadata_keys: MetadataKeys::default(),
        }
    }

    /// Another name by which payloads may call this tenant, such as its slug beside its UUID.
    #[must_use]
    pub fn with_tenant_name(mut self, name: impl Into<String>) -> Self {
        self.tenant_names.insert(name.into());
        self
    }

    /// Where the orders come from; without it the payload's own `source` counts, else the shape's name.
    #[must_use]
    pub fn with_source(mut self, source: SourceName) -> Self {
        self.source = Some(source);
        self
    }

    /// The host's own id of this order. It becomes the primary id, also where the payload carries ids.
    #[must_use]
    pub fn with_order_id(mut self, id: impl Into<String>) -> Self {
        self.order_id = Some(id.into());
        self
    }

    /// Why the order counts as paid, for payloads that do not say so themselves.
    ///
    /// It never overrules a payload that says it is unpaid.
    #[must_use]
    pub fn with_evidence(mut self, evidence: PaymentEvidence) -> Self {
        self.evidence = Some(evidence);
        self
    }

    /// The payload's shape, where the host knows it (from the address it was sent to); without it the fields decide.
    #[must_use]
    pub fn with_shape(mut self, shape: PayloadShape) -> Self {
        self.shape = Some(shape);
        self
    }

    /// Accepts orders of the payment provider's test mode; they are kept apart from live ones in the order key.
    #[must_use]
    pub fn allowing_test(mut self) -> Self {
        self.allow_test = true;
        self
    }

    /// The currency of amounts that come without one (payload B').
    #[must_use]
    pub fn with_currency(mut self, currency: Currency) -> Self {
        self.currency = Some(currency);
        self
    }

    /// The customer's e-mail address, for payloads that name the customer by a panel id only (payload E).
    #[must_use]
    pub fn with_customer_email(mut self, email: EmailAddress) -> Self {
        self.customer_email = Some(email);
        self
    }

    /// The keys under which a Stripe session's metadata names what was bought.
    #[must_use]
    pub fn with_metadata_keys(mut self, keys: MetadataKeys) -> Self {
        self.metadata_keys = keys;
        self
    }

    /// The tenant.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// True if `name` is this tenant's id or another of its names, whatever the case.
    pub fn is_tenant(&self, name: &str) -> bool {
        let name = name.trim();
        self.tenant.as_str().eq_ignore_ascii_case(name)
            || self
                .tenant_names
                .iter()
                .any(|other| other.trim().eq_ignore_ascii_case(name))
    }

    /// Where the orders come from.
    pub fn source(&self) -> Option<&SourceName> {
        self.source.as_ref()
    }

    /// The host's own id of this order.
    pub fn order_id(&self) -> Option<&str> {
        self.order_id.as_deref()
    }

    /// Why the order counts as paid.
    pub fn evidence(&self) -> Option<&PaymentEvidence> {
        self.evidence.as_ref()
    }

    /// The payload's shape.
    pub fn shape(&self) -> Option<PayloadShape> {
        self.shape
    }

    /// True if test orders are accepted.
    pub fn allows_test(&self) -> bool {
        self.allow_test
    }

    /// The currency of amounts that come without one.
    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// The customer's e-mail address.
    pub fn customer_email(&self) -> Option<&EmailAddress> {
        self.customer_email.as_ref()
    }

    /// The metadata keys of Stripe sessions.
    pub fn metadata_keys(&self) -> &MetadataKeys {
        &self.metadata_keys
    }
}

/// The keys under which a Stripe session's metadata names what was bought, where `line_items` are not expanded.
///
/// By default `items` (a JSON list as in payload A), `code` or `product_code` (one code or several with commas),
/// `addons` (likewise) and `domain`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataKeys {
    pub(super) items: Vec<String>,
    pub(super) codes: Vec<String>,
    pub(super) addons: Vec<String>,
    pub(super) domain: Vec<String>,
}

impl MetadataKeys {
    /// Also the key that holds a JSON list of items.
    #[must_use]
    pub fn with_items(mut self, key: impl Into<String>) -> Self {
        self.items.push(key.into());
        self
    }

    /// Also a key that holds product codes.
    #[must_use]
    pub fn with_codes(mut self, key: impl Into<String>) -> Self {
        self.codes.push(key.into());
        self
    }

    /// Also a key that holds add-on codes.
    #[must_use]
    pub fn with_addons(mut self, key: impl Into<String>) -> Self {
        self.addons.push(key.into());
        self
    }

    /// Also a key that holds the domain.
    #[must_use]
    pub fn with_domain(mut self, key: impl Into<String>) -> Self {
        self.domain.push(key.into());
        self
    }
}

impl Default for MetadataKeys {
    fn default() -> Self {
        let keys = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Self {
            items: keys(&["items"]),
            codes: keys(&["code", "product_code", "productCode", "codes"]),
            addons: keys(&["addons", "addon_codes"]),
            domain: keys(&["domain", "primary_domain", "primaryDomain"]),
        }
    }
}
