//! The list of items that most payloads have.

use serde_json::Value;

use super::cycle::BillingCycle;
use super::item::{ItemKind, OrderItem, ProductCode};
use super::reading::{AmountUnit, Field, Object, Reading, describe, quote};
use crate::domain::DomainName;
use crate::money::Currency;

/// The most items one order may have.
pub(super) const MAX_ITEMS: usize = 500;

/// The most of one item an order may have.
pub(super) const MAX_QUANTITY: u32 = 1000;

const CODE: &[&str] = &[
    "code",
    "productCode",
    "product_code",
    "productSlug",
    "product_slug",
    "slug",
    "productId",
    "product_id",
    "sku",
    "id",
];
const KIND: &[&str] = &["type", "kind", "productType", "product_type"];
const DOMAIN: &[&str] = &[
    "domain",
    "domainName",
    "domain_name",
    "primaryDomain",
    "primary_domain",
];
const QUANTITY: &[&str] = &["quantity", "qty"];
const CYCLE: &[&str] = &[
    "billingCycle",
    "billing_cycle",
    "cycle",
    "billingPeriod",
    "billing_period",
    "term",
];
const CENTS: &[&str] = &[
    "priceCents",
    "price_cents",
    "amountCents",
    "amount_cents",
    "unitAmountCents",
];
const PRICE: &[&str] = &["unitPrice", "unit_price", "price", "amount"];
const NAME: &[&str] = &["name", "productName", "product_name"];
const NOTES: &[&str] = &["notes", "note"];

/// How the items of one shape are spelled.
pub(super) struct ItemSpelling {
    /// The list's name, and others it may have.
    pub(super) list: &'static [&'static str],
    /// The field that names the product in this shape; it is looked for first.
    pub(super) code: &'static str,
}

/// Reads the list of items; nested add-ons become items of their own.
pub(super) fn read_items(
    object: &mut Object,
    spelling: &ItemSpelling,
    currency: Option<Currency>,
    reading: &mut Reading,
) -> Vec<OrderItem> {
    let Some(field) = object.field(spelling.list) else {
        let name = spelling.list.first().copied().unwrap_or("items");
        reading.problem(
            object.path_of(name),
            "is missing: an order has to list what was bought",
        );
        return Vec::new();
    };
    read_list(field, spelling, currency, reading)
}

/// Reads a list of items that was found in this field.
pub(super) fn read_list(
    field: Field,
    spelling: &ItemSpelling,
    currency: Option<Currency>,
    reading: &mut Reading,
) -> Vec<OrderItem> {
    let Field { path, value } = field;
    let Value::Array(list) = value else {
        reading.problem(
            path,
            format!("must be a list of items, not {}", describe(&value)),
        );
        return Vec::new();
    };
    if list.is_empty() {
        reading.problem(path, "is empty: an order has to list what was bought");
        return Vec::new();
    }
    if list.len() > MAX_ITEMS {
        reading.problem(
            path,
            format!("has {} items; an order may have {MAX_ITEMS}", list.len()),
        );
        return Vec::new();
    }
    let mut items = Vec::with_capacity(list.len());
    for (index, value) in list.into_iter().enumerate() {
        let path = format!("{path}[{index}]");
        match value {
            Value::Object(fields) => read_item(
                Object::at(path, fields),
                spelling,
                None,
                currency,
                reading,
                &mut items,
            ),
            other => reading.problem(path, format!("must be an object, not {}", describe(&other))),
        }
    }
    items
}

fn read_item(
    mut object: Object,
    spelling: &ItemSpelling,
    parent: Option<&str>,
    currency: Option<Currency>,
    reading: &mut Reading,
    items: &mut Vec<OrderItem>,
) {
    let path = object.path().to_owned();
    let code = read_code(&mut object, spelling.code, reading);
    let kind = read_kind(&mut object, reading);
    let domain = read_domain(&mut object, DOMAIN, reading);
    let quantity = read_quantity(&mut object, reading);
    let cycle = read_cycle(&mut object, reading);
    let amount = match object.money(CENTS, AmountUnit::Minor, currency, reading) {
        Some(amount) => Some(amount),
        None => object.money(PRICE, AmountUnit::Either, currency, reading),
    };
    let name = object.free_text(NAME, reading);
    let notes = object.free_text(NOTES, reading);
    let addons = object.field(&["addons"]);
    object.finish(reading);
    if let Some(code) = code {
        items.push(OrderItem {
            path: path.clone(),
            code,
            kind: kind.or_else(|| parent.map(|_| ItemKind::Addon)),
            domain,
            quantity,
            cycle,
            amount,
            name,
            notes,
            belongs_to: parent.map(str::to_owned),
        });
    }
    match addons {
        // Only one level is documented; deeper ones would be a guess.
        Some(field) if parent.is_some() => reading.keep(field),
        Some(field) => read_addons(field, spelling, &path, currency, reading, items),
        None => {}
    }
}

