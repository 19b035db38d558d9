//! Finding the order that a lost reply may have created.

use futures_util::TryStreamExt;
use panel_http::Error;

use super::{ListOrders, Order};
use crate::client::Mpanel;

impl Mpanel {
    /// The orders that carry a payment intent, over all pages; none means that there is none in the user's tenant.
    ///
    /// # Errors
    /// Those of the list.
    pub async fn find_order_of_payment(&self, payment_intent: &str) -> Result<Vec<Order>, Error> {
        let mut orders = self.list(ListOrders::new()).items();
        let mut found = Vec::new();
        while let Some(order) = orders.try_next().await? {
            if order.stripe_payment_intent_id.as_deref() == Some(payment_intent) {
                found.push(order);
            }
        }
        Ok(found)
    }
}
