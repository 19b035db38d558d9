//! Payload A: `order-created`, what the shops send (contract mPanel section 8).

use super::draft::Draft;
use super::items::{ItemSpelling, read_items};
use super::reading::Object;

const ITEMS: ItemSpelling = ItemSpelling {
    list: &["items"],
    code: "code",
};

pub(super) fn read(mut object: Object, draft: &mut Draft<'_>) {
    draft.read_envelope(&mut object);
    draft.read_person(&mut object);
    draft.read_totals(&mut object);
    draft.items = read_items(&mut object, &ITEMS, draft.currency, &mut draft.reading);
    object.finish(&mut draft.reading);
}
