//! Handing a purchase over.

use serde_json::{Map, Value};

use mpanel_client::order_entries::{
    AcceptedOrder, AcceptedPayment, CartItem, CompletedCheckout, CompletedItem, CreatedItem,
    OrderCreated, OrderWebhook, StripeCompleted, StripePayment,
};
use provisioning_core::money::Money;
use provisioning_core::plan::action::mpanel::{SubmitOrder, SubmittedItem};
use provisioning_core::plan::id::PlanId;
use provisioning_core::plan::mpanel::OrderEntry;
use provisioning_core::plan::verb::Effect;
use provisioning_core::run::facts::mpanel::{MpanelFacts, MpanelOrder};
use provisioning_core::run::facts::{Facts, Proof};
use provisioning_core::run::outcome::{Because, Outcome};

use super::reply::outcome_of;
use super::{MpanelExecutor, keys};

/// Where our mark stands in what an entry keeps beside an order.
pub(super) const MARK: &str = "provisioning_mark";

pub(super) async fn submit(executor: &MpanelExecutor, order: &SubmitOrder, run: PlanId) -> Outcome {
    let mpanel = &executor.mpanel;
    let (sent, effect) = match order.entry {
        OrderEntry::ProvisioningStripe => match stripe_payment(order) {
            Ok(payment) => (mpanel.call(payment).await.map(of_payment), Effect::Change),
            Err(refused) => return refused,
        },
        OrderEntry::StripeCompleted => (
            mpanel.call(stripe_completed(order)).await.map(of_checkout),
            Effect::Create,
        ),
        OrderEntry::OrdersWebhook => match order_webhook(order, executor.tenant_slug.as_deref()) {
            Ok(webhook) => (mpanel.call(webhook).await.map(of_webhook), Effect::Create),
            Err(refused) => return refused,
        },
        OrderEntry::OrderCreated => (
            mpanel.call(order_created(order)).await.map(of_created),
            Effect::Create,
        ),
    };
    match sent {
        Ok(taken) if order.needs_customer && taken.customer_id.is_none() => Outcome::Unknown {
            text: format!(
                "taken ({}), and the reply names no customer",
                taken.describe()
            ),
        },
        Ok(taken) => {
            if let Some(id) = &taken.customer_id {
                let stripe_id = order.stripe_customer_id.as_deref();
                executor
                    .keep_customer(keys(&order.tenant, stripe_id, &order.email), id, run)
                    .await;
            }
            Outcome::Ok {
                facts: Facts::Mpanel(MpanelFacts::Order(taken)),
            }
        }
        Err(error) => outcome_of(mpanel, &error, effect),
    }
}

fn unpriced(what: &str) -> Outcome {
    Outcome::Rejected {
        because: Because::Invalid,
        text: format!("the price of {what} is not known"),
    }
}

/// Payload C.
pub(super) fn stripe_payment(order: &SubmitOrder) -> Result<StripePayment, Outcome> {
    let amount = order.amount.ok_or_else(|| unpriced("the order"))?;
    let cart = order
        .items
        .iter()
        .map(|item| {
            // The plan says which prices are not known.
            let price = item.price.unwrap_or(Money::zero(amount.currency()));
            CartItem::new(item.product.as_str(), &item.name, price)
                .set_billing_cycle(item.cycle.as_str())
                .set_quantity(item.quantity)
                .set_type(&item.kind)
        })
        .collect::<Vec<_>>();
    let mut payment = StripePayment::new(&order.payment, amount, cart)
        .set_customer(order.email.as_str(), order.full_name.clone())
        .set_metadata("source", order.source.as_str())
        .set_metadata("orderReference", order.reference.as_str())
        .set_metadata(MARK, order.mark.to_string());
    if let Some(domain) = order.items.iter().find_map(|item| item.domain.as_ref()) {
        payment = payment.set_metadata("domain", domain.as_str());
    }
    Ok(payment)
}

/// Payload B. It knows no quantity, so each piece is an item of its own.
pub(super) fn stripe_completed(order: &SubmitOrder) -> StripeCompleted {
    let items = order.items.iter().flat_map(|item| {
        let mut completed = CompletedItem::new(item.product.as_str())
            .set_notes(format!("order {} ({})", order.reference, order.mark));
        if let Some(domain) = &item.domain {
            completed = completed.set_domain(domain.as_str());
        }
        (0..item.quantity).map(move |_| completed.clone())
    });
    StripeCompleted::new(order.email.as_str(), items.collect::<Vec<_>>())
        .set_customer_name(order.full_name.clone())
        .set_stripe_customer_id(order.stripe_customer_id.clone())
        .set_payment_intent(Some(order.payment.clone()))
}

