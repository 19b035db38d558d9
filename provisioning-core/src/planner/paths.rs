//! The step path of everything that was bought, and what names are derived from.

use super::check::{MOST_PER_ITEM, hosting_domain};
use super::wording::noun;
use crate::catalog::{Catalog, Product};
use crate::order::{OrderItem, PaidOrder};
use crate::plan::id::StepPath;

/// One thing that was bought: its item, its product, its step path.
pub(super) type Piece<'a> = (&'a OrderItem, &'a Product, StepPath);

/// Every single thing that was bought, with its step path. Equal items are numbered.
pub(super) fn paths<'a>(order: &'a PaidOrder, catalog: &'a Catalog) -> Vec<Piece<'a>> {
    let mut all: Vec<Piece<'a>> = Vec::new();
    for item in order.items() {
        let Some(product) = catalog.find(&item.code) else {
            continue;
        };
        let code = product.code.as_str();
        // The path names the customer's own domain, never the preview domain: that one may change with the fleet.
        let domain = if product.takes.is_hosting() {
            hosting_domain(item, order, catalog)
        } else {
            item.domain.clone()
        };
        let path = match &domain {
            Some(domain) => StepPath::new([noun(&product.takes), code, domain.as_str()]),
            None => StepPath::new([noun(&product.takes), code]),
        };
        // Only hosting is one thing per piece; the quantity of anything else is one piece of work.
        let pieces = if product.takes.is_hosting() {
            item.quantity.min(MOST_PER_ITEM)
        } else {
            1
        };
        for _ in 0..pieces {
            all.push((item, product, path.clone()));
        }
    }
    let numbers: Vec<Option<usize>> = all
        .iter()
        .enumerate()
        .map(|(index, (_, _, path))| {
            let equal = |(_, _, other): &&Piece<'a>| other == path;
            let is_one_of_several = all.iter().filter(equal).nth(1).is_some();
            is_one_of_several.then(|| 1 + all.iter().take(index).filter(equal).count())
        })
        .collect();
    for ((_, _, path), number) in all.iter_mut().zip(numbers) {
        if let Some(number) = number {
            *path = path.numbered(number);
        }
    }
    all
}

/// What the usernames of a hosting item are derived from: its domain's first label, else the customer's e-mail.
pub(super) fn base(item: &OrderItem, order: &PaidOrder, catalog: &Catalog) -> String {
    match hosting_domain(item, order, catalog) {
        Some(domain) => domain.labels().next().unwrap_or_default().to_owned(),
        None => order.customer().email.local_part().to_owned(),
    }
}
