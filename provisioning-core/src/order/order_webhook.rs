//! Payloads D and D': `orders/webhook` of the TypeScript server and the order of its specification, which carry the
//! amount that was paid (contract mPanel section 8).

use super::cycle::BillingCycle;
use super::draft::{Draft, Payment};
use super::evidence::PaymentEvidence;
use super::item::{OrderItem, ProductCode};
use super::items::{read_cycle, read_product, read_quantity};
use super::reading::{AmountUnit, Object};
use crate::money::Currency;

pub(super) fn read(mut object: Object, product: &'static str, draft: &mut Draft<'_>) {
    draft.person.expect_email_at("customer.email".to_owned());
    if let Some(mut customer) = object.child(&["customer"], &mut draft.reading) {
        draft.person.read(&mut customer, &mut draft.reading);
        draft.envelope.read_ids(&mut customer, &mut draft.reading);
        customer.finish(&mut draft.reading);
    }
    draft.read_top(&mut object);
    draft.person.panel_customer_id = object.shown_id(&["customerId"], &mut draft.reading);
    draft.read_usual_domain(&mut object);
    let mut notes = object.free_text(&["notes"], &mut draft.reading);
    if let Some(mut metadata) = object.child(&["metadata"], &mut draft.reading) {
        draft.read_metadata(&mut metadata);
        notes = notes.or_else(|| metadata.free_text(&["notes"], &mut draft.reading));
        metadata.finish(&mut draft.reading);
    }
    read_payment(&mut object, draft);
    if let Some(mut item) = read_item(&mut object, product, draft) {
        item.notes = notes;
        draft.items = vec![item];
    }
    object.finish(&mut draft.reading);
}

/// The one item: this shape orders one price of one product.
fn read_item(
    object: &mut Object,
    product: &'static str,
    draft: &mut Draft<'_>,
) -> Option<OrderItem> {
    let reading = &mut draft.reading;
    let quantity = read_quantity(object, reading);
    let cycle = read_cycle(object, reading);
    let names = [
        product,
        "priceSlug",
        "planSlug",
        "productCode",
        "productSlug",
    ];
    let (path, given) = read_product(object, &names, reading)?;
    let (code, cycle_of_price) = split_price_slug(&given);
    if let Some(cycle) = &cycle_of_price {
        reading.note(format!(
            "{path} \"{given}\" is read as the {cycle} price of {code}"
        ));
    }
    let mut item = OrderItem::new(path, code).with_quantity(quantity);
    item.cycle = cycle.or(cycle_of_price);
    Some(item)
}

/// A price is named after its product and billing cycle (`starter-monthly`); without a cycle at its end it is taken as
/// the product's code.
pub(super) fn split_price_slug(slug: &ProductCode) -> (ProductCode, Option<BillingCycle>) {
    let text = slug.as_str();
    // From the left, so that semi-annually is found before annually.
    for (at, _) in text.match_indices(['-', '_']) {
        let (Some(product), Some(cycle)) = (text.get(..at), text.get(at.saturating_add(1)..))
        else {
            continue;
        };
        let cycle = BillingCycle::parse(cycle);
        if matches!(cycle, BillingCycle::Unknown(_)) {
            continue;
        }
        if let Ok(product) = ProductCode::new(product) {
            return (product, Some(cycle));
        }
    }
    (slug.clone(), None)
}

fn read_payment(object: &mut Object, draft: &mut Draft<'_>) {
    draft.read_currency(object);
    // The server's own default (contract section 7, Orders).
    let currency = *draft.currency.get_or_insert(Currency::USD);
    let Some(field) = object.field(&["totalAmountCents"]) else {
        let message = "is missing: what was paid, in minor units (cents)";
        draft
            .reading
            .problem(object.path_of("totalAmountCents"), message);
        return draft.set_payment(Payment::Doubtful);
    };
    let what = field.path.clone();
    draft.amount = AmountUnit::Minor.read(field, currency, &mut draft.reading);
    draft.set_payment(match draft.amount {
        Some(amount) if !amount.is_zero() => {
            Payment::Proved(PaymentEvidence::AmountCarried { amount })
        }
        // Nothing was paid; with the host's evidence a free order is an order.
        Some(_) if draft.intake.evidence().is_some() => Payment::Silent,
        Some(_) => Payment::Unpaid {
            what,
            status: "0".to_owned(),
        },
        None => Payment::Doubtful,
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_slug_is_a_product_and_a_billing_cycle() {
        for (slug, product, cycle) in [
            ("starter-monthly", "starter", Some(BillingCycle::Monthly)),
            ("wp_growth_yearly", "wp_growth", Some(BillingCycle::Yearly)),
            (
                "vps-pro-semi-annually",
                "vps-pro",
                Some(BillingCycle::SemiAnnually),
            ),
            (
                "daily-backups-30d-monthly",
                "daily-backups-30d",
                Some(BillingCycle::Monthly),
            ),
            ("domain-one-time", "domain", Some(BillingCycle::OneTime)),
            ("starter", "starter", None),
            ("daily_backups_30d", "daily_backups_30d", None),
            ("monthly", "monthly", None),
        ] {
            let (code, found) = split_price_slug(&ProductCode::new(slug).unwrap());
            assert_eq!((code.as_str(), found), (product, cycle), "{slug}");
        }
    }
}
