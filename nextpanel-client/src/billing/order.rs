//! Orders of the billing backend.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use panel_http::{Answer, DecodeError, Endpoint, Operation, PathParameters, Query};

use super::amount::{Amount, Price};
use super::endpoint::{Document, endpoint, private_debug};
use super::id::{CustomerId, OrderId, PaymentId, ProductPlanId};
use super::operations::{ORDER_PDF, SET_ORDER_STATUS};
use super::report::Report;
use crate::{Field, Timestamp};

panel_http::open_enum! {
    /// State of an order. A new one is completed at once (section 4.7).
    pub enum OrderStatus {
        /// Not yet worked on.
        Pending = "pending",
        /// Worked on.
        Processing = "processing",
        /// Done.
        Completed = "completed",
        /// Cancelled, also by a full refund.
        Cancelled = "cancelled",
        /// Failed.
        Failed = "failed",
    }
}

panel_http::open_enum! {
    /// What an order pays for. The backend takes any text.
    pub enum BillingPeriod {
        /// A month.
        Monthly = "monthly",
        /// A year.
        Yearly = "yearly",
        /// For good.
        OneTime = "one-time",
    }
}

/// One line of an order to create.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OrderItem {
    product_id: ProductPlanId,
    product_name: String,
    quantity: u32,
    price: Price,
}

impl OrderItem {
    /// So many of a product at this price each. The backend creates a plan for a name it does not know.
    #[must_use]
    pub fn new(
        product_id: impl Into<ProductPlanId>,
        product_name: impl Into<String>,
        quantity: u32,
        price: impl Into<Price>,
    ) -> Self {
        Self {
            product_id: product_id.into(),
            product_name: product_name.into(),
            quantity,
            price: price.into(),
        }
    }
}

/// An order (section 4.7).
#[derive(Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Whose it is.
    #[serde(default)]
    pub customer_id: Field<CustomerId>,
    /// State.
    pub status: OrderStatus,
    /// Number of its invoice.
    #[serde(default)]
    pub invoice_number: Field<String>,
    /// Its number.
    #[serde(default)]
    pub order_number: Field<String>,
    /// Its lines, as they were sent.
    #[serde(default)]
    pub items: Field<Vec<Map<String, Value>>>,
    /// Sum of the lines, as it was sent: the backend checks no sums.
    pub subtotal: Amount,
    /// Tax.
    pub tax: Amount,
    /// Total.
    pub total: Amount,
    /// How it was paid.
    #[serde(default)]
    pub payment_method: Field<String>,
    /// Where the bill goes; coupon and discounts are put in here.
    #[serde(default)]
    pub billing_info: Field<Map<String, Value>>,
    /// What it pays for.
    #[serde(default)]
    pub billing_period: Field<BillingPeriod>,
    /// When it is due.
    #[serde(default)]
    pub due_date: Field<Timestamp>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Field<Timestamp>,
    /// When it was changed.
    #[serde(default)]
    pub updated_at: Field<Timestamp>,
    /// The customer.
    #[serde(default)]
    pub customer: Field<OrderCustomer>,
}

private_debug!(Order: id, status, order_number, total);

/// The customer of an order.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct OrderCustomer {
    /// Its id.
    pub id: CustomerId,
    /// E-mail address.
    #[serde(default)]
    pub email: Field<String>,
    /// Name.
    #[serde(default)]
    pub full_name: Field<String>,
    /// Company.
    #[serde(default)]
    pub company_name: Field<String>,
}

private_debug!(OrderCustomer: id);

endpoint! {
    /// Lists orders, newest first, 100 at a time: one's own, or all for administrators.
    pub struct ListOrders: LIST_ORDERS -> Vec<Order> {
        query {
            /// How many to leave out.
            set_skip skip: u32,
            /// How many to list, 1 to 1,000.
            set_limit limit: u32,
            /// Only this customer's.
            set_customer_id customer_id: CustomerId,
            /// Only those in this state; one the backend does not know is `Validation`.
            set_status status: OrderStatus,
            /// Not before.
            set_start_date start_date: Timestamp,
            /// Not after.
            set_end_date end_date: Timestamp,
            /// Not less than.
            set_min_amount min_amount: Price,
            /// Not more than.
            set_max_amount max_amount: Price,
        }
    }
}

endpoint! {
    /// Reads one order: one's own, or any for administrators.
    pub struct GetOrder: GET_ORDER -> Order {
        path { order_id: OrderId }
    }
}

endpoint! {
    /// Reads figures of all orders; whole numbers and floats are mixed.
    pub struct GetOrderStatistics: ORDER_STATISTICS -> Report {}
}

