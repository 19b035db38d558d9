//! Who is calling, and with which rights.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::backend::Backend;
use super::call::Call;
use super::tokens::BadToken;
use crate::Fault;
use crate::fastapi::Refusal;

/// Whoever the token was issued to, whether or not there still is such a user.
pub(super) struct Caller {
    pub(super) id: String,
    /// What the token says, which some routes believe.
    pub(super) claims_admin: bool,
}

impl Backend {
    /// The caller, told by the token.
    pub(super) fn caller(&self, call: &Call<'_>) -> Result<Caller, Refusal> {
        let token = bearer(&call.request.headers)?;
        let refused = || Refusal::new(401, "Could not validate credentials");
        let is_expiry = |fault| fault == Fault::ExpiredToken;
        if self.arming.take(call.operation, is_expiry).is_some() {
            return Err(refused());
        }
        let claims = self.state().tokens.read(token).map_err(|problem| {
            if let BadToken::Struck(fault) = problem {
                self.arming.count_strike(fault);
            }
            refused()
        })?;
        Ok(Caller {
            id: claims.sub,
            claims_admin: claims.is_admin,
        })
    }

    /// The caller, who must be an administrator by the row in the database.
    pub(super) fn administrator(&self, call: &Call<'_>) -> Result<Caller, Refusal> {
        let caller = self.caller(call)?;
        self.demand(call, self.is_administrator(&caller))?;
        Ok(caller)
    }

    /// The caller, who must have been an administrator when the token was issued.
    pub(super) fn claimed_administrator(&self, call: &Call<'_>) -> Result<Caller, Refusal> {
        let caller = self.caller(call)?;
        self.demand(call, caller.claims_admin)?;
        Ok(caller)
    }

    pub(super) fn is_administrator(&self, caller: &Caller) -> bool {
        let state = self.state();
        state.user(&caller.id).is_some_and(|user| user.is_admin)
    }

    /// Refuses a caller without an administrator's rights.
    pub(super) fn demand(&self, call: &Call<'_>, has_rights: bool) -> Result<(), Refusal> {
        let is_struck = |fault| fault == Fault::UnderPrivilegedKey;
        if !has_rights || self.arming.take(call.operation, is_struck).is_some() {
            return Err(Refusal::new(403, "Admin access required"));
        }
        Ok(())
    }
}

fn bearer(headers: &HeaderMap) -> Result<&str, Refusal> {
    let value = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    match value.split_once(' ') {
        None | Some((_, "")) => Err(Refusal::new(403, "Not authenticated")),
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token),
        Some(_) => Err(Refusal::new(403, "Invalid authentication credentials")),
    }
}
