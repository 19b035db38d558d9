//! An order that holds other items than it came with.

use super::{Adjustments, OrderItem, PaidOrder, check_items};
use crate::problem::Problems;

impl PaidOrder {
    /// The same order with other items: same identity, customer and evidence, and no amount, because what was paid was
    /// paid for the items it had before.
    ///
    /// # Errors
    /// [`Problems`] as for [`PaidOrder::new`].
    pub fn amended(&self, items: &[OrderItem]) -> Result<Self, Problems> {
        check_items(items)?;
        let mut amended = self.clone();
        amended.items = items.to_vec();
        amended.amount = None;
        amended.adjustments = Adjustments::default();
        amended
            .notes
            .push("amended: the amount of the first order is not compared any more".to_owned());
        Ok(amended)
    }
}
