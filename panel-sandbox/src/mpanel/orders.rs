//! Orders of the TypeScript dialect.

use jiff::civil::DateTime;
use serde_json::{Value, json};

use super::answer::{Answer, Handled, data, ok};
use super::customer::add;
use super::exchange::Exchange;
use super::state::newest_first;
use super::timestamps::iso;
use super::{Customer, Job, Order, Subscription, postgres};

const DEFAULT_PAGE_SIZE: usize = 20;

pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("BILLING")?;
    exchange.has_prisma_columns()?;
    let page = exchange.page(DEFAULT_PAGE_SIZE)?;
    let filter = |name: &str| exchange.query(name).filter(|value| !value.is_empty());
    let (customer, status) = (filter("customerId"), filter("status"));
    let rows: Vec<Value> = newest_first(&exchange.state.orders, |order| order.created_at)
        .into_iter()
        .filter(|order| customer.as_ref().is_none_or(|id| order.customer_id == *id))
        .filter(|order| status.as_ref().is_none_or(|status| order.status == *status))
        .map(|order| exchange.order_data(order))
        .collect();
    let total = rows.len();
    ok(&json!({ "success": true, "data": page.of(rows), "meta": page.figures(total) }))
}

pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("BILLING")?;
    let position = exchange.order()?;
    let order = exchange.state.orders.get(position);
    data(&order.map(|order| exchange.order_data(order)))
}

pub(super) fn create(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller_from("ADMIN")?;
    exchange.has_prisma_columns()?;
    let amount = exchange.amount()?;
    if exchange.given("customerId").is_none() && exchange.given("customerEmail").is_none() {
        let message = "Either customerId or customerEmail is required";
        return Err(invalid(message));
    }
    let price = exchange.wanted_price()?;
    let customer_id = match exchange.given_text("customerId") {
        Some(id) if exchange.state.customer(&id).is_some() => id,
        Some(id) => {
            let message = format!("Customer not found: {id}");
            return Err(Answer::error_with(404, "Not found", message));
        }
        None => {
            let email = exchange.text("customerEmail").unwrap_or_default();
            let (name, phone) = (
                exchange.text("customerName"),
                exchange.text("customerPhone"),
            );
            exchange.tenant_customer(&email, name, phone)
        }
    };
    let order = exchange.new_order(customer_id, price, amount);
    let mut shown = summary(&order);
    add(&mut shown, "jobs", json!([]));
    exchange.state.orders.push(order);
    Ok(Answer::data(201, &shown))
}

/// The subscription is made, but the answer does not show it yet.
pub(super) fn pay(exchange: &mut Exchange<'_>) -> Handled {
    let position = exchange.changeable_order("ADMIN")?;
    let now = exchange.now;
    let intent = exchange.given_text("stripePaymentIntentId");
    let session = exchange.given_text("stripeSessionId");
    let order = exchange.state.orders.get_mut(position);
    let Some(order) = order else {
        return Err(no_order());
    };
    if order.status != "PENDING" {
        let message = format!("Order is {}", order.status);
        return Err(Answer::error_with(400, "Invalid order status", message));
    }
    order.status = "PAID".to_owned();
    order.updated_at = now;
    order.stripe_payment_intent_id = intent.or(order.stripe_payment_intent_id.take());
    order.stripe_session_id = session.or(order.stripe_session_id.take());
    let paid = order.clone();
    let shown = exchange.order_data(&paid);
    exchange.begin_subscription(position, "active");
    data(&shown)
}

pub(super) fn cancel(exchange: &mut Exchange<'_>) -> Handled {
    let reason = exchange.given_text("reason");
    let position = exchange.changeable_order("ADMIN")?;
    exchange.end_order(position, "CANCELLED", "cancel", "Cancelled", reason)
}

pub(super) fn fail(exchange: &mut Exchange<'_>) -> Handled {
    let position = exchange.changeable_order("ADMIN")?;
    let reason = exchange
        .given_text("reason")
        .ok_or_else(|| invalid("reason is required"))?;
    exchange.end_order(position, "FAILED", "fail", "Failed", Some(reason))
}

