//! Payload A: `order-created`, what the shops send (contract mPanel section 8).

use super::draft::Draft;
use super::items::{ItemSpelling, read_items};
use super::reading::Object;

pub(super) const ITEMS: ItemSpelling = ItemSpelling {
    list: &["items"],
    code: "code",
};

pub(super) fn read(mut object: Object, draft: &mut Draft<'_>) {
    draft.read_top(&mut object);
    draft.read_totals(&mut object);
    draft.read_usual_domain(&mut object);
    if let Some(mut metadata) = object.child_if_any("metadata") {
        draft.read_metadata(&mut metadata);
        metadata.finish(&mut draft.reading);
    }
    draft.items = read_items(&mut object, &ITEMS, draft.currency, &mut draft.reading);
    object.finish(&mut draft.reading);
}
