//! Payments (contract, section 4.8).

use super::admin;
use crate::Operation;

/// List the payments.
pub const LIST_PAYMENTS: Operation = admin("list-payments", "GET", "/api/v1/payments").look_up();

/// Figures of all payments.
pub const PAYMENT_STATS: Operation =
    admin("payment-stats", "GET", "/api/v1/payments/stats/summary");

/// What is to be charged: always an error.
pub const AUTO_CHARGE_QUEUE: Operation = admin(
    "auto-charge-queue",
    "GET",
    "/api/v1/payments/auto-charge/queue",
);

/// List the payments of an order.
pub const PAYMENT_HISTORY: Operation = admin(
    "payment-history",
    "GET",
    "/api/v1/payments/history/{order_id}",
)
.look_up();

/// Get one payment.
pub const GET_PAYMENT: Operation =
    admin("get-payment", "GET", "/api/v1/payments/{payment_id}").look_up();
