//! What is sold: product codes, what each one takes, and what it costs.
//!
//! A catalog is written in TOML; `provisioning-core/src/catalog/migrahosting.toml` is the one that is bundled and
//! shows every key. [`Catalog::from_toml`] reports every mistake in a file at once, each with its line.

mod check;
mod order_check;
mod product;
mod reader;
mod sheet;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use product::{AccountType, Product, Takes, UnknownAccountType};

use crate::money::Currency;
use crate::order::{Digest, ProductCode};
use crate::problem::{Problem, Problems};

/// Why a text is not a catalog.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CatalogError {
    /// The file is larger than any catalog is.
    #[error("{file} has {bytes} bytes, more than the {limit} a catalog may have")]
    TooLarge {
        /// The file.
        file: String,
        /// Its size in bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// The text is not TOML; its problem has the path `file:line`.
    #[error("{0}")]
    Syntax(Problem),
    /// The text is TOML with mistakes in it, all of them, each with the path `file:line`.
    #[error("{0}")]
    Invalid(Problems),
}

impl CatalogError {
    /// What is wrong, one entry per mistake, each with the path `file:line`.
    pub fn problems(&self) -> Problems {
        match self {
            Self::TooLarge { file, .. } => Problem::new(file, self.to_string()).into(),
            Self::Syntax(problem) => problem.clone().into(),
            Self::Invalid(problems) => problems.clone(),
        }
    }
}

/// What happens when an order comes with the e-mail address of a customer the panel already has.
///
/// The same Stripe customer id is the same customer in any case.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum AttachPolicy {
    /// The order is added to that customer.
    Attach,
    /// A new customer is created.
    New,
    /// A person decides.
    #[default]
    Ask,
}

impl AttachPolicy {
    /// `attach`, `new` or `ask`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Attach => "attach",
            Self::New => "new",
            Self::Ask => "ask",
        }
    }
}

impl fmt::Display for AttachPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text is no attach policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is none of attach, new and ask")]
pub struct UnknownAttachPolicy;

impl FromStr for AttachPolicy {
    type Err = UnknownAttachPolicy;

    fn from_str(text: &str) -> Result<Self, UnknownAttachPolicy> {
        [Self::Attach, Self::New, Self::Ask]
            .into_iter()
            .find(|policy| policy.as_str() == text)
            .ok_or(UnknownAttachPolicy)
    }
}

/// The products of a shop, with their prices in one currency.
///
/// ```
/// use provisioning_core::catalog::{AttachPolicy, Catalog};
/// use provisioning_core::order::ProductCode;
///
/// let catalog = Catalog::from_toml("shop.toml", r#"
///     currency = "EUR"
///
///     [[product]]
///     code = "wp_growth"
///     takes = "nextpanel-hosting"
///     price = { monthly = "49.99" }
/// "#)?;
/// let product = catalog.find(&ProductCode::new("WP-Growth")?);
/// assert_eq!(product.map(|product| product.code.as_str()), Some("wp_growth"));
/// assert_eq!(catalog.attach_policy(), AttachPolicy::Ask);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    name: String,
    currency: Currency,
    attach: AttachPolicy,
    products: Vec<Product>,
    /// Codes as they are compared, to positions in `products`.
    by_code: BTreeMap<String, usize>,
    by_panel_id: BTreeMap<String, usize>,
    digest: Digest,
}

impl Catalog {
    /// The bundled catalog of MigraHosting.
    pub fn migrahosting() -> Self {
        // That the bundled file is right is a test; without products nothing could be provisioned by mistake.
        Self::from_toml(
            "migrahosting.toml",
            include_str!("catalog/migrahosting.toml"),
        )
        .unwrap_or_else(|_| {
            Self::assembled(
                "migrahosting".to_owned(),
                Currency::USD,
                AttachPolicy::Ask,
                Vec::new(),
            )
        })
    }

    /// Reads a catalog from TOML; `file_name` only appears in messages.
    ///
    /// # Errors
    /// [`CatalogError`]: a syntax error alone, or all other mistakes at once, each with `file:line`.
    pub fn from_toml(file_name: &str, text: &str) -> Result<Self, CatalogError> {
        reader::read(file_name, text)
    }

