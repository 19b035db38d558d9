//! Order entry C, `provisioning/stripe`: keyed for ever by the payment (contract, section 8).

use std::time::Instant;

use secrecy::SecretString;
use serde_json::{Value, json};

use super::answer::{Answer, Handled, ok};
use super::exchange::Exchange;
use super::limiter::Verdict;
use super::postgres::{self, Refused};
use super::{Customer, HostingSubscription, StripeOrder, User};
use crate::made_up::characters;

/// The limiter of this route, which replaces the headers of the general one.
pub(super) fn count(exchange: &mut Exchange<'_>) -> Result<Option<Verdict>, Answer> {
    let limiter = exchange.state.provisioning_limiter.as_mut();
    let verdict = limiter.map(|limiter| limiter.count(Instant::now()));
    match verdict {
        Some(verdict) if verdict.is_refused => {
            let answer = Answer::error(429, "Provisioning rate limit exceeded");
            Err(answer.with_header("retry-after", verdict.seconds_left()))
        }
        verdict => Ok(verdict),
    }
}

pub(super) fn create(exchange: &mut Exchange<'_>) -> Handled {
    if !exchange.is_legacy() {
        exchange.type_script_caller()?;
    }
    let token = exchange.settings.provisioning_token.as_ref();
    if !exchange.knows_secret("x-mpanel-token", token) {
        return Err(Answer::error(401, "Unauthorized"));
    }
    let intent = exchange
        .given_text("stripePaymentIntentId")
        .ok_or_else(|| {
            postgres::null_violation("stripe_payment_intent_id", "stripe_orders").shown(FAILED)
        })?;
    let earlier = exchange
        .state
        .stripe_orders
        .iter()
        .find(|order| order.stripe_payment_intent_id == intent);
    if let Some(order) = earlier {
        // The order of the ids is nobody's promise.
        let subscriptions: Vec<&str> = order
            .subscriptions
            .iter()
            .rev()
            .map(|subscription| subscription.id.as_str())
            .collect();
        return ok(&json!({
            "ok": true,
            "idempotent": true,
            "orderId": order.id,
            "subscriptions": subscriptions,
        }));
    }
    let refused = |refused: Refused| refused.shown(FAILED);
    let null = |column: &'static str| {
        move || postgres::null_violation(column, "stripe_orders").shown(FAILED)
    };
    let amount = postgres::integer(exchange.field("amount")).map_err(refused)?;
    let amount = amount.ok_or_else(null("amount"))?;
    let currency =
        postgres::characters(exchange.field("currency"), 3, "character").map_err(refused)?;
    let currency = currency.ok_or_else(null("currency"))?;
    let status = exchange.text("status").ok_or_else(null("status"))?;
    let subscriptions = exchange.cart()?;
    let is_paid = matches!(status.as_str(), "paid" | "succeeded");
    let customer_id = exchange.stripe_customer(&currency);
    let order = StripeOrder {
        id: exchange.state.ids.next(),
        stripe_payment_intent_id: intent,
        amount,
        currency,
        status,
        paid_at: is_paid.then_some(exchange.now),
        customer_id,
        subscriptions,
    };
    let ids: Vec<&str> = order
        .subscriptions
        .iter()
        .map(|subscription| subscription.id.as_str())
        .collect();
    let answer = ok(&json!({
        "ok": true,
        "orderId": order.id,
        "subscriptionsCreated": ids.len(),
        "subscriptionIds": ids,
    }));
    if exchange.settings.stripe_orders_make_tasks {
        exchange.make_tasks(&order);
    }
    exchange.state.stripe_orders.push(order);
    answer
}

const FAILED: &str = "Internal provisioning error.";

