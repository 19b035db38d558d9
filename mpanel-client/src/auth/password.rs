//! `POST /api/auth/set-password`, `/verify-session`.

use panel_http::{Answer, DecodeError, EncodeError, Endpoint, Operation, RequestBody, TokenGrant};
use secrecy::{ExposeSecret, SecretString};

use super::{SET_PASSWORD, VERIFY_SESSION};
use crate::reply::{self, Done};

/// Replaces a temporary password. The token of the reply is good for legacy routes, but not for `/api/auth/me`
/// (contract 2.2).
///
/// # Errors
/// Of the call: `Encode` for a new password of fewer than 8 characters, which the server refuses; `Auth` for a wrong
/// temporary one.
#[derive(Clone)]
pub struct SetPassword {
    email: String,
    temporary: SecretString,
    new: SecretString,
}

impl SetPassword {
    /// Replaces `temporary` by `new`.
    #[must_use]
    pub fn new(email: impl Into<String>, temporary: SecretString, new: SecretString) -> Self {
        Self {
            email: email.into(),
            temporary,
            new,
        }
    }
}

impl std::fmt::Debug for SetPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SetPassword(..)")
    }
}

impl Endpoint for SetPassword {
    const OPERATION: &'static Operation = &SET_PASSWORD;
    type Reply = TokenGrant;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        if self.new.expose_secret().chars().count() < 8 {
            return Err(EncodeError::new(
                "the new password has fewer than 8 characters",
            ));
        }
        RequestBody::object(|body| {
            body.field("email", &self.email)?;
            body.secret("tempPassword", &self.temporary)?;
            body.secret("newPassword", &self.new)
        })
    }

    fn decode(&self, answer: &Answer) -> Result<TokenGrant, DecodeError> {
        TokenGrant::read(answer)
    }
}

/// Asks about a checkout session. The server answers yes to every one (contract 2.3).
#[derive(Debug, Clone)]
pub struct VerifySession(pub String);

impl Endpoint for VerifySession {
    const OPERATION: &'static Operation = &VERIFY_SESSION;
    type Reply = Done;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.field("sessionId", &self.0))
    }

    fn decode(&self, answer: &Answer) -> Result<Done, DecodeError> {
        reply::done(answer)
    }
}
