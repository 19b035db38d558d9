//! `POST /api/auth/login/json`.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use panel_http::Answer;
use panel_http::DecodeError;
use panel_http::EncodeError;
use panel_http::Endpoint;
use panel_http::Operation;
use panel_http::RequestBody;
use panel_http::{Login, LoginRoutes, TokenGrant};

use super::operations::LOG_IN;

/// Logs a user of the panel in, such as to prove that a password is right. The reply is the access token.
#[derive(Debug, Clone)]
pub struct LogIn {
    username: String,
    password: SecretString,
}

impl LogIn {
    /// A login.
    #[must_use]
    pub fn new(username: impl Into<String>, password: SecretString) -> Self {
        Self {
            username: username.into(),
            password,
        }
    }
}

impl Endpoint for LogIn {
    const OPERATION: &'static Operation = &LOG_IN;
    type Reply = SecretString;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| {
            body.field("username", &self.username)?;
            body.secret("password", &self.password)
        })
    }

    fn decode(&self, answer: &Answer) -> Result<SecretString, DecodeError> {
        #[derive(Deserialize)]
        struct Token {
            access_token: SecretString,
        }
        answer.json::<Token>().map(|token| token.access_token)
    }
}

/// The same login, whose token is kept for calls that ask for one.
#[derive(Debug, Clone)]
pub(super) struct LogInForToken(LogIn);

impl Endpoint for LogInForToken {
    const OPERATION: &'static Operation = &LOG_IN;
    type Reply = TokenGrant;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        self.0.body()
    }

    fn decode(&self, answer: &Answer) -> Result<TokenGrant, DecodeError> {
        self.0.decode(answer).map(TokenGrant::new)
    }
}

/// How an administrator of the panel logs in.
#[derive(Debug, Clone, Copy)]
pub(super) struct AdminRoutes;

impl LoginRoutes for AdminRoutes {
    // Not documented; the sibling service's.
    const DOCUMENTED_LIFETIME: Duration = Duration::from_secs(15 * 60);
    type LogIn = LogInForToken;
    type Refresh = LogInForToken;

    fn log_in(&self, login: &Login) -> LogInForToken {
        LogInForToken(LogIn::new(login.name(), login.password().clone()))
    }
}
