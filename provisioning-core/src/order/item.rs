//! What was ordered: product codes and items.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::customer::Redacted;
use super::cycle::BillingCycle;
use crate::domain::DomainName;
use crate::money::Money;

/// Why a text is not a product code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProductCodeError {
    /// Nothing was given.
    #[error("is empty")]
    Empty,
    /// It is longer than 128 characters.
    #[error("is longer than 128 characters")]
    TooLong,
    /// A character no product code has.
    #[error("is not a product code: letters, digits and . _ - : only")]
    Character,
}

/// A product code as it was sent, such as `wp_growth`.
///
/// It is kept and sent on verbatim, because the panels look codes up exactly; comparing goes by [`matches`], which
/// takes `wp_growth`, `wp-growth` and `WP-GROWTH` for the same product (contract mPanel section 12).
///
/// [`matches`]: ProductCode::matches
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ProductCode(String);

impl ProductCode {
    /// A product code; surrounding blanks are taken off.
    ///
    /// # Errors
    /// [`ProductCodeError`] if it is empty, too long, or holds other characters than letters, digits and `. _ - :`.
    pub fn new(code: impl AsRef<str>) -> Result<Self, ProductCodeError> {
        let code = code.as_ref().trim();
        if code.is_empty() {
            return Err(ProductCodeError::Empty);
        }
        if code.len() > 128 {
            return Err(ProductCodeError::TooLong);
        }
        let allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b':');
        if !code.bytes().all(allowed) {
            return Err(ProductCodeError::Character);
        }
        Ok(Self(code.to_owned()))
    }

    /// The code as it was sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form in which codes are compared: lower case, `_` for `-`.
    pub fn normalised(&self) -> String {
        let mut code = self.0.to_ascii_lowercase();
        if code.contains('-') {
            code = code.replace('-', "_");
        }
        code
    }

    /// True if both name the same product, whatever the case and the spelling of `_` and `-`.
    pub fn matches(&self, other: &Self) -> bool {
        let plain = |byte: u8| {
            if byte == b'-' {
                b'_'
            } else {
                byte.to_ascii_lowercase()
            }
        };
        self.0.bytes().map(plain).eq(other.0.bytes().map(plain))
    }
}

impl fmt::Display for ProductCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl std::str::FromStr for ProductCode {
    type Err = ProductCodeError;

    fn from_str(code: &str) -> Result<Self, ProductCodeError> {
        Self::new(code)
    }
}

impl TryFrom<String> for ProductCode {
    type Error = ProductCodeError;

    fn try_from(code: String) -> Result<Self, ProductCodeError> {
        Self::new(code)
    }
}

impl From<ProductCode> for String {
    fn from(code: ProductCode) -> Self {
        code.0
    }
}

/// What the payload claims an item to be. The catalog's word wins over it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
#[non_exhaustive]
pub enum ItemKind {
    /// A hosting account.
    Hosting,
    /// An addition to a hosting account.
    Addon,
    /// A domain to register, transfer or renew.
    Domain,
    /// Mailboxes.
    Email,
    /// A certificate.
    Ssl,
    /// DNS for a domain.
    Dns,
    /// Any other text, as it was sent.
    Unknown(String),
}

impl ItemKind {
    /// Reads a product or item type of either panel; one that is not known is kept as [`ItemKind::Unknown`].
    pub fn parse(text: &str) -> Self {
        let plain = text
            .trim()
            .to_ascii_lowercase()
            .replace(['-', '_', ' '], "");
        match plain.as_str() {
            "hosting" | "sharedhosting" | "wordpress" | "webhosting" => Self::Hosting,
            "addon" => Self::Addon,
            "domain" => Self::Domain,
            "email" | "mail" | "mailbox" => Self::Email,
            "ssl" => Self::Ssl,
            "dns" => Self::Dns,
            _ => Self::Unknown(text.trim().to_owned()),
        }
    }

    /// The type's name, in lower case where it is a known one.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Hosting => "hosting",
            Self::Addon => "addon",
            Self::Domain => "domain",
            Self::Email => "email",
            Self::Ssl => "ssl",
            Self::Dns => "dns",
            Self::Unknown(text) => text,
        }
    }
}

impl fmt::Display for ItemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<String> for ItemKind {
    fn from(text: String) -> Self {
        Self::parse(&text)
    }
}

impl From<ItemKind> for String {
    fn from(kind: ItemKind) -> Self {
        kind.as_str().to_owned()
    }
}