impl Exchange<'_> {
    fn cart(&mut self) -> Result<Vec<HostingSubscription>, Answer> {
        let cart = match self.field("cart") {
            None => return Ok(Vec::new()),
            Some(Value::Array(cart)) => cart.clone(),
            Some(_) => return Err(Answer::error_with(500, FAILED, "cart is not iterable")),
        };
        cart.iter()
            .map(|item| {
                if item.is_null() {
                    let message = "Cannot read properties of null (reading 'productCode')";
                    return Err(Answer::error_with(500, FAILED, message));
                }
                let id = self.state.ids.next();
                subscription(id, item).map_err(|refused| refused.shown(FAILED))
            })
            .collect()
    }

    /// The customer of the address, made with a user to belong to; nothing without an address.
    fn stripe_customer(&mut self, currency: &str) -> Option<String> {
        let email = self.given_text("customerEmail")?.to_lowercase();
        if let Some(customer) = self.state.customer_of_email(&email) {
            return Some(customer.id.clone());
        }
        let metadata = self.field("rawMetadata");
        let name = metadata.and_then(|metadata| metadata.get("customerName"));
        let name = postgres::parameter(name);
        let known = self.state.users.iter().find(|user| user.email == email);
        let user_id = known.map(|user| user.id.clone()).unwrap_or_else(|| {
            let password = SecretString::from(characters(&format!("nobody knows {email}"), 24));
            let mut user = User::new(email.clone(), password)
                .with_tenant_role(None)
                .without_tenant();
            user.id = self.state.ids.next();
            user.first_name.clone_from(&name);
            user.created_at = Some(self.now);
            user.updated_at = Some(self.now);
            let id = user.id.clone();
            self.state.users.push(user);
            id
        });
        let mut customer = Customer::new(self.state.ids.next(), self.now);
        customer.user_id = Some(user_id);
        customer.email = Some(email);
        customer.first_name = name;
        customer.currency = currency.to_owned();
        let id = customer.id.clone();
        self.state.customers.push(customer);
        Some(id)
    }

    fn make_tasks(&mut self, order: &StripeOrder) {
        let email = self.given_text("customerEmail");
        for subscription in &order.subscriptions {
            let plan = &subscription.product_code;
            self.account_task(&subscription.id, plan, None, None, email.as_deref());
        }
    }
}

/// One item of the cart. `code` is a name it does not read.
fn subscription(id: String, item: &Value) -> Result<HostingSubscription, Refused> {
    let first = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| item.get(name));
        values.find(|value| postgres::is_truthy(value))
    };
    let text = |names: &[&str], otherwise: &str| {
        postgres::parameter(first(names)).unwrap_or_else(|| otherwise.to_owned())
    };
    let product_code = text(&["productCode", "slug", "id"], "unknown-product");
    let product_name = text(&["productName", "name"], &product_code);
    let service_type = match postgres::parameter(first(&["type"])) {
        Some(given) => given,
        None => guessed_type(&format!("{product_code} {product_name}")).to_owned(),
    };
    let price_cents = postgres::integer(first(&["priceCents", "price", "amount"]))?;
    Ok(HostingSubscription {
        id,
        service_type,
        product_code,
        product_name,
        billing_cycle: text(&["billingCycle", "cycle"], "monthly"),
        price_cents: price_cents.unwrap_or(0),
        provisioning_status: "pending".to_owned(),
    })
}

fn guessed_type(text: &str) -> &'static str {
    let text = text.to_lowercase();
    // `email` contains `mail`.
    [
        ("mail", "email"),
        ("domain", "domain"),
        ("ssl", "ssl"),
        ("addon", "addon"),
    ]
    .into_iter()
    .find(|(part, _)| text.contains(part))
    .map_or("hosting", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_by_several_names_but_not_by_code() {
        let read = |item: Value| subscription("1".into(), &item);
        for (item, code, kind, price) in [
            (
                json!({ "productCode": "starter", "priceCents": 1999 }),
                "starter",
                "hosting",
                1999,
            ),
            (
                json!({ "slug": "email-pro", "price": 499 }),
                "email-pro",
                "email",
                499,
            ),
            (
                json!({ "id": "ssl-basic", "amount": "999" }),
                "ssl-basic",
                "ssl",
                999,
            ),
            (
                json!({ "code": "wp_growth", "type": "addon" }),
                "unknown-product",
                "addon",
                0,
            ),
            (json!({}), "unknown-product", "hosting", 0),
        ] {
            let found = read(item).unwrap();
            assert_eq!(found.product_code, code);
            assert_eq!(found.service_type, kind);
            assert_eq!(found.price_cents, price);
        }
        assert!(read(json!({ "price": 19.99 })).is_err());
    }
}
