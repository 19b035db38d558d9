//! The numbers of orders, which two at a time get wrong (contract, section 4.7).

use std::time::Instant;

use super::backend::Backend;
use super::orders::Order;
use super::state::State;
use crate::fastapi::Refusal;

pub(super) struct Numbers {
    pub(super) invoice: String,
    pub(super) order: String,
}

/// The next numbers, unless another order is being created: then both would get the same, and this one is refused.
///
/// The largest number so far is looked for among texts, so that there is none after 9999 but 10000, again and again.
pub(super) fn take(backend: &Backend, state: &mut State) -> Result<Numbers, Refusal> {
    let next = |prefix: &str, number: fn(&Order) -> &Option<String>| {
        let numbers = state
            .orders
            .iter()
            .filter_map(|order| number(order).as_deref());
        let largest = numbers
            .max()
            .and_then(|largest| largest.strip_prefix(prefix));
        let largest: u32 = largest
            .and_then(|digits| digits.parse().ok())
            .unwrap_or_default();
        format!("{prefix}{:04}", largest + 1)
    };
    let numbers = Numbers {
        invoice: next("INV-", |order| &order.invoice_number),
        order: next("ORD-", |order| &order.order_number),
    };
    let started = Instant::now();
    let is_raced = state.order_under_way.is_some_and(|until| started < until);
    let is_taken = state
        .orders
        .iter()
        .any(|order| order.invoice_number.as_ref() == Some(&numbers.invoice));
    if is_raced || is_taken {
        return Err(Refusal::new(
            500,
            format!(
                "Failed to create order: (sqlite3.IntegrityError) UNIQUE constraint failed: \
                 orders.invoice_number\n[SQL: INSERT INTO orders (id, customer_id, status, \
                 invoice_number, order_number, items, subtotal) VALUES (?, ?, ?, ?, ?, ?, ?)]\n\
                 [parameters: ('COMPLETED', '{}', '{}')]\n\
                 (Background on this error at: https://sqlalche.me/e/20/gkpj)",
                numbers.invoice, numbers.order
            ),
        ));
    }
    state.order_under_way = started.checked_add(backend.settings.order_creation_time);
    Ok(numbers)
}
