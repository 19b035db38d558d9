//! The client of one mPanel server.

use std::{fmt, sync::Arc, time::Duration};

use panel_http::{
    BaseUrl, BoxFuture, CallOptions, Client, ClientBuilder, Credential, CredentialContext,
    CredentialKind, CredentialSource, Endpoint, Error, Kind, ListEndpoint, Listing, Login,
    LoginSource, Preview, StaticCredential, Timeouts,
};
use provisioning_core::permission::Denial;
use secrecy::SecretString;
use tokio::time::Instant;

use crate::{
    auth::MpanelLoginRoutes,
    conventions::MpanelConventions,
    denial::DenialExt,
    dialect::{Dialect, Generation, Resource},
    learned::Learned,
    marketing::MarketingPath,
    probe::Probe,
    session::Session,
};

/// Header of the token shared for `provisioning/stripe`.
pub(crate) const PROVISIONING_TOKEN: &str = "x-mpanel-token";
/// Header of the key shared for `orders/webhook`.
pub(crate) const INTERNAL_KEY: &str = "x-internal-key";
/// Header of a marketing key.
pub(crate) const MARKETING_KEY: &str = "x-api-key";

/// A login that takes longer fails by its own limits.
const LONGEST_LOGIN: Duration = Duration::from_secs(120);

/// A client of one mPanel server, of either generation. Cheap to clone; clones share connections, the login, and what
/// was learned of the server.
#[derive(Clone)]
pub struct Mpanel {
    client: Client,
    learned: Arc<Learned>,
    user: Option<SharedSource>,
}

/// Sets an [`Mpanel`] up.
#[derive(Debug)]
pub struct MpanelBuilder {
    client: ClientBuilder,
    learned: Arc<Learned>,
    user: Option<SharedSource>,
    fault: Option<String>,
}

impl Mpanel {
    /// A server at `base_url`, with or without trailing slash, with or without `/api`.
    ///
    /// ```
    /// use mpanel_client::Mpanel;
    /// use panel_http::Login;
    ///
    /// # fn main() -> Result<(), panel_http::Error> {
    /// let mpanel = Mpanel::builder("https://panel.example.com/api")
    ///     .login(Login::new("ops@example.com", "Tr0ub4dor&3".into()))
    ///     .provisioning_token(&"shared-with-the-server".into())
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn builder(base_url: &str) -> MpanelBuilder {
        let learned = Arc::new(Learned::default());
        MpanelBuilder {
            client: Client::builder(base_url)
                .path_prefix("/api")
                .conventions(MpanelConventions::new(learned.clone())),
            learned,
            user: None,
            fault: None,
        }
    }

    /// Calls an endpoint.
    ///
    /// Statuses this server is known to misuse are told as what they mean: a 500 that names a constraint is `Conflict`
    /// or `Validation`, a missing route is `NotImplemented`, each with a note that says how that is known.
    ///
    /// # Errors
    /// As the endpoint documents.
    pub async fn call<E: Endpoint>(&self, endpoint: E) -> Result<E::Reply, Error> {
        self.call_with(&endpoint, &CallOptions::new()).await
    }

    /// Calls an endpoint with time limits of its own.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn call_with<E: Endpoint>(
        &self,
        endpoint: &E,
        options: &CallOptions,
    ) -> Result<E::Reply, Error> {
        self.client.call_with(endpoint, options).await
    }

    /// Reads a list: as pages, as rows one by one, or all at once. Lists the server sends whole (customers, users,
    /// servers) are read as they arrive, a row at a time.
    ///
    /// ```no_run
    /// use mpanel_client::customers::ListCustomers;
    ///
    /// # async fn example(mpanel: &mpanel_client::Mpanel) -> Result<(), panel_http::Error> {
    /// let customers = mpanel.list(ListCustomers).collect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn list<E: ListEndpoint>(&self, endpoint: E) -> Listing<E> {
        self.client.list(endpoint)
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

    /// Where the server is.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        self.client.base_url()
    }

    /// Who is logged in, logging in if nobody is yet.
    ///
    /// # Errors
    /// `Config` where the client was given neither login nor token, `Auth` where the login is refused, and whatever
    /// else keeps a login from being made.
    pub async fn session(&self) -> Result<Session, Error> {
        const OPERATION: &str = "mpanel.session";
        let Some(user) = &self.user else {
            return Err(Error::new(Kind::Config, OPERATION)
                .with_note("the client was given neither login nor token"));
        };
        let context = CredentialContext {
            client: &self.client,
            deadline: Instant::now() + LONGEST_LOGIN,
        };
        user.credential(context).await?;
        Ok(self.known_session().unwrap_or_default())
    }

    /// Who is logged in, as far as a login was made. Asks nothing.
    #[must_use]
    pub fn known_session(&self) -> Option<Session> {
        self.learned.session()
    }

    /// The generation of the server, learned once: from the login where there is one, or else by one request for a route
    /// nobody has. Whoever asks at the same time waits for the same answer.
    ///
    /// # Errors
    /// Those of the request; `Decode` if the answer is no mPanel's.
    pub async fn generation(&self) -> Result<Generation, Error> {
        if let Some(generation) = self.learned.generation() {
            return Ok(generation);
        }
        let _learning = self.learned.learning().await;
        if let Some(generation) = self.learned.generation() {
            return Ok(generation);
        }
        // The login has to be made anyway by whoever wants to write, and tells. One that fails does not tell.
        if self.user.is_some()
            && self.session().await.is_ok()
            && let Some(generation) = self.learned.generation()
        {
            return Ok(generation);
        }
        let generation = self.call(Probe).await?;
        self.learned.keep_generation(generation);
        Ok(generation)
    }

    /// The dialect of a resource: as it was set, else as the server's generation speaks it.
    ///
    /// # Errors
    /// As [`generation`](Self::generation).
    pub async fn dialect(&self, resource: Resource) -> Result<Dialect, Error> {
        if let Some(dialect) = self.learned.dialect(resource) {
            return Ok(dialect);
        }
        self.generation().await?;
        Ok(self.learned.dialect(resource).unwrap_or(Dialect::Legacy))
    }

    /// What a refused call lacked and how to mend it, with the role of this client's own session.
    #[must_use]
    pub fn denial(&self, error: &Error) -> Option<Denial> {
        error.denial(self.known_session().as_ref())
    }

    pub(crate) fn learned(&self) -> &Learned {
        &self.learned
    }
}

