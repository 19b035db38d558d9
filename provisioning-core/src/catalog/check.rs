//! What must hold between the products of a catalog.

use std::collections::BTreeMap;

use super::product::Product;
use crate::order::ProductCode;

/// Which key of a product a mistake concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    Code,
    Also,
    Requires,
    Excludes,
    PanelProductId,
}

impl Slot {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Also => "also",
            Self::Requires => "requires",
            Self::Excludes => "excludes",
            Self::PanelProductId => "panel_product_id",
        }
    }
}

/// A key of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) product: usize,
    pub(super) slot: Slot,
}

/// Every mistake that only shows when the products are seen together.
pub(super) fn cross_check(products: &[Product]) -> Vec<(Place, String)> {
    let mut mistakes = Vec::new();
    let owners = owners(products, &mut mistakes);
    let mut panel_ids = BTreeMap::new();
    for (index, product) in products.iter().enumerate() {
        let references = [
            (Slot::Requires, &product.requires),
            (Slot::Excludes, &product.excludes),
        ];
        for (slot, codes) in references {
            for code in codes {
                let place = Place {
                    product: index,
                    slot,
                };
                let message = match owners.get(&code.normalised()) {
                    None => format!(
                        "product {}: {} names {code}, which is no product here",
                        product.code,
                        slot.as_str()
                    ),
                    Some(owner) if *owner == index => {
                        format!(
                            "product {}: {} names the product itself",
                            product.code,
                            slot.as_str()
                        )
                    }
                    Some(_) => continue,
                };
                mistakes.push((place, message));
            }
        }
        if let Some(id) = &product.panel_product_id
            && let Some(other) = panel_ids.insert(id, &product.code)
        {
            let place = Place {
                product: index,
                slot: Slot::PanelProductId,
            };
            mistakes.push((
                place,
                format!(
                    "product {}: panel_product_id is already that of {other}",
                    product.code
                ),
            ));
        }
        let owner_of = |code: &ProductCode| owners.get(&code.normalised());
        for code in &product.excludes {
            if product
                .requires
                .iter()
                .any(|required| owner_of(required) == owner_of(code) && owner_of(code).is_some())
            {
                let place = Place {
                    product: index,
                    slot: Slot::Excludes,
                };
                mistakes.push((
                    place,
                    format!(
                        "product {}: {code} is both required and excluded",
                        product.code
                    ),
                ));
            }
        }
    }
    mistakes
}

/// Which product each code means.
fn owners(products: &[Product], mistakes: &mut Vec<(Place, String)>) -> BTreeMap<String, usize> {
    let mut owners = BTreeMap::<String, usize>::new();
    for (index, product) in products.iter().enumerate() {
        let own = std::iter::once((Slot::Code, &product.code));
        for (slot, code) in own.chain(product.also.iter().map(|code| (Slot::Also, code))) {
            if let Some(first) = owners.insert(code.normalised(), index) {
                owners.insert(code.normalised(), first);
                let other = products
                    .get(first)
                    .map_or_else(String::new, |first| first.code.to_string());
                let message = if first == index {
                    format!(
                        "product {}: the code {code} stands twice (case, _ and - do not count)",
                        product.code
                    )
                } else {
                    format!(
                        "product {}: the code {code} already means product {other} (case, _ and - do not count)",
                        product.code
                    )
                };
                mistakes.push((
                    Place {
                        product: index,
                        slot,
                    },
                    message,
                ));
            }
        }
    }
    owners
}
