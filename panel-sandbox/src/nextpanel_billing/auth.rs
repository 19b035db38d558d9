//! Health, and logging in (contract, sections 4.1, 4.2 and 6).

use serde_json::json;

use super::backend::{Backend, Route};
use super::call::{Answer, Call};
use super::email;
use super::operations::{GET_ME, HEALTH, LOGIN, REGISTER, ROOT, UPDATE_ME};
use super::users::NewUser;
use crate::clock::isoformat;
use crate::fastapi::{Refusal, check_password_bytes, json};

pub(super) const ROUTES: &[Route] = &[
    (HEALTH, health),
    (ROOT, root),
    (REGISTER, register),
    (LOGIN, log_in),
    (GET_ME, get_me),
    (UPDATE_ME, update_me),
];

fn health(backend: &Backend, _: &Call<'_>) -> Answer {
    let now = isoformat(backend.state().now());
    Ok(json(
        200,
        &json!({ "status": "healthy", "version": "1.0.0", "database": "connected", "timestamp": now }),
    ))
}

fn root(_: &Backend, _: &Call<'_>) -> Answer {
    Ok(json(
        200,
        &json!({
            "message": "NextPanel Billing API",
            "version": "1.0.0",
            "docs": "/docs",
            "health": "/health",
        }),
    ))
}

fn register(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let mut fields = body.fields()?;
    let new = NewUser::read(&mut fields);
    fields.finish()?;
    let mut state = backend.state();
    Ok(json(201, new.add(&mut state)?))
}

fn log_in(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let mut fields = body.fields()?;
    let address = email::required(&mut fields);
    let password = fields.required_string("password");
    fields.finish()?;

    let state = backend.state();
    let refused = || Refusal::new(401, "Incorrect email or password");
    let user = state.user_by_email(&address).ok_or_else(refused)?;
    // Only now: so the answer tells whether there is such a user.
    check_password_bytes(&password)?;
    if !user.has_password(&password) {
        return Err(refused());
    }
    if !user.is_active {
        return Err(Refusal::new(400, "Inactive user"));
    }
    Ok(json(
        200,
        &json!({
            "access_token": state.tokens.access(&user.id, user.is_admin),
            "refresh_token": state.tokens.refresh(&user.id, user.is_admin),
            "token_type": "bearer",
        }),
    ))
}

fn get_me(backend: &Backend, call: &Call<'_>) -> Answer {
    let caller = backend.caller(call)?;
    let state = backend.state();
    let user = state.user(&caller.id).ok_or_else(nobody)?;
    Ok(json(200, user))
}

fn update_me(backend: &Backend, call: &Call<'_>) -> Answer {
    let body = call.body()?;
    let caller = backend.caller(call)?;
    let mut fields = body.fields()?;
    let full_name = fields.optional_string("full_name");
    let company_name = fields.optional_string("company_name");
    let current = fields.optional_string("current_password");
    let new = fields.optional_string("new_password");
    fields.forbid_others(&[
        "full_name",
        "company_name",
        "current_password",
        "new_password",
    ]);
    fields.finish()?;
    let is_short = |name: &String| name.trim().chars().count() < 2;
    if full_name.as_ref().is_some_and(is_short) || new.as_deref().is_some_and(is_weak) {
        // The validator's own exception cannot be put into a 422.
        return Err(Refusal::new(
            500,
            "Internal server error: Object of type ValueError is not JSON serializable",
        ));
    }

    let mut state = backend.state();
    let now = state.by_database();
    let user = state.users.iter_mut().find(|user| user.id == caller.id);
    let user = user.ok_or_else(nobody)?;
    // A new password without the current one is not looked at.
    if let (Some(current), Some(new)) = (current, new) {
        if !user.has_password(&current) {
            return Err(Refusal::new(401, "Current password is incorrect"));
        }
        if current == new {
            let text = "New password must be different from current password";
            return Err(Refusal::new(400, text));
        }
        user.set_password(&new)?;
    }
    if let Some(full_name) = full_name {
        user.full_name = Some(full_name.trim().to_owned());
    }
    user.company_name = company_name.or(user.company_name.take());
    user.updated_at = Some(now);
    Ok(json(200, user))
}

fn is_weak(password: &str) -> bool {
    password.chars().count() < 6
        || !password.contains(char::is_uppercase)
        || !password.contains(char::is_lowercase)
        || !password.contains(|character: char| character.is_ascii_digit())
}

fn nobody() -> Refusal {
    Refusal::new(404, "User not found")
}
