//! Stripe's events about payments of orders that are known already.

use super::alias::AliasKind;
use super::error::OrderError;
use super::event::{PaymentEventKind, other_event};
use super::event_draft::EventDraft;
use super::line_items::read_line_items;
use super::reading::{AmountUnit, Object};
use crate::money::Money;

/// True if [`read`] understands events of this type.
pub(super) fn is_payment_event(event: &str) -> bool {
    matches!(
        event,
        "charge.refunded"
            | "charge.dispute.created"
            | "charge.dispute.closed"
            | "charge.dispute.funds_withdrawn"
            | "charge.dispute.funds_reinstated"
            | "invoice.paid"
            | "invoice.payment_succeeded"
            | "invoice.payment_failed"
            | "payment_intent.payment_failed"
            | "payment_intent.canceled"
            | "customer.subscription.deleted"
            | "customer.subscription.updated"
            | "checkout.session.expired"
            | "checkout.session.async_payment_failed"
    )
}

/// Reads the event; its object tells the ids and the amount.
pub(super) fn read(
    mut event: Object,
    name: &str,
    draft: &mut EventDraft<'_>,
) -> Result<(), OrderError> {
    event.field(&["type"]);
    // Subscriptions are updated with every renewal; only a change of what they hold amends the order.
    if name == "customer.subscription.updated" && !event.data_changed("items") {
        return Err(other_event(name));
    }
    let object = draft
        .envelope
        .read_event(&mut event, draft.intake, &mut draft.reading);
    event.finish(&mut draft.reading);
    let Some(mut object) = object else {
        return Ok(());
    };
    draft.read_currency(&mut object);
    read_ids(&mut object, name, draft);
    draft.kind = Some(match name {
        "charge.refunded" => read_refund(&mut object, draft),
        "charge.dispute.created" | "charge.dispute.funds_withdrawn" => {
            read_amount(&mut object, "amount", draft);
            PaymentEventKind::Disputed
        }
        "charge.dispute.closed" => read_closed_dispute(&mut object, draft),
        "charge.dispute.funds_reinstated" => {
            read_amount(&mut object, "amount", draft);
            PaymentEventKind::Paid
        }
        "invoice.paid" | "invoice.payment_succeeded" => {
            read_amount(&mut object, "amount_paid", draft);
            PaymentEventKind::Paid
        }
        "invoice.payment_failed" => {
            read_amount(&mut object, "amount_due", draft);
            PaymentEventKind::PaymentFailed
        }
        "payment_intent.payment_failed" => {
            read_amount(&mut object, "amount", draft);
            PaymentEventKind::PaymentFailed
        }
        "customer.subscription.deleted" => {
            if let Some(mut details) = object.child_if_any("cancellation_details") {
                draft.read_reason(&mut details);
                details.finish(&mut draft.reading);
            }
            PaymentEventKind::SubscriptionDeleted
        }
        "customer.subscription.updated" => {
            read_subscription_items(&mut object, draft);
            PaymentEventKind::Amended
        }
        "checkout.session.async_payment_failed" => PaymentEventKind::PaymentFailed,
        _ => PaymentEventKind::Cancelled,
    });
    draft.read_reason(&mut object);
    object.finish(&mut draft.reading);
    Ok(())
}

/// The ids of the object and of everything it belongs to.
fn read_ids(object: &mut Object, event: &str, draft: &mut EventDraft<'_>) {
    let reading = &mut draft.reading;
    object.field(&["object"]);
    draft.envelope.read_test_mode(object, reading);
    let own = match event {
        "charge.refunded" => Some(AliasKind::Charge),
        "payment_intent.payment_failed" | "payment_intent.canceled" => {
            Some(AliasKind::PaymentIntent)
        }
        "customer.subscription.deleted" | "customer.subscription.updated" => {
            Some(AliasKind::Subscription)
        }
        event if event.starts_with("invoice.") => Some(AliasKind::Invoice),
        event if event.starts_with("checkout.session.") => Some(AliasKind::CheckoutSession),
        // The id of a dispute is none of an order.
        _ => None,
    };
    let ids = [
        ("payment_intent", AliasKind::PaymentIntent),
        ("invoice", AliasKind::Invoice),
        ("subscription", AliasKind::Subscription),
        ("charge", AliasKind::Charge),
    ];
    for (name, kind) in own.map(|kind| ("id", kind)).into_iter().chain(ids) {
        if let Some((path, id)) = object.stripe_id(name, reading) {
            draft.envelope.add_id(kind, &path, id, reading);
        }
    }
    // Since API version 2025-03-31 an invoice names its subscription one level down.
    if let Some(mut parent) = object.child_if_any("parent") {
        if let Some(mut details) = parent.child_if_any("subscription_details") {
            if let Some((path, id)) = details.stripe_id("subscription", reading) {
                draft
                    .envelope
                    .add_id(AliasKind::Subscription, &path, id, reading);
            }
            details.finish(reading);
        }
        parent.finish(reading);
    }
    if let Some((path, id)) = object.stripe_id("customer", reading) {
        draft.envelope.set_stripe_customer(&path, id, reading);
    }
    if let Some(mut metadata) = object.child_if_any("metadata") {
        draft.envelope.read_ids(&mut metadata, reading);
        draft
            .envelope
            .read_tenant(&mut metadata, draft.intake, reading);
        metadata.finish(reading);
    }
}

fn read_amount(object: &mut Object, name: &str, draft: &mut EventDraft<'_>) {
    draft.amount = object.money(
        &[name],
        AmountUnit::Minor,
        draft.currency,
        &mut draft.reading,
    );
}

fn read_refund(charge: &mut Object, draft: &mut EventDraft<'_>) -> PaymentEventKind {
    let whole = charge.money(
        &["amount"],
        AmountUnit::Minor,
        draft.currency,
        &mut draft.reading,
    );
    read_amount(charge, "amount_refunded", draft);
    let all = charge
        .field(&["refunded"])
        .and_then(|field| field.value.as_bool());
    let covered = |whole: Money| draft.amount.is_some_and(|refunded| refunded >= whole);
    match all.or(whole.map(covered)) {
        Some(false) => PaymentEventKind::PartlyRefunded,
        _ => PaymentEventKind::Refunded,
    }
}

/// A dispute that was won, or never became one, leaves the order paid.
fn read_closed_dispute(dispute: &mut Object, draft: &mut EventDraft<'_>) -> PaymentEventKind {
    read_amount(dispute, "amount", draft);
    if dispute.text_is("status", &["won", "warning_closed", "prevented"]) {
        PaymentEventKind::Paid
    } else {
        PaymentEventKind::Disputed
    }
}

fn read_subscription_items(subscription: &mut Object, draft: &mut EventDraft<'_>) {
    let keys = draft.intake.metadata_keys();
    if let Some(list) = subscription.child(&["items"], &mut draft.reading) {
        let lines = read_line_items(list, keys, draft.currency, &mut draft.reading);
        draft.items = lines.into_items(&mut draft.reading);
    }
}
