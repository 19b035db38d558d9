//! `POST /api/auth/login`, `/refresh`, `/logout`.

use std::{fmt, sync::Arc, time::Duration};

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Login, LoginRoutes, Operation, RequestBody,
    TokenGrant,
};
use secrecy::SecretString;
use serde::Deserialize;

use super::{LOG_IN, LOG_OUT, REFRESH};
use crate::{
    dialect::Generation,
    endpoints::endpoints,
    learned::Learned,
    reply::{self, Done},
    session::Session,
    tenant::TenantId,
    users::UserId,
};

/// How mPanel logs in. What a login tells of user and server is kept by the client.
#[derive(Debug, Clone)]
pub struct MpanelLoginRoutes {
    learned: Arc<Learned>,
}

impl MpanelLoginRoutes {
    pub(crate) const fn new(learned: Arc<Learned>) -> Self {
        Self { learned }
    }
}

impl LoginRoutes for MpanelLoginRoutes {
    /// Where neither the reply nor the token says it (contract 2.2): the shorter of the two that are documented.
    const DOCUMENTED_LIFETIME: Duration = Duration::from_secs(15 * 60);
    type LogIn = LogIn;
    type Refresh = Refresh;

    fn log_in(&self, login: &Login) -> LogIn {
        LogIn {
            login: login.clone(),
            learned: self.learned.clone(),
        }
    }

    fn refresh(&self, refresh_token: &SecretString) -> Option<Refresh> {
        Some(Refresh {
            refresh_token: refresh_token.clone(),
            learned: self.learned.clone(),
        })
    }
}

/// Logs a user in with e-mail address and password. The legacy server compares the address letter by letter.
///
/// # Errors
/// Of the call: `Auth` where the user is unknown, suspended or the password wrong; `Denied` where the user belongs to no
/// tenant; `Api` where the server's login is broken.
#[derive(Clone)]
pub struct LogIn {
    login: Login,
    learned: Arc<Learned>,
}

impl LogIn {
    /// A login that nothing is learned from, to try a password.
    #[must_use]
    pub fn new(login: Login) -> Self {
        Self {
            login,
            learned: Arc::default(),
        }
    }
}

impl fmt::Debug for LogIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LogIn(..)")
    }
}

impl Endpoint for LogIn {
    const OPERATION: &'static Operation = &LOG_IN;
    type Reply = TokenGrant;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            // One server lower-cases the address and refuses a blank around it, the other takes it letter by letter.
            body.field("email", self.login.name().trim())?;
            body.secret("password", self.login.password())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<TokenGrant, DecodeError> {
        let grant = TokenGrant::read(answer)?;
        let told: Told = answer.json().unwrap_or_default();
        self.learned
            .keep_session(told.session().or(Session::of_token(grant.access_token())));
        Ok(grant)
    }
}

/// Renews a token. Only the TypeScript server has it, and its old refresh token stays valid.
#[derive(Clone)]
pub struct Refresh {
    refresh_token: SecretString,
    learned: Arc<Learned>,
}

impl Refresh {
    /// A renewal that nothing is learned from.
    #[must_use]
    pub fn new(refresh_token: SecretString) -> Self {
        Self {
            refresh_token,
            learned: Arc::default(),
        }
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refresh(..)")
    }
}

impl Endpoint for Refresh {
    const OPERATION: &'static Operation = &REFRESH;
    type Reply = TokenGrant;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.secret("refreshToken", &self.refresh_token))
    }

    fn decode(&self, answer: &Answer) -> Result<TokenGrant, DecodeError> {
        let grant = TokenGrant::read(answer)?;
        self.learned
            .keep_session(Session::of_token(grant.access_token()));
        Ok(grant)
    }
}

endpoints! {
    /// Says goodbye. The token stays valid all the same: the server keeps no list of them.
    LogOut -> Done = LOG_OUT, reply::done;
}

/// What the reply of a login says besides the token, in whichever of its shapes.
#[derive(Default, Deserialize)]
struct Told {
    token: Option<serde::de::IgnoredAny>,
    #[serde(rename = "accessToken")]
    access_token: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    user: User,
    #[serde(rename = "activeTenant", default)]
    active_tenant: Option<ActiveTenant>,
}

#[derive(Default, Deserialize)]
struct User {
    id: Option<UserId>,
    role: Option<String>,
    #[serde(rename = "tenantId")]
    tenant_id: Option<TenantId>,
}

#[derive(Deserialize)]
struct ActiveTenant {
    #[serde(rename = "tenantId")]
    tenant_id: Option<TenantId>,
    role: Option<String>,
}

impl Told {
    fn session(self) -> Session {
        let mut session = Session::new();
        if self.access_token.is_some() {
            session = session.with_generation(Generation::TypeScript);
        } else if self.token.is_some() {
            session = session.with_generation(Generation::Legacy);
        }
        if let Some(id) = self.user.id {
            session = session.with_user_id(id);
        }
        let (tenant_id, role) = match self.active_tenant {
            Some(tenant) => (tenant.tenant_id, tenant.role),
            None => (None, None),
        };
        if let Some(role) = role.or(self.user.role) {
            session = session.with_role(role);
        }
        if let Some(tenant_id) = tenant_id.or(self.user.tenant_id) {
            session = session.with_tenant_id(tenant_id);
        }
        session
    }
}
