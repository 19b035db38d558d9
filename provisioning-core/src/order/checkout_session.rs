//! A Stripe checkout session, bare or in its events.

use serde_json::Value;

use super::alias::AliasKind;
use super::draft::{Draft, Payment};
use super::evidence::{PaymentEvidence, StripeStatus};
use super::intake::MetadataKeys;
use super::item::{ItemKind, OrderItem};
use super::items::{code, read_cycle, read_list};
use super::line_items::read_line_items;
use super::order_created::ITEMS;
use super::reading::{AmountUnit, Field, Object, Reading};

/// What to do where a session does not tell what was bought.
const HOW_TO_NAME_PRODUCTS: &str = "tells no products: retrieve the session with \
     expand[]=line_items.data.price.product and give each price a lookup_key or its product a metadata key \"code\"; \
     or put the product codes into the session's metadata key \"code\" when it is created";

/// The events that bring a session; all others are no orders.
pub(super) const COMPLETED: &str = "checkout.session.completed";
pub(super) const ASYNC_SUCCEEDED: &str = "checkout.session.async_payment_succeeded";

pub(super) fn read(mut object: Object, draft: &mut Draft<'_>) {
    draft
        .person
        .expect_email_at(object.path_of("customer_details"));
    let is_event = object.has("type") && object.has("data");
    if !is_event {
        return read_session(object, None, draft);
    }
    let event = object
        .text(&["type"], &mut draft.reading)
        .map(|(_, event)| event);
    let session = read_event_envelope(&mut object, draft);
    object.finish(&mut draft.reading);
    match session {
        Some(session) => {
            draft
                .person
                .expect_email_at(session.path_of("customer_details"));
            read_session(session, event.as_deref(), draft);
        }
        None => draft.set_payment(Payment::Doubtful),
    }
}

fn read_event_envelope(object: &mut Object, draft: &mut Draft<'_>) -> Option<Object> {
    let Draft {
        envelope,
        reading,
        intake,
        ..
    } = draft;
    envelope.read_event(object, intake, reading)
}

fn read_session(mut session: Object, event: Option<&str>, draft: &mut Draft<'_>) {
    session.field(&["object"]);
    read_identity(&mut session, draft);
    read_payment(&mut session, event, draft);
    read_buyer(&mut session, draft);
    read_amounts(&mut session, draft);
    read_custom_fields(&mut session, draft);
    let line_items = session.child(&["line_items"], &mut draft.reading);
    let mut metadata = session.child_if_any("metadata");
    let keys = draft.intake.metadata_keys().clone();
    if let Some(metadata) = &mut metadata {
        draft.read_domain(metadata, &keys.domain);
        draft.read_metadata(metadata);
    }
    let lines =
        line_items.map(|list| read_line_items(list, &keys, draft.currency, &mut draft.reading));
    match lines {
        Some(lines) if lines.names_products() => draft.items = lines.into_items(&mut draft.reading),
        // Sessions made without lookup keys may still name the products themselves.
        lines => {
            if let Some(metadata) = &mut metadata {
                draft.items =
                    read_metadata_items(metadata, &keys, draft.currency, &mut draft.reading);
            }
            if draft.items.is_empty() && draft.reading.problems.is_empty() {
                match lines {
                    Some(lines) if !lines.is_empty() => {
                        draft.items = lines.into_items(&mut draft.reading)
                    }
                    _ => draft
                        .reading
                        .problem(session.path_of("line_items"), HOW_TO_NAME_PRODUCTS),
                }
            }
        }
    }
    if let Some(metadata) = metadata {
        metadata.finish(&mut draft.reading);
    }
    session.finish(&mut draft.reading);
}

fn read_identity(session: &mut Object, draft: &mut Draft<'_>) {
    let reading = &mut draft.reading;
    draft.envelope.read_test_mode(session, reading);
    let ids = [
        ("id", AliasKind::CheckoutSession),
        ("payment_intent", AliasKind::PaymentIntent),
        ("invoice", AliasKind::Invoice),
        ("subscription", AliasKind::Subscription),
    ];
    for (name, kind) in ids {
        if let Some((path, id)) = session.stripe_id(name, reading) {
            draft.envelope.add_id(kind, &path, id, reading);
        }
    }
    if let Some((path, id)) = session.stripe_id("customer", reading) {
        draft.envelope.set_stripe_customer(&path, id, reading);
    }
    if let Some(created) = session.time(&["created"], reading) {
        // The event, where there is one, is the later word.
        draft.envelope.occurred_at.get_or_insert(created);
    }
}

