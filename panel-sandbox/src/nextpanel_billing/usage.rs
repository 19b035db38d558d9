//! Usage of licences (contract, section 4.11).

use serde_json::{Value, json};

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::licenses::{self, License};
use super::operations::{GET_QUOTA, UPDATE_USAGE, USAGE_ALERTS, USAGE_HISTORY, USAGE_REPORT};
use super::state::State;
use crate::clock::isoformat;
use crate::fastapi::{Refusal, json};

pub(super) const ROUTES: &[Route] = &[
    (GET_QUOTA, quota),
    (UPDATE_USAGE, update),
    (USAGE_REPORT, report),
    (USAGE_ALERTS, alerts),
    (USAGE_HISTORY, history),
];

const RESOURCES: [&str; 4] = ["accounts", "domains", "databases", "emails"];

impl License {
    /// What is allowed and what is used of it, in the order of the resources' names.
    fn usage(&self) -> [(i64, i64); 4] {
        [
            (self.limits.accounts, self.current_accounts),
            (self.limits.domains, self.current_domains),
            (self.limits.databases, self.current_databases),
            (self.limits.emails, self.current_emails),
        ]
    }

    /// What is allowed of a resource, and the place of what is used of it.
    fn usage_of(&mut self, resource: &str) -> Option<(i64, &mut i64)> {
        match resource {
            "accounts" => Some((self.limits.accounts, &mut self.current_accounts)),
            "domains" => Some((self.limits.domains, &mut self.current_domains)),
            "databases" => Some((self.limits.databases, &mut self.current_databases)),
            "emails" => Some((self.limits.emails, &mut self.current_emails)),
            _ => None,
        }
    }
}

fn own<'state>(state: &'state State, user: &str) -> Vec<&'state License> {
    let all = state.licenses.iter();
    all.filter(|license| license.user_id == user).collect()
}

/// Of one licence, or of all together.
fn quota(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let id = call.query("license_id");
    let state = backend.state();
    let licenses = match &id {
        Some(id) => vec![licenses::own(&state, &caller.id, id).ok_or_else(licenses::unknown)?],
        None => own(&state, &caller.id),
    };
    let mut body = json!({ "license_id": id });
    if let Some(body) = body.as_object_mut() {
        for (index, name) in RESOURCES.into_iter().enumerate() {
            let of_all = licenses
                .iter()
                .filter_map(|license| license.usage().get(index).copied());
            let (most, used) = of_all.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            body.insert(format!("max_{name}"), json!(most));
            body.insert(format!("current_{name}"), json!(used));
            body.insert(format!("{name}_available"), json!(most - used));
        }
    }
    Ok(json(200, &body))
}

fn update(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    let mut fields = body.fields()?;
    let id = fields.required_string("license_id");
    let resource = fields.required_string("resource_type");
    let delta = fields.required_integer("delta");
    fields.finish()?;
    let mut state = backend.state();
    let mut all = state.licenses.iter_mut();
    let license = all.find(|license| license.id == id && license.user_id == caller.id);
    let license = license.ok_or_else(licenses::unknown)?;
    let (most, used) = license.usage_of(&resource).ok_or_else(|| {
        let text = format!("Invalid resource type: {resource}");
        Refusal::new(400, text)
    })?;
    *used = (*used + delta).max(0);
    Ok(json(
        200,
        &json!({
            "status": "success",
            "license_id": id,
            "resource_type": resource,
            "current_count": *used,
            "max_count": most,
        }),
    ))
}

fn report(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let mut state = backend.state();
    let now = isoformat(state.now());
    let date = |name| call.query(name).unwrap_or_else(|| now.clone());
    let licenses: Vec<Value> = own(&state, &caller.id)
        .into_iter()
        .map(|license| json!({ "license_id": license.id, "license_key": license.license_key }))
        .collect();
    Ok(json(
        200,
        &json!({
            "start_date": date("start_date"),
            "end_date": date("end_date"),
            "summary": { "total_licenses": licenses.len() },
            "licenses": licenses,
        }),
    ))
}

fn alerts(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let state = backend.state();
    let mut alerts = Vec::new();
    for license in own(&state, &caller.id) {
        for (name, (most, used)) in RESOURCES.into_iter().zip(license.usage()) {
            if used * 10 >= most * 9 {
                alerts.push(json!({
                    "license_id": license.id,
                    "resource_type": name,
                    "current": used,
                    "max": most,
                }));
            }
        }
    }
    Ok(json(200, &json!({ "alerts": alerts })))
}

fn history(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let id = call.segment("license_id");
    let state = backend.state();
    licenses::own(&state, &caller.id, id).ok_or_else(licenses::unknown)?;
    Ok(json(200, &json!({ "license_id": id, "history": [] })))
}
