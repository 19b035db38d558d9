//! The other ids an order is known by.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::identity::{IdentityError, check_id};

/// What kind of id an [`Alias`] is.
///
/// There is none for the Stripe customer id: one customer orders many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AliasKind {
    /// An order number of the host or the shop.
    Order,
    /// A Stripe payment intent, `pi_...`.
    PaymentIntent,
    /// A Stripe checkout session, `cs_...`.
    CheckoutSession,
    /// A Stripe invoice, `in_...`.
    Invoice,
    /// A Stripe subscription, `sub_...`.
    Subscription,
    /// A Stripe charge, `ch_...`.
    Charge,
    /// An event of the payment provider, `evt_...`: the same one means a redelivery.
    Event,
    /// Any other id of the payload.
    External,
}

impl AliasKind {
    /// The kind in plain words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::PaymentIntent => "payment intent",
            Self::CheckoutSession => "checkout session",
            Self::Invoice => "invoice",
            Self::Subscription => "subscription",
            Self::Charge => "charge",
            Self::Event => "event",
            Self::External => "external id",
        }
    }
}

/// One more id by which the same order may arrive, unique per tenant and mode.
///
/// The primary id of an order is among its aliases too, so one index over aliases finds an order by whichever door
/// it comes in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Alias {
    kind: AliasKind,
    value: String,
}

impl Alias {
    /// An id of this kind; surrounding blanks are taken off.
    ///
    /// # Errors
    /// [`IdentityError`] if it is empty, longer than 255 bytes, or holds a control character or `@`.
    pub fn new(kind: AliasKind, value: impl Into<String>) -> Result<Self, IdentityError> {
        let value = value.into().trim().to_owned();
        check_id(&value)?;
        Ok(Self { kind, value })
    }

    /// What kind of id it is.
    pub fn kind(&self) -> AliasKind {
        self.kind
    }

    /// The id.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), self.value)
    }
}
