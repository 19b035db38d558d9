//! Logging in, in the legacy dialect, and what both servers have of it (contract, section 2.3).

use secrecy::SecretString;
use serde_json::{Value, json};

use super::User;
use super::answer::{Answer, Handled, not_found, ok};
use super::exchange::Exchange;
use super::roles::{Role, permission_rows};
use super::timestamps::iso;
use crate::made_up::characters;

pub(super) fn login(exchange: &mut Exchange<'_>) -> Handled {
    if !exchange.are_given(&["email", "password"]) {
        return Err(Answer::error(400, "Email and password are required"));
    }
    let Some(password) = exchange.field("password").and_then(Value::as_str) else {
        return Err(Answer::error(500, "Login failed"));
    };
    let email = exchange.text("email");
    let user = exchange
        .state
        .users
        .iter()
        .find(|user| Some(&user.email) == email.as_ref() && user.is_active())
        .filter(|user| user.has_password(password))
        .ok_or_else(|| Answer::error(401, "Invalid credentials"))?;
    let token = exchange.legacy_token(user);
    ok(&json!({ "token": token, "user": login_user(user) }))
}

fn login_user(user: &User) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "role": user.role,
    })
}

impl Exchange<'_> {
    pub(super) fn legacy_token(&self, user: &User) -> String {
        let claims = json!({
            "id": user.id,
            "email": user.email,
            "role": user.role,
            "tenant_id": self.tenant_of(user),
        });
        let lifetime = self.settings.legacy_token_lifetime;
        self.state.tokens.issue(claims, lifetime)
    }

    /// The tenant of a user's legacy row.
    pub(super) fn tenant_of(&self, user: &User) -> Option<String> {
        user.has_tenant.then(|| self.state.tenant.id.clone())
    }

    /// The user a legacy token names; TypeScript tokens name theirs by another claim.
    fn legacy_user(&self) -> Result<&User, Answer> {
        let caller = self.legacy_caller()?;
        caller
            .id
            .and_then(|id| self.state.user(&id))
            .ok_or_else(|| not_found("User"))
    }
}

pub(super) fn me(exchange: &mut Exchange<'_>) -> Handled {
    let user = exchange.legacy_user()?;
    let user = json!({
        "id": user.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "role": user.role,
        "tenant_id": exchange.tenant_of(user),
        "created_at": user.created_at.map(iso),
    });
    ok(&json!({ "user": user }))
}

pub(super) fn permissions(exchange: &mut Exchange<'_>) -> Handled {
    let user = exchange.legacy_user()?;
    let role = exchange
        .state
        .roles
        .iter()
        .find(|role| role.name == user.role);
    let shown = match role {
        Some(role) => json!({
            "id": role.id,
            "name": role.name,
            "level": role.level,
            "description": role.description,
            "display_name": role.display_name,
        }),
        // Roles the table does not have, `customer` first of all.
        None => json!({ "name": user.role, "level": 7 }),
    };
    let granted = role.map(Role::granted).unwrap_or_default();
    ok(&json!({ "role": shown, "permissions": permission_rows(&granted, false) }))
}

/// Public on both servers, and never 201.
pub(super) fn register(exchange: &mut Exchange<'_>) -> Handled {
    let email = exchange
        .given_text("email")
        .ok_or_else(|| Answer::error(400, "Email is required"))?;
    let existing = exchange
        .state
        .users
        .iter()
        .find(|user| user.email == email)
        .map(|user| json!({ "id": user.id, "email": user.email }));
    if let Some(user) = existing {
        return ok(&json!({ "user": user, "alreadyExists": true }));
    }
    let password = SecretString::from(characters(&format!("temporary {email}"), 16));
    let mut user = User::new(email, password).with_tenant_role(None);
    user.id = exchange.state.ids.next();
    user.first_name = exchange.text("firstName");
    user.last_name = exchange.text("lastName");
    user.created_at = Some(exchange.now);
    user.updated_at = Some(exchange.now);
    let shown = json!({
        "id": user.id,
        "email": user.email,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "role": user.role,
        "created_at": iso(exchange.now),
    });
    exchange.state.users.push(user);
    ok(&json!({
        "user": shown,
        "message": "User created successfully. Welcome email sent.",
    }))
}

/// The token it gives names the user as TypeScript tokens do, so that `me` does not find the user.
pub(super) fn set_password(exchange: &mut Exchange<'_>) -> Handled {
    if !exchange.are_given(&["email", "tempPassword", "newPassword"]) {
        let text = "Email, temporary password, and new password are required";
        return Err(Answer::error(400, text));
    }
    let text = |name: &str| exchange.text(name).unwrap_or_default();
    let (email, temporary, new) = (text("email"), text("tempPassword"), text("newPassword"));
    if new.chars().count() < 8 {
        let text = "Password must be at least 8 characters";
        return Err(Answer::error(400, text));
    }
    let now = exchange.now;
    let user = exchange
        .state
        .users
        .iter_mut()
        .find(|user| user.email == email && user.has_password(&temporary))
        .ok_or_else(|| Answer::error(401, "Invalid credentials"))?;
    user.password = SecretString::from(new);
    user.updated_at = Some(now);
    let user = user.clone();
    let claims = json!({
        "userId": user.id,
        "email": user.email,
        "role": user.role,
        "tenantId": exchange.tenant_of(&user),
    });
    let lifetime = exchange.settings.legacy_token_lifetime;
    let token = exchange.state.tokens.issue(claims, lifetime);
    ok(&json!({
        "token": token,
        "user": login_user(&user),
        "message": "Password updated successfully",
    }))
}

/// A stub on real servers too.
pub(super) fn verify_session(exchange: &mut Exchange<'_>) -> Handled {
    match exchange.given_text("sessionId") {
        Some(session) => ok(&json!({ "valid": true, "sessionId": session })),
        None => Err(Answer::error(400, "Session ID is required")),
    }
}
