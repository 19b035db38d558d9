//! Payloads B and B': `stripe-completed` as the server reads it and as the blueprint writes it (contract mPanel
//! section 8).

use super::draft::Draft;
use super::items::{ItemSpelling, read_domain, read_items};
use super::reading::Object;

const ITEMS: ItemSpelling = ItemSpelling {
    list: &["items"],
    code: "productSlug",
};

pub(super) fn read(mut object: Object, draft: &mut Draft<'_>) {
    draft.read_envelope(&mut object);
    draft.read_person(&mut object);
    draft.read_totals(&mut object);
    let domain = read_domain(
        &mut object,
        &["primaryDomain", "primary_domain"],
        &mut draft.reading,
    );
    draft.items = read_items(&mut object, &ITEMS, draft.currency, &mut draft.reading);
    draft.apply_domain(domain);
    object.finish(&mut draft.reading);
}