pub(super) fn summary(order: &Order) -> Value {
    json!({
        "orderId": order.id,
        "status": order.status,
        "customerId": order.customer_id,
        "totalAmountCents": order.total_amount_cents,
        "currency": order.currency,
        "createdAt": iso(order.created_at),
    })
}

pub(super) fn invalid(message: &str) -> Answer {
    Answer::error_with(400, "Validation error", message)
}

pub(super) fn no_order() -> Answer {
    Answer::error(404, "Order not found")
}

impl Exchange<'_> {
    /// Where the order of the path is.
    fn order(&self) -> Result<usize, Answer> {
        self.has_prisma_columns()?;
        let id = self.parameter();
        if postgres::check_uuid(&id).is_err() {
            return Err(self.thrown(500, "PrismaClientKnownRequestError"));
        }
        let mut orders = self.state.orders.iter();
        orders.position(|order| order.id == id).ok_or_else(no_order)
    }

    fn changeable_order(&self, role: &str) -> Result<usize, Answer> {
        self.type_script_caller_from(role)?;
        self.order()
    }

    /// The amount in cents. Nothing and zero are refused, text makes the database layer throw.
    pub(super) fn amount(&self) -> Result<i64, Answer> {
        let Some(amount) = self.given("totalAmountCents") else {
            return Err(invalid("totalAmountCents must be greater than 0"));
        };
        match amount.as_i64() {
            Some(cents) if cents > 0 => Ok(cents),
            Some(_) => Err(invalid("totalAmountCents must be greater than 0")),
            None => Err(self.thrown(500, "PrismaClientValidationError")),
        }
    }

    /// The id of the price asked for by id, by slug, or by its product's code.
    fn wanted_price(&self) -> Result<Option<String>, Answer> {
        let products = self.state.products.iter();
        let mut prices = products.flat_map(|product| {
            let prices = product.prices.iter();
            prices.map(move |price| (product, price))
        });
        let (wanted, found) = if let Some(id) = self.given_text("priceId") {
            let found = prices.find(|(_, price)| price.id == id);
            (id, found)
        } else if let Some(slug) = self.given_text("priceSlug") {
            let found = prices.find(|(_, price)| price.slug == slug);
            (slug, found)
        } else if let Some(code) = self.given_text("productCode") {
            let found = prices.find(|(product, _)| product.code.as_ref() == Some(&code));
            (code, found)
        } else {
            return Ok(None);
        };
        match found {
            Some((_, price)) => Ok(Some(price.id.clone())),
            None => {
                let message = format!("Price not found: {wanted}");
                Err(Answer::error_with(404, "Not found", message))
            }
        }
    }

    /// The customer of the tenant that has this address, in small letters; made if there is none.
    pub(super) fn tenant_customer(
        &mut self,
        email: &str,
        name: Option<String>,
        phone: Option<String>,
    ) -> String {
        let email = email.to_lowercase();
        if let Some(customer) = self.state.customer_of_email(&email) {
            return customer.id.clone();
        }
        let mut customer = Customer::new(self.state.ids.next(), self.now);
        customer.tenant_id = Some(self.state.tenant.id.clone());
        customer.email = Some(email);
        customer.full_name = name;
        customer.phone = phone;
        let id = customer.id.clone();
        self.state.customers.push(customer);
        id
    }

    pub(super) fn new_order(
        &mut self,
        customer_id: String,
        price_id: Option<String>,
        amount: i64,
    ) -> Order {
        let metadata = self.given("metadata").cloned();
        Order {
            id: self.state.ids.next(),
            customer_id,
            price_id,
            status: "PENDING".to_owned(),
            total_amount_cents: amount,
            currency: self
                .given_text("currency")
                .unwrap_or_else(|| "usd".to_owned()),
            stripe_payment_intent_id: self.given_text("stripePaymentIntentId"),
            stripe_session_id: self.given_text("stripeSessionId"),
            external_order_id: self.given_text("externalOrderId"),
            metadata: metadata.unwrap_or_else(|| json!({})),
            notes: self.given_text("notes"),
            subscription_id: None,
            created_at: self.now,
            updated_at: self.now,
        }
    }

    pub(super) fn begin_subscription(&mut self, position: usize, status: &str) {
        let id = self.state.ids.next();
        let now = self.now;
        let tenant_id = self.state.tenant.id.clone();
        let Some(order) = self.state.orders.get_mut(position) else {
            return;
        };
        order.subscription_id = Some(id.clone());
        let mut subscription = Subscription::new(id, now);
        subscription.tenant_id = Some(tenant_id);
        subscription.customer_id = Some(order.customer_id.clone());
        subscription.price_id.clone_from(&order.price_id);
        subscription.order_id = Some(order.id.clone());
        status.clone_into(&mut subscription.status);
        let price_id = order.price_id.clone();
        let product = self.state.products.iter().find(|product| {
            let mut prices = product.prices.iter();
            prices.any(|price| Some(&price.id) == price_id.as_ref())
        });
        subscription.product_id = product.map(|product| product.id.clone());
        self.state.subscriptions.push(subscription);
    }

    pub(super) fn jobs_of(&self, order_id: &str) -> impl Iterator<Item = &Job> {
        let jobs = self.state.jobs.iter();
        jobs.filter(move |job| job.order_id == order_id)
    }

    /// Ends an order whatever its status.
    fn end_order(
        &mut self,
        position: usize,
        status: &str,
        verb: &str,
        noted: &str,
        reason: Option<String>,
    ) -> Handled {
        let now = self.now;
        let Some(order) = self.state.orders.get_mut(position) else {
            return Err(no_order());
        };
        status.clone_into(&mut order.status);
        order.updated_at = now;
        note_end(order, verb, reason.as_deref(), now);
        order.notes = reason
            .map(|reason| format!("{noted}: {reason}"))
            .or(order.notes.take());
        let order = order.clone();
        data(&self.order_data(&order))
    }

    fn order_data(&self, order: &Order) -> Value {
        let customer = self.state.customer(&order.customer_id).map(|customer| {
            json!({
                "id": customer.id,
                "email": customer.email,
                "fullName": customer.full_name,
                "phone": customer.phone,
            })
        });
        let products = self.state.products.iter();
        let mut prices = products.flat_map(|product| {
            let prices = product.prices.iter();
            prices.map(move |price| (product, price))
        });
        let price = prices
            .find(|(_, price)| Some(&price.id) == order.price_id.as_ref())
            .map(|(product, price)| {
                json!({
                    "id": price.id,
                    "name": price.name,
                    "slug": price.slug,
                    "interval": price.interval,
                    "amountCents": price.amount_cents,
                    "product": {
                        "id": product.id,
                        "name": product.name,
                        "type": product.type_script_kind(),
                        "code": product.code,
                    },
                })
            });
        let subscription = self
            .state
            .subscriptions
            .iter()
            .find(|subscription| Some(&subscription.id) == order.subscription_id.as_ref())
            .map(|subscription| {
                json!({
                    "id": subscription.id,
                    "status": subscription.status,
                    "startedAt": iso(subscription.created_at),
                    "currentPeriodEnd": subscription.period_end().map(iso),
                })
            });
        let jobs: Vec<Value> = self.jobs_of(&order.id).map(Job::summary).collect();
        json!({
            "id": order.id,
            "tenantId": self.state.tenant.id,
            "customerId": order.customer_id,
            "priceId": order.price_id,
            "status": order.status,
            "totalAmountCents": order.total_amount_cents,
            "currency": order.currency,
            "stripePaymentIntentId": order.stripe_payment_intent_id,
            "stripeSessionId": order.stripe_session_id,
            "externalOrderId": order.external_order_id,
            "metadata": order.metadata,
            "notes": order.notes,
            "createdAt": iso(order.created_at),
            "updatedAt": iso(order.updated_at),
            "customer": customer,
            "price": price,
            "subscription": subscription,
            "jobs": jobs,
        })
    }
}

/// Writes into an order's metadata when and why it ended.
fn note_end(order: &mut Order, verb: &str, reason: Option<&str>, now: DateTime) {
    let (at, why) = match verb {
        "fail" => ("failedAt", "failureReason"),
        _ => ("cancelledAt", "cancellationReason"),
    };
    add(&mut order.metadata, at, json!(iso(now)));
    add(&mut order.metadata, why, json!(reason));
    if verb == "fail" {
        add(&mut order.metadata, "failureDetails", Value::Null);
    }
}
