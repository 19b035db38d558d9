//! Orders (contract, section 4.7).

use super::{admin, user};
use crate::Operation;

/// Figures of all orders.
pub const ORDER_STATS: Operation = user("order-stats", "GET", "/api/v1/orders/stats");

/// List the orders: all for an administrator, else one's own.
pub const LIST_ORDERS: Operation = user("list-orders", "GET", "/api/v1/orders").look_up();

/// Create an order for oneself.
pub const CREATE_ORDER: Operation = user("create-order", "POST", "/api/v1/orders");

/// Get one order.
pub const GET_ORDER: Operation = user("get-order", "GET", "/api/v1/orders/{order_id}").look_up();

/// Set the status of an order, by query parameter.
pub const SET_ORDER_STATUS: Operation =
    admin("set-order-status", "PATCH", "/api/v1/orders/{order_id}");

/// Change an order, unchecked.
pub const UPDATE_ORDER: Operation = user("update-order", "PUT", "/api/v1/orders/{order_id}");

/// Mark an order as paid.
pub const PAY_ORDER: Operation = admin("pay-order", "POST", "/api/v1/orders/{order_id}/pay");

/// Void an order.
pub const VOID_ORDER: Operation = admin("void-order", "POST", "/api/v1/orders/{order_id}/void");

/// Refund an order.
pub const REFUND_ORDER: Operation =
    admin("refund-order", "POST", "/api/v1/orders/{order_id}/refund");

/// Send an order's invoice by mail.
pub const SEND_ORDER: Operation = user("send-order", "POST", "/api/v1/orders/{order_id}/send");

/// An order's invoice as PDF.
pub const ORDER_PDF: Operation = user("order-pdf", "GET", "/api/v1/orders/{order_id}/pdf");
