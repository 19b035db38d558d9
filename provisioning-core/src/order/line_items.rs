//! The lines of a Stripe checkout session or subscription: prices, and through them products.

use serde_json::Value;

use super::cycle::BillingCycle;
use super::intake::MetadataKeys;
use super::item::{ItemKind, OrderItem, ProductCode};
use super::items::{MAX_ITEMS, code, read_quantity};
use super::order_webhook::split_price_slug;
use super::reading::{AmountUnit, Field, Object, Reading, describe};
use crate::money::{Currency, Money};

/// The lines that were read; some may not name their product.
pub(super) struct LineItems {
    lines: Vec<Line>,
}

struct Line {
    path: String,
    product: Option<(ProductCode, Option<BillingCycle>)>,
    kind: Option<ItemKind>,
    cycle: Option<BillingCycle>,
    quantity: u32,
    amount: Option<Money>,
    name: Option<String>,
}

impl LineItems {
    /// True if any line names its product.
    pub(super) fn names_products(&self) -> bool {
        self.lines.iter().any(|line| line.product.is_some())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The items; a line without a product is a problem.
    pub(super) fn into_items(self, reading: &mut Reading) -> Vec<OrderItem> {
        let mut items = Vec::with_capacity(self.lines.len());
        for line in self.lines {
            let Some((code, cycle_of_key)) = line.product else {
                let message = "does not name its product: give the price a lookup_key, or its product a metadata key \
                               \"code\" and expand line_items.data.price.product";
                reading.problem(format!("{}.price", line.path), message);
                continue;
            };
            items.push(OrderItem {
                kind: line.kind,
                quantity: line.quantity,
                cycle: line.cycle.or(cycle_of_key),
                amount: line.amount,
                name: line.name,
                ..OrderItem::new(line.path, code)
            });
        }
        items
    }
}

/// Reads a list object of Stripe: `data` and `has_more`.
pub(super) fn read_line_items(
    mut list: Object,
    keys: &MetadataKeys,
    currency: Option<Currency>,
    reading: &mut Reading,
) -> LineItems {
    let mut lines = Vec::new();
    list.field(&["object"]);
    if let Some(Field { path, value }) = list.field(&["has_more"])
        && value == Value::Bool(true)
    {
        reading.problem(
            path,
            "is true: the rest of the lines has to be fetched and put into data",
        );
    }
    match list.field(&["data"]) {
        Some(Field {
            path,
            value: Value::Array(data),
        }) if data.len() <= MAX_ITEMS => {
            for (index, value) in data.into_iter().enumerate() {
                let path = format!("{path}[{index}]");
                match value {
                    Value::Object(fields) => {
                        lines.push(read_line(Object::at(path, fields), keys, currency, reading))
                    }
                    other => reading
                        .problem(path, format!("must be an object, not {}", describe(&other))),
                }
            }
        }
        Some(Field { path, value }) => {
            let message = format!(
                "must be a list of at most {MAX_ITEMS} lines, not {}",
                describe(&value)
            );
            reading.problem(path, message);
        }
        None => {}
    }
    list.finish(reading);
    LineItems { lines }
}

fn read_line(
    mut line: Object,
    keys: &MetadataKeys,
    currency: Option<Currency>,
    reading: &mut Reading,
) -> Line {
    let path = line.path().to_owned();
    let quantity = read_quantity(&mut line, reading);
    let mut read = Line {
        path,
        product: None,
        kind: None,
        cycle: None,
        quantity,
        amount: None,
        name: line.free_text(&["description"], reading),
    };
    if let Some(mut price) = line.child(&["price"], reading) {
        let named = product_of_price(&mut price, keys, &mut read, reading);
        let lookup_key = price.text(&["lookup_key"], reading);
        read.product = match (named, lookup_key) {
            (Some(code), _) => Some((code, None)),
            (None, Some((path, key))) => {
                code(path, &key, reading).map(|code| split_price_slug(&code))
            }
            (None, None) => None,
        };
        read.cycle = recurring(&mut price, reading);
        read.amount = price.money(&["unit_amount"], AmountUnit::Minor, currency, reading);
        price.finish(reading);
    }
    line.finish(reading);
    read
}

/// The code in the metadata of the expanded product, else of the price.
fn product_of_price(
    price: &mut Object,
    keys: &MetadataKeys,
    line: &mut Line,
    reading: &mut Reading,
) -> Option<ProductCode> {
    let mut found = None;
    let mut product = price.child_if_any("product");
    let metadata_of_product = product
        .as_mut()
        .and_then(|product| product.child_if_any("metadata"));
    for metadata in [metadata_of_product, price.child_if_any("metadata")] {
        let Some(mut metadata) = metadata else {
            continue;
        };
        if found.is_none() {
            found = metadata.text(&keys.codes, reading);
        }
        if line.kind.is_none() {
            line.kind = metadata
                .free_text(&["type", "kind"], reading)
                .map(|text| ItemKind::parse(&text))
                .filter(|kind| !matches!(kind, ItemKind::Unknown(_)));
        }
        metadata.finish(reading);
    }
    if let Some(product) = product {
        product.finish(reading);
    }
    found.and_then(|(path, text)| code(path, &text, reading))
}

/// `recurring` with `interval` and `interval_count`; a price without it is paid once.
fn recurring(price: &mut Object, reading: &mut Reading) -> Option<BillingCycle> {
    let Some(mut recurring) = price.child_if_any("recurring") else {
        let once = price.text_is("type", &["one_time"]);
        return once.then_some(BillingCycle::OneTime);
    };
    let interval = recurring.free_text(&["interval"], reading);
    let count = recurring
        .field(&["interval_count"])
        .and_then(|field| field.value.as_u64());
    recurring.finish(reading);
    let months = match interval.as_deref()? {
        "month" => 1,
        "year" => 12,
        other => return Some(BillingCycle::parse(other)),
    };
    let count = u32::try_from(count.unwrap_or(1)).ok()?;
    BillingCycle::from_months(count.checked_mul(months)?)
}
