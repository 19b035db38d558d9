//! Order entry D, `orders/webhook`, of the TypeScript dialect (contract, section 8).

use serde_json::{Value, json};

use super::answer::{Answer, Handled};
use super::customer::add;
use super::exchange::Exchange;
use super::orders::{invalid, no_order, summary};
use super::{Job, postgres};
use crate::made_up::uuid;

/// Paid at once, with a subscription and the jobs to make it work. Not idempotent but by the domain.
pub(super) fn webhook(exchange: &mut Exchange<'_>) -> Handled {
    let key = exchange.settings.internal_key.as_ref();
    if !exchange.knows_secret("x-internal-key", key) {
        let message = "Invalid internal API key";
        return Err(Answer::error_with(401, "Unauthorized", message));
    }
    exchange.has_prisma_columns()?;
    let customer = exchange.field("customer").cloned().unwrap_or_default();
    let of_customer = |name: &str| postgres::parameter(customer.get(name));
    let (Some(tenant), Some(slug), Some(email)) = (
        exchange.given_text("tenantSlug"),
        exchange.given_text("priceSlug"),
        of_customer("email").filter(|email| !email.is_empty()),
    ) else {
        let message = "tenantSlug, customer.email and priceSlug are required";
        return Err(invalid(message));
    };
    let amount = exchange.amount()?;
    if tenant != exchange.state.tenant.slug {
        let message = format!("Tenant not found: {tenant}");
        return Err(Answer::error_with(404, "Not found", message));
    }
    let Some((product, price)) = exchange.state.price(&slug) else {
        let message = format!("Price not found: {slug}");
        return Err(Answer::error_with(404, "Not found", message));
    };
    let kinds: &[&str] = match (
        product.type_script_kind().as_str(),
        mailboxes(&price.limits),
    ) {
        ("SHARED_HOSTING" | "CLOUD_POD", true) => {
            &["PROVISION_DNS", "PROVISION_HOSTING", "PROVISION_MAIL"]
        }
        ("SHARED_HOSTING" | "CLOUD_POD", false) => &["PROVISION_DNS", "PROVISION_HOSTING"],
        _ => &[],
    };
    let price_id = price.id.clone();
    let metadata = exchange.field("metadata");
    let domain = metadata.and_then(|metadata| metadata.get("domain"));
    let domain = postgres::parameter(domain).filter(|domain| !domain.is_empty());
    if let Some(domain) = &domain {
        if exchange.state.domains.contains(domain) {
            // The whole transaction is rolled back.
            return Err(exchange.thrown(500, "PrismaClientKnownRequestError"));
        }
        exchange.state.domains.push(domain.clone());
    }
    let customer_id =
        exchange.tenant_customer(&email, of_customer("fullName"), of_customer("phone"));
    let mut order = exchange.new_order(customer_id, Some(price_id), amount);
    order.status = "PAID".to_owned();
    exchange.state.orders.push(order);
    let position = exchange.state.orders.len() - 1;
    exchange.begin_subscription(position, "inactive");
    exchange.add_jobs(position, kinds, domain.as_deref(), &email);
    let Some(order) = exchange.state.orders.get(position) else {
        return Err(no_order());
    };
    let jobs = exchange.jobs_of(&order.id).map(Job::summary);
    let mut shown = summary(order);
    add(&mut shown, "jobs", json!(jobs.collect::<Vec<_>>()));
    add(&mut shown, "subscriptionId", json!(order.subscription_id));
    Ok(Answer::data(201, &shown))
}

fn mailboxes(limits: &Value) -> bool {
    let count = limits.get("emails").and_then(Value::as_i64);
    count.is_some_and(|count| count > 0)
}

impl Exchange<'_> {
    fn add_jobs(&mut self, position: usize, kinds: &[&str], domain: Option<&str>, email: &str) {
        let Some(order) = self.state.orders.get(position).cloned() else {
            return;
        };
        let subscription_id = order.subscription_id.unwrap_or_default();
        let domain_id = domain.map(|domain| uuid(&format!("domain {domain}")));
        for kind in kinds {
            let mut payload = json!({
                "domainId": domain_id,
                "customerId": order.customer_id,
                "subscriptionId": subscription_id,
            });
            if *kind != "PROVISION_DNS" {
                add(&mut payload, "email", json!(email.to_lowercase()));
            }
            let id = self.state.ids.next();
            self.state.watch(&id);
            self.state.jobs.push(Job {
                id,
                order_id: order.id.clone(),
                kind: (*kind).to_owned(),
                status: "PENDING".to_owned(),
                subscription_id: subscription_id.clone(),
                payload,
                attempts: 0,
                last_error: None,
                started_at: None,
                completed_at: None,
                created_at: self.now,
                updated_at: self.now,
            });
        }
    }
}
