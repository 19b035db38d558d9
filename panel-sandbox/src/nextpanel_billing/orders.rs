//! Orders (contract, section 4.7).

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::caller::Caller;
use super::customer_licenses::known;
use super::invoice::Invoice;
use super::licenses::License;
use super::moment::Moment;
use super::operations::{CREATE_ORDER, GET_ORDER, LIST_ORDERS, ORDER_STATS, UPDATE_ORDER};
use super::order_numbers::{self, Numbers};
use super::pages::Page;
use super::plans::Plan;
use super::state::State;
use super::{Database, Resource, python};
use crate::fastapi::{Refusal, json, query_number};

pub(super) const ROUTES: &[Route] = &[
    (ORDER_STATS, stats),
    (LIST_ORDERS, list),
    (CREATE_ORDER, create),
    (GET_ORDER, get),
    (UPDATE_ORDER, update),
];

pub(super) const STATUSES: [&str; 5] =
    ["pending", "processing", "completed", "cancelled", "failed"];

/// An order, serialised as every answer shows it, but for the customer.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) customer_id: String,
    pub(super) status: String,
    pub(super) invoice_number: Option<String>,
    pub(super) order_number: Option<String>,
    /// Whatever was put here, even what no answer can be made of.
    pub(super) items: Value,
    subtotal: f64,
    tax: f64,
    pub(super) total: f64,
    pub(super) payment_method: Option<String>,
    billing_info: Option<Value>,
    billing_period: Option<String>,
    due_date: Option<Moment>,
    created_at: Moment,
    pub(super) updated_at: Option<Moment>,
}

#[derive(Serialize)]
struct Shown<'state> {
    #[serde(flatten)]
    order: &'state Order,
    customer: Option<Value>,
}

impl Order {
    fn shown<'state>(&'state self, state: &'state State) -> Result<Shown<'state>, Refusal> {
        if !self.items.is_array() {
            let (kind, printed) = match &self.items {
                Value::String(_) => ("str", python::repr(&self.items)),
                other => ("dict", python::repr(other)),
            };
            return Err(Refusal::new(
                500,
                format!(
                    "Internal server error: 1 validation error for OrderResponse\nitems\n  Input \
                     should be a valid list [type=list_type, input_value={printed}, \
                     input_type={kind}]\n    For further information visit \
                     https://errors.pydantic.dev/2.6/v/list_type"
                ),
            ));
        }
        let customer = state.user(&self.customer_id).map(|user| {
            json!({
                "id": user.id,
                "email": user.email,
                "full_name": user.full_name,
                "company_name": user.company_name,
            })
        });
        Ok(Shown {
            order: self,
            customer,
        })
    }

    /// Whether it is for one period after the other.
    pub(super) fn recurs(&self) -> bool {
        self.billing_period.as_deref() != Some("one-time")
    }

    /// The answer that shows the order of this id.
    pub(super) fn answer(state: &State, id: &str, status: u16) -> Answer {
        let mut all = state.orders.iter();
        let order = all.find(|order| order.id == id).ok_or_else(unknown)?;
        Ok(json(status, &order.shown(state)?))
    }
}

#[derive(Serialize)]
struct Item {
    product_id: String,
    product_name: String,
    quantity: i64,
    price: f64,
}

fn create(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    let mut fields = body.fields()?;
    let customer_id = fields.required_string("customer_id");
    let items = fields.required_items("items", |item| Item {
        product_id: item.required_string("product_id"),
        product_name: item.required_string("product_name"),
        quantity: item.required_integer("quantity"),
        price: item.required_number("price"),
    });
    let subtotal = fields.required_number("subtotal");
    let tax = fields.required_number("tax");
    let total = fields.required_number("total");
    let payment_method = fields.required_string("payment_method");
    let mut billing_info = fields.required_object("billing_info");
    let billing_period = fields.optional_string("billing_period");
    fields.optional_integer("billing_periods");
    let due_date = fields.optional_string("due_date");
    let discount_amount = fields
        .optional_number("discount_amount")
        .unwrap_or_default();
    let discount_percent = fields
        .optional_number("discount_percent")
        .unwrap_or_default();
    let coupon = fields.optional_string("coupon_code");
    fields.finish()?;

    if customer_id != caller.id {
        let text = "You can only create orders for yourself";
        return Err(Refusal::new(403, text));
    }
    let due_date = read_date(&due_date, backend.settings.database, "due_date")?;
    let mut state = backend.state();
    let numbers = order_numbers::take(backend, &mut state)?;
    if let (Some(coupon), Some(info)) = (coupon, billing_info.as_object_mut()) {
        info.insert("coupon_code".into(), json!(coupon));
        info.insert("discount_amount".into(), json!(discount_amount));
        info.insert("discount_percent".into(), json!(discount_percent));
    }
    state.note_creation(Resource::Orders, &caller.id);
    let now = state.by_program();
    let Numbers { invoice, order } = numbers;
    let order = Order {
        id: state.new_id(),
        customer_id,
        // Paid for or not.
        status: "completed".to_owned(),
        invoice_number: Some(invoice),
        order_number: Some(order),
        items: json!(items),
        subtotal,
        tax,
        total,
        payment_method: Some(payment_method),
        billing_info: Some(billing_info),
        billing_period: Some(billing_period.unwrap_or_else(|| "monthly".to_owned())),
        due_date: Some(due_date.unwrap_or_else(|| now.plus_days(30))),
        created_at: state.by_database(),
        updated_at: None,
    };
    let id = order.id.clone();
    Invoice::add_for_order(&mut state, &order, (subtotal, tax, total), order.due_date);
    license(&mut state, &order, &items);
    state.orders.push(order);
    let answer = Order::answer(&state, &id, 201)?;
    Ok(answer.set_delay(backend.settings.order_creation_time))
}

