//! Paid orders: reading what shops and panels send, with evidence of payment and identity.
//!
//! [`read_order`] turns the bytes of a payload into a [`PaidOrder`]. A `PaidOrder` exists only with
//! [`PaymentEvidence`], knows its [`OrderKey`] and every other id it is known by ([`Alias`]), and keeps what was not
//! understood. Everything that is wrong with a payload is reported at once.

mod alias;
mod amended;
mod amount;
mod checkout_session;
mod customer;
mod cycle;
mod delivery;
mod digest;
mod draft;
mod envelope;
mod error;
mod event;
mod event_draft;
mod evidence;
mod identity;
mod intake;
mod item;
mod items;
mod line_items;
mod marketing_account;
mod order_contract;
mod order_created;
mod order_webhook;
mod own_event;
mod person;
mod provisioning_stripe;
mod read;
mod reading;
mod shape;
pub mod signature;
mod stripe_completed;
mod stripe_event;
mod time;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use alias::{Alias, AliasKind};
pub use amount::{AmountComparison, compare_amount};
pub use customer::Customer;
pub use cycle::BillingCycle;
pub use delivery::{Delivery, read_delivery};
pub use digest::{Digest, DigestError};
pub use error::OrderError;
pub use event::{PaymentEvent, PaymentEventKind, read_payment_event};
pub use evidence::{PaymentEvidence, StripeStatus};
pub use identity::{IdentityError, OrderId, OrderKey, OrderMode, SourceName, TenantId};
pub use intake::{Intake, MetadataKeys};
pub use item::{ItemKind, OrderItem, ProductCode, ProductCodeError};
pub use read::read_order;
pub use shape::{PayloadShape, UnknownPayloadShape};

pub(crate) use digest::push_part;
pub(crate) use read::readable_items;

use crate::money::{Currency, Money};
use crate::problem::{Problem, Problems};

/// The most bytes a payload may have: 1 MiB. Real ones have a few thousand.
pub const MAX_ORDER_BYTES: usize = 1 << 20;

/// What stands between the prices of the items and the amount that was paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustments {
    /// Taken off by coupons.
    #[serde(default)]
    pub discount: Option<Money>,
    /// Tax on top.
    #[serde(default)]
    pub tax: Option<Money>,
    /// Shipping on top.
    #[serde(default)]
    pub shipping: Option<Money>,
}

/// An order that was paid, with the evidence for it.
///
/// Made by [`read_order`], or by [`PaidOrder::new`] in hosts that build orders themselves. It is personal data:
/// `Debug` shows ids and products, never the e-mail address, a name or what was not understood. Its JSON form is
/// whole, for sealed storage.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PaidOrder {
    key: OrderKey,
    aliases: BTreeSet<Alias>,
    customer: Customer,
    #[serde(deserialize_with = "at_least_one_item")]
    items: Vec<OrderItem>,
    evidence: PaymentEvidence,
    #[serde(default)]
    amount: Option<Money>,
    #[serde(default)]
    currency: Option<Currency>,
    #[serde(default)]
    adjustments: Adjustments,
    #[serde(default)]
    occurred_at: Option<Timestamp>,
    shape: PayloadShape,
    #[serde(default)]
    notes: Vec<String>,
    #[serde(default)]
    not_understood: Map<String, Value>,
}

impl PaidOrder {
    /// An order that the host builds itself, with its evidence of payment.
    ///
    /// # Errors
    /// [`Problems`] if there is no item, an item has quantity 0, or two items have the same path.
    pub fn new(
        key: OrderKey,
        customer: Customer,
        items: Vec<OrderItem>,
        evidence: PaymentEvidence,
    ) -> Result<Self, Problems> {
        check_items(&items)?;
        Ok(Self {
            aliases: Alias::new(AliasKind::Order, key.id().as_str())
                .into_iter()
                .collect(),
            key,
            customer,
            items,
            evidence,
            amount: None,
            currency: None,
            adjustments: Adjustments::default(),
            occurred_at: None,
            shape: PayloadShape::HostBuilt,
            notes: Vec::new(),
            not_understood: Map::new(),
        })
    }

    /// The same order, known by one more id.
    #[must_use]
    pub fn with_alias(mut self, alias: Alias) -> Self {
        self.aliases.insert(alias);
        self
    }

    /// The same order with the amount that was paid.
    #[must_use]
    pub fn with_amount(mut self, amount: Money) -> Self {
        self.currency = Some(amount.currency());
        self.amount = Some(amount);
        self
    }

    /// The same order with the instant it was made or paid.
    #[must_use]
    pub fn with_occurred_at(mut self, instant: Timestamp) -> Self {
        self.occurred_at = Some(instant);
        self
    }

    /// Its identity.
    pub fn key(&self) -> &OrderKey {
        &self.key
    }

    /// Every id it is known by, the primary one included.
    pub fn aliases(&self) -> &BTreeSet<Alias> {
        &self.aliases
    }

    /// Who ordered.
    pub fn customer(&self) -> &Customer {
        &self.customer
    }

    /// What was ordered; at least one item.
    pub fn items(&self) -> &[OrderItem] {
        &self.items
    }

    /// Why it counts as paid.
    pub fn evidence(&self) -> &PaymentEvidence {
        &self.evidence
    }

    /// The amount that was paid, where the payload tells.
    pub fn amount(&self) -> Option<Money> {
        self.amount
    }

