//! The shapes in which paid orders arrive.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The shape of an order payload; the letters are those of contract mPanel section 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PayloadShape {
    /// A: `order-created` with `customerEmail` and `items[].code`.
    OrderCreated,
    /// B: `stripe-completed` with `paymentIntentId` and `items[].productSlug`.
    StripeCompleted,
    /// B': the blueprint's `stripe-completed` with `stripePaymentIntentId`, `primaryDomain`, `items[].qty`.
    StripeCompletedBlueprint,
    /// C: `provisioning/stripe` with `stripePaymentIntentId`, `amount`, `status` and `cart`.
    ProvisioningStripe,
    /// D: `orders/webhook` with `customer`, `priceSlug` and `totalAmountCents`.
    OrderWebhook,
    /// D': the backend specification's order with `planSlug`.
    OrderSpecification,
    /// E: the contract document's order with `customerId` and `items[].productId`.
    OrderContract,
    /// F: the marketing site's `accounts/create` with `email` and `plan_id` or `plan_type`.
    MarketingAccount,
    /// A Stripe checkout session, bare or in its events `checkout.session.completed` and
    /// `checkout.session.async_payment_succeeded`.
    StripeCheckoutSession,
    /// No payload: the host built the order itself.
    HostBuilt,
}

impl PayloadShape {
    /// The shapes that can be read, in the order of the contract.
    pub const READABLE: [Self; 9] = [
        Self::OrderCreated,
        Self::StripeCompleted,
        Self::StripeCompletedBlueprint,
        Self::ProvisioningStripe,
        Self::OrderWebhook,
        Self::OrderSpecification,
        Self::OrderContract,
        Self::MarketingAccount,
        Self::StripeCheckoutSession,
    ];

    /// The name used in configuration, such as `order-created`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrderCreated => "order-created",
            Self::StripeCompleted => "stripe-completed",
            Self::StripeCompletedBlueprint => "stripe-completed-blueprint",
            Self::ProvisioningStripe => "provisioning-stripe",
            Self::OrderWebhook => "order-webhook",
            Self::OrderSpecification => "order-specification",
            Self::OrderContract => "order-contract",
            Self::MarketingAccount => "marketing-account",
            Self::StripeCheckoutSession => "stripe-checkout-session",
            Self::HostBuilt => "host-built",
        }
    }

    /// The fields by which the shape is recognised, in words.
    pub fn marks(self) -> &'static str {
        match self {
            Self::OrderCreated => "customerEmail and items[].code",
            Self::StripeCompleted => "customerEmail and items[].productSlug",
            Self::StripeCompletedBlueprint => {
                "items[].productSlug with primaryDomain or items[].qty"
            }
            Self::ProvisioningStripe => "stripePaymentIntentId, amount, status and cart",
            Self::OrderWebhook => "customer, priceSlug and totalAmountCents",
            Self::OrderSpecification => "customer, planSlug and totalAmountCents",
            Self::OrderContract => "customerId and items[].productId",
            Self::MarketingAccount => "email and plan_id or plan_type",
            Self::StripeCheckoutSession => {
                "object \"checkout.session\", or an event with it in data.object"
            }
            Self::HostBuilt => "nothing: it is not read",
        }
    }

    /// The source that is assumed where neither the host nor the payload names one.
    pub fn default_source(self) -> &'static str {
        match self {
            Self::StripeCheckoutSession => "stripe",
            other => other.as_str(),
        }
    }
}

impl fmt::Display for PayloadShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no shape that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "is no payload shape: order-created, stripe-completed, stripe-completed-blueprint, provisioning-stripe, \
     order-webhook, order-specification, order-contract, marketing-account or stripe-checkout-session"
)]
pub struct UnknownPayloadShape;

impl FromStr for PayloadShape {
    type Err = UnknownPayloadShape;

    fn from_str(name: &str) -> Result<Self, UnknownPayloadShape> {
        let name = name.trim().to_ascii_lowercase().replace('_', "-");
        Self::READABLE
            .into_iter()
            .find(|shape| shape.as_str() == name)
            .ok_or(UnknownPayloadShape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_are_those_of_serde() {
        for shape in PayloadShape::READABLE {
            assert_eq!(shape.as_str().parse(), Ok(shape));
            assert_eq!(
                serde_json::to_string(&shape).unwrap(),
                format!("\"{shape}\"")
            );
            assert!(UnknownPayloadShape.to_string().contains(shape.as_str()));
        }
        assert_eq!(
            "host-built".parse::<PayloadShape>(),
            Err(UnknownPayloadShape)
        );
    }
}
