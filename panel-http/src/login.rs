use std::{fmt, time::Duration};

use secrecy::SecretString;

use crate::{endpoint::Endpoint, token_grant::TokenGrant};

/// Who logs in: an e-mail address or a username, whichever the panel asks for, and a password. Prints neither.
#[derive(Clone)]
pub struct Login {
    name: String,
    password: SecretString,
}

impl Login {
    /// A name and its password.
    #[must_use]
    pub fn new(name: impl Into<String>, password: SecretString) -> Self {
        Self {
            name: name.into(),
            password,
        }
    }

    /// E-mail address or username.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Password.
    #[must_use]
    pub const fn password(&self) -> &SecretString {
        &self.password
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

/// How one panel logs in: the endpoints a client crate has for it, made from the values of a
/// [`LoginSource`](crate::LoginSource).
///
/// ```
/// use std::time::Duration;
///
/// use panel_http::{
///     Answer, DecodeError, EncodeError, Endpoint, HttpMethod, Login, LoginRoutes, Operation, RequestBody,
///     Safety, TokenGrant,
/// };
/// use secrecy::SecretString;
///
/// struct LogIn(Login);
///
/// impl Endpoint for LogIn {
///     const OPERATION: &'static Operation =
///         &Operation::new("log in", HttpMethod::Post, "/api/auth/login", Safety::ReadOnly);
///     type Reply = TokenGrant;
///
///     fn body(&self) -> Result<RequestBody, EncodeError> {
///         RequestBody::object(|body| {
///             body.field("email", self.0.name())?;
///             body.secret("password", self.0.password())
///         })
///     }
///
///     fn decode(&self, answer: &Answer) -> Result<TokenGrant, DecodeError> {
///         TokenGrant::read(answer)
///     }
/// }
///
/// struct Routes;
///
/// impl LoginRoutes for Routes {
///     const DOCUMENTED_LIFETIME: Duration = Duration::from_secs(15 * 60);
///     type LogIn = LogIn;
///     type Refresh = LogIn;
///
///     fn log_in(&self, login: &Login) -> LogIn {
///         LogIn(login.clone())
///     }
/// }
/// ```
pub trait LoginRoutes: Send + Sync + 'static {
    /// How long a token lives where neither the reply nor the token itself tells.
    const DOCUMENTED_LIFETIME: Duration;

    /// The login. Its operation must not ask for the token it is to bring.
    type LogIn: Endpoint<Reply = TokenGrant> + Send;

    /// The renewal; the same as the login where the panel has none.
    type Refresh: Endpoint<Reply = TokenGrant> + Send;

    /// The login of this name and password.
    fn log_in(&self, login: &Login) -> Self::LogIn;

    /// The renewal with this refresh token, if the panel has one.
    fn refresh(&self, refresh_token: &SecretString) -> Option<Self::Refresh> {
        let _ = refresh_token;
        None
    }
}