    /// A catalog that the host builds itself.
    ///
    /// # Errors
    /// [`Problems`] with paths such as `product[2].requires`: codes that stand twice or mean nothing, prices in
    /// another currency, weights outside 1 to 1000, or no product at all.
    pub fn new(
        name: impl Into<String>,
        currency: Currency,
        attach: AttachPolicy,
        products: Vec<Product>,
    ) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        if products.is_empty() {
            problems.add("product", "there is no product");
        }
        for (index, product) in products.iter().enumerate() {
            if !(1..=Product::MAX_WEIGHT).contains(&product.weight) {
                let message = format!("must be from 1 to {}", Product::MAX_WEIGHT);
                problems.add(format!("product[{index}].weight"), message);
            }
            for (cycle, price) in &product.prices {
                if price.currency() != currency {
                    let message = format!("is in {}, the catalog in {currency}", price.currency());
                    problems.add(format!("product[{index}].price.{cycle}"), message);
                }
            }
        }
        for (place, message) in check::cross_check(&products) {
            problems.add(
                format!("product[{}].{}", place.product, place.slot.as_str()),
                message,
            );
        }
        problems.into_result(())?;
        Ok(Self::assembled(name.into(), currency, attach, products))
    }

    fn assembled(
        name: String,
        currency: Currency,
        attach: AttachPolicy,
        products: Vec<Product>,
    ) -> Self {
        let mut by_code = BTreeMap::new();
        let mut by_panel_id = BTreeMap::new();
        for (index, product) in products.iter().enumerate() {
            for code in std::iter::once(&product.code).chain(&product.also) {
                by_code.insert(code.normalised(), index);
            }
            if let Some(id) = &product.panel_product_id {
                by_panel_id.insert(id.clone(), index);
            }
        }
        Self {
            digest: digest(currency, attach, &products),
            name,
            currency,
            attach,
            products,
            by_code,
            by_panel_id,
        }
    }

    /// The catalog's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The currency of all prices.
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// What happens with orders of customers the panel may already have.
    pub fn attach_policy(&self) -> AttachPolicy {
        self.attach
    }

    /// All products, in the order of the file.
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// The product that a code means: by its code or another one it is known by, whatever the case and the spelling
    /// of `_` and `-`; else by its id on the panel, exactly.
    pub fn find(&self, code: &ProductCode) -> Option<&Product> {
        let index = self
            .by_code
            // Most are spelled as they are compared.
            .get(code.as_str())
            .or_else(|| self.by_code.get(&code.normalised()))
            .or_else(|| self.by_panel_id.get(code.as_str()))?;
        self.products.get(*index)
    }

    /// The product codes most like `code`, best first, at most three: what a message about an unknown code offers.
    pub fn near_matches(&self, code: &ProductCode) -> Vec<&ProductCode> {
        const LEAST_LIKE: f64 = 0.82;
        let wanted = code.normalised();
        let mut likeness: BTreeMap<usize, f64> = BTreeMap::new();
        for (known, index) in &self.by_code {
            let score = strsim::jaro_winkler(&wanted, known);
            let best = likeness.entry(*index).or_insert(score);
            *best = best.max(score);
        }
        let mut near: Vec<_> = likeness
            .into_iter()
            .filter(|(_, score)| *score >= LEAST_LIKE)
            .collect();
        near.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        near.into_iter()
            .take(3)
            .filter_map(|(index, _)| self.products.get(index))
            .map(|product| &product.code)
            .collect()
    }

    /// A digest over everything in it, whatever the order and layout of the file.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

fn digest(currency: Currency, attach: AttachPolicy, products: &[Product]) -> Digest {
    let mut sorted: Vec<_> = products.iter().collect();
    sorted.sort_by(|a, b| a.code.cmp(&b.code));
    // Fields are written in the order of their declaration and maps in that of their keys, so equal catalogs have equal
    // texts. A product can always be written.
    let text = serde_json::to_vec(&(currency, attach, sorted)).unwrap_or_default();
    Digest::of(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> ProductCode {
        ProductCode::new(text).unwrap()
    }

    #[test]
    fn the_bundled_catalog_is_without_mistakes() {
        let text = include_str!("catalog/migrahosting.toml");
        let catalog =
            Catalog::from_toml("migrahosting.toml", text).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(catalog, Catalog::migrahosting());
    }

    #[test]
    fn codes_are_found_in_every_spelling_and_unknown_ones_have_near_matches() {
        let catalog = Catalog::migrahosting();
        for spelling in ["wp_growth", "wp-growth", "WP-GROWTH"] {
            assert_eq!(
                catalog
                    .find(&code(spelling))
                    .map(|product| product.code.as_str()),
                Some("wp_growth")
            );
        }
        assert_eq!(catalog.find(&code("wp_grwth")), None);
        assert_eq!(
            catalog.near_matches(&code("wp_grwth")).first(),
            Some(&&code("wp_growth"))
        );
        assert!(catalog.near_matches(&code("zzzzzz")).is_empty());
    }
}
