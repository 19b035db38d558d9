//! Product plans, also called products (contract, section 4.4).

use serde::Serialize;
use serde_json::{Value, json};

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::licenses::Limits;
use super::moment::Moment;
use super::operations::{
    CREATE_PLAN, DELETE_PLAN, GET_PLAN, GET_PRODUCT, LIST_PLANS, LIST_PRODUCTS, PLAN_CATEGORIES,
    PLAN_STATS, UPDATE_PLAN,
};
use super::state::State;
use super::{Database, Resource};
use crate::fastapi::{Fields, Refusal, json, no_content, query_boolean};

pub(super) const ROUTES: &[Route] = &[
    (LIST_PLANS, list_plans),
    (CREATE_PLAN, create),
    (PLAN_CATEGORIES, categories),
    (PLAN_STATS, stats),
    (GET_PLAN, get),
    (UPDATE_PLAN, update),
    (DELETE_PLAN, delete),
    (LIST_PRODUCTS, list_products),
    (GET_PRODUCT, get_product),
];

/// A product plan, serialised as every answer shows it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) description: Option<String>,
    pub(super) price_monthly: f64,
    pub(super) price_yearly: f64,
    #[serde(flatten)]
    pub(super) limits: Limits,
    pub(super) id: String,
    pub(super) features: Option<Value>,
    pub(super) is_active: bool,
    pub(super) is_featured: bool,
    pub(super) sort_order: i64,
    #[serde(flatten)]
    discounts: Discounts,
    pub(super) created_at: Moment,
}

#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Discounts {
    discount_first_day: f64,
    discount_first_month: f64,
    discount_first_year: f64,
    discount_lifetime: f64,
}

/// What was sent about a product plan; nothing is what was not, or was `null`.
struct Sent {
    name: Option<String>,
    description: Option<String>,
    price_monthly: Option<f64>,
    price_yearly: Option<f64>,
    accounts: Option<i64>,
    domains: Option<i64>,
    databases: Option<i64>,
    emails: Option<i64>,
    features: Option<Value>,
    discounts: [Option<f64>; 4],
}

impl Sent {
    /// Reads what a new product plan and a changed one have in common.
    fn read(fields: &mut Fields<'_>) -> Self {
        let mut discount = |name| {
            let percent = fields.optional_number(name);
            let (kind, bound) = match percent {
                Some(percent) if percent < 0.0 => {
                    ("greater_than_equal", "greater than or equal to 0")
                }
                Some(percent) if percent > 100.0 => {
                    ("less_than_equal", "less than or equal to 100")
                }
                _ => return percent,
            };
            let message = format!("Input should be {bound}");
            fields.problem(kind, name, message, json!(percent));
            percent
        };
        let discounts = [
            discount("discount_first_day"),
            discount("discount_first_month"),
            discount("discount_first_year"),
            discount("discount_lifetime"),
        ];
        Self {
            name: fields.optional_string("name"),
            description: fields.optional_string("description"),
            price_monthly: fields.optional_number("price_monthly"),
            price_yearly: fields.optional_number("price_yearly"),
            accounts: fields.optional_integer("max_accounts"),
            domains: fields.optional_integer("max_domains"),
            databases: fields.optional_integer("max_databases"),
            emails: fields.optional_integer("max_emails"),
            features: fields.optional_object("features"),
            discounts,
        }
    }
}

impl Plan {
    /// Adds a product plan of this name and nothing said about it.
    pub(super) fn add<'state>(
        state: &'state mut State,
        name: &str,
        monthly: f64,
        yearly: f64,
    ) -> &'state mut Self {
        state.note_creation(Resource::Plans, name);
        let plan = Self {
            name: name.to_owned(),
            description: None,
            price_monthly: monthly,
            price_yearly: yearly,
            limits: Limits {
                accounts: 1,
                domains: 1,
                databases: 5,
                emails: 10,
            },
            id: state.new_id(),
            features: Some(json!({})),
            is_active: true,
            is_featured: false,
            sort_order: 0,
            discounts: Discounts::default(),
            created_at: state.by_database(),
        };
        state.plans.push_mut(plan)
    }

    fn change(&mut self, sent: Sent) {
        self.name = sent.name.unwrap_or_else(|| self.name.clone());
        self.description = sent.description.or(self.description.take());
        self.price_monthly = sent.price_monthly.unwrap_or(self.price_monthly);
        self.price_yearly = sent.price_yearly.unwrap_or(self.price_yearly);
        self.features = sent.features.or(self.features.take());
        let limits = &mut self.limits;
        limits.accounts = sent.accounts.unwrap_or(limits.accounts);
        limits.domains = sent.domains.unwrap_or(limits.domains);
        limits.databases = sent.databases.unwrap_or(limits.databases);
        limits.emails = sent.emails.unwrap_or(limits.emails);
        let [day, month, year, lifetime] = sent.discounts;
        let discounts = &mut self.discounts;
        discounts.discount_first_day = day.unwrap_or(discounts.discount_first_day);
        discounts.discount_first_month = month.unwrap_or(discounts.discount_first_month);
        discounts.discount_first_year = year.unwrap_or(discounts.discount_first_year);
        discounts.discount_lifetime = lifetime.unwrap_or(discounts.discount_lifetime);
    }

    /// An infinite price is stored like any other, but cannot be answered with.
    fn shown(&self) -> Result<&Self, Refusal> {
        if self.price_monthly.is_finite() && self.price_yearly.is_finite() {
            Ok(self)
        } else {
            Err(Refusal::new(
                500,
                "Internal server error: Out of range float values are not JSON compliant",
            ))
        }
    }
}

