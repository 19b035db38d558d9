//! Reading a payload: from bytes to a paid order.

use serde_json::{Map, Value};

use super::draft::Draft;
use super::error::OrderError;
use super::event::{PaymentEventKind, other_event};
use super::intake::Intake;
use super::item::OrderItem;
use super::reading::{Object, describe, quote};
use super::shape::PayloadShape;
use super::{
    MAX_ORDER_BYTES, PaidOrder, checkout_session, marketing_account, order_contract, order_created,
    order_webhook, provisioning_stripe, stripe_completed, stripe_event,
};

/// Reads a paid order from the bytes of a payload.
///
/// The shape is recognised by its fields unless the intake tells it. Fields that are not understood are kept apart
/// ([`PaidOrder::not_understood`]), never dropped.
///
/// ```
/// use provisioning_core::order::{Intake, PaymentEvidence, TenantId, read_order};
///
/// let payload = br#"{
///     "source": "migrahosting.com",
///     "customerEmail": "client@example.com",
///     "items": [{"code": "wp_growth", "type": "hosting", "domain": "example.com"}]
/// }"#;
/// let intake = Intake::new(TenantId::new("migrahosting")?)
///     .with_order_id("A-1001")
///     .with_evidence(PaymentEvidence::Operator { name: "support desk".to_owned() });
/// let order = read_order(payload, &intake)?;
/// assert_eq!(order.key().to_string(), "migrahosting/migrahosting.com/live/A-1001");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`OrderError`]: `TooLarge`, `Empty`, `NotText`, `NotJson`, `NotAnObject`, `UnknownShape` and `OtherEvent` for what
/// is no order; `OtherTenant`, `TestMode` and `NotPaid` for orders that must not be provisioned; `Invalid` with every
/// single problem otherwise.
pub fn read_order(bytes: &[u8], intake: &Intake) -> Result<PaidOrder, OrderError> {
    read_draft(bytes, intake)?.finish()
}

/// The items of a payload as far as they can be read, whether or not the rest of it is an order.
pub(crate) fn readable_items(bytes: &[u8], intake: &Intake) -> Vec<OrderItem> {
    read_draft(bytes, intake)
        .map(|draft| draft.items)
        .unwrap_or_default()
}

fn read_draft<'a>(bytes: &[u8], intake: &'a Intake) -> Result<Draft<'a>, OrderError> {
    let fields = parse_object(bytes)?;
    refuse_other_events(&fields)?;
    let shape = match intake.shape() {
        Some(shape) => shape,
        None => detect(&fields)?,
    };
    let mut draft = Draft::new(shape, intake);
    let object = Object::root(fields);
    match shape {
        PayloadShape::OrderCreated => order_created::read(object, &mut draft),
        PayloadShape::StripeCompleted | PayloadShape::StripeCompletedBlueprint => {
            stripe_completed::read(object, &mut draft);
        }
        PayloadShape::ProvisioningStripe => provisioning_stripe::read(object, &mut draft),
        PayloadShape::OrderWebhook => order_webhook::read(object, "priceSlug", &mut draft),
        PayloadShape::OrderSpecification => order_webhook::read(object, "planSlug", &mut draft),
        PayloadShape::OrderContract => order_contract::read(object, &mut draft),
        PayloadShape::MarketingAccount => marketing_account::read(object, &mut draft),
        PayloadShape::StripeCheckoutSession => checkout_session::read(object, &mut draft),
        PayloadShape::HostBuilt => return Err(unknown_shape(object.names())),
    }
    Ok(draft)
}

/// The one JSON object that the bytes must hold.
pub(super) fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, OrderError> {
    if bytes.len() > MAX_ORDER_BYTES {
        return Err(OrderError::too_large(bytes.len() as u64));
    }
    // A byte order mark is no part of JSON, but editors write it.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| OrderError::NotText {
        at: error.valid_up_to().saturating_add(1),
    })?;
    if text.trim().is_empty() {
        return Err(OrderError::Empty);
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => Err(OrderError::NotAnObject {
            found: describe(&other),
        }),
        Err(error) => Err(OrderError::NotJson {
            line: error.line(),
            column: error.column(),
            reason: match error.classify() {
                serde_json::error::Category::Eof => "it ends too early, as a cut-off file does",
                _ => "this is not how JSON is written",
            },
        }),
    }
}

/// The type of a Stripe event, if that is what it is.
pub(super) fn stripe_event_type(fields: &Map<String, Value>) -> Option<&str> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let has_object = || {
        fields
            .get("data")
            .and_then(|data| data.get("object"))
            .is_some()
    };
    (text("object") == Some("event") || has_object()).then(|| text("type"))?
}