/// Sets the state of an order. The state is a query parameter; a body would be refused (section 4.7).
#[derive(Debug, Clone)]
pub struct SetOrderStatus {
    order_id: OrderId,
    status: OrderStatus,
}

impl SetOrderStatus {
    /// This order to this state.
    #[must_use]
    pub fn new(order_id: impl Into<OrderId>, status: OrderStatus) -> Self {
        Self {
            order_id: order_id.into(),
            status,
        }
    }
}

impl Endpoint for SetOrderStatus {
    const OPERATION: &'static Operation = &SET_ORDER_STATUS;
    type Reply = Order;

    fn path(&self, path: &mut PathParameters) {
        path.set("order_id", &self.order_id);
    }

    fn query(&self, query: &mut Query) {
        query.set("status", &self.status);
    }

    fn decode(&self, answer: &Answer) -> Result<Order, DecodeError> {
        answer.json()
    }
}

endpoint! {
    /// Changes an order. Only fields the backend can hold are offered: it stores whatever comes, and lines of a wrong
    /// shape turn this order, and every list that contains it, into a 500 (section 4.7).
    pub struct UpdateOrder: UPDATE_ORDER -> Order {
        path { order_id: OrderId }
        optional {
            /// The lines, all of them.
            set_items items: Vec<OrderItem>,
            /// Sum of the lines.
            set_subtotal subtotal: Price,
            /// Tax.
            set_tax tax: Price,
            /// Total.
            set_total total: Price,
            /// How it was paid.
            set_payment_method payment_method: String,
            /// Where the bill goes.
            set_billing_info billing_info: Map<String, Value>,
            /// What it pays for.
            set_billing_period billing_period: BillingPeriod,
            /// When it is due.
            set_due_date due_date: Timestamp,
        }
    }
}

endpoint! {
    /// Marks an order paid.
    pub struct PayOrder: PAY_ORDER -> OrderNotice {
        path { order_id: OrderId }
    }
}

endpoint! {
    /// Voids an order.
    pub struct VoidOrder: VOID_ORDER -> OrderNotice {
        path { order_id: OrderId }
    }
}

endpoint! {
    /// Mails an order, or says that it would: the answer is 200 even if nothing is mailed.
    pub struct SendOrder: SEND_ORDER -> OrderNotice {
        path { order_id: OrderId }
    }
}

/// What was done with an order, in words.
#[derive(Clone, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct OrderNotice {
    /// In words.
    #[serde(default)]
    pub message: Field<String>,
    /// The order.
    #[serde(default)]
    pub order_id: Field<OrderId>,
    /// A remark, such as that no mail server is configured.
    #[serde(default)]
    pub note: Field<String>,
    /// Where it was mailed to.
    #[serde(default)]
    pub to: Field<String>,
}

private_debug!(OrderNotice: message, order_id, note);

endpoint! {
    /// Pays an order back, in whole unless an amount is set. A full refund cancels the order.
    pub struct RefundOrder: REFUND_ORDER -> Refund {
        path { order_id: OrderId }
        fixed { refund_method = "same_as_payment" }
        optional {
            /// How much.
            set_amount amount: Price,
            /// Why, in words.
            set_reason reason: String,
        }
    }
}

panel_http::open_enum! {
    /// How much of an order was paid back.
    pub enum RefundType {
        /// All of it.
        Full = "full",
        /// A part.
        Partial = "partial",
    }
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Refund {
    /// The order.
    #[serde(default)]
    pub order_id: Field<OrderId>,
    /// How much.
    pub refund_amount: Amount,
    /// Whether that is all of it.
    #[serde(default)]
    pub refund_type: Field<RefundType>,
    /// The payments that were paid back.
    #[serde(default)]
    pub refunded_payments: Field<Vec<PaymentId>>,
    /// In words.
    #[serde(default)]
    pub message: Field<String>,
}

/// Reads an order as PDF.
#[derive(Debug, Clone)]
pub struct GetOrderPdf(OrderId);

impl GetOrderPdf {
    /// This order.
    #[must_use]
    pub fn new(order_id: impl Into<OrderId>) -> Self {
        Self(order_id.into())
    }
}

impl Endpoint for GetOrderPdf {
    const OPERATION: &'static Operation = &ORDER_PDF;
    type Reply = Document;

    fn path(&self, path: &mut PathParameters) {
        path.set("order_id", &self.0);
    }

    fn decode(&self, answer: &Answer) -> Result<Document, DecodeError> {
        Ok(Document::read(answer))
    }
}
