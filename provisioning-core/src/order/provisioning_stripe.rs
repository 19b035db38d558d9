//! Payload C: `provisioning/stripe`, which carries its payment intent, amount and status (contract mPanel section 8).

use super::draft::{Draft, Payment};
use super::evidence::PaymentEvidence;
use super::items::{ItemSpelling, read_domain, read_items};
use super::reading::{AmountUnit, Object};

/// The server reads `cart` only; senders that write `items` mean the same.
const CART: ItemSpelling = ItemSpelling {
    list: &["cart", "items"],
    code: "productCode",
};

pub(super) fn read(mut object: Object, draft: &mut Draft<'_>) {
    draft.expect_id("stripePaymentIntentId");
    draft.read_envelope(&mut object);
    draft.read_person(&mut object);
    read_payment(&mut object, draft);
    let mut domain = read_domain(
        &mut object,
        &["domain", "primaryDomain"],
        &mut draft.reading,
    );
    if let Some(mut metadata) = object.child_if_any("rawMetadata") {
        draft.read_ids(&mut metadata);
        draft.read_tenant(&mut metadata);
        draft.read_person(&mut metadata);
        domain = domain.or_else(|| {
            read_domain(
                &mut metadata,
                &["domain", "primaryDomain", "primary_domain"],
                &mut draft.reading,
            )
        });
        metadata.finish(&mut draft.reading);
    }
    draft.items = read_items(&mut object, &CART, draft.currency, &mut draft.reading);
    draft.apply_domain(domain);
    object.finish(&mut draft.reading);
}

fn read_payment(object: &mut Object, draft: &mut Draft<'_>) {
    if !object.has("currency") {
        draft.reading.problem(
            object.path_of("currency"),
            "is missing: three letters such as usd",
        );
    }
    draft.read_currency(object);
    if !object.has("amount") {
        let message = "is missing: what was paid, in minor units (cents)";
        draft.reading.problem(object.path_of("amount"), message);
    }
    draft.amount = object.money(
        &["amount"],
        AmountUnit::Minor,
        draft.currency,
        &mut draft.reading,
    );
    let path = object.path_of("status");
    if !object.has("status") {
        draft.reading.problem(
            path,
            "is missing: paid or succeeded once the money is there",
        );
        draft.payment = Payment::Doubtful;
    } else if let Some((path, status)) = object.text(&["status"], &mut draft.reading) {
        draft.payment = match status.to_ascii_lowercase().as_str() {
            "paid" | "succeeded" => Payment::Proved(PaymentEvidence::PayloadStatus { status }),
            _ => Payment::Unpaid { what: path, status },
        };
    } else {
        draft.payment = Payment::Doubtful;
    }
}
