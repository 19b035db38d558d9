//! Payload F: the marketing site's `accounts/create`, one plan for one person (contract mPanel sections 8 and 12).

use super::draft::Draft;
use super::item::OrderItem;
use super::items::{read_cycle, read_product};
use super::reading::Object;

/// The signup sends `plan_id`, the provisioning service `plan_type`, the server reads `planId`.
const PLAN: &[&str] = &["plan_id", "planId", "plan_type", "planType", "plan"];

pub(super) fn read(mut object: Object, draft: &mut Draft<'_>) {
    draft.person.expect_email_at("email".to_owned());
    draft.read_top(&mut object);
    draft.read_totals(&mut object);
    draft.read_usual_domain(&mut object);
    if let Some(mut metadata) = object.child_if_any("metadata") {
        draft.read_metadata(&mut metadata);
        metadata.finish(&mut draft.reading);
    }
    let cycle = read_cycle(&mut object, &mut draft.reading);
    draft.items = read_product(&mut object, PLAN, &mut draft.reading)
        .map(|(path, code)| {
            let mut item = OrderItem::new(path, code);
            item.cycle = cycle;
            item
        })
        .into_iter()
        .collect();
    object.finish(&mut draft.reading);
}
