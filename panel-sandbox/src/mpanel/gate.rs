//! Who is calling: three ways to check a token, each with its own words (contract, section 2.4).

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::answer::Answer;
use super::exchange::Exchange;
use super::tokens::TokenProblem;
use crate::Fault;

/// Whoever a token names, in either dialect.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// The claim `id`, which only legacy tokens have.
    pub(super) id: Option<String>,
    /// The claim `userId` of TypeScript tokens and of those from setting a password.
    pub(super) type_script_id: Option<String>,
    pub(super) email: Option<String>,
    pub(super) tenant_id: Option<String>,
    pub(super) role: String,
}

impl Caller {
    fn of(claims: &Value) -> Self {
        let claim = |name: &str| claims.get(name)?.as_str().map(str::to_owned);
        Self {
            id: claim("id"),
            type_script_id: claim("userId"),
            email: claim("email"),
            tenant_id: claim("tenant_id").or_else(|| claim("tenantId")),
            role: claim("role").unwrap_or_default(),
        }
    }
}

/// How much a role in a tenant may; unknown ones nothing.
pub(super) fn level(role: &str) -> u32 {
    match role {
        "OWNER" => 100,
        "ADMIN" => 80,
        "BILLING" => 60,
        "MEMBER" => 40,
        "VIEWER" => 20,
        _ => 0,
    }
}

