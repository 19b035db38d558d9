//! Who is logged in, as far as the login and its token say.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{dialect::Generation, tenant::TenantId, users::UserId};

/// Who is logged in. Holds no token and no e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Session {
    generation: Option<Generation>,
    user_id: Option<UserId>,
    role: Option<String>,
    tenant_id: Option<TenantId>,
}

impl Session {
    /// A session of which nothing is known, as tests begin with.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads what a token claims; nothing if it is no JSON web token. Its signature is the server's business.
    #[must_use]
    pub fn of_token(token: &SecretString) -> Self {
        let claims = token
            .expose_secret()
            .split('.')
            .nth(1)
            .and_then(|payload| {
                BASE64_URL_SAFE_NO_PAD
                    .decode(payload.trim_end_matches('='))
                    .ok()
            })
            .and_then(|json| serde_json::from_slice::<Claims>(&json).ok())
            .unwrap_or_default();
        let generation = if claims.aud.as_deref() == Some("mpanel-api") {
            Some(Generation::TypeScript)
        } else {
            // Both spellings of the legacy token: of the login, and of set-password (contract 2.2).
            (claims.role.is_some() && claims.aud.is_none()).then_some(Generation::Legacy)
        };
        Self {
            generation,
            user_id: claims.id.or(claims.user_id),
            role: claims.role,
            tenant_id: claims.tenant_id.or(claims.tenant_id_camel),
        }
    }

    /// Sets the generation whose token it is.
    #[must_use]
    pub fn with_generation(mut self, generation: Generation) -> Self {
        self.generation = Some(generation);
        self
    }

    /// Sets the role.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// Sets the tenant.
    #[must_use]
    pub fn with_tenant_id(mut self, tenant_id: TenantId) -> Self {
        self.tenant_id = Some(tenant_id);
        self
    }

    /// Sets the user.
    #[must_use]
    pub fn with_user_id(mut self, user_id: UserId) -> Self {
        self.user_id = Some(user_id);
        self
    }

    /// The generation whose token it is. Tokens of one are refused by the routes of the other (contract 2.2).
    #[must_use]
    pub const fn generation(&self) -> Option<Generation> {
        self.generation
    }

    /// The user.
    #[must_use]
    pub const fn user_id(&self) -> Option<&UserId> {
        self.user_id.as_ref()
    }

    /// The role, letter by letter: the server compares it exactly.
    #[must_use]
    pub fn role(&self) -> Option<&str> {
        self.role.as_deref()
    }

    /// The tenant. A `super_admin` of the legacy server may have none.
    #[must_use]
    pub const fn tenant_id(&self) -> Option<&TenantId> {
        self.tenant_id.as_ref()
    }

    /// Whether a list of customers shows those of everybody. The legacy handler asks for the role exactly `admin`; with
    /// any other it shows only rows of the caller's own user, and with a TypeScript token not even those (contract 7).
    #[must_use]
    pub fn sees_every_customer(&self) -> bool {
        self.role() == Some("admin")
    }

    /// What this session does not say, the other does.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            generation: self.generation.or(other.generation),
            user_id: self.user_id.or(other.user_id),
            role: self.role.or(other.role),
            tenant_id: self.tenant_id.or(other.tenant_id),
        }
    }
}

#[derive(Default, Deserialize)]
struct Claims {
    id: Option<UserId>,
    #[serde(rename = "userId")]
    user_id: Option<UserId>,
    role: Option<String>,
    tenant_id: Option<TenantId>,
    #[serde(rename = "tenantId")]
    tenant_id_camel: Option<TenantId>,
    aud: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(claims: &str) -> Session {
        let token = format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims));
        Session::of_token(&SecretString::from(token))
    }

    #[test]
    fn both_generations_are_read_from_their_claims() {
        let legacy = session(r#"{"id":"u-1","role":"admin","tenant_id":"t-1","iat":1,"exp":2}"#);
        assert_eq!(legacy.generation(), Some(Generation::Legacy));
        assert_eq!(legacy.role(), Some("admin"));
        assert_eq!(legacy.tenant_id(), Some(&TenantId::text("t-1")));
        assert!(legacy.sees_every_customer());
        let typescript = session(
            r#"{"userId":"u-1","tenantId":"t-1","role":"OWNER","type":"access","aud":"mpanel-api","iss":"mpanel"}"#,
        );
        assert_eq!(typescript.generation(), Some(Generation::TypeScript));
        assert_eq!(typescript.user_id(), Some(&UserId::text("u-1")));
        assert!(!typescript.sees_every_customer());
    }

    #[test]
    fn the_token_of_set_password_is_a_legacy_one() {
        let session = session(r#"{"userId":"u-1","tenantId":"t-1","role":"customer"}"#);
        assert_eq!(session.generation(), Some(Generation::Legacy));
        assert_eq!(session.user_id(), Some(&UserId::text("u-1")));
    }

    #[test]
    fn nonsense_says_nothing() {
        for token in ["", "opaque", "a.b.c", "..", "e30.e30.e30"] {
            assert_eq!(
                Session::of_token(&SecretString::from(token)),
                Session::new()
            );
        }
    }
}
