//! What must hold between an order and the catalog it is provided from.

use std::collections::BTreeMap;

use super::{Catalog, Product, Takes};
use crate::domain::DomainName;
use crate::order::{ItemKind, OrderItem, PaidOrder, ProductCode};
use crate::problem::{Problem, Problems};

impl Catalog {
    /// Everything in an order that cannot be provided from this catalog: unknown codes (with near matches), two hosting
    /// plans for one domain, add-ons without a product they require, and products that exclude each other.
    ///
    /// Paths are those of the items. Whether there is room on a server is another question.
    pub fn check_order(&self, order: &PaidOrder) -> Problems {
        self.check_items(order.items(), true)
    }

    /// As [`Catalog::check_order`], for items that may not be all of an order: `are_all` says that none is missing because
    /// it could not be read. What needs all of them, such as a required companion, is then not said.
    pub(crate) fn check_items(&self, items: &[OrderItem], are_all: bool) -> Problems {
        let mut problems = Problems::new();
        let mut known = Vec::with_capacity(items.len());
        for item in items {
            match self.find(&item.code) {
                Some(product) => known.push((item, product)),
                None => problems.push(Problem::new(&item.path, self.unknown_code(&item.code))),
            }
        }
        check_hosting_per_domain(&known, &mut problems);
        check_companions(self, &known, are_all, &mut problems);
        problems
    }

    /// Where the payload claims an item to be something else than the catalog says, in words. The catalog's word wins.
    pub fn kind_differences(&self, order: &PaidOrder) -> Vec<String> {
        let differences = order.items().iter().filter_map(|item| {
            let claimed = item.kind.as_ref()?;
            let takes = &self.find(&item.code)?.takes;
            let same = match (claimed, takes) {
                (ItemKind::Hosting, takes) => takes.is_hosting(),
                // Certificates and mailboxes are often sold as add-ons.
                (ItemKind::Addon, takes) => matches!(takes, Takes::Addon | Takes::Ssl | Takes::Mailbox),
                (ItemKind::Domain, takes) => matches!(takes, Takes::Domain),
                (ItemKind::Email, takes) => matches!(takes, Takes::Mailbox),
                (ItemKind::Ssl, takes) => matches!(takes, Takes::Ssl),
                (ItemKind::Dns, takes) => matches!(takes, Takes::Dns),
                (ItemKind::Unknown(_), _) => false,
            };
            let (path, code, takes) = (&item.path, &item.code, takes.as_str());
            (!same).then(|| format!("{path}: the order calls {code} {claimed}; the catalog says {takes}, and that counts"))
        });
        differences.collect()
    }

    /// The message about a code that is not in the catalog, with what may have been meant.
    pub fn unknown_code(&self, code: &ProductCode) -> String {
        let near: Vec<_> = self
            .near_matches(code)
            .into_iter()
            .map(ProductCode::as_str)
            .collect();
        let hint = match near.as_slice() {
            [] => "nothing in it is spelled like that".to_owned(),
            near => format!("did you mean {}?", near.join(" or ")),
        };
        format!(
            "the product code {code} is not in the catalog {}: {hint}",
            self.name()
        )
    }
}

fn check_hosting_per_domain(known: &[(&OrderItem, &Product)], problems: &mut Problems) {
    let mut taken: BTreeMap<&DomainName, &OrderItem> = BTreeMap::new();
    for (item, _) in known
        .iter()
        .filter(|(_, product)| product.takes.is_hosting())
    {
        let Some(domain) = &item.domain else { continue };
        if let Some(first) = taken.get(domain) {
            let message = format!(
                "{domain} already gets the hosting plan {} ({}): one domain can have one hosting plan",
                first.code, first.path
            );
            problems.push(Problem::new(&item.path, message));
            continue;
        }
        taken.insert(domain, item);
        if item.quantity > 1 {
            let message = format!(
                "{domain} would get the hosting plan {} {} times: one domain can have one hosting plan",
                item.code, item.quantity
            );
            problems.push(Problem::new(&item.path, message));
        }
    }
}

fn check_companions(
    catalog: &Catalog,
    known: &[(&OrderItem, &Product)],
    are_all: bool,
    problems: &mut Problems,
) {
    let ordered = |code: &ProductCode| {
        let meant = catalog.find(code);
        known
            .iter()
            .any(|(_, product)| meant.is_some_and(|meant| meant.code == product.code))
    };
    for (item, product) in known {
        if are_all && !product.requires.is_empty() && !product.requires.iter().any(ordered) {
            let choices: Vec<_> = product.requires.iter().map(ProductCode::as_str).collect();
            let message = format!(
                "{} is sold only together with {}",
                item.code,
                choices.join(" or ")
            );
            problems.push(Problem::new(&item.path, message));
        }
        for excluded in product.excludes.iter().filter(|code| ordered(code)) {
            let message = format!("{} cannot be sold together with {excluded}", item.code);
            problems.push(Problem::new(&item.path, message));
        }
    }
}
