//! Notifications to oneself (contract, section 4.11). The names of the preferences are assumed.

use serde_json::json;

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::operations::{
    GET_PREFERENCES, RESEND_WELCOME_EMAIL, SEND_TEST_EMAIL, UPDATE_PREFERENCES,
};
use crate::fastapi::json;

pub(super) const ROUTES: &[Route] = &[
    (SEND_TEST_EMAIL, send_test),
    (RESEND_WELCOME_EMAIL, resend_welcome),
    (GET_PREFERENCES, get),
    (UPDATE_PREFERENCES, update),
];

fn send_test(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.caller(call)?;
    let body = json!({ "status": "success", "message": "Test email sent" });
    Ok(json(200, &body))
}

fn resend_welcome(backend: &Backend, call: &Call<'_>) -> Answer {
    backend.caller(call)?;
    let body = json!({ "status": "success", "message": "Welcome email sent" });
    Ok(json(200, &body))
}

fn get(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let state = backend.state();
    let chosen = state.preferences.get(&caller.id).cloned();
    let default = || json!({ "email_notifications": true, "invoice_reminders": true });
    Ok(json(200, &chosen.unwrap_or_else(default)))
}

/// Whatever object is sent.
fn update(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    body.fields()?.finish()?;
    let chosen = body.value()?.clone();
    let mut state = backend.state();
    state.preferences.insert(caller.id, chosen.clone());
    Ok(json(
        200,
        &json!({ "message": "Preferences updated", "preferences": chosen }),
    ))
}
