//! A product: what it takes to provide it, and what it costs.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::order::{BillingCycle, ProductCode};

/// What kind of hosting account NextPanel creates (contract NextPanel section 8).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum AccountType {
    /// A regular user.
    #[default]
    Panel,
    /// A reseller, who can create customers.
    Reseller,
    /// A master reseller, who can create resellers too.
    MasterReseller,
}

impl AccountType {
    /// The spelling of the wire: `panel`, `reseller`, `master-reseller`.
    pub fn as_wire(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::Reseller => "reseller",
            Self::MasterReseller => "master-reseller",
        }
    }

    /// The wire's `is_admin`: true for both kinds of reseller.
    pub fn is_admin(self) -> bool {
        !matches!(self, Self::Panel)
    }
}

impl fmt::Display for AccountType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_wire())
    }
}

/// The text is no account type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no account type: panel, reseller or master-reseller")]
pub struct UnknownAccountType;

impl FromStr for AccountType {
    type Err = UnknownAccountType;

    fn from_str(text: &str) -> Result<Self, UnknownAccountType> {
        [Self::Panel, Self::Reseller, Self::MasterReseller]
            .into_iter()
            .find(|kind| kind.as_wire() == text)
            .ok_or(UnknownAccountType)
    }
}

/// What it takes to provide a product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "takes", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Takes {
    /// A hosting account on NextPanel.
    #[serde(rename = "nextpanel-hosting")]
    NextPanelHosting {
        /// The package id on the panel; none lets the panel choose its default.
        package: Option<i64>,
        /// The kind of account.
        account_type: AccountType,
    },
    /// A hosting account that mPanel itself provides.
    MpanelHosting {
        /// The server it lies on, such as `srv1`; none leaves it to mPanel.
        server: Option<String>,
    },
    /// An addition to a hosting account.
    Addon,
    /// A domain registered, transferred or renewed.
    Domain,
    /// DNS for a domain.
    Dns,
    /// Mailboxes.
    Mailbox,
    /// A certificate.
    Ssl,
    /// Something that people set up by hand, such as a virtual server.
    Manual {
        /// What is to be done, in words for the one who does it.
        what: String,
    },
}

impl Takes {
    /// The name used in catalogs, such as `nextpanel-hosting`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NextPanelHosting { .. } => "nextpanel-hosting",
            Self::MpanelHosting { .. } => "mpanel-hosting",
            Self::Addon => "addon",
            Self::Domain => "domain",
            Self::Dns => "dns",
            Self::Mailbox => "mailbox",
            Self::Ssl => "ssl",
            Self::Manual { .. } => "manual",
        }
    }

    /// True for a hosting account, on whichever panel.
    pub fn is_hosting(&self) -> bool {
        matches!(
            self,
            Self::NextPanelHosting { .. } | Self::MpanelHosting { .. }
        )
    }
}

/// A product of a catalog.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its code, as it is sent to the panels.
    pub code: ProductCode,
    /// Other codes that mean this product, such as those of older shops.
    #[serde(default)]
    pub also: Vec<ProductCode>,
    /// Its name for people.
    pub name: String,
    /// What it takes to provide it.
    pub takes: Takes,
    /// The price of one, per billing cycle. All in the catalog's currency.
    #[serde(default)]
    pub prices: BTreeMap<BillingCycle, Money>,
    /// How much room an account of it takes on a server, compared with an ordinary one; at least 1.
    pub weight: u32,
    /// Its id on the panel, where the panel wants an id and not a code.
    #[serde(default)]
    pub panel_product_id: Option<String>,
    /// It is sold only together with at least one of these; none means it needs no other product.
    #[serde(default)]
    pub requires: Vec<ProductCode>,
    /// It is never sold together with any of these.
    #[serde(default)]
    pub excludes: Vec<ProductCode>,
}

impl Product {
    /// The largest weight a product may have.
    pub const MAX_WEIGHT: u32 = 1000;

    /// A product without prices, of weight 1.
    pub fn new(code: ProductCode, name: impl Into<String>, takes: Takes) -> Self {
        Self {
            code,
            also: Vec::new(),
            name: name.into(),
            takes,
            prices: BTreeMap::new(),
            weight: 1,
            panel_product_id: None,
            requires: Vec::new(),
            excludes: Vec::new(),
        }
    }

    /// The same product with another code that means it.
    #[must_use]
    pub fn with_other_code(mut self, code: ProductCode) -> Self {
        self.also.push(code);
        self
    }

    /// The same product at this price per `cycle`.
    #[must_use]
    pub fn with_price(mut self, cycle: BillingCycle, price: Money) -> Self {
        self.prices.insert(cycle, price);
        self
    }

    /// The same product with a placement weight.
    #[must_use]
    pub fn with_weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// The same product with its id on the panel.
    #[must_use]
    pub fn with_panel_product_id(mut self, id: impl Into<String>) -> Self {
        self.panel_product_id = Some(id.into());
        self
    }

    /// The same product, sold only together with `code` or another required one.
    #[must_use]
    pub fn requiring(mut self, code: ProductCode) -> Self {
        self.requires.push(code);
        self
    }

    /// The same product, never sold together with `code`.
    #[must_use]
    pub fn excluding(mut self, code: ProductCode) -> Self {
        self.excludes.push(code);
        self
    }

    /// The price of one per `cycle`.
    pub fn price(&self, cycle: &BillingCycle) -> Option<Money> {
        self.prices.get(cycle).copied()
    }

    /// The cycle that is meant where an order names none: the shortest that has a price.
    pub fn usual_cycle(&self) -> Option<&BillingCycle> {
        self.prices.keys().next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_types_are_spelled_as_on_the_wire() {
        for (kind, wire, admin) in [
            (AccountType::Panel, "panel", false),
            (AccountType::Reseller, "reseller", true),
            (AccountType::MasterReseller, "master-reseller", true),
        ] {
            assert_eq!((kind.as_wire(), kind.is_admin()), (wire, admin));
            assert_eq!(wire.parse(), Ok(kind));
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{wire}\""));
        }
        assert_eq!("Panel".parse::<AccountType>(), Err(UnknownAccountType));
    }
}
