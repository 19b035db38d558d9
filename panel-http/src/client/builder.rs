use std::{fmt, sync::Arc};

use secrecy::SecretString;
use tokio::sync::Semaphore;

use super::{Client, Shared, SupportView};
use crate::{
    base_url::BaseUrl,
    caps::Caps,
    conventions::{Conventions, DefaultConventions},
    credential::{Credential, CredentialSource, StaticCredential},
    error::{Error, Kind},
    exchange_view::ExchangeView,
    hook::{AttemptHook, CallHook},
    login::{Login, LoginRoutes},
    login_source::LoginSource,
    operation::CredentialKind,
    rate_limit::RateLimit,
    request_budget::RequestBudget,
    retry_budget::RetryBudget,
    retry_policy::RetryPolicy,
    timeouts::Timeouts,
    transport::{Carrier, ReqwestTransport, Transport},
};

/// Settings of a [`Client`]. Faults of all of them are reported together by [`build`](Self::build).
pub struct ClientBuilder {
    base_url: String,
    prefix: String,
    allow_plain_http: bool,
    path_aliases: Vec<(&'static str, &'static str)>,
    sources: Vec<(CredentialKind, Arc<dyn CredentialSource>)>,
    conventions: Arc<dyn Conventions>,
    timeouts: Timeouts,
    caps: Caps,
    retry_policy: RetryPolicy,
    permits: Option<usize>,
    rate_limit: Option<RateLimit>,
    request_budget: Option<RequestBudget>,
    user_agent: String,
    use_proxy: bool,
    transport: Option<Arc<dyn Transport>>,
    call_hook: Option<Arc<dyn CallHook>>,
    attempt_hook: Option<Arc<dyn AttemptHook>>,
    support_view: Option<SupportView>,
    jitter: Box<dyn Fn() -> f64 + Send + Sync>,
    faults: Vec<String>,
}

impl ClientBuilder {
    pub(super) fn new(base_url: String) -> Self {
        Self {
            base_url,
            prefix: String::new(),
            allow_plain_http: false,
            path_aliases: Vec::new(),
            sources: Vec::new(),
            conventions: Arc::new(DefaultConventions),
            timeouts: Timeouts::default(),
            caps: Caps::default(),
            retry_policy: RetryPolicy::default(),
            permits: None,
            rate_limit: None,
            request_budget: None,
            user_agent: concat!("panel-http/", env!("CARGO_PKG_VERSION")).to_owned(),
            use_proxy: true,
            transport: None,
            call_hook: None,
            attempt_hook: None,
            support_view: None,
            jitter: Box::new(rand::random::<f64>),
            faults: Vec::new(),
        }
    }

    /// The prefix the paths of the operations carry, such as `/api`: a base URL that has it already is taken as the
    /// root of the API, see [`BaseUrl`].
    #[must_use]
    pub fn path_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Allows `http://` to public hosts, where everything can be read on the way. Loopback and private addresses need
    /// no permission.
    #[must_use]
    pub fn allow_plain_http(mut self) -> Self {
        self.allow_plain_http = true;
        self
    }

    /// Sends what operations have under `from`, such as `/api/marketing/`, to the path that begins with `to` instead: for
    /// servers that serve the same routes in another spelling. Raw requests go where they say.
    #[must_use]
    pub fn path_alias(mut self, from: &'static str, to: &'static str) -> Self {
        self.path_aliases.push((from, to));
        self
    }

    /// Credentials for operations that ask for this kind. The last source of a kind counts.
    #[must_use]
    pub fn credential_source(
        mut self,
        kind: CredentialKind,
        source: impl CredentialSource,
    ) -> Self {
        self.sources.retain(|(known, _)| *known != kind);
        self.sources.push((kind, Arc::new(source)));
        self
    }

    /// A bearer token, obtained by logging in when it is needed.
    #[must_use]
    pub fn login<R: LoginRoutes>(self, login: Login, routes: R) -> Self {
        self.credential_source(CredentialKind::Bearer, LoginSource::new(login, routes))
    }

    /// An API key and its secret.
    #[must_use]
    pub fn key_pair(self, key: &SecretString, secret: &SecretString) -> Self {
        self.fixed(CredentialKind::KeyPair, Credential::key_pair(key, secret))
    }

    /// A shared secret in the header of this name.
    #[must_use]
    pub fn secret_header(self, name: &'static str, secret: &SecretString) -> Self {
        self.fixed(
            CredentialKind::Header(name),
            Credential::header(name, secret),
        )
    }