    /// The currency, where the payload tells.
    pub fn currency(&self) -> Option<Currency> {
        self.currency
    }

    /// Discount, tax and shipping, where the payload tells.
    pub fn adjustments(&self) -> Adjustments {
        self.adjustments
    }

    /// When it was made or paid, where the payload tells.
    pub fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }

    /// The shape it arrived in.
    pub fn shape(&self) -> PayloadShape {
        self.shape
    }

    /// What was noticed while reading, for people; without personal data.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The fields of the payload that were not understood, by JSON path. May hold personal data.
    pub fn not_understood(&self) -> &Map<String, Value> {
        &self.not_understood
    }

    /// A digest over products, domains and customer.
    ///
    /// An order that arrives by another door has the same digest; one that shares an id but not the digest is a
    /// conflict for a person. Codes count without case and `_` or `-`, equal items are added up, and order of items,
    /// prices, names and ids do not count.
    pub fn digest(&self) -> Digest {
        let mut amounts: BTreeMap<(String, &str), u64> = BTreeMap::new();
        for item in &self.items {
            let domain = item
                .domain
                .as_ref()
                .map(crate::domain::DomainName::as_str)
                .unwrap_or_default();
            let amount = amounts.entry((item.code.normalised(), domain)).or_default();
            *amount = amount.saturating_add(u64::from(item.quantity));
        }
        let mut bytes = Vec::new();
        push_part(&mut bytes, b"order-content-1");
        push_part(&mut bytes, self.customer.email.local_part().as_bytes());
        push_part(&mut bytes, self.customer.email.domain().as_bytes());
        for ((code, domain), amount) in amounts {
            push_part(&mut bytes, code.as_bytes());
            push_part(&mut bytes, domain.as_bytes());
            push_part(&mut bytes, &amount.to_be_bytes());
        }
        Digest::of(&bytes)
    }
}

fn check_items(items: &[OrderItem]) -> Result<(), Problems> {
    let mut problems = Problems::new();
    if items.is_empty() {
        problems.push(Problem::new(
            "items",
            "is empty: an order has to list what was bought",
        ));
    }
    let mut paths = BTreeSet::new();
    for item in items {
        if item.quantity == 0 {
            problems.push(Problem::new(
                format!("{}.quantity", item.path),
                "must be at least 1",
            ));
        }
        if !paths.insert(&item.path) {
            problems.push(Problem::new(&item.path, "stands twice in this order"));
        }
    }
    problems.into_result(())
}

fn at_least_one_item<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<OrderItem>, D::Error> {
    let items = Vec::deserialize(deserializer)?;
    check_items(&items).map_err(serde::de::Error::custom)?;
    Ok(items)
}

impl fmt::Debug for PaidOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaidOrder")
            .field("key", &self.key)
            .field("aliases", &self.aliases)
            .field("customer", &self.customer)
            .field("items", &self.items)
            .field("evidence", &self.evidence)
            .field("amount", &self.amount)
            .field("currency", &self.currency)
            .field("adjustments", &self.adjustments)
            .field("occurred_at", &self.occurred_at)
            .field("shape", &self.shape)
            .field("notes", &self.notes)
            .field(
                "not_understood",
                &format_args!("[{} fields]", self.not_understood.len()),
            )
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(items: Vec<OrderItem>) -> Result<PaidOrder, Problems> {
        let key = "t/s/live/1".parse().unwrap();
        let customer = Customer::new("a@b.example".parse().unwrap());
        let evidence = PaymentEvidence::LookedUpAtProvider {
            provider: "stripe".to_owned(),
            reference: "pi_1".to_owned(),
        };
        PaidOrder::new(key, customer, items, evidence)
    }

    fn item(path: &str) -> OrderItem {
        OrderItem::new(path, ProductCode::new("starter").unwrap())
    }

    #[test]
    fn an_order_built_by_the_host_is_checked_too() {
        assert!(built(vec![item("a"), item("b")]).is_ok());
        assert_eq!(
            built(vec![]).unwrap_err().to_string(),
            "items: is empty: an order has to list what was bought"
        );
        let mut none = item("a");
        none.quantity = 0;
        assert_eq!(
            built(vec![none, item("a")]).unwrap_err().to_string(),
            "a.quantity: must be at least 1\na: stands twice in this order"
        );
    }

    #[test]
    fn a_stored_order_without_items_is_not_accepted() {
        let order = built(vec![item("a")]).unwrap();
        let mut stored = serde_json::to_value(&order).unwrap();
        assert_eq!(
            serde_json::from_value::<PaidOrder>(stored.clone()).unwrap(),
            order
        );
        stored["items"] = Value::Array(Vec::new());
        assert!(serde_json::from_value::<PaidOrder>(stored).is_err());
    }

    #[test]
    fn a_host_may_add_ids_amount_and_time() {
        let order = built(vec![item("a")])
            .unwrap()
            .with_alias(Alias::new(AliasKind::Invoice, "in_1").unwrap())
            .with_amount(Money::from_minor(1999, Currency::USD))
            .with_occurred_at(Timestamp::UNIX_EPOCH);
        assert_eq!(order.aliases().len(), 2);
        assert_eq!(order.currency(), Some(Currency::USD));
        assert_eq!(order.occurred_at(), Some(Timestamp::UNIX_EPOCH));
        assert_eq!(order.shape(), PayloadShape::HostBuilt);
    }
}
