//! What can be said about an order before anything is read, sent or stored.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Product, Takes};
use crate::domain::DomainName;
use crate::fleet::FleetConfig;
use crate::order::{OrderItem, PaidOrder};
use crate::plan::verb::{Capabilities, VerbName};
use crate::problem::{Problem, Problems};

/// How many accounts one line of an order may ask for. More is a typing error or an attack.
pub(super) const MOST_PER_ITEM: u32 = 100;

/// Checks an order against catalog, fleet configuration and configured executors: everything [`Catalog::check_order`]
/// finds, hosting that has no domain to live on, panels that are not configured. Nothing is read or sent.
///
/// # Errors
/// All problems at once, each with its path in the order.
pub fn check(
    order: &PaidOrder,
    catalog: &Catalog,
    fleet: &FleetConfig,
    capabilities: &Capabilities,
) -> Result<(), Problems> {
    let mut problems = catalog.check_order(order);
    let mut hosted: BTreeMap<DomainName, &OrderItem> = BTreeMap::new();
    for item in order.items() {
        let Some(product) = catalog.find(&item.code) else {
            continue;
        };
        if item.quantity == 0 || item.quantity > MOST_PER_ITEM {
            let message = format!("{} is not between 1 and {MOST_PER_ITEM}", item.quantity);
            problems.add(format!("{}.quantity", item.path), message);
        }
        if !product.takes.is_hosting() {
            continue;
        }
        problems.extend(not_configured(item, product, capabilities));
        match hosting_domain(item, order, catalog) {
            Some(domain) => problems.extend(second_plan(item, order, catalog, domain, &mut hosted)),
            None if fleet.preview_domain().is_none() => problems.add(
                format!("{}.domain", item.path),
                format!(
                    "{} needs a domain: the item has none, the order has no single domain item, and the fleet has no \
                     preview_domain",
                    product.code
                ),
            ),
            None => {}
        }
    }
    problems.into_result(())
}

fn not_configured(
    item: &OrderItem,
    product: &Product,
    capabilities: &Capabilities,
) -> Option<Problem> {
    let panel = match &product.takes {
        Takes::NextPanelHosting { .. }
            if capabilities.declaration(VerbName::CREATE_ACCOUNT).is_none() =>
        {
            "NextPanel"
        }
        Takes::MpanelHosting { .. } => "mPanel",
        _ => return None,
    };
    let message = format!(
        "{} is hosted by {panel}, which is not configured",
        product.code
    );
    Some(Problem::new(&item.path, message))
}

/// A second hosting plan for a domain that an item takes from the order's domain item. Where both items name the domain
/// themselves the catalog's own check has said so.
fn second_plan<'a>(
    item: &'a OrderItem,
    order: &PaidOrder,
    catalog: &Catalog,
    domain: DomainName,
    hosted: &mut BTreeMap<DomainName, &'a OrderItem>,
) -> Option<Problem> {
    let derived = item.domain.is_none();
    if let Some(first) = hosted.get(&domain) {
        let known_to_catalog = !derived && hosting_domain(first, order, catalog) == first.domain;
        let message = format!(
            "{domain} already gets the hosting plan {} ({})",
            first.code, first.path
        );
        return (!known_to_catalog).then(|| Problem::new(&item.path, message));
    }
    let message = format!(
        "{domain} would get the hosting plan {} {} times",
        item.code, item.quantity
    );
    let many = derived && item.quantity > 1;
    hosted.insert(domain, item);
    many.then(|| Problem::new(&item.path, message))
}

/// The domain a hosting item lives on: its own, else the order's only domain item.
pub(super) fn hosting_domain(
    item: &OrderItem,
    order: &PaidOrder,
    catalog: &Catalog,
) -> Option<DomainName> {
    if let Some(domain) = &item.domain {
        return Some(domain.clone());
    }
    let mut domains = order
        .items()
        .iter()
        .filter(|other| {
            catalog
                .find(&other.code)
                .is_some_and(|product| product.takes == Takes::Domain)
        })
        .filter_map(|other| other.domain.as_ref());
    match (domains.next(), domains.next()) {
        (Some(only), None) => Some(only.clone()),
        _ => None,
    }
}
