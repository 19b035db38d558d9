//! What only administrators may (contract, section 4.9), told by the row in the database.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::customer_licenses::known;
use super::customers::{mentions, remove_user};
use super::licenses::{self, License};
use super::operations::{
    ADMIN_CREATE_PLAN, ADMIN_DELETE_PLAN, ADMIN_STATS, ADMIN_UPDATE_PLAN, CREATE_USER, DELETE_USER,
    GET_USER, LIST_ALL_LICENSES, LIST_USERS, SET_LICENSE_STATUS, UPDATE_USER,
};
use super::pages::Page;
use super::plans::{self, create_from, update_from};
use super::users::{NewUser, User};
use crate::fastapi::{Refusal, json, no_content, required_parameter};
use crate::made_up::characters;

pub(super) const ROUTES: &[Route] = &[
    (LIST_USERS, list_users),
    (CREATE_USER, create_user),
    (GET_USER, get_user),
    (UPDATE_USER, update_user),
    (DELETE_USER, delete_user),
    (ADMIN_CREATE_PLAN, create_plan),
    (ADMIN_UPDATE_PLAN, update_plan),
    (ADMIN_DELETE_PLAN, delete_plan),
    (LIST_ALL_LICENSES, list_licenses),
    (SET_LICENSE_STATUS, set_license_status),
    (ADMIN_STATS, stats),
];

