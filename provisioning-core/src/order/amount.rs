//! What was paid, compared with what the catalog asks.

use super::PaidOrder;
use super::cycle::BillingCycle;
use super::evidence::{PaymentEvidence, StripeStatus};
use super::item::OrderItem;
use crate::catalog::{Catalog, Product};
use crate::money::Money;

/// What was paid, compared with what the catalog asks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AmountComparison {
    /// It is what the catalog asks.
    Matches {
        /// The amount.
        paid: Money,
    },
    /// It is less: the order waits for a person.
    Underpaid {
        /// What the catalog asks, after discounts.
        expected: Money,
        /// What was paid.
        paid: Money,
    },
    /// It is more: worth a note.
    Overpaid {
        /// What the catalog asks, with tax and shipping.
        expected: Money,
        /// What was paid.
        paid: Money,
    },
    /// There is nothing to compare.
    NotComparable {
        /// Why, in words.
        reason: String,
    },
}

/// Compares what was paid for an order with what `catalog` asks for its items.
///
/// The amount is the order's total, else the sum of its items' prices. Discounts that the payment provider reports
/// lower what is asked; tax may be part of the prices or come on top, so both are right. Where an item names no billing
/// cycle, any one cycle for which the sum is right counts; otherwise the shortest is asked for.
pub fn compare_amount(order: &PaidOrder, catalog: &Catalog) -> AmountComparison {
    compare(order, catalog).unwrap_or_else(|reason| AmountComparison::NotComparable { reason })
}

fn compare(order: &PaidOrder, catalog: &Catalog) -> Result<AmountComparison, String> {
    let nothing_due = PaymentEvidence::Stripe {
        status: StripeStatus::NoPaymentRequired,
    };
    if *order.evidence() == nothing_due {
        return Err(
            "Stripe requires no payment for it (a trial, or a coupon over everything)".to_owned(),
        );
    }
    let paid = paid(order)?;
    if paid.currency() != catalog.currency() {
        return Err(format!(
            "it was paid in {}, the catalog is in {}",
            paid.currency(),
            catalog.currency()
        ));
    }
    let products = products(order, catalog)?;
    let usual = asked(&products, None)?;
    let others = BillingCycle::NAMED
        .iter()
        .filter_map(|cycle| asked(&products, Some(cycle)).ok());
    let mut range = Range::of(usual, order)?;
    for prices in others {
        let other = Range::of(prices, order)?;
        if other.contains(paid) {
            range = other;
        }
    }
    Ok(if paid < range.least {
        AmountComparison::Underpaid {
            expected: range.least,
            paid,
        }
    } else if paid > range.most {
        AmountComparison::Overpaid {
            expected: range.most,
            paid,
        }
    } else {
        AmountComparison::Matches { paid }
    })
}

/// The total, else what the items add up to.
fn paid(order: &PaidOrder) -> Result<Money, String> {
    if let Some(amount) = order.amount() {
        return Ok(amount);
    }
    let prices = order
        .items()
        .iter()
        .map(|item| item.amount?.checked_mul(item.quantity));
    let sum = prices
        .reduce(|sum, price| sum?.checked_add(price?))
        .flatten();
    sum.ok_or_else(|| "it carries no amount".to_owned())
}

fn products<'a>(
    order: &'a PaidOrder,
    catalog: &'a Catalog,
) -> Result<Vec<(&'a OrderItem, &'a Product)>, String> {
    let product = |item: &'a OrderItem| {
        let product = catalog
            .find(&item.code)
            .ok_or_else(|| format!("{} is not in the catalog", item.code))?;
        Ok((item, product))
    };
    order.items().iter().map(product).collect()
}

/// What the catalog asks for all items, where those without a billing cycle are billed per `cycle`, else as usual.
fn asked(
    products: &[(&OrderItem, &Product)],
    cycle: Option<&BillingCycle>,
) -> Result<Money, String> {
    let mut sum: Option<Money> = None;
    for (item, product) in products {
        let cycle = item
            .cycle
            .as_ref()
            .or(cycle)
            .or_else(|| product.usual_cycle());
        let Some(cycle) = cycle else {
            return Err(format!("{} has no price in the catalog", product.code));
        };
        let price = product
            .price(cycle)
            .ok_or_else(|| format!("{} has no {cycle} price in the catalog", product.code))?;
        let line = price
            .checked_mul(item.quantity)
            .ok_or("the sum is too large")?;
        let total = sum.unwrap_or(Money::zero(price.currency()));
        sum = Some(total.checked_add(line).ok_or("the sum is too large")?);
    }
    sum.ok_or_else(|| "it has no items".to_owned())
}

/// From the prices less discount, to that with tax on top.
struct Range {
    least: Money,
    most: Money,
}

impl Range {
    fn of(prices: Money, order: &PaidOrder) -> Result<Self, String> {
        let adjustments = order.adjustments();
        let zero = Money::zero(prices.currency());
        let mixed = || "its discount, tax or shipping is in another currency".to_owned();
        let [discount, tax, shipping] =
            [adjustments.discount, adjustments.tax, adjustments.shipping]
                .map(|amount| amount.unwrap_or(zero));
        let least = match prices.partial_cmp(&discount).ok_or_else(mixed)? {
            std::cmp::Ordering::Less => zero,
            _ => prices.checked_sub(discount).ok_or_else(mixed)?,
        };
        let least = least.checked_add(shipping).ok_or_else(mixed)?;
        let most = least.checked_add(tax).ok_or_else(mixed)?;
        Ok(Self { least, most })
    }