impl Exchange<'_> {
    /// Lets the armed faults spoil the token of this request, and all issued before it.
    pub(super) fn spoil_tokens(&mut self) {
        let Some(operation) = self.operation else {
            return;
        };
        let is_good = self
            .authorization()
            .is_some_and(|(_, token)| self.state.tokens.read(token).is_ok());
        if !is_good {
            return;
        }
        let concerns_tokens = |fault| matches!(fault, Fault::ExpiredToken | Fault::ForgetsTokens);
        match self.arming.take(&operation, concerns_tokens) {
            Some(Fault::ExpiredToken) => self.state.tokens.spoil(TokenProblem::Expired),
            Some(_) => self.state.tokens.spoil(TokenProblem::Invalid),
            None => {}
        }
    }

    /// The gate of the JavaScript server. It takes a token from the query too, which no router behind it does.
    pub(super) fn pass_gate(&self) -> Result<(), Answer> {
        let from_query = self.query("token");
        let token = self
            .authorization()
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token)
            .or(from_query.as_deref());
        let refuse = |error: &str, message: &str, code: &str| {
            let body = serde_json::json!({ "error": error, "message": message, "code": code });
            Err(Answer::json(401, &body))
        };
        let Some(token) = token else {
            let message = "Authentication required. Please provide a valid access token.";
            return refuse("Unauthorized", message, "AUTH_REQUIRED");
        };
        match self.state.tokens.read(token) {
            Ok(_) => Ok(()),
            Err(TokenProblem::Expired) => {
                let message = "Your session has expired. Please log in again.";
                refuse("Token expired", message, "TOKEN_EXPIRED")
            }
            Err(TokenProblem::Invalid) => {
                let message = "Authentication failed. Please log in again.";
                refuse("Invalid token", message, "AUTH_INVALID")
            }
        }
    }

    /// What the legacy routers check themselves, on both servers. Any scheme will do.
    pub(super) fn legacy_caller(&self) -> Result<Caller, Answer> {
        let (_, token) = self
            .authorization()
            .ok_or_else(|| Answer::error(401, "Access token required"))?;
        let claims = self
            .state
            .tokens
            .read(token)
            .map_err(|_| Answer::error(403, "Invalid or expired token"))?;
        Ok(Caller::of(&claims))
    }

    /// What the TypeScript routers check.
    pub(super) fn type_script_caller(&self) -> Result<Caller, Answer> {
        let (_, token) = self
            .authorization()
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .ok_or_else(|| {
                Answer::error_with(401, "Unauthorized", "No authentication token provided")
            })?;
        if self.settings.has_broken_type_script_auth {
            let message = "Authentication check failed";
            return Err(Answer::error_with(500, "Internal server error", message));
        }
        let invalid = || Answer::error_with(401, "Invalid token", "Authentication failed");
        let claims = self
            .state
            .tokens
            .read(token)
            .map_err(|problem| match problem {
                TokenProblem::Expired => {
                    let message = "Please refresh your token or log in again";
                    Answer::error_with(401, "Token expired", message)
                }
                TokenProblem::Invalid => invalid(),
            })?;
        if claims.get("aud").and_then(Value::as_str) != Some("mpanel-api") {
            return Err(invalid());
        }
        Ok(Caller::of(&claims))
    }

    /// Whether a fault takes away what the caller's role allows.
    fn is_under_privileged(&self) -> bool {
        let is_meant = |fault| fault == Fault::UnderPrivilegedKey;
        self.operation
            .is_some_and(|operation| self.arming.take(&operation, is_meant).is_some())
    }

    /// Wants one of these roles, letter by letter.
    pub(super) fn require_role(
        &self,
        caller: &Caller,
        roles: &[&str],
        refusal: impl FnOnce() -> Answer,
    ) -> Result<(), Answer> {
        if roles.contains(&caller.role.as_str()) && !self.is_under_privileged() {
            Ok(())
        } else {
            Err(refusal())
        }
    }

    /// A caller of a legacy router whose role is one of these.
    pub(super) fn legacy_caller_with(&self, roles: &[&str]) -> Result<Caller, Answer> {
        let caller = self.legacy_caller()?;
        self.require_role(&caller, roles, insufficient)?;
        Ok(caller)
    }

    /// A caller of the legacy provisioning router, behind the TypeScript one where there is one. Only `admin` will do.
    pub(super) fn provisioning_caller(&self) -> Result<Caller, Answer> {
        if !self.is_legacy() {
            self.type_script_caller()?;
        }
        self.legacy_caller_with(&["admin"])
    }

    /// A caller of a TypeScript router whose role in the tenant is at least this one.
    pub(super) fn type_script_caller_from(&self, least: &str) -> Result<Caller, Answer> {
        let caller = self.type_script_caller()?;
        if level(&caller.role) >= level(least) && !self.is_under_privileged() {
            Ok(caller)
        } else {
            let message = "Insufficient permissions";
            Err(Answer::error_with(403, "Forbidden", message))
        }
    }

    /// A caller of a TypeScript router that names the roles it takes.
    pub(super) fn type_script_caller_of(&self, roles: &[&str]) -> Result<Caller, Answer> {
        let caller = self.type_script_caller()?;
        self.require_role(&caller, roles, || {
            let roles = roles.join(", ");
            let message = format!("This action requires one of the following roles: {roles}");
            Answer::failure_with(403, "Insufficient permissions", &message)
        })?;
        Ok(caller)
    }

    /// A platform administrator.
    pub(super) fn platform_caller(&self) -> Result<Caller, Answer> {
        let caller = self.type_script_caller()?;
        let is_owner = caller.email.is_some() && caller.email == self.settings.platform_owner_email;
        if (caller.role == "PLATFORM_ADMIN" || is_owner) && !self.is_under_privileged() {
            Ok(caller)
        } else {
            let message = "This resource requires platform administrator privileges";
            Err(Answer::failure_with(403, "Platform access denied", message))
        }
    }

    /// Whether a header carries the secret both sides know.
    pub(super) fn knows_secret(&self, header: &str, secret: Option<&SecretString>) -> bool {
        let is_meant = |fault| fault == Fault::WrongSecret;
        if let Some(operation) = self.operation
            && self.arming.take(&operation, is_meant).is_some()
        {
            return false;
        }
        match (self.header(header), secret) {
            (Some(given), Some(secret)) => given == secret.expose_secret(),
            _ => false,
        }
    }

    /// The user a customer created by this caller belongs to, and whose customers the caller sees.
    pub(super) fn owner(&self, caller: &Caller) -> Option<String> {
        let read = self.settings.reads_type_script_user_ids;
        let type_script_id = caller.type_script_id.as_ref().filter(|_| read);
        caller.id.as_ref().or(type_script_id).cloned()
    }
}

/// The legacy routers' refusal of a role.
pub(super) fn insufficient() -> Answer {
    Answer::error(403, "Insufficient permissions")
}
