//! What is for sale, for anybody.

use serde_json::{Value, json};

use super::answer::{Handled, ok};
use super::exchange::Exchange;

pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    let products = exchange.state.products.iter();
    let plans: Vec<Value> = products
        .filter(|product| !product.is_deleted && product.kind == "hosting")
        .map(|product| {
            let prices = product.prices.iter();
            let billing: Vec<Value> = prices
                .map(|price| {
                    let (term, months) = match price.interval.as_str() {
                        "YEARLY" => ("annually", 12),
                        _ => ("monthly", 1),
                    };
                    json!({
                        "term": term,
                        "label": price.name,
                        "months": months,
                        "priceId": price.id,
                    })
                })
                .collect();
            json!({
                "id": product.code,
                "name": product.name,
                "description": product.description,
                "billing": billing,
            })
        })
        .collect();
    ok(&json!({ "plans": plans }))
}
