//! Orders: those of the TypeScript dialect, and what the other entries make of theirs.

use jiff::civil::DateTime;
use serde_json::Value;

/// An order of the TypeScript dialect.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Order {
    /// Its id.
    pub id: String,
    /// Its customer.
    pub customer_id: String,
    /// The price it was ordered at.
    pub price_id: Option<String>,
    /// `PENDING`, `PAID`, `FAILED`, `CANCELLED`.
    pub status: String,
    /// The amount in cents; compared with nothing.
    pub total_amount_cents: i64,
    /// The currency.
    pub currency: String,
    /// The payment.
    pub stripe_payment_intent_id: Option<String>,
    /// The checkout session.
    pub stripe_session_id: Option<String>,
    /// The id in the caller's own books.
    pub external_order_id: Option<String>,
    /// What was sent with it.
    pub metadata: Value,
    /// Notes.
    pub notes: Option<String>,
    /// The subscription it began.
    pub subscription_id: Option<String>,
    /// When it was created.
    pub created_at: DateTime,
    /// When it was last changed.
    pub updated_at: DateTime,
}

/// One item of an order of `provisioning/stripe`: a subscription in a table of its own.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HostingSubscription {
    /// Its id.
    pub id: String,
    /// The code it was ordered by; `unknown-product` where the server found none in the cart.
    pub product_code: String,
    /// The name it was ordered by.
    pub product_name: String,
    /// `hosting`, `email`, `domain`, `ssl` or `addon`, guessed where it was not said.
    pub service_type: String,
    /// The billing cycle.
    pub billing_cycle: String,
    /// The price in cents; 0 where the server found none in the cart.
    pub price_cents: i64,
    /// `pending`, and `completed` or `failed` where a task of it was worked on.
    pub provisioning_status: String,
}

/// An order of `provisioning/stripe`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StripeOrder {
    /// Its id.
    pub id: String,
    /// The payment, which makes it unique for ever.
    pub stripe_payment_intent_id: String,
    /// The amount in cents; compared with nothing.
    pub amount: i64,
    /// The currency.
    pub currency: String,
    /// The status as sent.
    pub status: String,
    /// When it was paid: only for the statuses `paid` and `succeeded`.
    pub paid_at: Option<DateTime>,
    /// Its customer, where there was an e-mail address.
    pub customer_id: Option<String>,
    /// Its items.
    pub subscriptions: Vec<HostingSubscription>,
}

/// What `stripe-completed` or `order-created` made of one request. The server keeps no order of it, only what it made.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PublicOrder {
    /// The payment, where the server read it.
    pub payment_intent_id: Option<String>,
    /// Its customer.
    pub customer_id: String,
    /// The subscriptions made: one of each item whose product there is.
    pub subscription_ids: Vec<String>,
    /// The tasks made, one of each subscription.
    pub task_ids: Vec<String>,
}
