//! Payload C: `provisioning/stripe`, which carries its payment intent, amount and status (contract mPanel section 8).

use super::draft::{Draft, Payment};
use super::evidence::PaymentEvidence;
use super::items::{ItemSpelling, read_items};
use super::reading::{AmountUnit, Object};

/// The server reads `cart` only; senders that write `items` mean the same.
const CART: ItemSpelling = ItemSpelling {
    list: &["cart", "items"],
    code: "productCode",
};

pub(super) fn read(mut object: Object, draft: &mut Draft<'_>) {
    draft.expect_id_at("stripePaymentIntentId");
    draft.read_top(&mut object);
    draft.read_usual_domain(&mut object);
    read_payment(&mut object, draft);
    if let Some(mut metadata) = object.child_if_any("rawMetadata") {
        draft.read_metadata(&mut metadata);
        metadata.finish(&mut draft.reading);
    }
    draft.items = read_items(&mut object, &CART, draft.currency, &mut draft.reading);
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
    let missing = !object.has("status");
    let payment = match object.text(&["status"], &mut draft.reading) {
        Some((what, status)) => match status.to_ascii_lowercase().as_str() {
            "paid" | "succeeded" => Payment::Proved(PaymentEvidence::PayloadStatus { status }),
            _ => Payment::Unpaid { what, status },
        },
        None => {
            if missing {
                let message = "is missing: paid or succeeded once the money is there";
                draft.reading.problem(object.path_of("status"), message);
            }
            Payment::Doubtful
        }
    };
    draft.set_payment(payment);
}
