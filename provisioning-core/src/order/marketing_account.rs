//! Payload F: the marketing site's `accounts/create`, one plan for one person (contract mPanel sections 8 and 12).

use super::draft::Draft;
use super::item::OrderItem;
use super::items::{code, read_cycle, read_domain};
use super::reading::Object;

/// The signup sends `plan_id`, the provisioning service `plan_type`, the server reads `planId`.
const PLAN: &[&str] = &["plan_id", "planId", "plan_type", "planType", "plan"];

pub(super) fn read(mut object: Object, draft: &mut Draft<'_>) {
    draft.expect_email_at("email".to_owned());
    draft.read_envelope(&mut object);
    draft.read_person(&mut object);
    draft.read_totals(&mut object);
    let mut domain = read_domain(
        &mut object,
        &["domain", "primary_domain"],
        &mut draft.reading,
    );
    if let Some(mut metadata) = object.child_if_any("metadata") {
        draft.read_tenant(&mut metadata);
        draft.read_ids(&mut metadata);
        domain = domain.or(read_domain(
            &mut metadata,
            &["domain", "primary_domain"],
            &mut draft.reading,
        ));
        metadata.finish(&mut draft.reading);
    }
    let cycle = read_cycle(&mut object, &mut draft.reading);
    let problems = draft.reading.problems.len();
    match object.id(PLAN, &mut draft.reading) {
        Some((path, plan)) => {
            if let Some(code) = code(path.clone(), &plan, &mut draft.reading) {
                let mut item = OrderItem::new(path, code);
                item.cycle = cycle;
                item.domain = domain;
                draft.items = vec![item];
            }
        }
        None if draft.reading.problems.len() == problems => {
            draft.reading.problem(
                object.path_of("plan_id"),
                "is missing: it names what was bought",
            );
        }
        None => {}
    }
    object.finish(&mut draft.reading);
}
