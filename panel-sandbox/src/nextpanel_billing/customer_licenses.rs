//! What hangs on a customer: licences, subscriptions, payments (contract, section 4.3).

use serde::Serialize;
use serde_json::json;

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::customers::nobody;
use super::licenses::{self, License};
use super::operations::{
    ADD_CUSTOMER_LICENSE, CANCEL_CUSTOMER_LICENSE, LIST_CUSTOMER_DOMAINS, LIST_CUSTOMER_LICENSES,
    LIST_CUSTOMER_PAYMENTS, LIST_CUSTOMER_SUBSCRIPTIONS, UPDATE_CUSTOMER_LICENSE,
    UPDATE_CUSTOMER_SUBSCRIPTION,
};
use super::plans;
use super::state::State;
use super::subscriptions::{self, Subscription};
use crate::fastapi::{Refusal, json};

pub(super) const ROUTES: &[Route] = &[
    (LIST_CUSTOMER_LICENSES, list_licenses),
    (ADD_CUSTOMER_LICENSE, add_license),
    (UPDATE_CUSTOMER_LICENSE, update_license),
    (CANCEL_CUSTOMER_LICENSE, cancel_license),
    (LIST_CUSTOMER_SUBSCRIPTIONS, list_subscriptions),
    (UPDATE_CUSTOMER_SUBSCRIPTION, update_subscription),
    (LIST_CUSTOMER_DOMAINS, list_domains),
    (LIST_CUSTOMER_PAYMENTS, list_payments),
];

fn list_licenses(backend: &Backend, call: &Call<'_>) -> Answer {
    list(backend, call, |state| &state.licenses, |row| &row.user_id)
}

fn list_subscriptions(backend: &Backend, call: &Call<'_>) -> Answer {
    list(
        backend,
        call,
        |state| &state.subscriptions,
        |row| &row.user_id,
    )
}

fn list_payments(backend: &Backend, call: &Call<'_>) -> Answer {
    list(backend, call, |state| &state.payments, |row| &row.user_id)
}

fn list_domains(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    Ok(json(200, &json!([])))
}

/// The rows of a customer; none for a customer there is not.
fn list<T: Serialize>(
    backend: &Backend,
    call: &Call<'_>,
    table: impl Fn(&State) -> &Vec<T>,
    owner: impl Fn(&T) -> &String,
) -> Answer {
    backend.administrator(call)?;
    let state = backend.state();
    let rows = table(&state).iter();
    let own: Vec<_> = rows
        .filter(|row| owner(row) == call.segment("customer_id"))
        .collect();
    Ok(json(200, &own))
}

fn add_license(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    backend.administrator(call)?;
    let mut fields = body.fields()?;
    let plan_id = fields.required_string("plan_id");
    fields.optional_string("license_id");
    let cycle = fields.optional_string("billing_cycle");
    let wants_subscription = fields
        .optional_boolean("create_subscription")
        .unwrap_or(true);
    fields.finish()?;

    let mut state = backend.state();
    let id = call.segment("customer_id");
    state.user(id).ok_or_else(nobody)?;
    // Whether the product plan is on sale does not matter.
    let plan = state.plan(&plan_id).ok_or_else(plans::unknown)?.clone();
    // Free text: whatever is not exactly this is a month.
    let days = if cycle.as_deref() == Some("yearly") {
        365
    } else {
        30
    };
    let license = License::issue(&mut state, id, &plan, days);
    if wants_subscription {
        Subscription::add(&mut state, &license);
    }
    Ok(json(
        200,
        &json!({
            "message": "License added successfully",
            "license_id": license.id,
            "license_key": license.license_key,
        }),
    ))
}

