//! Order entry B, `stripe-completed`, and entry A, `order-created`, which works as B does (contract, section 8).

use serde_json::{Value, json};

use super::answer::{Answer, Handled, ok};
use super::exchange::Exchange;
use super::postgres;
use super::{Customer, PublicOrder, Subscription, Task};

/// What was ordered, whatever the entry calls it.
struct Item {
    slug: Option<String>,
    domain: Option<String>,
    notes: Option<String>,
}

/// Asks nobody who they are, compares no amount, and does everything again when it is sent again.
pub(super) fn stripe_completed(exchange: &mut Exchange<'_>) -> Handled {
    let items = exchange.items("productSlug")?;
    exchange.has_conflict_target()?;
    // Other names of the same thing are lost: `stripePaymentIntentId` is in some documents, and not read.
    let intent = exchange.given_text("paymentIntentId");
    let (customer, subscriptions, _) = exchange.take_order(items, intent);
    let subscriptions: Vec<Value> = subscriptions
        .iter()
        .map(|(subscription, product)| {
            json!({
                "id": subscription.id,
                "product": product,
                "domain": subscription.domain,
                "status": subscription.status,
            })
        })
        .collect();
    ok(&json!({
        "ok": true,
        "customerId": customer,
        "customerEmail": exchange.text("customerEmail"),
        "subscriptions": subscriptions,
    }))
}

pub(super) fn order_created(exchange: &mut Exchange<'_>) -> Handled {
    let token = exchange.settings.provisioning_token.as_ref();
    if !exchange.knows_secret("x-mpanel-token", token) {
        return Err(Answer::error(401, "Unauthorized"));
    }
    let items = exchange.items("code")?;
    exchange.has_conflict_target()?;
    let (customer, subscriptions, tasks) = exchange.take_order(items, None);
    let subscriptions: Vec<&str> = subscriptions
        .iter()
        .map(|(subscription, _)| subscription.id.as_str())
        .collect();
    let body = json!({
        "success": true,
        "customerId": customer,
        "subscriptionIds": subscriptions,
        "taskIds": tasks,
    });
    Ok(Answer::json(201, &body))
}

impl Exchange<'_> {
    fn items(&self, slug: &str) -> Result<Vec<Item>, Answer> {
        let items = self.field("items").and_then(Value::as_array);
        let (Some(_), Some(items)) = (self.given("customerEmail"), items) else {
            let body = json!({
                "error": "Invalid payload",
                "details": "customerEmail and items[] are required",
            });
            return Err(Answer::json(400, &body));
        };
        items
            .iter()
            .map(|item| {
                if item.is_null() {
                    let message = format!("Cannot read properties of null (reading '{slug}')");
                    return Err(Answer::error_with(500, "Internal server error", message));
                }
                let text = |name: &str| postgres::parameter(item.get(name));
                Ok(Item {
                    slug: text(slug),
                    domain: text("domain"),
                    notes: text("notes"),
                })
            })
            .collect()
    }

    /// The insert names a constraint that must be there.
    fn has_conflict_target(&self) -> Result<(), Answer> {
        if self.settings.has_unique_customer_email {
            return Ok(());
        }
        let message =
            "there is no unique or exclusion constraint matching the ON CONFLICT specification";
        Err(Answer::error_with(500, "Internal server error", message))
    }

    /// Makes the customer or finds it by its address, and of each item whose product there is a subscription and a
    /// task. Returns the customer's id, the subscriptions with their products' names, and the ids of the tasks.
    fn take_order(
        &mut self,
        items: Vec<Item>,
        intent: Option<String>,
    ) -> (String, Vec<(Subscription, String)>, Vec<String>) {
        let email = self.text("customerEmail").unwrap_or_default();
        let name = self.given_text("customerName");
        let customer = self.customer_of_order(&email, name.clone());
        let mut subscriptions = Vec::new();
        let mut tasks = Vec::new();
        for item in items {
            let slug = item.slug.unwrap_or_default();
            let product = self
                .state
                .products
                .iter()
                .find(|product| !product.is_deleted && product.is_called(&slug));
            let Some(product) = product.cloned() else {
                continue;
            };
            let mut subscription = Subscription::new(self.state.ids.next(), self.now);
            subscription.customer_id = Some(customer.clone());
            subscription.product_id = Some(product.id);
            subscription.status = "pending_provisioning".to_owned();
            subscription.billing_cycle = Some(product.billing_cycle);
            subscription.price = Some(product.price);
            subscription.stripe_payment_intent.clone_from(&intent);
            subscription.domain = item.domain;
            subscription.notes = item.notes;
            let task = self.account_task(
                &subscription.id,
                &slug,
                subscription.domain.as_deref(),
                name.as_deref(),
                Some(&email),
            );
            tasks.push(task);
            self.state.subscriptions.push(subscription.clone());
            subscriptions.push((subscription, product.name));
        }
        self.state.public_orders.push(PublicOrder {
            payment_intent_id: intent,
            customer_id: customer.clone(),
            subscription_ids: subscriptions
                .iter()
                .map(|(subscription, _)| subscription.id.clone())
                .collect(),
            task_ids: tasks.clone(),
        });
        (customer, subscriptions, tasks)
    }

    fn customer_of_order(&mut self, email: &str, name: Option<String>) -> String {
        let now = self.now;
        let stripe = self.given_text("stripeCustomerId");
        if let Some(customer) = self.state.customer_of_email(email) {
            customer.full_name = name.or(customer.full_name.take());
            customer.stripe_customer_id = stripe.or(customer.stripe_customer_id.take());
            customer.updated_at = now;
            return customer.id.clone();
        }
        let mut customer = Customer::new(self.state.ids.next(), now);
        customer.email = Some(email.to_owned());
        customer.full_name = name;
        customer.stripe_customer_id = stripe;
        let id = customer.id.clone();
        self.state.customers.push(customer);
        id
    }

    /// Adds the task to make an account, on the first server that takes any. Returns its id.
    pub(super) fn account_task(
        &mut self,
        subscription: &str,
        plan: &str,
        domain: Option<&str>,
        customer_name: Option<&str>,
        customer_email: Option<&str>,
    ) -> String {
        let id = self.state.ids.next();
        let server = self.state.provisioning_server();
        let task = Task {
            id: id.clone(),
            step: "create_account".to_owned(),
            status: "pending".to_owned(),
            subscription_id: Some(subscription.to_owned()),
            server_id: server.map(|server| server.id().to_owned()),
            payload: json!({
                "plan": plan,
                "domain": domain,
                "server": server.and_then(|server| server.text("name")),
                "customerName": customer_name,
                "customerEmail": customer_email,
            }),
            error_message: None,
            attempts: 0,
            created_at: self.now,
            updated_at: self.now,
            completed_at: None,
        };
        self.state.add_task(task);
        id
    }
}