    fn contains(&self, amount: Money) -> bool {
        self.least <= amount && amount <= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Adjustments, Customer, OrderId, OrderKey, OrderMode, SourceName, TenantId};
    use super::*;
    use crate::catalog::{AttachPolicy, Takes};
    use crate::money::Currency;
    use crate::order::ProductCode;

    fn usd(minor: u64) -> Money {
        Money::from_minor(minor, Currency::USD)
    }

    fn code(text: &str) -> ProductCode {
        ProductCode::new(text).unwrap()
    }

    fn catalog() -> Catalog {
        let products = vec![
            Product::new(
                code("starter"),
                "Starter",
                Takes::MpanelHosting { server: None },
            )
            .with_price(BillingCycle::Monthly, usd(1999))
            .with_price(BillingCycle::Yearly, usd(19_990)),
            Product::new(code("backups"), "Backups", Takes::Addon)
                .with_price(BillingCycle::Monthly, usd(499))
                .with_price(BillingCycle::Yearly, usd(4990)),
            Product::new(code("setup"), "Setup", Takes::Addon),
        ];
        Catalog::new("test", Currency::USD, AttachPolicy::Ask, products).unwrap()
    }

    fn order(items: &[(&str, u32)], paid: Option<Money>) -> PaidOrder {
        let key = OrderKey::new(
            TenantId::new("t").unwrap(),
            SourceName::new("s").unwrap(),
            OrderMode::Live,
            OrderId::new("1").unwrap(),
        );
        let items = items
            .iter()
            .enumerate()
            .map(|(index, (name, quantity))| {
                OrderItem::new(format!("items[{index}]"), code(name)).with_quantity(*quantity)
            })
            .collect();
        let evidence = PaymentEvidence::Operator {
            name: "test".to_owned(),
        };
        let order = PaidOrder::new(
            key,
            Customer::new("a@b.example".parse().unwrap()),
            items,
            evidence,
        )
        .unwrap();
        match paid {
            Some(paid) => order.with_amount(paid),
            None => order,
        }
    }

    #[test]
    fn both_numbers_are_told_when_they_differ() {
        let items = [("starter", 1), ("Backups", 2)];
        let compared = |paid| compare_amount(&order(&items, Some(usd(paid))), &catalog());
        assert_eq!(
            compared(2997),
            AmountComparison::Matches { paid: usd(2997) }
        );
        assert_eq!(
            compared(2996),
            AmountComparison::Underpaid {
                expected: usd(2997),
                paid: usd(2996)
            }
        );
        assert_eq!(
            compared(2998),
            AmountComparison::Overpaid {
                expected: usd(2997),
                paid: usd(2998)
            }
        );
    }

    #[test]
    fn an_order_that_names_no_cycle_may_be_paid_for_any() {
        let paid = usd(19_990 + 4990);
        let order = order(&[("starter", 1), ("backups", 1)], Some(paid));
        assert_eq!(
            compare_amount(&order, &catalog()),
            AmountComparison::Matches { paid }
        );
    }

    #[test]
    fn a_named_cycle_counts_alone() {
        let mut order = order(&[("starter", 1)], Some(usd(1999)));
        order.items =
            vec![OrderItem::new("items[0]", code("starter")).with_cycle(BillingCycle::Yearly)];
        assert_eq!(
            compare_amount(&order, &catalog()),
            AmountComparison::Underpaid {
                expected: usd(19_990),
                paid: usd(1999)
            }
        );
    }

    #[test]
    fn discounts_of_the_payment_provider_are_no_underpayment_and_tax_is_no_overpayment() {
        for (discount, tax, paid) in [
            (199, 0, 1800),
            (0, 380, 2379),
            (0, 319, 1999),
            (1999, 0, 0),
            (5000, 0, 0),
        ] {
            let mut order = order(&[("starter", 1)], Some(usd(paid)));
            order.adjustments = Adjustments {
                discount: Some(usd(discount)),
                tax: Some(usd(tax)),
                shipping: None,
            };
            assert_eq!(
                compare_amount(&order, &catalog()),
                AmountComparison::Matches { paid: usd(paid) }
            );
        }
    }

    #[test]
    fn without_a_total_the_items_prices_count() {
        let mut order = order(&[("starter", 1)], None);
        order.items = vec![
            OrderItem::new("items[0]", code("starter"))
                .with_quantity(2)
                .with_amount(usd(1999)),
        ];
        assert_eq!(
            compare_amount(&order, &catalog()),
            AmountComparison::Matches { paid: usd(3998) }
        );
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        let eur = Money::from_minor(1999, Currency::EUR);
        let mut trial = order(&[("starter", 1)], Some(usd(0)));
        trial.evidence = PaymentEvidence::Stripe {
            status: StripeStatus::NoPaymentRequired,
        };
        for (order, why) in [
            (order(&[("starter", 1)], None), "no amount"),
            (
                order(&[("starter", 1)], Some(eur)),
                "paid in EUR, the catalog is in USD",
            ),
            (
                order(&[("nonsense", 1)], Some(usd(1))),
                "nonsense is not in the catalog",
            ),
            (order(&[("setup", 1)], Some(usd(1))), "setup has no price"),
            (trial, "requires no payment"),
        ] {
            match compare_amount(&order, &catalog()) {
                AmountComparison::NotComparable { reason } => {
                    assert!(reason.contains(why), "{reason}")
                }
                other => panic!("{other:?}"),
            }
        }
    }
}