fn update_license(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    backend.administrator(call)?;
    let mut fields = body.fields()?;
    let plan_id = fields.optional_string("plan_id");
    let extend_days = fields.optional_integer("extend_days");
    let expiry = fields.optional_string("set_expiry_date");
    let status = fields.optional_string("status");
    let accounts = fields.optional_integer("max_accounts");
    let domains = fields.optional_integer("max_domains");
    let databases = fields.optional_integer("max_databases");
    let emails = fields.optional_integer("max_emails");
    fields.optional_boolean("auto_renew");
    let database = backend.settings.database;
    let set_expiry = expiry.as_deref().and_then(|text| database.read(text));
    if let (Some(text), None) = (&expiry, set_expiry) {
        let message = "Input should be a valid datetime or date, invalid character in year";
        fields.problem(
            "datetime_from_date_parsing",
            "set_expiry_date",
            message,
            json!(text),
        );
    }
    fields.finish()?;

    let mut state = backend.state();
    let plan = match &plan_id {
        Some(plan_id) => Some(state.plan(plan_id).ok_or_else(plans::unknown)?.clone()),
        None => None,
    };
    let now = state.by_program();
    let license = license_of(&mut state, call)?;
    if let Some(status) = status {
        license.status = known(status, &licenses::STATUSES)?;
    }
    if let Some(plan) = plan {
        license.plan_id = plan.id;
        license.limits = plan.limits;
    }
    if let Some(days) = extend_days {
        license.expiry_date = Some(license.expiry_date.unwrap_or(now).plus_days(days));
    }
    license.expiry_date = set_expiry.or(license.expiry_date);
    let limits = &mut license.limits;
    limits.accounts = accounts.unwrap_or(limits.accounts);
    limits.domains = domains.unwrap_or(limits.domains);
    limits.databases = databases.unwrap_or(limits.databases);
    limits.emails = emails.unwrap_or(limits.emails);
    Ok(json(
        200,
        &json!({ "message": "License updated successfully", "license": license }),
    ))
}

fn cancel_license(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.administrator(call)?;
    let mut state = backend.state();
    let license = license_of(&mut state, call)?;
    license.status = "cancelled".to_owned();
    let id = license.id.clone();
    for subscription in &mut state.subscriptions {
        if subscription.license_id == id {
            subscription.status = "cancelled".to_owned();
        }
    }
    Ok(json(
        200,
        &json!({ "message": "License cancelled successfully" }),
    ))
}

fn license_of<'state>(
    state: &'state mut State,
    call: &Call<'_>,
) -> Result<&'state mut License, Refusal> {
    let (customer, id) = (call.segment("customer_id"), call.segment("license_id"));
    let mut all = state.licenses.iter_mut();
    all.find(|license| license.id == id && license.user_id == customer)
        .ok_or_else(|| Refusal::new(404, "License not found for this customer"))
}

fn update_subscription(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    backend.administrator(call)?;
    let mut fields = body.fields()?;
    let status = fields.optional_string("status");
    let extend_days = fields.optional_integer("extend_period_days");
    let cancel = fields.optional_boolean("cancel_at_period_end");
    fields.finish()?;

    let mut state = backend.state();
    let (customer, id) = (call.segment("customer_id"), call.segment("subscription_id"));
    let mut all = state.subscriptions.iter_mut();
    let subscription = all
        .find(|found| found.id == id && found.user_id == customer)
        .ok_or_else(|| Refusal::new(404, "Subscription not found for this customer"))?;
    if let Some(status) = status {
        subscription.status = known(status, &subscriptions::STATUSES)?;
    }
    if let (Some(days), Some(end)) = (extend_days, subscription.current_period_end) {
        subscription.current_period_end = Some(end.plus_days(days));
    }
    if let Some(cancel) = cancel {
        // Unlike the customer's own cancelling, this takes the subscription away at once.
        if cancel && subscription.is_active() {
            subscription.status = "cancelled".to_owned();
        }
        subscription.cancel_at_period_end = cancel;
    }
    Ok(json(
        200,
        &json!({ "message": "Subscription updated successfully", "subscription": subscription }),
    ))
}

/// A status, which must be one of these.
pub(super) fn known(status: String, statuses: &[&str]) -> Result<String, Refusal> {
    if statuses.contains(&status.as_str()) {
        Ok(status)
    } else {
        Err(Refusal::new(400, format!("Invalid status: {status}")))
    }
}
