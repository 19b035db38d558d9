//! What can be said about an order before anything is read, sent or stored.

use std::collections::BTreeMap;

use super::mpanel::unit_price;
use crate::catalog::{Catalog, Product, Takes};
use crate::domain::DomainName;
use crate::fleet::FleetConfig;
use crate::order::{
    Intake, ItemKind, OrderError, OrderItem, PaidOrder, read_order, readable_items,
};
use crate::plan::mpanel::MpanelMode;
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
    check_items(order.items(), true, catalog, fleet, capabilities).into_result(())
}

/// Reads a payload as [`read_order`] does and checks it as [`check`] does, so that whoever sent it hears of everything
/// at once: the e-mail address that is none, and the product that is not in the catalog. Nothing is read or sent.
///
/// # Errors
/// As [`read_order`]; `Invalid` holds the problems of both. What can only be told of an order that was read whole, such
/// as a missing companion product, is told once it can be.
pub fn check_payload(
    bytes: &[u8],
    intake: &Intake,
    catalog: &Catalog,
    fleet: &FleetConfig,
    capabilities: &Capabilities,
) -> Result<PaidOrder, OrderError> {
    let mut problems = match read_order(bytes, intake) {
        Ok(order) => {
            check(&order, catalog, fleet, capabilities)?;
            return Ok(order);
        }
        Err(OrderError::Invalid(problems)) => problems,
        Err(other) => return Err(other),
    };
    let items = readable_items(bytes, intake);
    // Items are what payloads list; a problem within a list may have cost one.
    let are_all = !problems.iter().any(|known| known.path().contains('['));
    let more: Vec<_> = check_items(&items, are_all, catalog, fleet, capabilities)
        .iter()
        .filter(|problem| !problems.iter().any(|known| known.path() == problem.path()))
        .cloned()
        .collect();
    problems.extend(more);
    Err(OrderError::Invalid(problems))
}