/// Events that bring no new order are told before their fields are looked at as those of one.
fn refuse_other_events(fields: &Map<String, Value>) -> Result<(), OrderError> {
    let (event, payment_event) = if let Some(event) = stripe_event_type(fields) {
        if [
            checkout_session::COMPLETED,
            checkout_session::ASYNC_SUCCEEDED,
        ]
        .contains(&event)
        {
            return Ok(());
        }
        (event, stripe_event::is_payment_event(event))
    } else {
        let names = ["event", "eventType", "event_type", "type"];
        let mut names = names.iter().filter_map(|name| fields.get(*name)?.as_str());
        let event = names.find(|name| {
            !matches!(
                PaymentEventKind::of_name(name),
                None | Some(PaymentEventKind::Paid)
            )
        });
        match event {
            Some(event) => (event, true),
            None => return Ok(()),
        }
    };
    match other_event(event) {
        OrderError::OtherEvent { event, .. } => Err(OrderError::OtherEvent {
            event,
            payment_event,
        }),
        other => Err(other),
    }
}

fn unknown_shape<'a>(names: impl Iterator<Item = &'a String>) -> OrderError {
    // Names of fields come from outside too, and a file that is no order may have anything there.
    let plain = |name: &String| name.len() <= 40 && quote(name).is_some();
    OrderError::UnknownShape {
        found: names
            .map(|name| {
                if plain(name) {
                    name.clone()
                } else {
                    "(an odd name)".to_owned()
                }
            })
            .collect(),
    }
}

/// The shape of a payload by its fields.
fn detect(fields: &Map<String, Value>) -> Result<PayloadShape, OrderError> {
    let has = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
    let items = fields.get("items").and_then(Value::as_array);
    let any_item_has = |names: &[&str]| {
        items.is_some_and(|items| {
            items
                .iter()
                .filter_map(Value::as_object)
                .any(|item| names.iter().any(|name| item.contains_key(*name)))
        })
    };
    let object = fields.get("object").and_then(Value::as_str);
    if stripe_event_type(fields).is_some() || matches!(object, Some("event" | "checkout.session")) {
        Ok(PayloadShape::StripeCheckoutSession)
    } else if has("cart") || (has("stripePaymentIntentId") && has("amount") && has("status")) {
        Ok(PayloadShape::ProvisioningStripe)
    } else if has("planSlug") {
        Ok(PayloadShape::OrderSpecification)
    } else if has("priceSlug") || has("totalAmountCents") {
        Ok(PayloadShape::OrderWebhook)
    } else if any_item_has(&["productSlug"]) {
        let blueprint = has("primaryDomain")
            || has("stripePaymentIntentId")
            || any_item_has(&["qty", "unitPrice", "billingPeriod"]);
        if blueprint {
            Ok(PayloadShape::StripeCompletedBlueprint)
        } else {
            Ok(PayloadShape::StripeCompleted)
        }
    } else if any_item_has(&["productId"]) || (has("customerId") && has("items")) {
        Ok(PayloadShape::OrderContract)
    } else if (has("email")
        && ["plan_id", "planId", "plan_type", "plan"]
            .into_iter()
            .any(has))
        && !has("items")
    {
        Ok(PayloadShape::MarketingAccount)
    } else if has("items") || has("customerEmail") {
        // The shape with the fewest demands on its fields, so that what is missing is told field by field.
        Ok(PayloadShape::OrderCreated)
    } else {
        Err(unknown_shape(fields.keys()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::{ItemKind, PaymentEvidence, TenantId};

    fn intake() -> Intake {
        Intake::new(TenantId::new("migrahosting").unwrap())
    }

    fn vouched() -> Intake {
        intake()
            .with_order_id("A-1")
            .with_evidence(PaymentEvidence::Operator {
                name: "support".to_owned(),
            })
    }

    #[test]
    fn the_short_order_created_payload_is_read() {
        let payload = br#"{"source":"shop.example","stripeCustomerId":"cus_9","customerEmail":"Buyer@Shop.Example",
            "items":[{"code":"wp_growth","type":"hosting"},{"code":"daily_backups_30d","type":"addon"}]}"#;
        let order = read_order(payload, &vouched()).unwrap();
        assert_eq!(
            order.key().to_string(),
            "migrahosting/shop.example/live/A-1"
        );
        assert_eq!(order.customer().email.as_str(), "Buyer@Shop.Example");
        assert_eq!(
            order.customer().stripe_customer_id.as_deref(),
            Some("cus_9")
        );
        let items: Vec<_> = order
            .items()
            .iter()
            .map(|item| (item.path.as_str(), item.code.as_str(), item.kind.clone()))
            .collect();
        assert_eq!(
            items,
            [
                ("items[0]", "wp_growth", Some(ItemKind::Hosting)),
                ("items[1]", "daily_backups_30d", Some(ItemKind::Addon)),
            ]
        );
        assert!(order.not_understood().is_empty());
        assert_eq!(order.notes(), [] as [String; 0]);
    }

    #[test]
    fn without_id_and_evidence_both_are_asked_for_at_once() {
        let payload = br#"{"customerEmail":"a@b.example","items":[{"code":"starter"}]}"#;
        let error = read_order(payload, &intake()).unwrap_err();
        assert!(error.needs_order_id() && error.needs_evidence() && !error.needs_customer());
        assert_eq!(error.problems().map(Problems::len), Some(2));
    }

    use crate::problem::Problems;
}
