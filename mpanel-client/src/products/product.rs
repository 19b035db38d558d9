//! Products as either generation shows them.

use panel_http::{Decimal, Timestamp};
use provisioning_core::money::{Currency, Money};
use serde_json::{Map, Value};

use super::{GET, GET_BY_CODE, Interval, PRICING, Price};
use crate::{endpoints::endpoints, reply, row::row, tenant::TenantId};

panel_http::opaque_id! {
    /// Id of a product.
    pub struct ProductId;
}

panel_http::open_enum! {
    /// Type of a product (contract section 9).
    pub enum ProductKind {
        /// Hosting of websites.
        Hosting = "hosting" | "SHARED_HOSTING" | "wordpress",
        /// A virtual server.
        Vps = "VPS",
        /// A cloud pod.
        CloudPod = "CLOUD_POD" | "cloudpod",
        /// A domain.
        Domain = "domain",
        /// Mailboxes.
        Email = "email",
        /// A certificate.
        Ssl = "ssl",
        /// An add-on.
        Addon = "addon",
        /// A service.
        Service = "SERVICE",
        /// Backups.
        Backup = "backup" | "cloud-backup",
        /// Storage.
        Storage = "cloud-storage",
    }
}

row! {
    /// A product. The legacy server has its price in it, the TypeScript one beside it.
    pub struct Product {
        /// Id.
        id: ProductId,
        ;
        /// Tenant.
        tenant_id("tenantId"): TenantId,
        /// Code. Look-ups compare it letter by letter: `wp_growth` is not `wp-growth`.
        code("sku"): String,
        /// Short name.
        slug: String,
        /// Name.
        name: String,
        /// What it is.
        description: String,
        /// Type.
        #[serde(rename = "type")]
        kind: ProductKind,
        /// Whether it is offered.
        #[serde(deserialize_with = "panel_http::lenient")]
        is_active("isActive"): bool,
        /// Status, legacy.
        status: String,
        /// Price, legacy, in units of its currency.
        price: Decimal,
        /// Fee for the set-up, legacy.
        setup_fee("setupFee"): Decimal,
        /// Currency, legacy.
        currency: String,
        /// Billing cycle, legacy.
        billing_cycle("billingCycle"): String,
        /// Prices, TypeScript.
        prices: Vec<Price>,
        /// What was written beside it.
        metadata: Map<String, Value>,
        /// When it was made.
        created_at("createdAt"): Timestamp,
        /// When it was changed.
        updated_at("updatedAt"): Timestamp,
    }
    shows id, code, name, kind, is_active, price, prices
}

impl Product {
    /// Its price for a billing cycle, in whichever dialect it came. None if it has none, or one that is no amount of its
    /// currency.
    #[must_use]
    pub fn price_for(&self, interval: &Interval) -> Option<Money> {
        if let Some(price) = self
            .prices
            .iter()
            .flatten()
            .find(|price| price.interval.as_ref() == Some(interval))
        {
            return price.amount();
        }
        let cycle = Interval::from(self.billing_cycle.as_deref()?);
        let currency: Currency = self.currency.as_deref().unwrap_or("USD").parse().ok()?;
        (cycle == *interval)
            .then(|| Money::from_decimal(self.price.as_ref()?.as_str(), currency).ok())
            .flatten()
    }
}

row! {
    /// What a product costs, for everybody to see.
    pub struct Pricing {
        /// Code of the product.
        code: String,
        ;
        /// Its name.
        name: String,
        /// What it is.
        description: String,
        /// Its type.
        #[serde(rename = "type")]
        kind: ProductKind,
        /// Its prices.
        prices: Vec<PublicPrice>,
    }
    shows code, name, prices
}

row! {
    /// A price for everybody to see.
    pub struct PublicPrice {
        /// Short name.
        slug: String,
        ;
        /// Billing cycle.
        interval: Interval,
        /// Amount, in cents.
        #[serde(deserialize_with = "panel_http::lenient")]
        amount_cents("amountCents"): u64,
        /// Currency.
        currency: String,
        /// Whether it is recommended.
        #[serde(deserialize_with = "panel_http::lenient")]
        is_popular("isPopular"): bool,
        /// What is included.
        limits: Map<String, Value>,
    }
    shows slug, interval, amount_cents, currency
}

endpoints! {
    /// Reads a product. The legacy server knows ids only: a code is told as `Validation`.
    GetProduct(id: ProductId) -> Product = GET, |answer| reply::row(answer, &["product"]);

    /// Reads a product by its code. TypeScript only.
    GetProductByCode(code: String) -> Product = GET_BY_CODE, |answer| reply::row(answer, &["product"]);

    /// Reads what a product costs. TypeScript only, and open there; a login goes along where the client has one, because
    /// the gate of a legacy server wants it before its TypeScript tail is asked.
    GetPricing(code: String) -> Pricing = PRICING, |answer| reply::row(answer, &["product"]);
}
