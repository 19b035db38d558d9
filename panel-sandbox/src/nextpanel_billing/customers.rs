//! Customers (contract, section 4.3).

use secrecy::SecretString;
use serde::Serialize;
use serde_json::json;

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::email;
use super::licenses::License;
use super::moment::Moment;
use super::operations::{
    CREATE_CUSTOMER, CREATE_GUEST, CUSTOMER_STATS, DELETE_CUSTOMER, GET_CUSTOMER, LIST_CUSTOMERS,
    UPDATE_CUSTOMER,
};
use super::pages::Page;
use super::state::State;
use super::users::{NewUser, User};
use crate::fastapi::{Refusal, json, query_boolean};
use crate::made_up::characters;

pub(super) const ROUTES: &[Route] = &[
    (CUSTOMER_STATS, stats),
    (LIST_CUSTOMERS, list),
    (CREATE_CUSTOMER, create),
    (CREATE_GUEST, create_guest),
    (GET_CUSTOMER, get),
    (UPDATE_CUSTOMER, update),
    (DELETE_CUSTOMER, delete),
];

/// A customer with everything that hangs on it.
#[derive(Serialize)]
struct Detail<'state> {
    #[serde(flatten)]
    user: &'state User,
    total_licenses: usize,
    active_licenses: usize,
    total_subscriptions: usize,
    active_subscriptions: usize,
    total_domains: usize,
    total_payments: f64,
    total_invoices: usize,
    outstanding_invoices: usize,
    last_payment_date: Option<Moment>,
    licenses: Vec<&'state License>,
}

impl<'state> Detail<'state> {
    fn of(state: &'state State, user: &'state User) -> Result<Self, Refusal> {
        if user.full_name.is_none() {
            return Err(Refusal::new(
                500,
                "Internal server error: 1 validation error for CustomerDetailResponse\n\
                 full_name\n  Input should be a valid string [type=string_type, input_value=None, \
                 input_type=NoneType]\n    For further information visit \
                 https://errors.pydantic.dev/2.6/v/string_type",
            ));
        }
        let licenses: Vec<_> = state
            .licenses
            .iter()
            .filter(|license| license.user_id == user.id)
            .collect();
        let subscriptions = || {
            let all = state.subscriptions.iter();
            all.filter(|subscription| subscription.user_id == user.id)
        };
        let payments = || {
            let all = state.payments.iter();
            all.filter(|payment| payment.user_id == user.id)
        };
        let invoices = || {
            let all = state.invoices.iter();
            all.filter(|invoice| invoice.user_id == user.id)
        };
        Ok(Self {
            user,
            total_licenses: licenses.len(),
            active_licenses: licenses
                .iter()
                .filter(|license| license.is_active())
                .count(),
            total_subscriptions: subscriptions().count(),
            active_subscriptions: subscriptions().filter(|found| found.is_active()).count(),
            total_domains: 0,
            total_payments: payments().map(|payment| payment.amount).sum(),
            total_invoices: invoices().count(),
            outstanding_invoices: invoices()
                .filter(|invoice| invoice.is_outstanding())
                .count(),
            last_payment_date: payments().map(|payment| payment.created_at).max(),
            licenses,
        })
    }
}

fn list(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let page = Page::checked(call)?;
    let search = call.query("search").map(|text| text.to_lowercase());
    let is_active = query_boolean(call.request, "is_active")?;
    let has_licenses = query_boolean(call.request, "has_licenses")?;

    let state = backend.state();
    let licenses_of = |user: &User| {
        let all = state.licenses.iter();
        all.filter(|license| license.user_id == user.id).count()
    };
    let matching = state
        .users
        .iter()
        .filter(|user| !user.is_admin)
        .filter(|user| is_active.is_none_or(|wanted| user.is_active == wanted))
        .filter(|user| search.as_ref().is_none_or(|text| mentions(user, text)))
        .flat_map(|user| {
            let times = match has_licenses {
                None => 1,
                // A join: once for each licence.
                Some(true) => licenses_of(user),
                Some(false) => usize::from(licenses_of(user) == 0),
            };
            std::iter::repeat_n(user, times)
        });
    let details: Result<Vec<_>, _> = page
        .of(matching)
        .into_iter()
        .map(|user| Detail::of(&state, user))
        .collect();
    Ok(json(200, &details?))
}

pub(super) fn mentions(user: &User, text: &str) -> bool {
    [
        Some(&user.email),
        user.full_name.as_ref(),
        user.company_name.as_ref(),
    ]
    .into_iter()
    .flatten()
    .any(|field| field.to_lowercase().contains(text))
}

fn create(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    backend.administrator(call)?;
    let mut fields = body.fields()?;
    let mut new = NewUser::read(&mut fields);
    new.is_active = fields.optional_boolean("is_active").unwrap_or(true);
    fields.finish()?;
    let mut state = backend.state();
    let id = new.add(&mut state)?.id.clone();
    detail(&state, &id)
}