fn read_addons(
    field: Field,
    spelling: &ItemSpelling,
    parent: &str,
    currency: Option<Currency>,
    reading: &mut Reading,
    items: &mut Vec<OrderItem>,
) {
    let Value::Array(list) = field.value else {
        return reading.problem(
            field.path,
            format!("must be a list of add-ons, not {}", describe(&field.value)),
        );
    };
    if items.len().saturating_add(list.len()) > MAX_ITEMS {
        return reading.problem(
            field.path,
            format!("has too many items; an order may have {MAX_ITEMS}"),
        );
    }
    for (index, value) in list.into_iter().enumerate() {
        let path = format!("{}[{index}]", field.path);
        match value {
            Value::Object(fields) => {
                read_item(
                    Object::at(path, fields),
                    spelling,
                    Some(parent),
                    currency,
                    reading,
                    items,
                );
            }
            other => reading.problem(path, format!("must be an object, not {}", describe(&other))),
        }
    }
}

fn read_code(
    object: &mut Object,
    first: &'static str,
    reading: &mut Reading,
) -> Option<ProductCode> {
    let names: Vec<_> = std::iter::once(first).chain(CODE.iter().copied()).collect();
    read_product(object, &names, reading).map(|(_, code)| code)
}

/// The product code in the first of these fields that is there, with its path.
pub(super) fn read_product(
    object: &mut Object,
    names: &[&str],
    reading: &mut Reading,
) -> Option<(String, ProductCode)> {
    let problems = reading.problems.len();
    let Some((path, text)) = object.id(names, reading) else {
        if reading.problems.len() == problems {
            let name = names.first().copied().unwrap_or("code");
            reading.problem(object.path_of(name), "is missing: it names the product");
        }
        return None;
    };
    code(path.clone(), &text, reading).map(|code| (path, code))
}

/// A product code from text.
pub(super) fn code(path: String, text: &str, reading: &mut Reading) -> Option<ProductCode> {
    match ProductCode::new(text) {
        Ok(code) => Some(code),
        Err(error) => {
            reading.problem(path, error.to_string());
            None
        }
    }
}

/// A claimed kind; one that is not known is kept with a note, because the catalog decides.
fn read_kind(object: &mut Object, reading: &mut Reading) -> Option<ItemKind> {
    let (path, text) = object.text(KIND, reading)?;
    let kind = ItemKind::parse(&text);
    if let ItemKind::Unknown(text) = &kind {
        match quote(text) {
            Some(quoted) => reading.note(format!(
                "{path} is {quoted}, which is no known type; the catalog decides"
            )),
            None => {
                reading.problem(
                    path,
                    "is not a type: hosting, addon, domain, email, ssl or dns",
                );
                return None;
            }
        }
    }
    Some(kind)
}

/// A billing cycle; one that is not known is kept with a note, because only prices depend on it.
pub(super) fn read_cycle(object: &mut Object, reading: &mut Reading) -> Option<BillingCycle> {
    let (path, text) = object.text(CYCLE, reading)?;
    let cycle = BillingCycle::parse(&text);
    if let BillingCycle::Unknown(text) = &cycle {
        match quote(text) {
            Some(quoted) => reading.note(format!(
                "{path} is {quoted}, which is no known billing cycle"
            )),
            None => {
                reading.problem(path, "is not a billing cycle such as monthly or yearly");
                return None;
            }
        }
    }
    Some(cycle)
}

/// A domain.
pub(super) fn read_domain<S: AsRef<str>>(
    object: &mut Object,
    names: &[S],
    reading: &mut Reading,
) -> Option<DomainName> {
    let (path, text) = object.text(names, reading)?;
    match DomainName::parse(&text) {
        Ok(domain) => Some(domain),
        Err(error) => {
            let message = match quote(&text) {
                Some(quoted) => format!("{quoted} is not a domain: it {error}"),
                None => format!("is not a domain: it {error}"),
            };
            reading.problem(path, message);
            None
        }
    }
}

/// How many; a text of digits counts as a number.
pub(super) fn read_quantity(object: &mut Object, reading: &mut Reading) -> u32 {
    let Some(Field { path, value }) = object.field(QUANTITY) else {
        return 1;
    };
    let number = match &value {
        Value::Number(number) => number
            .as_u64()
            // JavaScript's 2.0 is a whole number too.
            .or_else(|| {
                number
                    .as_f64()
                    .filter(|float| float.fract() == 0.0 && (0.0..1e9).contains(float))
                    .map(|float| float as u64)
            }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match number.and_then(|number| u32::try_from(number).ok()) {
        Some(quantity @ 1..=MAX_QUANTITY) => quantity,
        _ => {
            reading.problem(
                path,
                format!("must be a whole number from 1 to {MAX_QUANTITY}"),
            );
            1
        }
    }
}
