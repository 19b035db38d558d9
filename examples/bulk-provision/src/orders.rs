//! The lines as orders.

use std::collections::BTreeMap;

use provisioning_core::catalog::Catalog;
use provisioning_core::domain::DomainName;
use provisioning_core::email::EmailAddress;
use provisioning_core::fleet::FleetConfig;
use provisioning_core::money::{Currency, Money};
use provisioning_core::order::{
    BillingCycle, Customer, OrderId, OrderItem, OrderKey, OrderMode, PaidOrder, PaymentEvidence,
    ProductCode, SourceName, TenantId,
};
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::planner::check;

use crate::place::Wrong;
use crate::table::Line;

/// One shop runs this program.
const TENANT: &str = "default";

/// An order and the lines it stands on.
#[derive(Debug, Clone)]
pub(crate) struct BulkOrder {
    /// One per item, in the order of the items; at least one.
    lines: Vec<u64>,
    pub(crate) order: PaidOrder,
}

impl BulkOrder {
    /// The line it begins on.
    pub(crate) fn line(&self) -> u64 {
        self.lines.first().copied().unwrap_or_default()
    }
}

/// What the command line says about every order.
pub(crate) struct About<'a> {
    pub(crate) source: &'a SourceName,
    pub(crate) provider: &'a str,
    pub(crate) vouched_by: Option<&'a str>,
}

/// What an order is checked against.
pub(crate) struct Against<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) fleet: &'a FleetConfig,
    pub(crate) capabilities: &'a Capabilities,
}

/// The orders of the lines, and everything that is wrong with any of them.
pub(crate) fn orders(lines: &[Line], about: &About<'_>) -> (Vec<BulkOrder>, Vec<Wrong>) {
    let mut wrong = Vec::new();
    let mut by_id: Vec<(String, Vec<&Line>)> = Vec::new();
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    for line in lines {
        let Some(id) = line.get("order_id") else {
            wrong.push(missing(line, "order_id"));
            continue;
        };
        let position = *positions.entry(id).or_insert_with(|| {
            by_id.push((id.to_owned(), Vec::new()));
            by_id.len() - 1
        });
        if let Some((_, of_order)) = by_id.get_mut(position) {
            of_order.push(line);
        }
    }
    let mut orders = Vec::new();
    for (id, lines) in &by_id {
        match order(id, lines, about) {
            Ok(order) => orders.push(order),
            Err(more) => wrong.extend(more),
        }
    }
    (orders, wrong)
}

/// What is wrong with an order in the light of catalog, fleet and configured panels.
pub(crate) fn refusals(bulk: &BulkOrder, against: &Against<'_>) -> Vec<Wrong> {
    let Err(problems) = check(
        &bulk.order,
        against.catalog,
        against.fleet,
        against.capabilities,
    ) else {
        return Vec::new();
    };
    problems
        .iter()
        .map(|problem| {
            // The path of an item is its position among the lines of its order.
            let position = problem
                .path()
                .strip_prefix("items[")
                .and_then(|rest| rest.split(']').next())
                .and_then(|position| position.parse::<usize>().ok());
            let line = position
                .and_then(|position| bulk.lines.get(position).copied())
                .unwrap_or_else(|| bulk.line());
            let column = if problem.path().ends_with(".domain") {
                "domain"
            } else {
                "product"
            };
            Wrong::at(line, column, problem.message())
        })
        .collect()
}

fn order(id: &str, lines: &[&Line], about: &About<'_>) -> Result<BulkOrder, Vec<Wrong>> {
    let Some(first) = lines.first() else {
        return Err(Vec::new());
    };
    let mut wrong = Vec::new();
    let order_id = OrderId::new(id)
        .map_err(|error| wrong.push(Wrong::at(first.number, "order_id", error.to_string())))
        .ok();
    let tenant = TenantId::new(TENANT)
        .map_err(|error| wrong.push(Wrong::on(first.number, error.to_string())))
        .ok();
    let customer = customer(lines, &mut wrong);
    let evidence = evidence(lines, about, &mut wrong);
    let mut items = Vec::new();
    let mut total: Option<Money> = None;
    for (position, line) in lines.iter().enumerate() {
        let before = wrong.len();
        let item = item(position, line, &mut wrong);
        if let (Some(item), true) = (item, wrong.len() == before) {
            if let Some(price) = item.amount {
                let of_line = price.checked_mul(item.quantity);
                let sum = match (total, of_line) {
                    (Some(sum), Some(of_line)) => sum.checked_add(of_line),
                    (None, of_line) => of_line,
                    (_, None) => None,
                };
                if sum.is_none() {
                    let what =
                        "the lines of this order do not add up: another currency, or too much";
                    wrong.push(Wrong::at(line.number, "amount", what));
                }
                total = sum;
            }
            items.push(item);
        }
    }
    let (Some(order_id), Some(tenant), Some(customer), Some(evidence), true) =
        (order_id, tenant, customer, evidence, wrong.is_empty())
    else {
        return Err(wrong);
    };
    let all_priced = items.iter().all(|item| item.amount.is_some());
    let key = OrderKey::new(tenant, about.source.clone(), OrderMode::Live, order_id);
    let order = PaidOrder::new(key, customer, items, evidence).map_err(|problems| {
        problems
            .iter()
            .map(|problem| Wrong::on(first.number, problem.to_string()))
            .collect::<Vec<_>>()
    })?;
    Ok(BulkOrder {
        lines: lines.iter().map(|line| line.number).collect(),
        order: match total {
            // A sum of some of the prices is no amount that was paid.
            Some(total) if all_priced => order.with_amount(total),
            _ => order,
        },
    })
}