fn create_guest(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let mut fields = body.fields()?;
    let email = email::required(&mut fields);
    let full_name = fields.required_string("full_name");
    let company_name = fields.optional_string("company_name");
    fields.finish()?;
    let mut state = backend.state();
    let password = characters(&state.new_text("guest password"), 32);
    let new = NewUser {
        email,
        full_name: Some(full_name),
        company_name,
        password: SecretString::from(password),
        is_active: true,
        is_admin: false,
    };
    Ok(json(200, new.add(&mut state)?))
}

fn get(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    detail(&backend.state(), call.segment("customer_id"))
}

fn detail(state: &State, id: &str) -> Answer {
    let user = state.user(id).ok_or_else(nobody)?;
    let detail = Detail::of(state, user)?;
    Ok(json(200, &detail))
}

fn update(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    backend.administrator(call)?;
    let mut fields = body.fields()?;
    let email = email::optional(&mut fields);
    let full_name = fields.optional_string("full_name");
    let company_name = fields.optional_string("company_name");
    let password = fields.optional_string("password");
    let is_active = fields.optional_boolean("is_active");
    fields.finish()?;

    let mut state = backend.state();
    let id = call.segment("customer_id");
    let now = state.by_database();
    let email_owner = email.as_ref().and_then(|email| state.user_by_email(email));
    let is_taken = email_owner.is_some_and(|owner| owner.id != id);
    let user = state.users.iter_mut().find(|user| user.id == id);
    let user = user.ok_or_else(nobody)?;
    if is_taken {
        return Err(Refusal::new(400, "Email already in use"));
    }
    // No minimum length here.
    if let Some(password) = password {
        user.set_password(&password)?;
    }
    user.email = email.unwrap_or_else(|| user.email.clone());
    user.full_name = full_name.or(user.full_name.take());
    user.company_name = company_name.or(user.company_name.take());
    user.is_active = is_active.unwrap_or(user.is_active);
    user.updated_at = Some(now);
    detail(&state, id)
}

fn delete(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let id = call.segment("customer_id");
    let mut state = backend.state();
    state.user(id).ok_or_else(nobody)?;
    let active = state
        .licenses
        .iter()
        .filter(|license| license.user_id == id && license.is_active())
        .count();
    if active > 0 {
        return Err(Refusal::new(
            400,
            format!(
                "Cannot delete customer with {active} active licenses. \
                 Please cancel all licenses first."
            ),
        ));
    }
    remove_user(&mut state, id)?;
    Ok(json(
        200,
        &json!({ "message": "Customer deleted successfully" }),
    ))
}

/// Removes a user, unless a row is left that must have one: then the database refuses.
pub(super) fn remove_user(state: &mut State, id: &str) -> Result<(), Refusal> {
    let owned = [
        (
            "licenses",
            state.licenses.iter().any(|row| row.user_id == id),
        ),
        (
            "orders",
            state.orders.iter().any(|row| row.customer_id == id),
        ),
        (
            "invoices",
            state.invoices.iter().any(|row| row.user_id == id),
        ),
        (
            "payments",
            state.payments.iter().any(|row| row.user_id == id),
        ),
    ];
    if let Some((table, _)) = owned.into_iter().find(|(_, is_owned)| *is_owned) {
        return Err(Refusal::new(
            500,
            format!(
                "Internal server error: (sqlite3.IntegrityError) NOT NULL constraint failed: \
                 {table}.user_id\n[SQL: UPDATE {table} SET user_id=?, \
                 updated_at=CURRENT_TIMESTAMP WHERE {table}.id = ?]\n\
                 (Background on this error at: https://sqlalche.me/e/20/gkpj)"
            ),
        ));
    }
    state.users.retain(|user| user.id != id);
    Ok(())
}

fn stats(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let state = backend.state();
    let customers: Vec<_> = state.users.iter().filter(|user| !user.is_admin).collect();
    let having = |has: &dyn Fn(&str) -> bool| {
        let with = customers.iter().filter(|user| has(&user.id));
        with.count()
    };
    let active = customers.iter().filter(|user| user.is_active).count();
    let revenue: f64 = state.payments.iter().map(|payment| payment.amount).sum();
    let count = u32::try_from(customers.len()).unwrap_or(u32::MAX);
    Ok(json(
        200,
        &json!({
            "total_customers": count,
            "active_customers": active,
            "inactive_customers": customers.len() - active,
            "customers_with_licenses":
                having(&|id| state.licenses.iter().any(|row| row.user_id == id)),
            "customers_with_subscriptions":
                having(&|id| state.subscriptions.iter().any(|row| row.user_id == id)),
            "new_customers_this_month": count,
            "new_customers_this_week": count,
            "total_revenue": revenue,
            "average_customer_value": if count == 0 { 0.0 } else { revenue / f64::from(count) },
        }),
    ))
}

pub(super) fn nobody() -> Refusal {
    Refusal::new(404, "Customer not found")
}
