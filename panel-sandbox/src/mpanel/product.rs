//! Products, with their prices in both dialects.

use jiff::civil::DateTime;
use serde_json::Value;

use crate::made_up::uuid;

/// One price of a product, in the TypeScript dialect.
#[derive(Debug, Clone)]
pub(super) struct Price {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) interval: String,
    pub(super) amount_cents: i64,
    pub(super) currency: String,
    pub(super) is_active: bool,
    pub(super) limits: Value,
    pub(super) created_at: Option<DateTime>,
}

/// A product on an mPanel.
#[derive(Debug, Clone)]
pub struct Product {
    pub(super) id: String,
    pub(super) code: Option<String>,
    pub(super) slug: Option<String>,
    pub(super) name: String,
    pub(super) description: Option<String>,
    /// As rows show it, such as `hosting`; the TypeScript dialect has names of its own.
    pub(super) kind: String,
    pub(super) billing_cycle: String,
    /// Decimal text, two places.
    pub(super) price: String,
    pub(super) setup_fee: String,
    pub(super) currency: String,
    pub(super) is_taxable: bool,
    pub(super) status: String,
    pub(super) metadata: Value,
    pub(super) prices: Vec<Price>,
    pub(super) created_at: Option<DateTime>,
    pub(super) updated_at: Option<DateTime>,
    pub(super) is_deleted: bool,
}

impl Product {
    /// A monthly product: its code, which is also its slug, its name, its legacy type (`hosting`, `domain`, `email`,
    /// `ssl`, `addon`), and its price in US cents. It gets one price, whose slug is the code with hyphens and
    /// `-monthly`.
    pub fn new(code: &str, name: &str, kind: &str, price_cents: i64) -> Self {
        let slug = format!("{}-monthly", code.replace('_', "-"));
        Self {
            id: uuid(&format!("product {code}")),
            code: Some(code.to_owned()),
            slug: Some(code.to_owned()),
            name: name.to_owned(),
            description: None,
            kind: kind.to_owned(),
            billing_cycle: "monthly".to_owned(),
            price: decimal(price_cents),
            setup_fee: "0.00".to_owned(),
            currency: "USD".to_owned(),
            is_taxable: true,
            status: "active".to_owned(),
            metadata: Value::Object(serde_json::Map::new()),
            prices: vec![Price {
                id: uuid(&format!("price {slug}")),
                name: format!("{name} Monthly"),
                slug,
                interval: "MONTHLY".to_owned(),
                amount_cents: price_cents,
                currency: "usd".to_owned(),
                is_active: true,
                limits: Value::Null,
                created_at: None,
            }],
            created_at: None,
            updated_at: None,
            is_deleted: false,
        }
    }

    /// What its first price allows, such as `{"emails": 5}`: with mailboxes an order also makes a mail job.
    pub fn with_limits(mut self, limits: Value) -> Self {
        if let Some(price) = self.prices.first_mut() {
            price.limits = limits;
        }
        self
    }

    /// The products every mPanel has from the start.
    pub fn defaults() -> Vec<Self> {
        vec![
            Self::new("starter", "Starter", "hosting", 1999)
                .with_limits(serde_json::json!({ "sites": 1, "emails": 3 })),
            Self::new("wp_growth", "WP Growth", "hosting", 4999)
                .with_limits(serde_json::json!({ "sites": 3, "emails": 0 })),
            Self::new("daily_backups_30d", "Daily Backups (30 days)", "addon", 499),
            Self::new("advanced_firewall", "Advanced Firewall", "addon", 999),
            Self::new("domain_registration", "Domain Registration", "domain", 1499),
        ]
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The slug of its first price, as `orders/webhook` wants it.
    pub fn price_slug(&self) -> Option<&str> {
        self.prices.first().map(|price| price.slug.as_str())
    }

    /// Exact: no case, hyphen or underscore is forgiven.
    pub(super) fn is_called(&self, code: &str) -> bool {
        self.slug.as_deref() == Some(code) || self.code.as_deref() == Some(code)
    }

    /// The type as the TypeScript dialect names it.
    pub(super) fn type_script_kind(&self) -> String {
        match self.kind.as_str() {
            "hosting" => "SHARED_HOSTING".to_owned(),
            other => other.to_ascii_uppercase(),
        }
    }
}

/// Cents as a decimal with two places.
pub(super) fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}
