//! Why an order counts as paid.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::money::Money;

/// What Stripe says about the payment of a checkout session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StripeStatus {
    /// `payment_status` is `paid`.
    Paid,
    /// `payment_status` is `no_payment_required`: a trial, or a coupon over the whole amount.
    NoPaymentRequired,
    /// The event `checkout.session.async_payment_succeeded`: a delayed payment arrived.
    AsyncPaymentSucceeded,
}

/// Why an order counts as paid; a [`PaidOrder`](super::PaidOrder) cannot exist without one.
///
/// `Debug` leaves out the operator's name; [`PaymentEvidence::describe`] tells it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentEvidence {
    /// A Stripe checkout session says so.
    Stripe {
        /// What it says.
        status: StripeStatus,
    },
    /// The payload's own status says so (`paid` or `succeeded`).
    PayloadStatus {
        /// The status as it was sent.
        status: String,
    },
    /// The payload is sent only after payment and carries the amount that was paid.
    AmountCarried {
        /// The amount.
        amount: Money,
    },
    /// The payload says nothing, but it came from a sender that sends paid orders only, and the sender was verified.
    VerifiedSender {
        /// How it was verified, such as `x-mpanel-token` or `Stripe-Signature`.
        by: String,
    },
    /// The host asked the payment provider.
    LookedUpAtProvider {
        /// The provider, such as `stripe`.
        provider: String,
        /// What was looked up there, such as a payment intent.
        reference: String,
    },
    /// A person vouches for it.
    Operator {
        /// Who.
        name: String,
    },
}

impl PaymentEvidence {
    /// The evidence in plain words, to follow "paid: ".
    pub fn describe(&self) -> String {
        match self {
            Self::Stripe {
                status: StripeStatus::Paid,
            } => "Stripe reports the checkout session as paid".to_owned(),
            Self::Stripe {
                status: StripeStatus::NoPaymentRequired,
            } => "Stripe reports that the checkout session requires no payment".to_owned(),
            Self::Stripe {
                status: StripeStatus::AsyncPaymentSucceeded,
            } => "Stripe reports that the delayed payment succeeded".to_owned(),
            Self::PayloadStatus { status } => {
                format!("the order itself has the status \"{status}\"")
            }
            Self::AmountCarried { amount } => {
                format!("the order carries the paid amount, {amount}")
            }
            Self::VerifiedSender { by } => {
                format!("it came from a verified sender of paid orders ({by})")
            }
            Self::LookedUpAtProvider {
                provider,
                reference,
            } => {
                format!("looked up at {provider} under {reference}")
            }
            Self::Operator { name } => format!("{name} vouches for it"),
        }
    }
}

impl fmt::Debug for PaymentEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator { .. } => f.write_str("an operator vouches for it"),
            other => f.write_str(&other.describe()),
        }
    }
}