fn list_plans(backend: &Backend, call: &Call<'_>) -> Answer {
    let breaks = backend.settings.database == Database::Postgresql;
    list(backend, call, breaks)
}

fn list_products(backend: &Backend, call: &Call<'_>) -> Answer {
    list(backend, call, true)
}

/// Lists by price; a category finds nothing where it does not break the query.
fn list(backend: &Backend, call: &Call<'_>, category_breaks: bool) -> Answer {
    let is_active = query_boolean(call.request, "is_active")?;
    let is_featured = query_boolean(call.request, "is_featured")?;
    if call.query("category").is_some() {
        if category_breaks {
            return Err(Refusal::new(
                500,
                "Internal server error: operator does not exist: json ~~ text\nHINT:  No operator \
                 matches the given name and argument types. You might need to add explicit type casts.",
            ));
        }
        return Ok(json(200, &json!([])));
    }
    let state = backend.state();
    let mut plans = state
        .plans
        .iter()
        .filter(|plan| is_active.is_none_or(|wanted| plan.is_active == wanted))
        .filter(|plan| is_featured.is_none_or(|wanted| plan.is_featured == wanted))
        .map(Plan::shown)
        .collect::<Result<Vec<_>, _>>()?;
    plans.sort_by(|one, other| one.price_monthly.total_cmp(&other.price_monthly));
    Ok(json(200, &plans))
}

fn get(backend: &Backend, call: &Call<'_>) -> Answer {
    one(backend, call.segment("plan_id"), "Plan not found")
}

fn get_product(backend: &Backend, call: &Call<'_>) -> Answer {
    one(backend, call.segment("product_id"), "Product not found")
}

fn one(backend: &Backend, id: &str, otherwise: &str) -> Answer {
    let state = backend.state();
    let plan = state.plan(id).ok_or_else(|| Refusal::new(404, otherwise))?;
    Ok(json(200, plan.shown()?))
}

fn create(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    backend.caller(call)?;
    create_from(backend, &mut body.fields()?)
}

/// Creates a product plan from a body's fields.
pub(super) fn create_from(backend: &Backend, fields: &mut Fields<'_>) -> Answer {
    let name = fields.required_string("name");
    let monthly = fields.required_number("price_monthly");
    let yearly = fields.required_number("price_yearly");
    let mut sent = Sent::read(fields);
    sent.name = None;
    fields.refuse_problems()?;
    if monthly.is_nan() || yearly.is_nan() {
        // To the database that is nothing at all.
        return Err(Refusal::new(
            500,
            "Internal server error: (sqlite3.IntegrityError) NOT NULL constraint failed: \
             plans.price_monthly",
        ));
    }
    let mut state = backend.state();
    let plan = Plan::add(&mut state, &name, monthly, yearly);
    plan.change(sent);
    Ok(json(201, plan.shown()?))
}

fn update(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    backend.caller(call)?;
    update_from(backend, call, &mut body.fields()?)
}

/// Changes the product plan the path names from a body's fields.
pub(super) fn update_from(backend: &Backend, call: &Call<'_>, fields: &mut Fields<'_>) -> Answer {
    let sent = Sent::read(fields);
    let is_active = fields.optional_boolean("is_active");
    let is_featured = fields.optional_boolean("is_featured");
    let sort_order = fields.optional_integer("sort_order");
    fields.refuse_problems()?;
    let mut state = backend.state();
    let plan = plan_of(&mut state, call)?;
    plan.change(sent);
    plan.is_active = is_active.unwrap_or(plan.is_active);
    plan.is_featured = is_featured.unwrap_or(plan.is_featured);
    plan.sort_order = sort_order.unwrap_or(plan.sort_order);
    Ok(json(200, plan.shown()?))
}

fn delete(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.caller(call)?;
    let mut state = backend.state();
    plan_of(&mut state, call)?.is_active = false;
    Ok(no_content())
}

fn plan_of<'state>(state: &'state mut State, call: &Call<'_>) -> Result<&'state mut Plan, Refusal> {
    let id = call.segment("plan_id");
    let mut all = state.plans.iter_mut();
    all.find(|plan| plan.id == id).ok_or_else(unknown)
}

pub(super) fn unknown() -> Refusal {
    Refusal::new(404, "Plan not found")
}

fn categories(_: &Backend, _: &Call<'_>) -> Answer {
    let categories = [
        ("hosting", "Hosting", "server"),
        ("domain", "Domains", "globe"),
        ("software", "Software", "code"),
        ("email", "Email", "mail"),
        ("ssl", "SSL Certificates", "lock"),
        ("backup", "Backup", "archive"),
        ("cdn", "CDN", "zap"),
    ]
    .map(|(id, name, icon)| json!({ "id": id, "name": name, "icon": icon }));
    Ok(json(200, &json!({ "categories": categories })))
}

fn stats(backend: &Backend, _: &Call<'_>) -> Answer {
    let state = backend.state();
    let active = state.plans.iter().filter(|plan| plan.is_active).count();
    let featured = state.plans.iter().filter(|plan| plan.is_featured).count();
    let body = json!({
        "total_plans": state.plans.len(),
        "active_plans": active,
        "featured_plans": featured,
    });
    Ok(json(200, &body))
}
