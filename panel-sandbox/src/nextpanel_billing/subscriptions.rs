//! Subscriptions (contract, section 4.6).

use jiff::civil::DateTime;
use serde::Serialize;

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::licenses::{self, License};
use super::moment::Moment;
use super::operations::{
    CANCEL_SUBSCRIPTION, CREATE_SUBSCRIPTION, GET_SUBSCRIPTION, LIST_SUBSCRIPTIONS,
    REACTIVATE_SUBSCRIPTION, UPDATE_SUBSCRIPTION,
};
use super::state::State;
use super::{Resource, plans};
use crate::fastapi::{Refusal, json};

pub(super) const ROUTES: &[Route] = &[
    (LIST_SUBSCRIPTIONS, list),
    (CREATE_SUBSCRIPTION, create),
    (GET_SUBSCRIPTION, get),
    (UPDATE_SUBSCRIPTION, update),
    (CANCEL_SUBSCRIPTION, cancel),
    (REACTIVATE_SUBSCRIPTION, reactivate),
];

pub(super) const STATUSES: [&str; 4] = ["active", "past_due", "cancelled", "trialing"];

/// The payment service is not there; what stands in for it always gives the same period.
const PERIOD_START: DateTime = DateTime::constant(2009, 2, 13, 23, 31, 30, 0);
const PERIOD_END: DateTime = DateTime::constant(2009, 3, 15, 23, 31, 30, 0);

/// A subscription, serialised as every answer shows it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) license_id: String,
    pub(super) status: String,
    pub(super) current_period_start: Option<Moment>,
    pub(super) current_period_end: Option<Moment>,
    pub(super) cancel_at_period_end: bool,
    pub(super) created_at: Moment,
    #[serde(skip)]
    pub(super) user_id: String,
    #[serde(skip)]
    pub(super) plan_id: String,
    /// The id at the payment service, which is made of user, product plan and cycle, and must be unique.
    #[serde(skip)]
    service_id: Option<String>,
}

impl Subscription {
    /// Adds the subscription of a licence, from now until the licence ends.
    pub(super) fn add(state: &mut State, license: &License) -> Self {
        state.note_creation(Resource::Subscriptions, &license.plan_id);
        let subscription = Self {
            id: state.new_id(),
            license_id: license.id.clone(),
            status: "active".to_owned(),
            current_period_start: Some(state.by_program()),
            current_period_end: license.expiry_date,
            cancel_at_period_end: false,
            created_at: state.by_database(),
            user_id: license.user_id.clone(),
            plan_id: license.plan_id.clone(),
            service_id: None,
        };
        state.subscriptions.push(subscription.clone());
        subscription
    }

    pub(super) fn is_active(&self) -> bool {
        self.status == "active"
    }
}

fn list(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let state = backend.state();
    let all = state.subscriptions.iter();
    let own: Vec<_> = all.filter(|found| found.user_id == caller.id).collect();
    Ok(json(200, &own))
}

fn create(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    let mut fields = body.fields()?;
    let plan_id = fields.required_string("plan_id");
    let cycle = fields.optional_string("billing_cycle");
    let license_id = fields.optional_string("license_id");
    fields.finish()?;

    let mut state = backend.state();
    let plan = state.plan(&plan_id).ok_or_else(plans::unknown)?.clone();
    let given = match &license_id {
        Some(id) => {
            let own = licenses::own(&state, &caller.id, id);
            Some(own.ok_or_else(licenses::unknown)?.clone())
        }
        None => None,
    };
    let cycle = cycle.as_deref().unwrap_or("monthly");
    let service_id = format!("sub_mock_{}_{plan_id}_{cycle}", caller.id);
    let mut all = state.subscriptions.iter();
    if all.any(|found| found.service_id.as_ref() == Some(&service_id)) {
        return Err(Refusal::new(
            500,
            "Internal server error: (sqlite3.IntegrityError) UNIQUE constraint failed: \
             subscriptions.stripe_subscription_id\n\
             (Background on this error at: https://sqlalche.me/e/20/gkpj)",
        ));
    }
    let license = match given {
        Some(license) => license,
        None => {
            let days = if cycle == "yearly" { 365 } else { 30 };
            License::issue(&mut state, &caller.id, &plan, days)
        }
    };
    let database = state.database;
    let added = Subscription::add(&mut state, &license);
    let subscription = own(&mut state, &caller.id, &added.id)?;
    subscription.current_period_start = Some(database.by_program(PERIOD_START));
    subscription.current_period_end = Some(database.by_program(PERIOD_END));
    subscription.service_id = Some(service_id);
    Ok(json(201, subscription))
}

fn get(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    Ok(json(200, own_of(&mut state, &caller.id, call)?))
}

fn update(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    let mut fields = body.fields()?;
    let plan_id = fields.required_string("new_plan_id");
    fields.finish()?;
    let mut state = backend.state();
    let license_id = own_of(&mut state, &caller.id, call)?.license_id.clone();
    let plan = state.plan(&plan_id).ok_or_else(plans::unknown)?.clone();
    let mut licenses = state.licenses.iter_mut();
    if let Some(license) = licenses.find(|license| license.id == license_id) {
        license.plan_id = plan.id.clone();
        license.limits = plan.limits;
    }
    let subscription = own_of(&mut state, &caller.id, call)?;
    subscription.plan_id = plan.id;
    Ok(json(200, subscription))
}

fn cancel(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    let mut fields = body.fields()?;
    let at_period_end = fields
        .optional_boolean("cancel_at_period_end")
        .unwrap_or(true);
    fields.optional_string("reason");
    fields.finish()?;
    let mut state = backend.state();
    let subscription = own_of(&mut state, &caller.id, call)?;
    if at_period_end {
        // Unlike the administrator's, this cancelling leaves the subscription active until then.
        subscription.cancel_at_period_end = true;
    } else {
        subscription.status = "cancelled".to_owned();
    }
    Ok(json(200, subscription))
}

fn reactivate(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    let subscription = own_of(&mut state, &caller.id, call)?;
    subscription.cancel_at_period_end = false;
    subscription.status = "active".to_owned();
    Ok(json(200, subscription))
}

fn own_of<'state>(
    state: &'state mut State,
    user: &str,
    call: &Call<'_>,
) -> Result<&'state mut Subscription, Refusal> {
    own(state, user, call.segment("subscription_id"))
}

fn own<'state>(
    state: &'state mut State,
    user: &str,
    id: &str,
) -> Result<&'state mut Subscription, Refusal> {
    let mut all = state.subscriptions.iter_mut();
    all.find(|found| found.id == id && found.user_id == user)
        .ok_or_else(|| Refusal::new(404, "Subscription not found"))
}