/// Payload D.
pub(super) fn order_webhook(
    order: &SubmitOrder,
    tenant_slug: Option<&str>,
) -> Result<OrderWebhook, Outcome> {
    let Some(tenant_slug) = tenant_slug else {
        return Err(Outcome::NotSent {
            text: "the entry orders-webhook asks for the short name of the tenant, which is not configured"
                .to_owned(),
            retryable: false,
            not_before: None,
        });
    };
    let Some(item) = order.items.first() else {
        return Err(unpriced("an order of nothing"));
    };
    // One order of one price: what else was bought is not its to take.
    let amount = item
        .price
        .or(order.amount)
        .ok_or_else(|| unpriced(item.product.as_str()))?;
    let mut webhook =
        OrderWebhook::new(tenant_slug, order.email.as_str(), price_slug(item), amount)
            .set_customer(order.full_name.clone(), order.phone.clone())
            .set_payment_intent(&order.payment)
            .set_metadata("source", order.source.as_str())
            .set_metadata("orderReference", order.reference.as_str())
            .set_metadata(MARK, order.mark.to_string());
    if let Some(session) = &order.checkout_session {
        webhook = webhook.set_session(session);
    }
    if let Some(domain) = &item.domain {
        webhook = webhook.set_domain(domain.as_str());
    }
    Ok(webhook)
}

/// What the catalog names, else the product's code with hyphens and its cycle, such as `wp-growth-monthly`.
fn price_slug(item: &SubmittedItem) -> String {
    item.panel_product_id.clone().unwrap_or_else(|| {
        format!(
            "{}-{}",
            item.product.as_str().replace('_', "-"),
            item.cycle.as_str()
        )
    })
}

/// Payload A.
pub(super) fn order_created(order: &SubmitOrder) -> OrderCreated {
    let items = order.items.iter().flat_map(|item| {
        let kind = match item.kind.as_str() {
            "hosting" | "domain" => item.kind.as_str(),
            _ => "addon",
        };
        let mut created = CreatedItem::new(item.product.as_str(), kind);
        if let Some(domain) = &item.domain {
            created = created.set_domain(domain.as_str());
        }
        (0..item.quantity).map(move |_| created.clone())
    });
    OrderCreated::new(
        &order.source,
        order.email.as_str(),
        items.collect::<Vec<_>>(),
    )
    .set_customer_name(order.full_name.clone())
    .set_stripe(
        order.stripe_customer_id.clone(),
        order.stripe_subscription_id.clone(),
    )
}

fn texts<T: ToString>(ids: impl IntoIterator<Item = T>) -> Vec<String> {
    ids.into_iter().map(|id| id.to_string()).collect()
}

fn of_payment(payment: AcceptedPayment) -> MpanelOrder {
    MpanelOrder {
        order_id: Some(payment.order_id.to_string()),
        subscription_ids: texts(payment.subscription_ids),
        ..MpanelOrder::new(Proof::Created)
    }
}

fn of_checkout(checkout: CompletedCheckout) -> MpanelOrder {
    MpanelOrder {
        customer_id: checkout.customer_id.map(|id| id.to_string()),
        subscription_ids: texts(checkout.subscriptions.into_iter().map(|made| made.id)),
        ..MpanelOrder::new(Proof::Created)
    }
}

fn of_webhook(order: AcceptedOrder) -> MpanelOrder {
    MpanelOrder {
        order_id: Some(order.order_id.to_string()),
        customer_id: order.customer_id.map(|id| id.to_string()),
        subscription_ids: texts(order.subscription_id),
        job_ids: texts(order.jobs.unwrap_or_default().into_iter().map(|job| job.id)),
        ..MpanelOrder::new(Proof::Created)
    }
}

/// No document says what the reply holds: ids are taken where other entries have them.
fn of_created(reply: Map<String, Value>) -> MpanelOrder {
    let inner = reply.get("data").and_then(Value::as_object);
    let field = |name: &str| reply.get(name).or_else(|| inner?.get(name));
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(object) => object
            .get("id")
            .map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned)),
        _ => None,
    };
    let subscriptions = field("subscriptionIds")
        .or_else(|| field("subscriptions"))
        .and_then(Value::as_array)
        .map(|ids| ids.iter().filter_map(text).collect())
        .unwrap_or_default();
    MpanelOrder {
        order_id: field("orderId").and_then(text),
        customer_id: field("customerId").and_then(text),
        subscription_ids: subscriptions,
        ..MpanelOrder::new(Proof::Created)
    }
}