/// `are_all` says that no item is missing because it could not be read.
fn check_items(
    items: &[OrderItem],
    are_all: bool,
    catalog: &Catalog,
    fleet: &FleetConfig,
    capabilities: &Capabilities,
) -> Problems {
    let mut problems = catalog.check_items(items, are_all);
    problems.extend(not_for_entry(items, catalog, capabilities));
    let mut hosted: BTreeMap<DomainName, &OrderItem> = BTreeMap::new();
    for item in items {
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
        problems.extend(unpriced(item, product, capabilities));
        match domain_among(items, item, catalog) {
            Some(domain) => problems.extend(second_plan(items, item, catalog, domain, &mut hosted)),
            None if are_all && fleet.preview_domain().is_none() => problems.add(
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
    problems
}

fn not_configured(
    item: &OrderItem,
    product: &Product,
    capabilities: &Capabilities,
) -> Option<Problem> {
    let offers = |verb| capabilities.declaration(verb).is_some();
    let message = match &product.takes {
        Takes::NextPanelHosting { .. } if !offers(VerbName::CREATE_ACCOUNT) => {
            format!(
                "{} is hosted on NextPanel, which is not configured",
                product.code
            )
        }
        // An account that nobody reads back would be handed over unseen.
        Takes::NextPanelHosting { .. } if !offers(VerbName::VERIFY_ACCOUNT) => format!(
            "{}: the configured executor creates accounts but does not declare `{}`",
            product.code,
            VerbName::VERIFY_ACCOUNT
        ),
        Takes::MpanelHosting { .. } => match capabilities.mpanel_mode() {
            None => format!(
                "{} is hosted by mPanel, which is not configured",
                product.code
            ),
            // No endpoint creates a provisioning task (CONTRACT-mpanel section 7).
            Some(MpanelMode::Direct) => format!(
                "{} is hosted by mPanel, which provides only what is handed over to an entry of its own; the mode is \
                 direct: choose an entry",
                product.code
            ),
            Some(MpanelMode::Delegate(_)) => return None,
        },
        _ => return None,
    };
    Some(Problem::new(&item.path, message))
}

/// mPanel checks no price, and keeps whatever it is told.
fn unpriced(item: &OrderItem, product: &Product, capabilities: &Capabilities) -> Option<Problem> {
    let is_nextpanels = matches!(product.takes, Takes::NextPanelHosting { .. });
    let wants = match capabilities.mpanel_mode()? {
        MpanelMode::Direct => is_nextpanels,
        MpanelMode::Delegate(entry) => is_nextpanels || entry.wants_amount(),
    };
    if !wants || unit_price(item, product).is_some() {
        return None;
    }
    let message = format!(
        "mPanel records {} with its price, and neither the order nor the catalog has one",
        product.code
    );
    Some(Problem::new(&item.path, message))
}

/// What the entry that takes the whole purchase cannot take.
fn not_for_entry(items: &[OrderItem], catalog: &Catalog, capabilities: &Capabilities) -> Problems {
    let mut problems = Problems::default();
    let Some(MpanelMode::Delegate(entry)) = capabilities.mpanel_mode() else {
        return problems;
    };
    if !entry.takes_one_product() {
        return problems;
    }
    let mut hosted = items.iter().filter(|item| {
        catalog
            .find(&item.code)
            .is_some_and(|product| matches!(product.takes, Takes::MpanelHosting { .. }))
    });
    let first = hosted.next();
    let more = first.filter(|first| first.quantity > 1).into_iter();
    for item in more.chain(hosted) {
        problems.add(
            &item.path,
            format!(
                "{entry} takes one product of one order, and {} is one too many: choose another entry",
                item.code
            ),
        );
    }
    problems
}

/// A second hosting plan for a domain that an item takes from the order's domain item. Where both items name the domain
/// themselves the catalog's own check has said so.
fn second_plan<'a>(
    items: &[OrderItem],
    item: &'a OrderItem,
    catalog: &Catalog,
    domain: DomainName,
    hosted: &mut BTreeMap<DomainName, &'a OrderItem>,
) -> Option<Problem> {
    let derived = item.domain.is_none();
    if let Some(first) = hosted.get(&domain) {
        let known_to_catalog = !derived && domain_among(items, first, catalog) == first.domain;
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
    domain_among(order.items(), item, catalog)
}

fn domain_among(items: &[OrderItem], item: &OrderItem, catalog: &Catalog) -> Option<DomainName> {
    if let Some(domain) = &item.domain {
        return Some(domain.clone());
    }
    if is_beside_hosting(items, item, catalog) {
        return None;
    }
    let mut domains = items
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

/// Whether a hosting plan came as an add-on to another one, as shops list them: the domain of the order is the other's.
fn is_beside_hosting(items: &[OrderItem], item: &OrderItem, catalog: &Catalog) -> bool {
    let claims_addon = |item: &OrderItem| item.kind == Some(ItemKind::Addon);
    claims_addon(item)
        && items.iter().any(|other| {
            !claims_addon(other)
                && other.domain.is_none()
                && catalog
                    .find(&other.code)
                    .is_some_and(|product| product.takes.is_hosting())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{PaymentEvidence, TenantId};

    fn problems_of(payload: &str) -> String {
        let intake = Intake::new(TenantId::new("shop").unwrap())
            .with_order_id("A-1")
            .with_evidence(PaymentEvidence::Operator {
                name: "support".to_owned(),
            });
        let fleet = FleetConfig::from_toml(
            "fleet.toml",
            "[[server]]\nname = \"a\"\nurl = \"http://127.0.0.1:9000\"\ncapacity = 5\n",
        )
        .unwrap();
        let capabilities = Capabilities::nextpanel(std::time::Duration::from_millis(300));
        check_payload(
            payload.as_bytes(),
            &intake,
            &Catalog::migrahosting(),
            &fleet,
            &capabilities,
        )
        .map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn a_payload_that_is_no_order_is_checked_against_the_catalog_all_the_same() {
        let problems = problems_of(
            r#"{"customerEmail": "nobody", "items": [
                {"code": "wp_grwth", "domain": "a.example"},
                {"code": "wp_growth", "domain": "not a domain"},
                {"code": "wp_growth", "domain": "b.example"},
                {"code": "wp-growth", "domain": "B.example"}]}"#,
        );
        let paths: Vec<_> = problems
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(path, _)| path)
            .collect();
        assert_eq!(
            paths,
            ["customerEmail", "items[1].domain", "items[0]", "items[3]"],
            "{problems}"
        );
    }

    #[test]
    fn what_only_all_items_can_show_is_not_told_where_one_could_not_be_read() {
        let all = problems_of(r#"{"customerEmail": "nobody", "items": [{"code": "wp_growth"}]}"#);
        assert!(
            all.contains("items[0].domain: wp_growth needs a domain"),
            "{all}"
        );
        let unread = problems_of(
            r#"{"customerEmail": "a@b.example", "items": [{"code": "wp_growth"}, {"domain": "a.example"}]}"#,
        );
        assert_eq!(unread.lines().count(), 1, "{unread}");
    }

    #[test]
    fn a_payload_without_problems_is_an_order() {
        let problems = problems_of(
            r#"{"customerEmail": "a@b.example", "items": [{"code": "wp_growth", "domain": "a.example"}]}"#,
        );
        assert_eq!(problems, "");
    }
}
