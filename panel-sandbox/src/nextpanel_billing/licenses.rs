//! Licences (contract, section 4.5).

use serde::Serialize;
use serde_json::json;

use super::Resource;
use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::moment::Moment;
use super::operations::{GET_LICENSE, LIST_LICENSES, VALIDATE_LICENSE};
use super::plans::Plan;
use super::state::State;
use crate::fastapi::{Refusal, json};
use crate::made_up::uuid;

pub(super) const ROUTES: &[Route] = &[
    (LIST_LICENSES, list),
    (GET_LICENSE, get),
    (VALIDATE_LICENSE, validate),
];

pub(super) const STATUSES: [&str; 4] = ["active", "suspended", "expired", "cancelled"];

/// A licence, serialised as every answer shows it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct License {
    pub(super) id: String,
    pub(super) license_key: String,
    pub(super) status: String,
    #[serde(flatten)]
    pub(super) limits: Limits,
    pub(super) current_accounts: i64,
    pub(super) current_domains: i64,
    pub(super) current_databases: i64,
    pub(super) current_emails: i64,
    pub(super) activation_date: Option<Moment>,
    pub(super) expiry_date: Option<Moment>,
    pub(super) created_at: Moment,
    #[serde(skip)]
    pub(super) user_id: String,
    #[serde(skip)]
    pub(super) plan_id: String,
}

/// How much of everything is allowed.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Limits {
    #[serde(rename = "max_accounts")]
    pub(super) accounts: i64,
    #[serde(rename = "max_domains")]
    pub(super) domains: i64,
    #[serde(rename = "max_databases")]
    pub(super) databases: i64,
    #[serde(rename = "max_emails")]
    pub(super) emails: i64,
}

impl License {
    /// Gives a user a licence for a product plan.
    pub(super) fn issue(state: &mut State, user_id: &str, plan: &Plan, days: i64) -> Self {
        state.note_creation(Resource::Licenses, user_id);
        let id = state.new_id();
        let activation = state.by_program();
        let license = Self {
            license_key: key(&id),
            id,
            status: "active".to_owned(),
            limits: plan.limits,
            current_accounts: 0,
            current_domains: 0,
            current_databases: 0,
            current_emails: 0,
            activation_date: Some(activation),
            expiry_date: Some(activation.plus_days(days)),
            created_at: state.by_database(),
            user_id: user_id.to_owned(),
            plan_id: plan.id.clone(),
        };
        state.licenses.push(license.clone());
        license
    }

    pub(super) fn is_active(&self) -> bool {
        self.status == "active"
    }
}

/// `NP-` and four times four of 32 symbols, none of which looks like another.
fn key(id: &str) -> String {
    const SYMBOLS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let made_up = uuid(&format!("{id} key"));
    let symbols = made_up
        .bytes()
        .filter(u8::is_ascii_hexdigit)
        .zip(id.bytes().filter(u8::is_ascii_hexdigit))
        .take(16)
        .map(|(one, other)| {
            let number = usize::from(one).wrapping_mul(7) + usize::from(other) * 3;
            SYMBOLS
                .get(number % SYMBOLS.len())
                .copied()
                .map_or('A', char::from)
        });
    let mut key = "NP".to_owned();
    for (index, symbol) in symbols.enumerate() {
        if index % 4 == 0 {
            key.push('-');
        }
        key.push(symbol);
    }
    key
}

fn list(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let state = backend.state();
    let own = state.licenses.iter();
    let own: Vec<_> = own.filter(|license| license.user_id == caller.id).collect();
    Ok(json(200, &own))
}

fn get(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let id = call.segment("license_id");
    let state = backend.state();
    let own = own(&state, &caller.id, id).ok_or_else(unknown)?;
    Ok(json(200, own))
}

pub(super) fn own<'state>(state: &'state State, user: &str, id: &str) -> Option<&'state License> {
    let mut all = state.licenses.iter();
    all.find(|license| license.id == id && license.user_id == user)
}

pub(super) fn unknown() -> Refusal {
    Refusal::new(404, "License not found")
}

/// Nobody who lacks the backend's own signing key gets further than this.
fn validate(_: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let mut fields = body.fields()?;
    fields.required_string("license_key");
    fields.required_string("feature");
    let timestamp = fields.optional_integer("timestamp");
    let signature = fields.optional_string("signature");
    fields.optional_object("additional_data");
    fields.finish()?;
    let error = match (timestamp, signature) {
        (Some(_), Some(_)) => "Invalid signature",
        _ => "Missing signature or timestamp",
    };
    Ok(json(
        200,
        &json!({ "valid": false, "remaining_quota": null, "error": error }),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_their_shape_and_no_symbol_that_looks_like_another() {
        let key = key(&uuid("one"));
        let groups: Vec<_> = key.split('-').collect();
        assert_eq!(groups.len(), 5, "{key}");
        assert_eq!(groups[0], "NP");
        assert!(groups[1..].iter().all(|group| group.len() == 4), "{key}");
        assert!(!key[3..].contains(['I', 'O', '0', '1']), "{key}");
        assert_ne!(key, super::key(&uuid("two")));
    }
}