/// One thing that was ordered.
///
/// `Debug` leaves out the free texts (`name`, `notes`), which may be about a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderItem {
    /// Where it stands in the payload, such as `items[0]`; unique within an order.
    pub path: String,
    /// The product.
    pub code: ProductCode,
    /// What the payload claims it to be.
    #[serde(default)]
    pub kind: Option<ItemKind>,
    /// The domain it is for.
    #[serde(default)]
    pub domain: Option<DomainName>,
    /// How many; at least 1.
    pub quantity: u32,
    /// How it is billed, where the payload tells.
    #[serde(default)]
    pub cycle: Option<BillingCycle>,
    /// The price of one, where the payload tells.
    #[serde(default)]
    pub amount: Option<Money>,
    /// The product's name as the payload has it.
    #[serde(default)]
    pub name: Option<String>,
    /// Free text of the payload about this item.
    #[serde(default)]
    pub notes: Option<String>,
    /// The path of the item this one was ordered with, where the payload nests add-ons.
    #[serde(default)]
    pub belongs_to: Option<String>,
}

impl OrderItem {
    /// One of `code`, at `path` in the payload.
    pub fn new(path: impl Into<String>, code: ProductCode) -> Self {
        Self {
            path: path.into(),
            code,
            kind: None,
            domain: None,
            quantity: 1,
            cycle: None,
            amount: None,
            name: None,
            notes: None,
            belongs_to: None,
        }
    }

    /// The same item, claimed to be of this kind.
    #[must_use]
    pub fn with_kind(mut self, kind: ItemKind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// The same item for a domain.
    #[must_use]
    pub fn with_domain(mut self, domain: DomainName) -> Self {
        self.domain = Some(domain);
        self
    }

    /// The same item so many times; 0 counts as 1.
    #[must_use]
    pub fn with_quantity(mut self, quantity: u32) -> Self {
        self.quantity = quantity.max(1);
        self
    }

    /// The same item, billed so.
    #[must_use]
    pub fn with_cycle(mut self, cycle: BillingCycle) -> Self {
        self.cycle = Some(cycle);
        self
    }

    /// The same item at this price for one.
    #[must_use]
    pub fn with_amount(mut self, amount: Money) -> Self {
        self.amount = Some(amount);
        self
    }

    /// The same item with a name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same item with notes.
    #[must_use]
    pub fn with_notes(mut self, notes: impl Into<String>) -> Self {
        self.notes = Some(notes.into());
        self
    }
}

impl fmt::Debug for OrderItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderItem")
            .field("path", &self.path)
            .field("code", &self.code)
            .field("kind", &self.kind)
            .field("domain", &self.domain)
            .field("quantity", &self.quantity)
            .field("cycle", &self.cycle)
            .field("amount", &self.amount)
            .field("name", &Redacted::of(&self.name))
            .field("notes", &Redacted::of(&self.notes))
            .field("belongs_to", &self.belongs_to)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> ProductCode {
        ProductCode::new(text).unwrap()
    }

    #[test]
    fn codes_are_kept_verbatim_and_compared_by_meaning() {
        assert_eq!(code(" wp_growth ").as_str(), "wp_growth");
        assert!(code("wp_growth").matches(&code("WP-Growth")));
        assert!(!code("wp_growth").matches(&code("wpgrowth")));
        assert_ne!(code("wp_growth"), code("wp-growth"));
        assert_eq!(code("Daily-Backups-30d").normalised(), "daily_backups_30d");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        assert_eq!(ProductCode::new("  "), Err(ProductCodeError::Empty));
        assert_eq!(
            ProductCode::new("jane@example.com"),
            Err(ProductCodeError::Character)
        );
        assert_eq!(
            ProductCode::new("WP Growth"),
            Err(ProductCodeError::Character)
        );
        assert_eq!(
            ProductCode::new("a".repeat(129)),
            Err(ProductCodeError::TooLong)
        );
    }

    #[test]
    fn item_kinds_of_both_panels_are_known_and_others_kept() {
        for (text, kind) in [
            ("hosting", ItemKind::Hosting),
            ("SHARED_HOSTING", ItemKind::Hosting),
            ("wordpress", ItemKind::Hosting),
            ("ADDON", ItemKind::Addon),
            ("add-on", ItemKind::Addon),
            ("domain", ItemKind::Domain),
            ("EMAIL", ItemKind::Email),
            ("SSL", ItemKind::Ssl),
            ("dns", ItemKind::Dns),
            ("CLOUD_POD", ItemKind::Unknown("CLOUD_POD".to_owned())),
        ] {
            assert_eq!(ItemKind::parse(text), kind);
            assert_eq!(ItemKind::parse(kind.as_str()), kind);
        }
    }

    #[test]
    fn free_text_stays_out_of_debug() {
        let item = OrderItem::new("items[0]", code("starter"))
            .with_name("Jane's site")
            .with_notes("call Jane");
        let shown = format!("{item:?}");
        assert!(
            shown.contains("starter") && !shown.contains("Jane"),
            "{shown}"
        );
    }
}