    fn fixed(mut self, kind: CredentialKind, credential: Result<Credential, String>) -> Self {
        match credential {
            Ok(credential) => self.credential_source(kind, StaticCredential::new(credential)),
            Err(fault) => {
                self.faults.push(fault);
                self
            }
        }
    }

    /// How the panel departs from the custom in its statuses.
    #[must_use]
    pub fn conventions(mut self, conventions: impl Conventions) -> Self {
        self.conventions = Arc::new(conventions);
        self
    }

    /// Other time limits.
    #[must_use]
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Other caps on bodies.
    #[must_use]
    pub fn caps(mut self, caps: Caps) -> Self {
        self.caps = caps;
        self
    }

    /// Another retry policy.
    #[must_use]
    pub fn retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.retry_policy = policy;
        self
    }

    /// At most this many calls at a time (no limit by default).
    #[must_use]
    pub fn max_concurrent_calls(mut self, calls: usize) -> Self {
        self.permits = Some(calls);
        self
    }

    /// Learns the server's limit from its replies (`X-RateLimit-Remaining`, `X-RateLimit-Reset`), and holds a request
    /// back until the next window where the limit is used up (off by default). A call that would have to wait longer
    /// than the retry policy or its deadline allow ends at once in [`Kind::RateLimited`], unsent.
    #[must_use]
    pub fn learn_rate_limit(mut self) -> Self {
        self.rate_limit = Some(RateLimit::default());
        self
    }

    /// Sends no more requests than the budget covers (no limit by default).
    #[must_use]
    pub fn request_budget(mut self, budget: &RequestBudget) -> Self {
        self.request_budget = Some(budget.clone());
        self
    }

    /// Another `User-Agent`.
    #[must_use]
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Ignores the proxy the environment names. Loopback addresses are never reached through one.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.use_proxy = false;
        self
    }

    /// Another transport, such as [`ScriptedTransport`](crate::testing::ScriptedTransport).
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Told of every call.
    #[must_use]
    pub fn call_hook(mut self, hook: impl CallHook) -> Self {
        self.call_hook = Some(Arc::new(hook));
        self
    }

    /// Told of every attempt.
    #[must_use]
    pub fn attempt_hook(mut self, hook: impl AttemptHook) -> Self {
        self.attempt_hook = Some(Arc::new(hook));
        self
    }

    /// Shows every request and reply, with their secrets taken out, for a support case (off by default). What is shown
    /// is personal data all the same.
    #[must_use]
    pub fn support_view(mut self, show: impl Fn(&ExchangeView) + Send + Sync + 'static) -> Self {
        self.support_view = Some(Box::new(show));
        self
    }

    /// Another source of jitter, numbers in `0..1`: for tests.
    #[must_use]
    pub fn jitter(mut self, jitter: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        self.jitter = Box::new(jitter);
        self
    }

    /// Makes the client. Connects to nothing.
    ///
    /// # Errors
    /// [`Kind::Config`], naming everything that is wrong.
    pub fn build(self) -> Result<Client, Error> {
        let mut faults = self.faults;
        if self.permits == Some(0) {
            faults.push("a limit of 0 concurrent calls lets none through".to_owned());
        }
        let mut conventional = self.retry_policy;
        if !self.conventions.repeats_internal_errors() {
            conventional = conventional.with_internal_errors_repeated(false);
        }
        let base = BaseUrl::parse(&self.base_url, &self.prefix, self.allow_plain_http)
            .map_err(|fault| faults.push(fault))
            .ok();
        let transport = match (self.transport, &base) {
            (Some(transport), _) => Some(Carrier::Other(transport)),
            (None, Some(base)) => {
                ReqwestTransport::new(base, &self.timeouts, &self.user_agent, self.use_proxy)
                    .map(Carrier::Reqwest)
                    .map_err(|fault| faults.push(fault))
                    .ok()
            }
            (None, None) => None,
        };
        let (Some(base), Some(transport), true) = (base, transport, faults.is_empty()) else {
            return Err(Error::new(Kind::Config, "set up client").with_note(faults.join("; ")));
        };
        Ok(Client::new(Shared {
            base,
            path_aliases: self.path_aliases,
            transport,
            sources: self.sources,
            conventions: self.conventions,
            timeouts: self.timeouts,
            caps: self.caps,
            retry_policy: conventional,
            retry_budget: RetryBudget::default(),
            permits: self
                .permits
                .map(|permits| Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)))),
            rate_limit: self.rate_limit,
            request_budget: self.request_budget,
            call_hook: self.call_hook,
            attempt_hook: self.attempt_hook,
            support_view: self.support_view,
            jitter: self.jitter,
        }))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The base URL is not yet checked and may hold a password.
        f.debug_struct("ClientBuilder")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}
