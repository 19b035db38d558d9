//! How mPanel takes part in a plan: which of its two modes, and through which door.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::verb::VerbName;

/// A door of mPanel through which a whole purchase is handed over (CONTRACT-mpanel section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderEntry {
    /// `POST /api/provisioning/stripe`: keyed by the payment intent for ever. It keeps every item of the cart.
    ProvisioningStripe,
    /// `POST /api/public/orders/stripe-completed`: makes a task of each item, and everything again when it is sent twice.
    StripeCompleted,
    /// `POST /api/orders/webhook`: one price, and jobs to make it work. TypeScript servers have it.
    OrdersWebhook,
    /// `POST /api/provisioning/webhooks/order-created`: documented, and served where a deployment added it.
    OrderCreated,
}

impl OrderEntry {
    /// Every entry.
    pub const ALL: [Self; 4] = [
        Self::ProvisioningStripe,
        Self::StripeCompleted,
        Self::OrdersWebhook,
        Self::OrderCreated,
    ];

    /// Its name in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProvisioningStripe => "provisioning-stripe",
            Self::StripeCompleted => "stripe-completed",
            Self::OrdersWebhook => "orders-webhook",
            Self::OrderCreated => "order-created",
        }
    }

    /// The verb an executor declares for it.
    #[must_use]
    pub const fn verb(self) -> &'static str {
        match self {
            Self::ProvisioningStripe => VerbName::MPANEL_SUBMIT_STRIPE_PAYMENT,
            Self::StripeCompleted => VerbName::MPANEL_SUBMIT_COMPLETED_CHECKOUT,
            Self::OrdersWebhook => VerbName::MPANEL_SUBMIT_ORDER,
            Self::OrderCreated => VerbName::MPANEL_SUBMIT_ORDER_CREATED,
        }
    }

    /// Whether it only keeps what it is given. The others make work of each item, so that what NextPanel hosts must not
    /// go through them: mPanel would make a second account of it.
    #[must_use]
    pub const fn keeps_all_items(self) -> bool {
        matches!(self, Self::ProvisioningStripe)
    }

    /// Whether its reply names the panel's customer.
    #[must_use]
    pub const fn tells_customer(self) -> bool {
        !matches!(self, Self::ProvisioningStripe)
    }

    /// Whether it wants to know what was paid.
    #[must_use]
    pub const fn wants_amount(self) -> bool {
        matches!(self, Self::ProvisioningStripe | Self::OrdersWebhook)
    }

    /// Whether it takes a single product.
    #[must_use]
    pub const fn takes_one_product(self) -> bool {
        matches!(self, Self::OrdersWebhook)
    }
}

impl fmt::Display for OrderEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How mPanel takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MpanelMode {
    /// We write customer, subscription and website, and make the account elsewhere.
    Direct,
    /// mPanel is handed the purchase and provides it; we watch.
    Delegate(OrderEntry),
}

impl fmt::Display for MpanelMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.pad("direct"),
            Self::Delegate(entry) => entry.fmt(f),
        }
    }
}

/// The text names no mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no mode of mPanel: direct, or the entry that takes the order: provisioning-stripe, stripe-completed, \
     orders-webhook, order-created"
)]
pub struct UnknownMpanelMode(String);

impl FromStr for MpanelMode {
    type Err = UnknownMpanelMode;

    /// `direct`, or the name of an entry; `/` and `_` count as `-`.
    fn from_str(text: &str) -> Result<Self, UnknownMpanelMode> {
        let plain = text.trim().to_ascii_lowercase().replace(['/', '_'], "-");
        if plain == "direct" {
            return Ok(Self::Direct);
        }
        OrderEntry::ALL
            .into_iter()
            .find(|entry| entry.as_str() == plain)
            .map(Self::Delegate)
            .ok_or_else(|| UnknownMpanelMode(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_is_found_by_its_name_and_by_its_path() {
        for entry in OrderEntry::ALL {
            let mode = MpanelMode::Delegate(entry);
            assert_eq!(mode.to_string().parse(), Ok(mode));
        }
        assert_eq!("Direct".parse(), Ok(MpanelMode::Direct));
        assert_eq!(
            "provisioning/stripe".parse(),
            Ok(MpanelMode::Delegate(OrderEntry::ProvisioningStripe))
        );
        assert_eq!(
            "orders/webhook".parse(),
            Ok(MpanelMode::Delegate(OrderEntry::OrdersWebhook))
        );
        let error = "delegate".parse::<MpanelMode>().unwrap_err().to_string();
        assert!(error.contains("stripe-completed"), "{error}");
    }
}