fn read_payment(session: &mut Object, event: Option<&str>, draft: &mut Draft<'_>) {
    let missing = !session.has("payment_status");
    let payment = match session.text(&["payment_status"], &mut draft.reading) {
        _ if event == Some(ASYNC_SUCCEEDED) => {
            Payment::Proved(stripe(StripeStatus::AsyncPaymentSucceeded))
        }
        Some((_, status)) if status == "paid" => Payment::Proved(stripe(StripeStatus::Paid)),
        Some((_, status)) if status == "no_payment_required" => {
            Payment::Proved(stripe(StripeStatus::NoPaymentRequired))
        }
        Some((what, status)) => Payment::Unpaid { what, status },
        None => {
            if missing {
                let message = "is missing: without it nobody knows whether the session was paid";
                draft
                    .reading
                    .problem(session.path_of("payment_status"), message);
            }
            Payment::Doubtful
        }
    };
    draft.set_payment(payment);
}

fn stripe(status: StripeStatus) -> PaymentEvidence {
    PaymentEvidence::Stripe { status }
}

fn read_buyer(session: &mut Object, draft: &mut Draft<'_>) {
    let reading = &mut draft.reading;
    if let Some(mut details) = session.child(&["customer_details"], reading) {
        draft.person.expect_email_at(details.path_of("email"));
        draft.person.read(&mut details, reading);
        if let Some(mut address) = details.child_if_any("address") {
            if draft.person.country.is_none() {
                draft.person.country = address.free_text(&["country"], reading);
            }
            address.finish(reading);
        }
        details.finish(reading);
    }
    draft
        .person
        .read_email(session, &["customer_email"], reading);
}

fn read_amounts(session: &mut Object, draft: &mut Draft<'_>) {
    draft.read_currency(session);
    let (currency, reading) = (draft.currency, &mut draft.reading);
    draft.amount = session.money(&["amount_total"], AmountUnit::Minor, currency, reading);
    if let Some(mut details) = session.child_if_any("total_details") {
        draft.adjustments.discount =
            details.money(&["amount_discount"], AmountUnit::Minor, currency, reading);
        draft.adjustments.tax =
            details.money(&["amount_tax"], AmountUnit::Minor, currency, reading);
        draft.adjustments.shipping =
            details.money(&["amount_shipping"], AmountUnit::Minor, currency, reading);
        details.finish(reading);
    }
}

/// Checkout can ask the buyer for the domain in a field of its own.
fn read_custom_fields(session: &mut Object, draft: &mut Draft<'_>) {
    let Some(Field { path, value }) = session.field(&["custom_fields"]) else {
        return;
    };
    let Value::Array(list) = value else {
        return draft.reading.keep(Field { path, value });
    };
    for (index, entry) in list.into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Value::Object(fields) = entry else {
            draft.reading.keep(Field { path, value: entry });
            continue;
        };
        let mut entry = Object::at(path, fields);
        let keys = &draft.intake.metadata_keys().domain;
        if entry.text_is("key", keys)
            && let Some(mut text) = entry.child_if_any("text")
        {
            draft.read_domain(&mut text, &["value"]);
            text.finish(&mut draft.reading);
        }
        entry.finish(&mut draft.reading);
    }
}

/// Items that the session's metadata names.
fn read_metadata_items(
    metadata: &mut Object,
    keys: &MetadataKeys,
    currency: Option<crate::money::Currency>,
    reading: &mut Reading,
) -> Vec<OrderItem> {
    if let Some((path, text)) = metadata.text(&keys.items, reading) {
        return match serde_json::from_str::<Value>(&text) {
            Ok(value) => read_list(Field { path, value }, &ITEMS, currency, reading),
            Err(_) => {
                reading.problem(
                    path,
                    "must hold a list of items as JSON, such as [{\"code\":\"starter\"}]",
                );
                Vec::new()
            }
        };
    }
    let cycle = read_cycle(metadata, reading);
    let mut items = read_codes(metadata, &keys.codes, reading);
    for item in &mut items {
        item.cycle.clone_from(&cycle);
    }
    let addons = read_codes(metadata, &keys.addons, reading);
    items.extend(
        addons
            .into_iter()
            .map(|item| item.with_kind(ItemKind::Addon)),
    );
    items
}

/// One code, or several with commas between them.
fn read_codes(metadata: &mut Object, names: &[String], reading: &mut Reading) -> Vec<OrderItem> {
    let Some((path, text)) = metadata.text(names, reading) else {
        return Vec::new();
    };
    let several = text.contains(',');
    let parts = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .enumerate();
    parts
        .filter_map(|(index, part)| {
            let path = if several {
                format!("{path}[{index}]")
            } else {
                path.clone()
            };
            code(path.clone(), part, reading).map(|code| OrderItem::new(path, code))
        })
        .collect()
}
