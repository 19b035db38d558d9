//! Reading a catalog from TOML: every mistake in it at once, each with its line.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::check::{Slot, cross_check};
use super::product::{AccountType, Product, Takes};
use super::sheet::{Section, Sheet, kind};
use super::{AttachPolicy, Catalog, CatalogError};
use crate::money::{Currency, Money};
use crate::order::{BillingCycle, ProductCode};
use crate::problem::Problem;

/// The most bytes a catalog may have: 4 MiB.
const MAX_CATALOG_BYTES: usize = 4 << 20;

const TAKES: [&str; 8] = [
    "nextpanel-hosting",
    "mpanel-hosting",
    "addon",
    "domain",
    "dns",
    "mailbox",
    "ssl",
    "manual",
];

pub(super) fn read(file: &str, text: &str) -> Result<Catalog, CatalogError> {
    if text.len() > MAX_CATALOG_BYTES {
        return Err(CatalogError::TooLarge {
            file: file.to_owned(),
            bytes: text.len() as u64,
            limit: MAX_CATALOG_BYTES as u64,
        });
    }
    let mut sheet = Sheet::new(file, text);
    let document = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        CatalogError::Syntax(Problem::new(sheet.line_of(at), error.message()))
    })?;
    let mut root = Section::new("the catalog".to_owned(), 0, document.get_ref());
    let name = root
        .text("name", &mut sheet)
        .map_or_else(|| file.to_owned(), |(_, name)| name.to_owned());
    let currency = read_currency(&mut root, &mut sheet);
    let attach = read_attach(&mut root, &mut sheet);
    let (products, places) = read_products(&mut root, currency, &mut sheet);
    root.finish(&mut sheet);
    for (place, message) in cross_check(&products) {
        let at = places.get(place.product).map_or(0, |lines| {
            *lines.slots.get(&place.slot).unwrap_or(&lines.at)
        });
        sheet.wrong(at, message);
    }
    sheet.into_result()?;
    Ok(Catalog::assembled(name, currency, attach, products))
}

fn read_currency(root: &mut Section<'_, '_>, sheet: &mut Sheet<'_>) -> Currency {
    let missing = !root.has("currency");
    match root.text("currency", sheet) {
        Some((at, text)) => Currency::parse(text).unwrap_or_else(|error| {
            sheet.wrong(at, format!("currency {text:?} {error}"));
            Currency::USD
        }),
        None => {
            if missing {
                sheet.wrong(
                    0,
                    "currency is missing: the code of all prices, such as currency = \"USD\"",
                );
            }
            Currency::USD
        }
    }
}

fn read_attach(root: &mut Section<'_, '_>, sheet: &mut Sheet<'_>) -> AttachPolicy {
    let Some((at, text)) = root.text("attach", sheet) else {
        return AttachPolicy::default();
    };
    text.parse().unwrap_or_else(|error| {
        sheet.wrong(at, format!("attach {text:?} {error}"));
        AttachPolicy::default()
    })
}

/// Where a product and its keys stand.
struct Lines {
    at: usize,
    slots: BTreeMap<Slot, usize>,
}

fn read_products(
    root: &mut Section<'_, '_>,
    currency: Currency,
    sheet: &mut Sheet<'_>,
) -> (Vec<Product>, Vec<Lines>) {
    let mut products = Vec::new();
    let mut lines = Vec::new();
    let Some((at, value)) = root.take("product") else {
        sheet.wrong(0, "there is no product: each one starts with [[product]]");
        return (products, lines);
    };
    let Some(list) = value.as_array().filter(|list| !list.is_empty()) else {
        sheet.wrong(
            at,
            "product must be a list of products, each starting with [[product]]",
        );
        return (products, lines);
    };
    for (index, entry) in list.iter().enumerate() {
        let at = entry.span().start;
        let Some(table) = entry.get_ref().as_table() else {
            sheet.wrong(at, format!("product {} must be a table", index + 1));
            continue;
        };
        if let Some((product, slots)) = read_product(index, at, table, currency, sheet) {
            products.push(product);
            lines.push(Lines { at, slots });
        }
    }
    (products, lines)
}

fn read_product(
    index: usize,
    at: usize,
    table: &DeTable<'_>,
    currency: Currency,
    sheet: &mut Sheet<'_>,
) -> Option<(Product, BTreeMap<Slot, usize>)> {
    let mut section = Section::new(format!("product {}", index + 1), at, table);
    let mut slots = BTreeMap::new();
    let code_is_there = section.has("code");
    let code = section.text("code", sheet).and_then(|(at, text)| {
        slots.insert(Slot::Code, at);
        ProductCode::new(text)
            .inspect_err(|error| sheet.wrong(at, format!("product {}: code {error}", index + 1)))
            .ok()
    });
    if !code_is_there {
        sheet.wrong(at, format!("product {}: code is missing", index + 1));
    }
    if let Some(code) = &code {
        section.what = format!("product {code}");
    }
    let name = section.text("name", sheet);
    let takes = read_takes(&mut section, sheet);
    let prices = read_prices(&mut section, currency, sheet);
    let weight = section.integer("weight", sheet);
    let panel_product_id = section.text("panel_product_id", sheet);
    slots.extend(panel_product_id.map(|(at, _)| (Slot::PanelProductId, at)));
    let mut codes = |key, slot| {
        let (at, codes) = section.codes(key, sheet);
        slots.extend(at.map(|at| (slot, at)));
        codes
    };
    let also = codes("also", Slot::Also);
    let requires = codes("requires", Slot::Requires);
    let excludes = codes("excludes", Slot::Excludes);
    let weight = match weight {
        None => 1,
        Some((at, weight)) => match u32::try_from(weight) {
            Ok(weight @ 1..=Product::MAX_WEIGHT) => weight,
            _ => {
                let most = Product::MAX_WEIGHT;
                sheet.wrong(
                    at,
                    format!(
                        "{}: weight must be a whole number from 1 to {most}",
                        section.what
                    ),
                );
                1
            }
        },
    };
    section.finish(sheet);
    let code = code?;
    let product = Product {
        name: name.map_or_else(|| code.to_string(), |(_, name)| name.to_owned()),
        code,
        also,
        // Without it the catalog is refused; the product still takes part in the checks between products.
        takes: takes.unwrap_or(Takes::Addon),
        prices,
        weight,
        panel_product_id: panel_product_id.map(|(_, id)| id.to_owned()),
        requires,
        excludes,
    };
    Some((product, slots))
}

