//! Logging in, in the TypeScript dialect (contract, sections 2.2 and 2.3).

use serde_json::{Value, json};
use uuid::Uuid;

use super::User;
use super::answer::{Answer, Handled, ok};
use super::exchange::Exchange;
use crate::made_up::uuid;

pub(super) fn login(exchange: &mut Exchange<'_>) -> Handled {
    if !exchange.are_given(&["email", "password"]) {
        return Err(invalid("Email and password are required"));
    }
    let text = |name: &str| exchange.text(name).unwrap_or_default();
    let (email, password) = (text("email"), text("password"));
    if !is_email(&email) {
        return Err(invalid("Invalid email format"));
    }
    let email = email.to_lowercase();
    let now = exchange.now;
    let user = exchange
        .state
        .users
        .iter_mut()
        .find(|user| user.email.to_lowercase() == email && user.is_active())
        .filter(|user| user.has_password(&password))
        .ok_or_else(|| {
            Answer::error_with(401, "Authentication failed", "Invalid email or password")
        })?;
    user.last_login_at = Some(now);
    let user = user.clone();
    let Some(role) = &user.tenant_role else {
        let message = "User is not a member of any tenant";
        return Err(Answer::error_with(403, "Access denied", message));
    };
    if exchange.settings.has_broken_type_script_auth {
        return Err(exchange.thrown(500, "TypeError"));
    }
    let mut body = exchange.tokens_of(&user, role);
    let membership = exchange.membership(&user, role);
    super::customer::add(&mut body, "user", shown(&user));
    super::customer::add(&mut body, "tenants", json!([membership]));
    super::customer::add(&mut body, "activeTenant", membership);
    ok(&body)
}

fn invalid(message: &str) -> Answer {
    Answer::error_with(400, "Validation error", message)
}

/// Something, one `@`, something with a point in it, and no space: what the server's pattern asks.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let has_point = domain
        .rsplit_once('.')
        .is_some_and(|(before, after)| !before.is_empty() && !after.is_empty());
    !local.is_empty() && has_point && !domain.contains('@') && !text.contains(char::is_whitespace)
}

fn shown(user: &User) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "displayName": user.display_name(),
        "firstName": user.first_name,
        "lastName": user.last_name,
        "emailVerified": true,
        "isActive": user.is_active(),
    })
}

impl Exchange<'_> {
    fn membership(&self, user: &User, role: &str) -> Value {
        let tenant = &self.state.tenant;
        json!({
            "id": uuid(&format!("membership of {} in {}", user.id, tenant.id)),
            "tenantId": tenant.id,
            "tenantName": tenant.name,
            "tenantSlug": tenant.slug,
            "role": role,
            "isActive": true,
        })
    }

    /// The tokens alone.
    fn tokens_of(&self, user: &User, role: &str) -> Value {
        let refresh = json!({
            "userId": user.id,
            "type": "refresh",
            "aud": "mpanel-refresh",
            "iss": "mpanel",
        });
        let refresh = self
            .state
            .tokens
            .issue(refresh, self.settings.refresh_token_lifetime);
        json!({
            "accessToken": self.access_token(user, role),
            "refreshToken": refresh,
            "tokenType": "Bearer",
            "expiresIn": self.settings.access_token_lifetime.as_secs(),
        })
    }

    pub(super) fn access_token(&self, user: &User, role: &str) -> String {
        let claims = json!({
            "userId": user.id,
            "email": user.email,
            "tenantId": self.state.tenant.id,
            "role": role,
            "type": "access",
            "aud": "mpanel-api",
            "iss": "mpanel",
        });
        let lifetime = self.settings.access_token_lifetime;
        self.state.tokens.issue(claims, lifetime)
    }

    fn member(&self) -> Result<(&User, &str), Answer> {
        let caller = self.type_script_caller()?;
        caller
            .type_script_id
            .and_then(|id| self.state.user(&id))
            .and_then(|user| Some((user, user.tenant_role.as_deref()?)))
            .ok_or_else(|| Answer::error_with(404, "Not found", "User not found"))
    }
}

pub(super) fn me(exchange: &mut Exchange<'_>) -> Handled {
    let (user, role) = exchange.member()?;
    let membership = exchange.membership(user, role);
    ok(&json!({ "user": shown(user), "tenants": [membership], "activeTenant": membership }))
}

pub(super) fn my_tenants(exchange: &mut Exchange<'_>) -> Handled {
    let (user, role) = exchange.member()?;
    ok(&json!({ "tenants": [exchange.membership(user, role)] }))
}

pub(super) fn switch_tenant(exchange: &mut Exchange<'_>) -> Handled {
    let (user, role) = exchange.member()?;
    let target = exchange
        .given_text("tenantId")
        .ok_or_else(|| invalid("Target tenant ID is required"))?;
    if Uuid::try_parse(&target).is_err() {
        return Err(invalid("Invalid tenant ID format"));
    }
    if target != exchange.state.tenant.id {
        let message = "User is not a member of this tenant";
        return Err(Answer::error_with(403, "Access denied", message));
    }
    let mut body = exchange.tokens_of(user, role);
    let membership = exchange.membership(user, role);
    super::customer::add(&mut body, "activeTenant", membership);
    ok(&body)
}

/// Also what a legacy server answers, by way of its tail.
pub(super) fn refresh(exchange: &mut Exchange<'_>) -> Handled {
    let token = exchange
        .given_text("refreshToken")
        .ok_or_else(|| invalid("Refresh token is required"))?;
    if exchange.settings.has_broken_type_script_auth {
        return Err(exchange.thrown(500, "TypeError"));
    }
    let user = exchange
        .state
        .tokens
        .read(&token)
        .ok()
        .filter(|claims| claims.get("aud").and_then(Value::as_str) == Some("mpanel-refresh"))
        .and_then(|claims| exchange.state.user(claims.get("userId")?.as_str()?))
        .ok_or_else(|| {
            let message = "Invalid or expired refresh token";
            Answer::error_with(401, "Token refresh failed", message)
        })?;
    match &user.tenant_role {
        Some(role) if user.is_active() => ok(&exchange.tokens_of(user, role)),
        _ => {
            let message = "User account is not active";
            Err(Answer::error_with(403, "Access denied", message))
        }
    }
}

/// Tells nobody: the token stays as good as it was.
pub(super) fn logout(exchange: &mut Exchange<'_>) -> Handled {
    exchange.type_script_caller()?;
    ok(&json!({ "message": "Logged out successfully" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_by_the_servers_pattern() {
        for (text, expected) in [
            ("ann@hosting.example", true),
            ("ann", false),
            (" ann@hosting.example", false),
            ("ann@hosting", false),
            ("ann@@hosting.example", false),
            ("@hosting.example", false),
            ("ann@.", false),
        ] {
            assert_eq!(is_email(text), expected, "{text}");
        }
    }
}