/// A row as the database has it, secrets included; its columns come in another order each time.
struct RawRow(Vec<(&'static str, Value)>);

impl RawRow {
    fn shuffled(mut columns: Vec<(&'static str, Value)>, turn: usize) -> Self {
        let length = columns.len().max(1);
        columns.rotate_left(turn % length);
        Self(columns)
    }

    fn of_user(user: &User, turn: usize) -> Self {
        let hash = characters(&format!("{} hash", user.id), 53);
        let columns = vec![
            ("id", json!(user.id)),
            ("email", json!(user.email)),
            ("password_hash", json!(format!("$2b$12${hash}"))),
            ("full_name", json!(user.full_name)),
            ("phone", Value::Null),
            ("stripe_customer_id", Value::Null),
            ("is_active", json!(user.is_active)),
            ("created_at", json!(user.created_at)),
            ("company_name", json!(user.company_name)),
            ("company", Value::Null),
            ("account_balance", json!(0.0)),
            ("is_admin", json!(user.is_admin)),
            ("updated_at", json!(user.updated_at)),
        ];
        Self::shuffled(columns, turn)
    }

    fn of_license(license: &License, turn: usize) -> Self {
        let made_up = |what: &str| json!(characters(&format!("{} {what}", license.id), 64));
        let columns = vec![
            ("id", json!(license.id)),
            ("user_id", json!(license.user_id)),
            ("plan_id", json!(license.plan_id)),
            ("license_key", json!(license.license_key)),
            ("encrypted_secret", made_up("encrypted secret")),
            ("hardware_fingerprint", made_up("fingerprint")),
            ("status", json!(license.status)),
            ("max_accounts", json!(license.limits.accounts)),
            ("max_domains", json!(license.limits.domains)),
            ("max_databases", json!(license.limits.databases)),
            ("max_emails", json!(license.limits.emails)),
            ("activation_date", json!(license.activation_date)),
            ("expiry_date", json!(license.expiry_date)),
            ("created_at", json!(license.created_at)),
        ];
        Self::shuffled(columns, turn)
    }
}

impl Serialize for RawRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

fn list_users(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let page = Page::unchecked(call, backend.settings.database)?;
    let search = call.query("search").map(|text| text.to_lowercase());
    let state = backend.state();
    let newest_first = state.users.iter().rev();
    let users = newest_first.filter(|user| search.as_ref().is_none_or(|text| mentions(user, text)));
    Ok(json(200, &page.of(users)))
}

fn create_user(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    backend.administrator(call)?;
    let mut fields = body.fields()?;
    let mut new = NewUser::read(&mut fields);
    new.is_active = fields.optional_boolean("is_active").unwrap_or(true);
    new.is_admin = fields.optional_boolean("is_admin").unwrap_or_default();
    fields.finish()?;
    let mut state = backend.state();
    Ok(json(201, new.add(&mut state)?))
}

fn get_user(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let state = backend.state();
    let user = state.user(call.segment("user_id")).ok_or_else(no_user)?;
    Ok(json(200, user))
}

fn update_user(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    backend.administrator(call)?;
    let mut fields = body.fields()?;
    let is_active = fields.optional_boolean("is_active");
    let is_admin = fields.optional_boolean("is_admin");
    let full_name = fields.optional_string("full_name");
    let company_name = fields.optional_string("company_name");
    let password = fields.optional_string("password");
    fields.finish()?;
    let id = call.segment("user_id");
    let mut state = backend.state();
    let now = state.by_database();
    let turn = state.turn();
    let user = state.users.iter_mut().find(|user| user.id == id);
    let user = user.ok_or_else(no_user)?;
    if let Some(password) = password {
        user.set_password(&password)?;
    }
    user.is_active = is_active.unwrap_or(user.is_active);
    user.is_admin = is_admin.unwrap_or(user.is_admin);
    user.full_name = full_name.or(user.full_name.take());
    user.company_name = company_name.or(user.company_name.take());
    user.updated_at = Some(now);
    Ok(json(200, &RawRow::of_user(user, turn)))
}

fn delete_user(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let id = call.segment("user_id");
    let mut state = backend.state();
    if state.user(id).ok_or_else(no_user)?.is_admin {
        return Err(Refusal::new(400, "Cannot delete admin users"));
    }
    remove_user(&mut state, id)?;
    Ok(no_content())
}

fn no_user() -> Refusal {
    Refusal::new(404, "User not found")
}

fn create_plan(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    backend.administrator(call)?;
    create_from(backend, &mut body.fields()?)
}

fn update_plan(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    backend.administrator(call)?;
    update_from(backend, call, &mut body.fields()?)
}

/// Really deletes it, unlike the route for everybody.
fn delete_plan(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let id = call.segment("plan_id");
    let mut state = backend.state();
    state.plan(id).ok_or_else(plans::unknown)?;
    if state.licenses.iter().any(|license| license.plan_id == id) {
        return Err(Refusal::new(400, "Cannot delete plan that is in use"));
    }
    state.plans.retain(|plan| plan.id != id);
    Ok(no_content())
}

/// A status there is not finds nothing.
fn list_licenses(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let page = Page::unchecked(call, backend.settings.database)?;
    let status = call.query("status");
    let state = backend.state();
    let newest_first = state.licenses.iter().rev();
    let licenses = newest_first.filter(|license| {
        status
            .as_ref()
            .is_none_or(|wanted| license.status == *wanted)
    });
    Ok(json(200, &page.of(licenses)))
}

fn set_license_status(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let status = required_parameter(call.request, "new_status")?;
    let id = call.segment("license_id");
    let mut state = backend.state();
    let turn = state.turn();
    let license = state.licenses.iter_mut().find(|license| license.id == id);
    let license = license.ok_or_else(licenses::unknown)?;
    license.status = known(status, &licenses::STATUSES)?;
    Ok(json(200, &RawRow::of_license(license, turn)))
}

fn stats(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let state = backend.state();
    let active_users = state.users.iter().filter(|user| user.is_active).count();
    let active_licenses = state.licenses.iter().filter(|row| row.is_active()).count();
    let outstanding = state
        .invoices
        .iter()
        .filter(|row| row.is_outstanding())
        .count();
    let revenue: f64 = state.payments.iter().map(|payment| payment.amount).sum();
    Ok(json(
        200,
        &json!({
            "total_users": state.users.len(),
            "active_users": active_users,
            "total_licenses": state.licenses.len(),
            "active_licenses": active_licenses,
            "total_revenue": revenue,
            "monthly_revenue": revenue,
            "total_domains": 0,
            "total_invoices": state.invoices.len(),
            "outstanding_invoices": outstanding,
            "new_users_this_month": state.users.len(),
        }),
    ))
}
