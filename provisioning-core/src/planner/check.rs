//! What can be said about an order before anything is read, sent or stored.

use std::collections::BTreeMap;

use crate::catalog::{Catalog, Takes};
use crate::domain::DomainName;
use crate::fleet::FleetConfig;
use crate::order::{OrderItem, PaidOrder};
use crate::plan::verb::{Capabilities, VerbName};
use crate::problem::{Problem, Problems};

/// How many accounts one line of an order may ask for. More is a typing error or an attack.
pub(super) const MOST_PER_ITEM: u32 = 100;

/// Checks an order against catalog and fleet configuration: unknown products with near matches, two hosting plans for
/// one domain, hosting that has no domain to live on, add-ons without what they require, panels that are not
/// configured. Nothing is read or sent.
///
/// # Errors
/// All problems at once, each with its path in the order.
pub fn check(
    order: &PaidOrder,
    catalog: &Catalog,
    fleet: &FleetConfig,
    capabilities: &Capabilities,
) -> Result<(), Problems> {
    let mut problems = Problems::new();
    let known: Vec<_> = order
        .items()
        .iter()
        .filter_map(|item| match catalog.find(&item.code) {
            Some(product) => Some((item, product)),
            None => {
                problems.push(unknown(item, catalog));
                None
            }
        })
        .collect();
    let mut hosted: BTreeMap<DomainName, &OrderItem> = BTreeMap::new();
    for (item, product) in &known {
        if item.quantity == 0 || item.quantity > MOST_PER_ITEM {
            problems.push(Problem::new(
                format!("{}.quantity", item.path),
                format!("{} is not between 1 and {MOST_PER_ITEM}", item.quantity),
            ));
        }
        for required in &product.requires {
            if !known.iter().any(|(_, other)| other.code.matches(required)) {
                problems.push(Problem::new(
                    format!("{}.code", item.path),
                    format!(
                        "`{}` requires `{required}`, which is not in the order",
                        product.code
                    ),
                ));
            }
        }
        for excluded in &product.excludes {
            if known.iter().any(|(_, other)| other.code.matches(excluded)) {
                problems.push(Problem::new(
                    format!("{}.code", item.path),
                    format!(
                        "`{}` cannot be ordered together with `{excluded}`",
                        product.code
                    ),
                ));
            }
        }
        match &product.takes {
            Takes::NextPanelHosting { .. } => {
                let creates = capabilities.declaration(VerbName::CREATE_ACCOUNT).is_some();
                let verifies = capabilities.declaration(VerbName::VERIFY_ACCOUNT).is_some();
                if !creates {
                    problems.push(Problem::new(
                        format!("{}.code", item.path),
                        format!(
                            "`{}` is hosted on NextPanel, which is not configured",
                            product.code
                        ),
                    ));
                } else if !verifies {
                    // An account that nobody reads back would be handed over unseen.
                    problems.push(Problem::new(
                        format!("{}.code", item.path),
                        format!(
                            "`{}`: the configured executor creates accounts but does not declare `{}`",
                            product.code,
                            VerbName::VERIFY_ACCOUNT
                        ),
                    ));
                }
            }
            Takes::MpanelHosting { .. } => problems.push(Problem::new(
                format!("{}.code", item.path),
                format!(
                    "`{}` is hosted by mPanel, which is not configured",
                    product.code
                ),
            )),
            _ => continue,
        }
        match hosting_domain(item, order, catalog) {
            Some(domain) => {
                if item.quantity > 1 {
                    problems.push(Problem::new(
                        format!("{}.quantity", item.path),
                        format!("{} hosting plans for one domain, {domain}", item.quantity),
                    ));
                }
                if let Some(first) = hosted.get(&domain) {
                    problems.push(Problem::new(
                        format!("{}.domain", item.path),
                        format!("a second hosting plan for {domain}; the first is {}", first.path),
                    ));
                } else {
                    hosted.insert(domain, item);
                }
            }
            None if fleet.preview_domain().is_none() => problems.push(Problem::new(
                format!("{}.domain", item.path),
                format!(
                    "`{}` needs a domain: the item has none, the order has no single domain item, and the fleet has no preview_domain",
                    product.code
                ),
            )),
            None => {}
        }
    }
    problems.into_result(())
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
                .is_some_and(|product| matches!(product.takes, Takes::Domain))
        })
        .filter_map(|other| other.domain.as_ref());
    match (domains.next(), domains.next()) {
        (Some(only), None) => Some(only.clone()),
        _ => None,
    }
}

fn unknown(item: &OrderItem, catalog: &Catalog) -> Problem {
    let near: Vec<String> = catalog
        .near_matches(&item.code)
        .iter()
        .map(|code| format!("`{code}`"))
        .collect();
    let hint = if near.is_empty() {
        String::new()
    } else {
        format!("; did you mean {}?", near.join(" or "))
    };
    Problem::new(
        format!("{}.code", item.path),
        format!("the catalog has no product `{}`{hint}", item.code),
    )
}
