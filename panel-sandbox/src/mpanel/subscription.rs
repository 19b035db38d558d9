//! One subscription, in both dialects: they share the table.

use jiff::civil::{Date, DateTime};
use serde_json::{Value, json};

use super::customer::add;
use super::timestamps::{iso, midnight, postgres};
use super::{Columns, Customer, MPanelSettings, Product, postgres as database};

/// A row of the subscriptions' table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// Its tenant.
    pub tenant_id: Option<String>,
    /// Its customer.
    pub customer_id: Option<String>,
    /// Its product.
    pub product_id: Option<String>,
    /// Its status, any text.
    pub status: String,
    /// The billing cycle.
    pub billing_cycle: Option<String>,
    /// The price, decimal text.
    pub price: Option<String>,
    /// When it is billed next.
    pub next_billing_date: Option<Date>,
    /// Whether it renews by itself.
    pub auto_renew: bool,
    /// What was sent with it.
    pub metadata: Value,
    /// The payment it was ordered with, where an order entry kept it.
    pub stripe_payment_intent: Option<String>,
    /// The domain, where an order entry gave one.
    pub domain: Option<String>,
    /// Notes, where an order entry gave some.
    pub notes: Option<String>,
    /// The price it was ordered at, in the TypeScript dialect.
    pub price_id: Option<String>,
    /// The order it came from, in the TypeScript dialect.
    pub order_id: Option<String>,
    /// Whether it ends with its period.
    pub cancel_at_period_end: bool,
    /// When it was created.
    pub created_at: DateTime,
    /// When it was last changed.
    pub updated_at: DateTime,
}

impl Subscription {
    pub(super) fn new(id: String, now: DateTime) -> Self {
        Self {
            id,
            tenant_id: None,
            customer_id: None,
            product_id: None,
            status: "active".to_owned(),
            billing_cycle: None,
            price: None,
            next_billing_date: None,
            auto_renew: true,
            metadata: json!({}),
            stripe_payment_intent: None,
            domain: None,
            notes: None,
            price_id: None,
            order_id: None,
            cancel_at_period_end: false,
            created_at: now,
            updated_at: now,
        }
    }

    pub(super) fn set_status(&mut self, status: &str, now: DateTime) {
        status.clone_into(&mut self.status);
        self.updated_at = now;
    }

    /// The row itself, in the legacy dialect.
    pub(super) fn row(&self, settings: &MPanelSettings) -> Value {
        let next = self
            .next_billing_date
            .map(|date| midnight(date, settings.hours_behind_utc));
        let mut row = json!({
            "id": self.id,
            "tenant_id": self.tenant_id,
            "customer_id": self.customer_id,
            "product_id": self.product_id,
            "status": self.status,
            "billing_cycle": self.billing_cycle,
            "price": self.price,
            "next_billing_date": next,
            "auto_renew": self.auto_renew,
            "metadata": self.metadata,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        });
        if settings.columns == Columns::Superset {
            add(&mut row, "next_due_date", json!(next));
            add(&mut row, "stripe_subscription_id", Value::Null);
            let intent = json!(self.stripe_payment_intent);
            add(&mut row, "stripe_payment_intent", intent);
            add(&mut row, "domain", json!(self.domain));
            add(&mut row, "notes", json!(self.notes));
        }
        row
    }

    /// The row with its product's name and type.
    pub(super) fn joined_row(&self, settings: &MPanelSettings, products: &[Product]) -> Value {
        let product = self.product(products);
        let mut row = self.row(settings);
        let name = product.map(|product| &product.name);
        add(&mut row, "product_name", json!(name));
        let kind = product.map(|product| &product.kind);
        add(&mut row, "product_type", json!(kind));
        row
    }

    /// As one of the subscriptions of a customer: aggregated JSON, where numbers and moments are written otherwise.
    pub(super) fn aggregated(&self, products: &[Product], in_full: bool) -> Value {
        let mut product = self.product(products).map_or(Value::Null, |product| {
            json!({
                "id": product.id,
                "name": product.name,
                "code": product.code,
                "type": product.kind,
                "billingCycle": product.billing_cycle,
            })
        });
        let mut row = json!({
            "id": self.id,
            "status": self.status,
            "billingCycle": self.billing_cycle,
            "price": database::number(self.price.as_deref()),
            "nextBillingDate": self.next_billing_date.map(|date| date.to_string()),
            "createdAt": postgres(self.created_at),
        });
        if in_full {
            add(&mut row, "autoRenew", json!(self.auto_renew));
        } else if let Some(product) = product.as_object_mut() {
            product.remove("billingCycle");
        }
        add(&mut row, "product", product);
        row
    }

    /// In the TypeScript dialect.
    pub(super) fn data(&self, customers: &[Customer], products: &[Product]) -> Value {
        let customer = customers
            .iter()
            .find(|customer| Some(&customer.id) == self.customer_id.as_ref());
        let product = self.product(products);
        let is_ordered = self.order_id.is_some();
        let period_end = self.period_end().map(iso);
        let cancel_at = period_end.as_ref().filter(|_| self.cancel_at_period_end);
        let cancelled_at = (self.status == "cancelled").then(|| iso(self.updated_at));
        let customer = customer.map(|customer| {
            json!({ "id": customer.id, "email": customer.email, "fullName": customer.full_name })
        });
        let mut data = json!({
            "id": self.id,
            "tenantId": self.tenant_id,
            "customerId": self.customer_id,
            "priceId": self.price_id,
            "orderId": self.order_id,
            "productId": self.product_id,
            "productCode": product.filter(|_| is_ordered).and_then(|product| product.code.as_ref()),
            "planCode": null,
            "billingCycle": self.billing_cycle,
            "status": self.status,
            "startedAt": iso(self.created_at),
            "currentPeriodStart": iso(self.created_at),
            "currentPeriodEnd": period_end,
            "renewsAt": null,
            "cancelAt": cancel_at,
            "cancelAtPeriodEnd": self.cancel_at_period_end,
            "cancelledAt": cancelled_at,
            "stripeSubscriptionId": null,
            "externalSubscriptionId": null,
            "quantity": 1,
        });
        // Not one literal, which would be too long for the macro.
        add(&mut data, "price", database::number(self.price.as_deref()));
        add(&mut data, "currency", json!("USD"));
        add(&mut data, "addOns", Value::Null);
        add(&mut data, "metadata", Value::Null);
        add(&mut data, "createdAt", json!(iso(self.created_at)));
        add(&mut data, "updatedAt", json!(iso(self.updated_at)));
        add(&mut data, "customer", json!(customer));
        add(&mut data, "product", Value::Null);
        data
    }

    /// A month after the beginning, for what an order began.
    pub(super) fn period_end(&self) -> Option<DateTime> {
        let month = jiff::Span::new().months(1);
        self.order_id.as_ref()?;
        self.created_at.checked_add(month).ok()
    }

    fn product<'all>(&self, products: &'all [Product]) -> Option<&'all Product> {
        products
            .iter()
            .find(|product| Some(&product.id) == self.product_id.as_ref())
    }
}
