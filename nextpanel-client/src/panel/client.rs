//! The client of one hosting panel.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use panel_http::Endpoint;
use panel_http::Error;
use panel_http::Preview;
use panel_http::Timeouts;
use panel_http::{Client, ClientBuilder, CredentialKind, Login, LoginSource};

use super::login::AdminRoutes;

/// A client of one hosting panel. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Panel {
    client: Client,
    key_id: Arc<str>,
}

/// An API key and its secret (`npk_...`, `nps_...`).
#[derive(Clone)]
pub struct PanelCredentials {
    key: SecretString,
    secret: SecretString,
}

impl PanelCredentials {
    /// An API key and its secret.
    #[must_use]
    pub const fn new(key: SecretString, secret: SecretString) -> Self {
        Self { key, secret }
    }

    /// The value of `X-API-Key`.
    #[must_use]
    pub const fn key(&self) -> &SecretString {
        &self.key
    }

    /// The value of `X-API-Secret`.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// Enough of the key to find it in the panel's list, and too little to use it: its prefix and four characters.
    fn key_id(&self) -> String {
        let shown: String = self.key.expose_secret().chars().take(8).collect();
        format!("{shown}...")
    }
}

impl fmt::Debug for PanelCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PanelCredentials([secret])")
    }
}

/// Sets a [`Panel`] up.
#[derive(Debug)]
pub struct PanelBuilder {
    client: ClientBuilder,
    key_id: String,
}

impl PanelBuilder {
    /// Logs in as an administrator of the panel where a call asks for it: creating API keys does.
    #[must_use]
    pub fn admin_login(mut self, username: impl Into<String>, password: SecretString) -> Self {
        let login = LoginSource::new(Login::new(username, password), AdminRoutes);
        self.client = self.client.credential_source(CredentialKind::Bearer, login);
        self
    }

    /// Takes plain `http://` to a public host, where anybody on the way reads the key.
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
    /// [`panel_http::Kind::Config`] for a URL that is not usable, plain http to a public host, or a key that
    /// cannot be sent. All of it is found here; nothing is sent.
    pub fn build(self) -> Result<Panel, Error> {
        Ok(Panel {
            client: self.client.build()?,
            key_id: self.key_id.into(),
        })
    }
}

impl Panel {
    /// A panel at `base_url`, with or without trailing slash, with or without `/api`.
    #[must_use]
    pub fn builder(base_url: &str, credentials: &PanelCredentials) -> PanelBuilder {
        PanelBuilder {
            client: Client::builder(base_url)
                .path_prefix("/api")
                .key_pair(&credentials.key, &credentials.secret),
            key_id: credentials.key_id(),
        }
    }

    /// A panel one has no key of yet: for its health, for logins, and for creating the first key
    /// ([`PanelBuilder::admin_login`]).
    #[must_use]
    pub fn without_key(base_url: &str) -> PanelBuilder {
        PanelBuilder {
            client: Client::builder(base_url).path_prefix("/api"),
            key_id: String::new(),
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

    /// The underlying client, for requests this crate does not know.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The public part of the API key, to find it in the panel's list; empty without one.
    #[must_use]
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}
