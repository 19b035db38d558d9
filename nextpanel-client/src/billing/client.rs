//! The client of one billing backend.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use panel_http::{
    Answer, Client, ClientBuilder, Conventions, CredentialKind, DecodeError, EncodeError, Endpoint,
    Error, Login, LoginRoutes, LoginSource, Operation, Preview, RequestBody, ServerError, Timeouts,
    TokenGrant,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{Mutex, MutexGuard};

use super::customer_belongings::BillingCycle;
use super::id::{ProductPlanId, SubscriptionId};
use super::operations::LOG_IN;

/// A client of one billing backend. Cheap to clone; clones share the login, the connections and the turns of orders.
#[derive(Debug, Clone)]
pub struct Billing {
    client: Client,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Held while an order is created.
    order_turn: Mutex<()>,
    /// What this client subscribed to; held while a subscription is created.
    subscriptions: Mutex<SubscriptionsMade>,
}

type SubscriptionsMade = HashMap<(ProductPlanId, BillingCycle), SubscriptionId>;

/// Sets a [`Billing`] up.
#[derive(Debug)]
pub struct BillingBuilder {
    client: ClientBuilder,
}

impl BillingBuilder {
    /// Logs in as this user where a call asks for it. Without it only the open routes can be called.
    ///
    /// A login is the only way to a token, and the only way to renew one: before its 15 minutes are over the client logs
    /// in again. The refresh token is dropped as it comes: it would work as access token for a week, which is nothing to
    /// keep in memory (section 4.2).
    #[must_use]
    pub fn login(mut self, email: impl Into<String>, password: SecretString) -> Self {
        let login = LoginSource::new(Login::new(email, password), Routes);
        self.client = self.client.credential_source(CredentialKind::Bearer, login);
        self
    }

    /// Takes plain `http://` to a public host, where anybody on the way reads passwords and tokens.
    #[must_use]
    pub fn allow_plain_http(mut self) -> Self {
        self.client = self.client.allow_plain_http();
        self
    }

    /// Sets every time limit of every call.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.client = self.client.timeouts(timeouts);
        self
    }

    /// Ignores the proxy variables of the environment.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.client = self.client.no_proxy();
        self
    }

    /// Changes the underlying client in any way it offers.
    #[must_use]
    pub fn with_client(mut self, change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Self {
        self.client = change(self.client);
        self
    }

    /// The client.
    ///
    /// # Errors
    /// [`panel_http::Kind::Config`] for a URL that is not usable or plain http to a public host. Nothing is sent.
    pub fn build(self) -> Result<Billing, Error> {
        Ok(Billing {
            client: self.client.build()?,
            shared: Arc::default(),
        })
    }
}

impl Billing {
    /// A backend at `base_url`, with or without trailing slash, with or without `/api/v1`.
    #[must_use]
    pub fn builder(base_url: &str) -> BillingBuilder {
        BillingBuilder {
            client: Client::builder(base_url)
                .path_prefix("/api/v1")
                .conventions(BillingConventions),
        }
    }

    /// Calls an endpoint.
    ///
    /// # Errors
    /// As the endpoint documents.
    pub async fn call<E: Endpoint>(&self, endpoint: E) -> Result<E::Reply, Error> {
        self.client.call(&endpoint).await
    }

    /// The exact request of an endpoint with secrets as `[secret]`. Nothing is sent.
    ///
    /// # Errors
    /// [`panel_http::Kind::Encode`] if the request cannot be made from its arguments.
    pub fn preview<E: Endpoint>(&self, endpoint: &E) -> Result<Preview, Error> {
        self.client.preview(endpoint)
    }

    /// The underlying client, for requests this crate does not know, see [`RAW`](super::RAW).
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// For endpoints that are called through a method alone.
    pub(super) async fn call_guarded<E: Endpoint>(&self, endpoint: &E) -> Result<E::Reply, Error> {
        self.client.call(endpoint).await
    }

    pub(super) async fn order_turn(&self) -> MutexGuard<'_, ()> {
        self.shared.order_turn.lock().await
    }

    pub(super) async fn subscriptions_made(&self) -> MutexGuard<'_, SubscriptionsMade> {
        self.shared.subscriptions.lock().await
    }
}

/// How the backend uses statuses (sections 3 and 4.2).
#[derive(Debug, Clone, Copy)]
struct BillingConventions;

impl Conventions for BillingConventions {
    /// A missing token is a 403 like a missing right, and a wrong password a 401 like a dead token.
    fn refuses_credential(&self, status: StatusCode, server: &ServerError) -> bool {
        match status {
            StatusCode::UNAUTHORIZED => !server.says("password is incorrect"),
            StatusCode::FORBIDDEN => {
                server.says("not authenticated")
                    || server.says("invalid authentication credentials")
            }
            _ => false,
        }
    }

    /// It answers 500 to bad input, and on some routes always.
    fn repeats_internal_errors(&self) -> bool {
        false
    }
}

/// How the backend logs in.
#[derive(Debug, Clone, Copy)]
struct Routes;

impl LoginRoutes for Routes {
    const DOCUMENTED_LIFETIME: Duration = Duration::from_secs(15 * 60);
    type LogIn = LogIn;
    type Refresh = LogIn;

    fn log_in(&self, login: &Login) -> LogIn {
        LogIn::new(login.name(), login.password().clone())
    }
}

/// Logs in, and brings the token alone. A client that was given a login does this by itself.
#[derive(Debug, Clone)]
pub struct LogIn(Login);

impl LogIn {
    /// As this user. The part before the `@` has a case: `Ann@` and `ann@` are two users.
    #[must_use]
    pub fn new(email: impl Into<String>, password: SecretString) -> Self {
        Self(Login::new(email, password))
    }
}

impl Endpoint for LogIn {
    const OPERATION: &'static Operation = &LOG_IN;
    type Reply = TokenGrant;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        // The backend cannot hash it: a 500 for those who exist, a 401 for those who do not.
        if self.0.password().expose_secret().len() > 72 {
            return Err(EncodeError::new(
                "the password has more than 72 bytes, which no user of the backend can have",
            ));
        }
        RequestBody::object(|body| {
            body.field("email", self.0.name())?;
            body.secret("password", self.0.password())
        })
    }

    fn decode(&self, answer: &Answer) -> Result<TokenGrant, DecodeError> {
        TokenGrant::read(answer).map(|grant| TokenGrant::new(grant.access_token().clone()))
    }
}
