//! `POST /api/auth/login/json`.

use secrecy::SecretString;
use serde::Deserialize;

use panel_http::Answer;
use panel_http::DecodeError;
use panel_http::EncodeError;
use panel_http::Endpoint;
use panel_http::Operation;
use panel_http::RequestBody;

use super::operations::LOG_IN;

/// Logs a user of the panel in. The token is read and dropped: a login is used as proof that a password is right, or
/// by the host that asked for it.
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
