//! The users' endpoints in the legacy dialect.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::User;
use super::answer::{Answer, Handled, ok};
use super::customer::add;
use super::exchange::Exchange;
use super::gate::Caller;
use super::timestamps::iso;

/// A user as rows show it: never the password.
pub(super) fn row(user: &User) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "role": user.role,
        "status": user.status,
        "created_at": user.created_at.map(iso),
        "updated_at": user.updated_at.map(iso),
        "last_login_at": user.last_login_at.map(iso),
        "email_verified": user.is_active(),
    })
}

pub(super) fn list(exchange: &mut Exchange<'_>) -> Handled {
    exchange.administrator()?;
    let users: Vec<Value> = exchange.state.users.iter().rev().map(row).collect();
    ok(&json!({ "success": true, "users": users, "data": users }))
}

pub(super) fn get(exchange: &mut Exchange<'_>) -> Handled {
    exchange.administrator()?;
    let position = exchange.user_position()?;
    shown(exchange, position, 200)
}

pub(super) fn create(exchange: &mut Exchange<'_>) -> Handled {
    exchange.administrator()?;
    if !exchange.are_given(&["email", "password"]) {
        return Err(Answer::failure(400, "Email and password are required"));
    }
    let text = |name: &str| exchange.text(name).unwrap_or_default();
    let (email, password) = (text("email"), text("password"));
    if exchange.state.users.iter().any(|user| user.email == email) {
        let text = "User with this email already exists";
        return Err(Answer::failure(409, text));
    }
    let mut user = User::new(email, SecretString::from(password)).with_tenant_role(None);
    user.id = exchange.state.ids.next();
    user.first_name = exchange.text("first_name");
    user.last_name = exchange.text("last_name");
    if let Some(role) = exchange.given_text("role") {
        user.role = role;
    }
    if let Some(status) = exchange.given_text("status") {
        user.status = status;
    }
    user.created_at = Some(exchange.now);
    user.updated_at = Some(exchange.now);
    exchange.state.users.push(user);
    shown(exchange, exchange.state.users.len() - 1, 201)
}

pub(super) fn update(exchange: &mut Exchange<'_>) -> Handled {
    exchange.administrator()?;
    let position = exchange.user_position()?;
    let given = |name: &str| exchange.given_text(name);
    let (first, last) = (given("first_name"), given("last_name"));
    let (email, role) = (given("email"), given("role"));
    let password = given("password").map(SecretString::from);
    let now = exchange.now;
    if let Some(user) = exchange.state.users.get_mut(position) {
        user.first_name = first.or(user.first_name.take());
        user.last_name = last.or(user.last_name.take());
        user.email = email.unwrap_or_else(|| user.email.clone());
        user.role = role.unwrap_or_else(|| user.role.clone());
        user.password = password.unwrap_or_else(|| user.password.clone());
        user.updated_at = Some(now);
    }
    shown(exchange, position, 200)
}

pub(super) fn set_status(exchange: &mut Exchange<'_>) -> Handled {
    const TAKEN: [&str; 5] = ["active", "suspended", "inactive", "pending", "deleted"];
    exchange.administrator()?;
    let status = exchange
        .given_text("status")
        .filter(|status| TAKEN.contains(&status.as_str()))
        .ok_or_else(|| Answer::failure(400, "Invalid status"))?;
    let position = exchange.user_position()?;
    let now = exchange.now;
    let user = exchange.state.users.get_mut(position);
    let user = user.map(|user| {
        user.status.clone_from(&status);
        user.updated_at = Some(now);
        json!({ "id": user.id, "email": user.email, "status": user.status })
    });
    let message = format!("User status updated to {status}");
    ok(&json!({ "success": true, "user": user, "message": message }))
}

pub(super) fn delete(exchange: &mut Exchange<'_>) -> Handled {
    let caller = exchange.administrator()?;
    let position = exchange.user_position()?;
    if caller.id == Some(exchange.parameter()) {
        let text = "You cannot delete your own account";
        return Err(Answer::failure(400, text));
    }
    exchange.state.users.remove(position);
    ok(&json!({ "success": true, "message": "User deleted successfully" }))
}

fn shown(exchange: &Exchange<'_>, position: usize, status: u16) -> Handled {
    let mut body = json!({ "success": true });
    let user = exchange.state.users.get(position);
    add(&mut body, "user", json!(user.map(row)));
    Ok(Answer::json(status, &body))
}

impl Exchange<'_> {
    fn administrator(&self) -> Result<Caller, Answer> {
        let caller = self.legacy_caller()?;
        let roles = ["admin", "super_admin"];
        self.require_role(&caller, &roles, || {
            Answer::failure(403, "Access denied. Admin only.")
        })?;
        Ok(caller)
    }

    /// Where the user of the path is.
    pub(super) fn user_position(&self) -> Result<usize, Answer> {
        let id = self.parameter();
        super::postgres::check_uuid(&id).map_err(super::postgres::Refused::failure)?;
        let mut users = self.state.users.iter();
        users
            .position(|user| user.id == id)
            .ok_or_else(|| Answer::failure(404, "User not found"))
    }
}
