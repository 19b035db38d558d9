//! Payload E: the contract document's order, which names the customer by a panel id and nests add-ons (contract
//! mPanel section 8).

use super::draft::Draft;
use super::items::{ItemSpelling, read_items};
use super::reading::Object;

const ITEMS: ItemSpelling = ItemSpelling {
    list: &["items"],
    code: "productId",
};

pub(super) fn read(mut object: Object, draft: &mut Draft<'_>) {
    draft.read_top(&mut object);
    draft.read_totals(&mut object);
    draft.read_usual_domain(&mut object);
    draft.person.panel_customer_id =
        object.shown_id(&["customerId", "customer_id"], &mut draft.reading);
    draft.items = read_items(&mut object, &ITEMS, draft.currency, &mut draft.reading);
    object.finish(&mut draft.reading);
}
