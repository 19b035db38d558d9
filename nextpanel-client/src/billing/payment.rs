//! Payments, as administrators see them.

use secrecy::SecretString;
use serde::Deserialize;

use super::amount::{Amount, Price};
use super::endpoint::{endpoint, private_debug};
use super::id::{OrderId, PaymentId};
use super::report::Report;
use crate::{Field, Timestamp};

panel_http::open_enum! {
    /// State of a payment. A refund is a payment of its own, with a negative amount and "succeeded".
    pub enum PaymentStatus {
        /// Paid.
        Succeeded = "succeeded",
        /// Not yet.
        Pending = "pending",
        /// Failed.
        Failed = "failed",
        /// Refunded; refunds of orders never set it.
        Refunded = "refunded",
    }
}

/// A payment (section 4.8).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// Its order.
    #[serde(default)]
    pub order_id: Field<OrderId>,
    /// Amount; below zero for refunds.
    pub amount: Amount,
    /// Currency, three letters.
    #[serde(default)]
    pub currency: Field<String>,
    /// State.
    pub status: PaymentStatus,
    /// How it was paid.
    #[serde(default)]
    pub payment_method: Field<String>,
    /// Its id at the payment provider.
    #[serde(default)]
    pub gateway_transaction_id: Field<String>,
    /// When.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
    /// Why it failed.
    #[serde(default)]
    pub failure_reason: Field<String>,
}

/// A state to filter by: one the backend knows. Any other is a 500 there (section 4.8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PaymentFilter {
    /// Paid.
    Succeeded,
    /// Not yet.
    Pending,
    /// Failed.
    Failed,
    /// Refunded.
    Refunded,
}

impl std::fmt::Display for PaymentFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Succeeded => "succeeded",
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::Refunded => "refunded",
        })
    }
}

endpoint! {
    /// Lists payments, newest first, 50 at a time.
    pub struct ListPayments: LIST_PAYMENTS -> Vec<Payment> {
        query {
            /// How many to list. The backend does not check it.
            set_limit limit: u32,
            /// How many to leave out.
            set_offset offset: u32,
            /// Only those in this state.
            set_status status: PaymentFilter,
            /// Only those of this gateway.
            set_gateway_id gateway_id: String,
            /// Not before.
            set_date_from date_from: Timestamp,
            /// Not after.
            set_date_to date_to: Timestamp,
            /// Not less than.
            set_min_amount min_amount: Price,
            /// Not more than.
            set_max_amount max_amount: Price,
        }
    }
}

endpoint! {
    /// Reads one payment.
    pub struct GetPayment: GET_PAYMENT -> Payment {
        path { payment_id: PaymentId }
    }
}

endpoint! {
    /// Lists the payments of an order.
    pub struct GetPaymentHistory: PAYMENT_HISTORY -> Vec<Payment> {
        path { order_id: OrderId }
    }
}

endpoint! {
    /// Reads figures of all payments.
    pub struct GetPaymentStatistics: PAYMENT_STATISTICS -> Report {}
}

endpoint! {
    /// Reads the queue of automatic charges. The backend that was observed always answers 500 (section 4.8).
    pub struct GetChargeQueue: CHARGE_QUEUE -> Report {}
}

endpoint! {
    /// Begins a payment at Stripe (from the backend's source, not exercised).
    pub struct CreatePaymentIntent: CREATE_PAYMENT_INTENT -> PaymentIntent {
        required { order_id: OrderId, amount: Price, currency: String }
        optional {
            /// How it is to be paid.
            set_payment_method payment_method: String,
            /// Where the receipt goes.
            set_customer_email customer_email: String,
            /// What for.
            set_description description: String,
        }
    }
}

/// A payment begun at Stripe.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct PaymentIntent {
    /// What the customer's browser finishes the payment with.
    pub client_secret: SecretString,
    /// Stripe's id.
    pub payment_intent_id: String,
    /// Amount in minor units, unlike every other amount of the backend.
    pub amount: i64,
    /// Currency, three letters.
    pub currency: String,
    /// State, in Stripe's words.
    pub status: String,
}

private_debug!(PaymentIntent: payment_intent_id, amount, currency, status);

endpoint! {
    /// Charges a payment method (from the backend's source, not exercised).
    pub struct ChargeManually: CHARGE_MANUALLY -> Report {
        required { order_id: OrderId, amount: Price, currency: String, payment_method: String }
        optional {
            /// What for.
            set_description description: String,
            /// Whether to keep the payment method; false unless set.
            set_save_payment_method save_payment_method: bool,
        }
    }
}

endpoint! {
    /// Tries a failed payment again (from the backend's source, not exercised).
    pub struct RetryPayment: RETRY_PAYMENT -> Report {
        path { payment_id: PaymentId }
    }
}