impl MpanelBuilder {
    /// The user to log in as, when a token is first needed.
    #[must_use]
    pub fn login(mut self, login: Login) -> Self {
        let routes = MpanelLoginRoutes::new(self.learned.clone());
        self.user = Some(SharedSource(Arc::new(LoginSource::new(login, routes))));
        self
    }

    /// A token that was obtained elsewhere. When it is refused or expires, calls end in `Auth`.
    #[must_use]
    pub fn token(mut self, token: &SecretString) -> Self {
        match Credential::bearer(token, panel_http::Generation::FIRST) {
            Ok(credential) => {
                self.learned.keep_session(Session::of_token(token));
                self.user = Some(SharedSource(Arc::new(StaticCredential::new(credential))));
            }
            Err(fault) => self.fault = Some(fault),
        }
        self
    }

    /// `MPANEL_PROVISIONING_TOKEN`, which `provisioning/stripe` asks for.
    #[must_use]
    pub fn provisioning_token(mut self, token: &SecretString) -> Self {
        self.client = self.client.secret_header(PROVISIONING_TOKEN, token);
        self
    }

    /// `MARKETING_WEBHOOK_SECRET`, which `orders/webhook` asks for.
    #[must_use]
    pub fn internal_key(mut self, key: &SecretString) -> Self {
        self.client = self.client.secret_header(INTERNAL_KEY, key);
        self
    }

    /// A key of the marketing routes, `mk_...`.
    #[must_use]
    pub fn marketing_key(mut self, key: &SecretString) -> Self {
        self.client = self.client.secret_header(MARKETING_KEY, key);
        self
    }

    /// Sets the path of the marketing routes (`/api/marketing` by default).
    #[must_use]
    pub fn marketing_path(mut self, path: MarketingPath) -> Self {
        if path == MarketingPath::MarketingApi {
            self.client = self
                .client
                .path_alias("/api/marketing/", "/api/marketing-api/");
        }
        self
    }

    /// Sets the dialect of a resource, which is then not learned.
    #[must_use]
    pub fn dialect(self, resource: Resource, dialect: Dialect) -> Self {
        self.learned.set_dialect(resource, dialect);
        self
    }

    /// Sets the generation of the server, which is then not learned.
    #[must_use]
    pub fn generation(self, generation: Generation) -> Self {
        self.learned.keep_generation(generation);
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
    /// [`panel_http::Kind::Config`] for a URL that is not usable, plain http to a public host, or a secret that cannot
    /// be sent. All of it is found here; nothing is sent.
    pub fn build(self) -> Result<Mpanel, Error> {
        let mut client = self.client;
        if let Some(user) = &self.user {
            client = client.credential_source(CredentialKind::Bearer, user.clone());
        }
        let client = client.build()?;
        match self.fault {
            Some(fault) => Err(Error::new(Kind::Config, "set up client").with_note(fault)),
            None => Ok(Mpanel {
                client,
                learned: self.learned,
                user: self.user,
            }),
        }
    }
}

impl fmt::Debug for Mpanel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mpanel")
            .field("client", &self.client)
            .field("generation", &self.learned.generation())
            .finish_non_exhaustive()
    }
}

/// The login, held by the client and by whoever asks for the session.
#[derive(Clone)]
struct SharedSource(Arc<dyn CredentialSource>);

impl fmt::Debug for SharedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSource")
    }
}

impl CredentialSource for SharedSource {
    fn credential<'a>(
        &'a self,
        context: CredentialContext<'a>,
    ) -> BoxFuture<'a, Result<Credential, Error>> {
        self.0.credential(context)
    }

    fn at_hand(&self) -> Option<Credential> {
        self.0.at_hand()
    }

    fn refused(&self, generation: panel_http::Generation) -> bool {
        self.0.refused(generation)
    }
}
