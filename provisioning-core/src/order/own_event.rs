//! Payment events in this crate's own form, for shops and panels that have none.

use serde_json::Value;

use super::alias::AliasKind;
use super::error::OrderError;
use super::event::{PaymentEventKind, other_event};
use super::event_draft::EventDraft;
use super::items::read_items;
use super::order_created::ITEMS;
use super::reading::{AmountUnit, Field, Object};

pub(super) fn read(mut object: Object, draft: &mut EventDraft<'_>) -> Result<(), OrderError> {
    let reading = &mut draft.reading;
    let Some((_, name)) = object.text(&["event", "eventType", "event_type", "type"], reading)
    else {
        let message =
            "is missing: what happened, such as refunded, disputed, payment_failed or cancelled";
        reading.problem(object.path_of("event"), message);
        return Ok(());
    };
    draft.kind = PaymentEventKind::of_name(&name);
    if draft.kind.is_none() {
        return Err(other_event(&name));
    }
    if let Some((path, id)) = object.id(&["id", "eventId", "event_id"], reading) {
        draft.envelope.add_id(AliasKind::Event, &path, id, reading);
    }
    draft.envelope.read(&mut object, draft.intake, reading);
    if draft.kind == Some(PaymentEventKind::Refunded)
        && let Some(Field { path: flag, value }) = object.field(&["partial"])
    {
        match value {
            Value::Bool(true) => draft.kind = Some(PaymentEventKind::PartlyRefunded),
            Value::Bool(false) => {}
            _ => draft.reading.problem(flag, "must be true or false"),
        }
    }
    draft.read_currency(&mut object);
    draft.read_reason(&mut object);
    let reading = &mut draft.reading;
    draft.amount = match object.money(&["amountCents"], AmountUnit::Minor, draft.currency, reading)
    {
        Some(amount) => Some(amount),
        None => object.money(&["amount"], AmountUnit::Either, draft.currency, reading),
    };
    if draft.kind == Some(PaymentEventKind::Amended) {
        draft.items = read_items(&mut object, &ITEMS, draft.currency, reading);
    }
    object.finish(&mut draft.reading);
    Ok(())
}