fn item(position: usize, line: &Line, wrong: &mut Vec<Wrong>) -> Option<OrderItem> {
    let number = line.number;
    let Some(product) = line.get("product") else {
        wrong.push(missing(line, "product"));
        return None;
    };
    let code = ProductCode::new(product)
        .map_err(|error| wrong.push(Wrong::at(number, "product", error.to_string())))
        .ok()?;
    let mut item = OrderItem::new(format!("items[{position}]"), code);
    if let Some(domain) = line.get("domain") {
        match DomainName::parse(domain) {
            Ok(domain) => item = item.with_domain(domain),
            Err(error) => wrong.push(Wrong::at(number, "domain", error.to_string())),
        }
    }
    if let Some(quantity) = line.get("quantity") {
        match quantity.parse() {
            Ok(0) | Err(_) => {
                wrong.push(Wrong::at(number, "quantity", "is no number of 1 or more"))
            }
            Ok(quantity) => item = item.with_quantity(quantity),
        }
    }
    if let Some(cycle) = line.get("cycle") {
        let cycle = BillingCycle::parse(cycle);
        if matches!(cycle, BillingCycle::Unknown(_)) {
            wrong.push(Wrong::at(
                number,
                "cycle",
                "is no billing cycle, such as monthly or yearly",
            ));
        }
        item = item.with_cycle(cycle);
    }
    match (line.get("amount"), line.get("currency")) {
        (None, _) => {}
        (Some(_), None) => wrong.push(Wrong::at(
            number,
            "currency",
            "is empty, and the line has an amount",
        )),
        (Some(amount), Some(currency)) => match Currency::parse(currency) {
            Err(error) => wrong.push(Wrong::at(number, "currency", error.to_string())),
            Ok(currency) => match Money::from_decimal(amount, currency) {
                Err(error) => wrong.push(Wrong::at(number, "amount", error.to_string())),
                Ok(amount) => item = item.with_amount(amount),
            },
        },
    }
    Some(item)
}

fn customer(lines: &[&Line], wrong: &mut Vec<Wrong>) -> Option<Customer> {
    let email = agreed(lines, "email", wrong);
    let mut of_customer = |column| agreed(lines, column, wrong);
    let [name, company, phone, country] =
        ["name", "company", "phone", "country"].map(&mut of_customer);
    let Some((line, email)) = email else {
        if let Some(line) = lines.first() {
            wrong.push(missing(line, "email"));
        }
        return None;
    };
    let email = EmailAddress::parse(email)
        .map_err(|error| wrong.push(Wrong::at(line, "email", error.to_string())))
        .ok()?;
    let mut customer = Customer::new(email);
    let text = |field: Option<(u64, &str)>| field.map(|(_, text)| text.to_owned());
    customer.full_name = text(name);
    customer.company = text(company);
    customer.phone = text(phone);
    customer.country = text(country);
    Some(customer)
}

fn evidence(lines: &[&Line], about: &About<'_>, wrong: &mut Vec<Wrong>) -> Option<PaymentEvidence> {
    match (agreed(lines, "payment_reference", wrong), about.vouched_by) {
        (Some((_, reference)), _) => Some(PaymentEvidence::LookedUpAtProvider {
            provider: about.provider.to_owned(),
            reference: reference.to_owned(),
        }),
        (None, Some(name)) => Some(PaymentEvidence::Operator {
            name: name.to_owned(),
        }),
        (None, None) => {
            let line = lines.first()?.number;
            wrong.push(Wrong::at(
                line,
                "payment_reference",
                "is empty, so nothing says that it is paid: name who vouches for such orders with --vouched-by",
            ));
            None
        }
    }
}

/// A field that is the same on all lines of an order, wherever it is not empty.
fn agreed<'a>(
    lines: &[&'a Line],
    column: &'static str,
    wrong: &mut Vec<Wrong>,
) -> Option<(u64, &'a str)> {
    let mut agreed: Option<(u64, &'a str)> = None;
    for line in lines {
        let Some(value) = line.get(column) else {
            continue;
        };
        match agreed {
            None => agreed = Some((line.number, value)),
            Some((first, known)) if known != value => wrong.push(Wrong::at(
                line.number,
                column,
                format!("differs from line {first} of the same order"),
            )),
            Some(_) => {}
        }
    }
    agreed
}

fn missing(line: &Line, column: &'static str) -> Wrong {
    Wrong::at(line.number, column, "is empty")
}
