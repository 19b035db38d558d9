//! Creating orders, one after the other.

use http::StatusCode;
use panel_http::{Error, Kind, Preview};
use serde_json::{Map, Value};

use super::amount::Price;
use super::client::Billing;
use super::endpoint::endpoint;
use super::id::CustomerId;
use super::order::{BillingPeriod, Order, OrderItem};
use crate::Timestamp;

endpoint! {
    /// Not public: creates run one after the other, through [`Billing::create_order`].
    struct PostOrder: CREATE_ORDER -> Order {
        required {
            customer_id: CustomerId,
            items: Vec<OrderItem>,
            subtotal: Price,
            tax: Price,
            total: Price,
            payment_method: String,
            billing_info: Map<String, Value>,
        }
        optional {
            /// See [`NewOrder`].
            set_billing_period billing_period: BillingPeriod,
            /// See [`NewOrder`].
            set_due_date due_date: Timestamp,
            /// See [`NewOrder`].
            set_discount_amount discount_amount: Price,
            /// See [`NewOrder`].
            set_coupon_code coupon_code: String,
        }
    }
}

/// An order to create. Subtotal and total are sums of what is given: the backend checks none.
#[derive(Debug, Clone)]
pub struct NewOrder(PostOrder);

impl NewOrder {
    /// An order of the user who is logged in; the backend refuses any other, administrators included (section 4.7).
    ///
    /// It is completed at once, makes a paid invoice, and creates the licences of its lines.
    #[must_use]
    pub fn new(
        customer_id: impl Into<CustomerId>,
        items: Vec<OrderItem>,
        subtotal: impl Into<Price>,
        tax: impl Into<Price>,
        total: impl Into<Price>,
        payment_method: impl Into<String>,
    ) -> Self {
        Self(PostOrder::new(
            customer_id,
            items,
            subtotal,
            tax,
            total,
            payment_method,
            Map::new(),
        ))
    }

    /// Where the bill goes, free in form.
    #[must_use]
    pub fn set_billing_info(mut self, billing_info: Map<String, Value>) -> Self {
        self.0.billing_info = billing_info;
        self
    }

    /// What it pays for; a month unless set.
    #[must_use]
    pub fn set_billing_period(self, period: BillingPeriod) -> Self {
        Self(self.0.set_billing_period(period))
    }

    /// When it is due; in 30 days unless set.
    #[must_use]
    pub fn set_due_date(self, due_date: impl Into<Timestamp>) -> Self {
        Self(self.0.set_due_date(due_date))
    }

    /// What was taken off.
    #[must_use]
    pub fn set_discount_amount(self, amount: impl Into<Price>) -> Self {
        Self(self.0.set_discount_amount(amount))
    }

    /// The coupon that was used.
    #[must_use]
    pub fn set_coupon_code(self, code: impl Into<String>) -> Self {
        Self(self.0.set_coupon_code(code))
    }
}

impl Billing {
    /// Creates an order. Calls of this client and its clones wait for each other: the backend takes the next number from
    /// the highest there is without any guard, and of orders created at the same time all but one fail (section 4.7).
    ///
    /// # Errors
    /// Those of the call. A 500 of the backend is [`Kind::Conflict`] here, because it has created nothing: somebody else
    /// created an order at the same time; the same order may be sent again. Any other lost or unreadable answer is
    /// [`Kind::Indeterminate`], and the order is never sent again by itself.
    pub async fn create_order(&self, order: &NewOrder) -> Result<Order, Error> {
        let _turn = self.order_turn().await;
        match self.call_guarded(&order.0).await {
            Err(error) if created_nothing(&error) => Err(error
                .with_kind(Kind::Conflict)
                .with_note("nothing was created, it may be sent again")),
            settled => settled,
        }
    }

    /// The request of [`create_order`](Self::create_order). Nothing is sent.
    ///
    /// # Errors
    /// [`Kind::Encode`] if the request cannot be made from its arguments.
    pub fn preview_create_order(&self, order: &NewOrder) -> Result<Preview, Error> {
        self.preview(&order.0)
    }
}

fn created_nothing(error: &Error) -> bool {
    error.status() == Some(StatusCode::INTERNAL_SERVER_ERROR)
        && !error.is_html()
        && error.server_message().is_some()
}