fn read_takes(section: &mut Section<'_, '_>, sheet: &mut Sheet<'_>) -> Option<Takes> {
    let missing = !section.has("takes");
    let takes = section.text("takes", sheet);
    if missing {
        let choices = TAKES.join(", ");
        sheet.wrong(
            section.at,
            format!("{}: takes is missing: one of {choices}", section.what),
        );
    }
    let package = section.integer("package", sheet);
    let account_type = section.text("account_type", sheet);
    let server = section.text("server", sheet);
    let what = section.text("what", sheet);
    let (at, takes) = takes?;
    let mut only_with = |key: &str, at: Option<usize>, kind: &str| {
        if let Some(at) = at.filter(|_| takes != kind) {
            sheet.wrong(
                at,
                format!("{}: {key} belongs to takes = {kind:?} only", section.what),
            );
        }
    };
    only_with("package", package.map(|(at, _)| at), "nextpanel-hosting");
    only_with(
        "account_type",
        account_type.map(|(at, _)| at),
        "nextpanel-hosting",
    );
    only_with("server", server.map(|(at, _)| at), "mpanel-hosting");
    only_with("what", what.map(|(at, _)| at), "manual");
    match takes {
        "nextpanel-hosting" => {
            if let Some((at, package)) = package
                && package < 0
            {
                sheet.wrong(
                    at,
                    format!("{}: package must not be below zero", section.what),
                );
            }
            let account_type = account_type.map(|(at, text)| {
                text.parse::<AccountType>().unwrap_or_else(|error| {
                    sheet.wrong(
                        at,
                        format!("{}: account_type {text:?} {error}", section.what),
                    );
                    AccountType::default()
                })
            });
            Some(Takes::NextPanelHosting {
                package: package.map(|(_, package)| package),
                account_type: account_type.unwrap_or_default(),
            })
        }
        "mpanel-hosting" => Some(Takes::MpanelHosting {
            server: server.map(|(_, server)| server.to_owned()),
        }),
        "addon" => Some(Takes::Addon),
        "domain" => Some(Takes::Domain),
        "dns" => Some(Takes::Dns),
        "mailbox" => Some(Takes::Mailbox),
        "ssl" => Some(Takes::Ssl),
        "manual" => {
            if what.is_none() {
                sheet.wrong(
                    at,
                    format!(
                        "{}: what is missing: say what has to be done by hand",
                        section.what
                    ),
                );
            }
            Some(Takes::Manual {
                what: what.map_or("", |(_, what)| what).to_owned(),
            })
        }
        other => {
            let choices = TAKES.join(", ");
            sheet.wrong(
                at,
                format!("{}: takes {other:?} is none of {choices}", section.what),
            );
            None
        }
    }
}

fn read_prices(
    section: &mut Section<'_, '_>,
    currency: Currency,
    sheet: &mut Sheet<'_>,
) -> BTreeMap<BillingCycle, Money> {
    let mut prices = BTreeMap::new();
    let Some((at, value)) = section.take("price") else {
        return prices;
    };
    let Some(table) = value.as_table() else {
        let message = format!(
            "{}: price must be a table such as {{ monthly = \"19.99\" }}",
            section.what
        );
        sheet.wrong(at, message);
        return prices;
    };
    for (key, value) in table {
        let at = key.span().start;
        let name = key.get_ref().as_ref();
        let cycle = BillingCycle::parse(name);
        if matches!(cycle, BillingCycle::Unknown(_)) {
            let known = BillingCycle::NAMED
                .map(|cycle| cycle.to_string())
                .join(", ");
            sheet.wrong(
                at,
                format!(
                    "{}: price for {name:?}, which is no billing cycle: {known}",
                    section.what
                ),
            );
            continue;
        }
        // Numbers are read by their text, so 19.99 is exactly that.
        let amount = match value.get_ref() {
            DeValue::String(text) => text.as_ref(),
            DeValue::Float(float) => float.as_str(),
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str(),
            other => {
                sheet.wrong(
                    at,
                    format!(
                        "{}: the {cycle} price must be an amount, not {}",
                        section.what,
                        kind(other)
                    ),
                );
                continue;
            }
        };
        match Money::from_decimal(amount, currency) {
            Ok(price) => {
                if prices.insert(cycle.clone(), price).is_some() {
                    sheet.wrong(
                        at,
                        format!("{}: the {cycle} price stands twice", section.what),
                    );
                }
            }
            Err(error) => sheet.wrong(at, format!("{}: the {cycle} price {error}", section.what)),
        }
    }
    prices
}
