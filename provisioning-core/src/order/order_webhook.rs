//! Payloads D and D': `orders/webhook` of the TypeScript server and the order of its specification, which carry the
//! amount that was paid (contract mPanel section 8).

use super::cycle::BillingCycle;
use super::draft::{Draft, Payment};
use super::evidence::PaymentEvidence;
use super::item::{OrderItem, ProductCode};
use super::items::{code, read_cycle, read_domain, read_quantity};
use super::reading::{AmountUnit, Object};
use crate::money::Currency;

/// What names the product, the price in D and the product itself in others.
const PRODUCT: &[&str] = &["priceSlug", "planSlug", "productCode", "productSlug"];

pub(super) fn read(mut object: Object, product: &'static str, draft: &mut Draft<'_>) {
    draft.read_envelope(&mut object);
    draft.expect_email_at("customer.email".to_owned());
    if let Some(mut customer) = object.child(&["customer"], &mut draft.reading) {
        draft.read_person(&mut customer);
        draft.read_ids(&mut customer);
        customer.finish(&mut draft.reading);
    }
    draft.read_person(&mut object);
    if let Some((_, id)) = object.id(&["customerId"], &mut draft.reading) {
        draft.set_panel_customer(id);
    }
    let notes = object.free_text(&["notes"], &mut draft.reading);
    let mut domain = read_domain(&mut object, &["domain"], &mut draft.reading);
    let mut item_notes = notes;
    if let Some(mut metadata) = object.child(&["metadata"], &mut draft.reading) {
        draft.read_tenant(&mut metadata);
        draft.read_ids(&mut metadata);
        domain = domain.or(read_domain(
            &mut metadata,
            &["domain", "primaryDomain"],
            &mut draft.reading,
        ));
        item_notes = item_notes.or(metadata.free_text(&["notes"], &mut draft.reading));
        metadata.finish(&mut draft.reading);
    }
    read_payment(&mut object, draft);
    if let Some(mut item) = read_item(&mut object, product, draft) {
        item.domain = domain;
        item.notes = item_notes;
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
    let quantity = read_quantity(object, &mut draft.reading);
    let cycle = read_cycle(object, &mut draft.reading);
    let problems = draft.reading.problems.len();
    let found = object
        .id(&[product], &mut draft.reading)
        .or_else(|| object.id(PRODUCT, &mut draft.reading));
    let Some((path, slug)) = found else {
        if draft.reading.problems.len() == problems {
            let message = "is missing: it names what was bought";
            draft.reading.problem(object.path_of(product), message);
        }
        return None;
    };
    let given = code(path.clone(), &slug, &mut draft.reading)?;
    let (code, cycle_of_price) = split_price_slug(&given);
    if let Some(cycle) = &cycle_of_price {
        draft.reading.note(format!(
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
        draft.reading.problem(
            object.path_of("totalAmountCents"),
            "is missing: what was paid, in minor units (cents)",
        );
        draft.payment = Payment::Doubtful;
        return;
    };
    let path = field.path.clone();
    draft.amount = AmountUnit::Minor.read(field, currency, &mut draft.reading);
    match draft.amount {
        _ if matches!(draft.payment, Payment::Unpaid { .. }) => {}
        Some(amount) if !amount.is_zero() => {
            draft.payment = Payment::Proved(PaymentEvidence::AmountCarried { amount });
        }
        // Nothing was paid; with the host's evidence a free order is an order.
        Some(_) if draft.intake.evidence().is_some() => {}
        Some(_) => {
            draft.payment = Payment::Unpaid {
                what: path,
                status: "0".to_owned(),
            };
        }
        None => draft.payment = Payment::Doubtful,
    }
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