/// Licences for what was ordered. What no product plan is called becomes one.
fn license(state: &mut State, order: &Order, items: &[Item]) {
    let days = if order.billing_period.as_deref() == Some("yearly") {
        365
    } else {
        30
    };
    for item in items {
        let mut plans = state.plans.iter();
        let known = plans.find(|plan| plan.id == item.product_id || plan.name == item.product_name);
        let plan = match known {
            Some(plan) => plan.clone(),
            None => Plan::add(state, &item.product_name, item.price, item.price * 12.0).clone(),
        };
        License::issue(state, &order.customer_id, &plan, days);
    }
}

fn list(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let page = Page::checked(call)?;
    let least: Option<f64> = query_number(call.request, "min_amount")?;
    let most: Option<f64> = query_number(call.request, "max_amount")?;
    let status = match call.query("status") {
        Some(status) => Some(known(status, &STATUSES)?),
        None => None,
    };
    let database = backend.settings.database;
    let from = read_date(&call.query("start_date"), database, "start_date")?;
    let until = read_date(&call.query("end_date"), database, "end_date")?;
    let customer = call.query("customer_id");
    let sees_all = backend.is_administrator(&caller);

    let state = backend.state();
    let matching = state
        .orders
        .iter()
        .rev()
        .filter(|order| sees_all || order.customer_id == caller.id)
        .filter(|order| customer.as_ref().is_none_or(|id| order.customer_id == *id))
        .filter(|order| status.as_ref().is_none_or(|wanted| order.status == *wanted))
        .filter(|order| from.is_none_or(|from| order.created_at >= from))
        .filter(|order| until.is_none_or(|until| order.created_at <= until))
        .filter(|order| least.is_none_or(|least| order.total >= least))
        .filter(|order| most.is_none_or(|most| order.total <= most));
    let shown: Result<Vec<_>, _> = page
        .of(matching)
        .into_iter()
        .map(|order| order.shown(&state))
        .collect();
    Ok(json(200, &shown?))
}

fn get(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let id = accessible(backend, &caller, call)?;
    Order::answer(&backend.state(), &id, 200)
}

/// The id of the order the path names, which must be the caller's own or the caller an administrator.
pub(super) fn accessible(
    backend: &Backend,
    caller: &Caller,
    call: &Call<'_>,
) -> Result<String, Refusal> {
    let sees_all = backend.is_administrator(caller);
    let id = call.segment("order_id");
    let state = backend.state();
    let order = state.orders.iter().find(|order| order.id == id);
    let order = order.ok_or_else(unknown)?;
    if sees_all || order.customer_id == caller.id {
        Ok(order.id.clone())
    } else {
        Err(Refusal::new(403, "Access denied"))
    }
}

/// Writes whatever is sent over whatever is there, and only then looks whether an answer can be made of it.
fn update(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    body.fields()?.finish()?;
    let nothing = Map::new();
    let sent = body.value()?.as_object().unwrap_or(&nothing).clone();
    let id = accessible(backend, &caller, call)?;
    if sent.get("due_date").is_some_and(Value::is_null) {
        return Err(Refusal::new(
            500,
            "Internal server error: 'NoneType' object has no attribute 'replace'",
        ));
    }
    let due_date = sent
        .get("due_date")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let due_date = read_date(&due_date, backend.settings.database, "due_date")?;
    let mut state = backend.state();
    let now = state.by_database();
    let order = state.orders.iter_mut().find(|order| order.id == id);
    let order = order.ok_or_else(unknown)?;
    let text = |name| sent.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name| sent.get(name).and_then(Value::as_f64);
    order.items = sent.get("items").unwrap_or(&order.items).clone();
    order.subtotal = number("subtotal").unwrap_or(order.subtotal);
    order.tax = number("tax").unwrap_or(order.tax);
    order.total = number("total").unwrap_or(order.total);
    order.payment_method = text("payment_method").or(order.payment_method.take());
    order.billing_period = text("billing_period").or(order.billing_period.take());
    order.status = text("status").unwrap_or_else(|| order.status.clone());
    order.due_date = due_date.or(order.due_date);
    if let Some(info) = sent.get("billing_info") {
        order.billing_info = Some(info.clone());
    }
    order.updated_at = Some(now);
    Order::answer(&state, &id, 200)
}

fn stats(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let sees_all = backend.is_administrator(&caller);
    let state = backend.state();
    let orders: Vec<_> = state
        .orders
        .iter()
        .filter(|order| sees_all || order.customer_id == caller.id)
        .collect();
    let count = |status: &str| orders.iter().filter(|order| order.status == status).count();
    let revenue: f64 = orders.iter().map(|order| order.total).sum();
    Ok(json(
        200,
        &json!({
            "total_orders": orders.len(),
            "pending_orders": count("pending"),
            "completed_orders": count("completed"),
            "cancelled_orders": count("cancelled"),
            // The sum of nothing is an integer, any other a float.
            "total_revenue": if orders.is_empty() { json!(0) } else { json!(revenue) },
        }),
    ))
}

fn read_date(
    text: &Option<String>,
    database: Database,
    name: &str,
) -> Result<Option<Moment>, Refusal> {
    let Some(text) = text else {
        return Ok(None);
    };
    let refused = || Refusal::new(400, format!("Invalid {name} format"));
    database.read(text).map(Some).ok_or_else(refused)
}

pub(super) fn unknown() -> Refusal {
    Refusal::new(404, "Order not found")
}
