//! Payloads B and B': `stripe-completed` as the server reads it and as the blueprint writes it (contract mPanel
//! section 8).

use super::draft::Draft;
use super::items::{ItemSpelling, read_items};
use super::reading::Object;

const ITEMS: ItemSpelling = ItemSpelling {
    list: &["items"],
    code: "productSlug",
};

pub(super) fn read(mut object: Object, draft: &mut Draft<'_>) {
    draft.read_top(&mut object);
    draft.read_totals(&mut object);
    draft.read_usual_domain(&mut object);
    draft.items = read_items(&mut object, &ITEMS, draft.currency, &mut draft.reading);
    object.finish(&mut draft.reading);
}
