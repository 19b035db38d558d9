mod builder;

use std::{fmt, pin::pin, sync::Arc, time::Duration};

use http::HeaderMap;
use tokio::sync::Semaphore;
use url::Url;
use uuid::Uuid;

pub use self::builder::ClientBuilder;
use crate::{
    answer::Answer,
    base_url::BaseUrl,
    call::{self, Draft, Finished},
    caps::Caps,
    conventions::Conventions,
    credential::{Credential, CredentialSource},
    encode::EncodeError,
    endpoint::Endpoint,
    error::{Error, Kind},
    exchange::{Unread, Whole},
    exchange_view::ExchangeView,
    hook::{AttemptHook, CallHook},
    list::{ListEndpoint, Listing},
    observation::Observation,
    operation::{CredentialKind, KeyPlace, Safety},
    preview::Preview,
    rate_limit::RateLimit,
    raw_request::RawRequest,
    request_body::RequestBody,
    request_budget::RequestBudget,
    retry_budget::RetryBudget,
    retry_policy::RetryPolicy,
    timeouts::{Limit, Timeouts},
    transport::{Carrier, ResponseBody},
    url_parts::{PathParameters, Query},
};

/// A client of one panel. Cheap to clone; clones share connections, credentials and limits.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    /// Whether its calls are logins on behalf of another call.
    is_for_credential: bool,
}

pub(crate) struct Shared {
    pub(crate) base: BaseUrl,
    /// Beginnings of paths, and what stands there instead.
    pub(crate) path_aliases: Vec<(&'static str, &'static str)>,
    pub(crate) transport: Carrier,
    pub(crate) sources: Vec<(CredentialKind, Arc<dyn CredentialSource>)>,
    pub(crate) conventions: Arc<dyn Conventions>,
    pub(crate) timeouts: Timeouts,
    pub(crate) caps: Caps,
    pub(crate) retry_policy: RetryPolicy,
    pub(crate) retry_budget: RetryBudget,
    pub(crate) permits: Option<Arc<Semaphore>>,
    /// Off unless asked for.
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) request_budget: Option<RequestBudget>,
    pub(crate) call_hook: Option<Arc<dyn CallHook>>,
    pub(crate) attempt_hook: Option<Arc<dyn AttemptHook>>,
    /// Off unless asked for.
    pub(crate) support_view: Option<SupportView>,
    pub(crate) jitter: Box<dyn Fn() -> f64 + Send + Sync>,
}

/// Where views of requests and replies go.
pub(crate) type SupportView = Box<dyn Fn(&ExchangeView) + Send + Sync>;

impl Shared {
    /// The path as this server spells it.
    pub(crate) fn spelled(&self, path: String) -> String {
        let respelled = self.path_aliases.iter().find_map(|(from, to)| {
            let rest = path.strip_prefix(from)?;
            Some(format!("{to}{rest}"))
        });
        respelled.unwrap_or(path)
    }

    pub(crate) fn source(&self, kind: CredentialKind) -> Option<&dyn CredentialSource> {
        self.sources
            .iter()
            .find_map(|(known, source)| (*known == kind).then_some(&**source))
    }
}

/// Options of a single call.
#[derive(Debug, Clone, Copy, Default)]
pub struct CallOptions {
    attempt: Option<Duration>,
    overall: Option<Duration>,
}

impl CallOptions {
    /// The limits of the operation's class.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            attempt: None,
            overall: None,
        }
    }

    /// Another limit for each attempt.
    #[must_use]
    pub const fn with_attempt_limit(mut self, limit: Duration) -> Self {
        self.attempt = Some(limit);
        self
    }

    /// Another limit for the whole call.
    #[must_use]
    pub const fn with_overall_limit(mut self, limit: Duration) -> Self {
        self.overall = Some(limit);
        self
    }

    pub(crate) fn apply(&self, limit: Limit) -> Limit {
        Limit::new(
            self.attempt.unwrap_or(limit.attempt),
            self.overall.unwrap_or(limit.overall),
        )
    }
}

impl Client {
    /// Starts a client of the panel at this base URL, with or without trailing slash, with or without `/api`.
    #[must_use]
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(base_url.into())
    }

    /// Calls an endpoint. In this order:
    ///
    /// 1. a call span is opened, and the overall deadline starts;
    /// 2. a concurrency permit is waited for, if the client has a limit;
    /// 3. for each attempt
    ///    1. the credential comes from its source (a login happens here, at most once for all waiting calls) and is
    ///       attached as a sensitive header, only to a URL of the base's origin;
    ///    2. a request the server would refuse for their number is held back, if the client learns the server's limit;
    ///    3. the request is sent by the transport, with the shorter of attempt limit and time left;
    ///    4. the body is read up to its cap, counted after decompression;
    ///    5. a redirect that only adds or takes a trailing slash is followed once, any other is an error;
    ///    6. a refused credential is renewed, and the request sent once more;
    ///    7. the outcome is classified, and [`decide`](crate::decide) says whether and when to try again;
    /// 4. the reply is decoded;
    /// 5. an error carries all attempts.
    ///
    /// # Errors
    /// Any [`Kind`]; [`Error::delivery`] says how far the request came.
    pub async fn call<E: Endpoint>(&self, endpoint: &E) -> Result<E::Reply, Error> {
        self.call_with(endpoint, &CallOptions::new()).await
    }

    /// Calls an endpoint with limits of its own.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn call_with<E: Endpoint>(
        &self,
        endpoint: &E,
        options: &CallOptions,
    ) -> Result<E::Reply, Error> {
        let draft = self.draft(endpoint, options)?;
        let observed = Observation::start(self.shared(), &draft);
        let work = pin!(async {
            let accepts = |status| endpoint.accepts(status);
            let (answer, trail) = call::run::<Whole>(self, draft, &accepts)
                .await?
                .into_answer();
            match endpoint.decode(&answer) {
                Ok(decoded) => Ok((decoded, trail)),
                Err(failed) => Err(trail.undecoded(failed)),
            }
        });
        observed.of(work).await
    }

    /// Sends a request that no endpoint describes, with everything a call does, and returns the reply as it came.
    ///
    /// # Errors
    /// As [`call`](Self::call), but for decoding.
    pub async fn raw(&self, request: RawRequest) -> Result<Answer, Error> {
        let draft = request.draft(self.shared())?;
        let observed = Observation::start(self.shared(), &draft);
        let accepts = |status: http::StatusCode| status.is_success();
        let work = pin!(async {
            let finished = call::run::<Whole>(self, draft, &accepts).await?;
            Ok(finished.into_answer())
        });
        observed.of(work).await
    }

    /// Sends the request of an endpoint and hands out its reply unread.
    pub(crate) async fn open<E: Endpoint>(
        &self,
        endpoint: &E,
        options: &CallOptions,
    ) -> Result<Finished<ResponseBody>, Error> {
        let draft = self.draft(endpoint, options)?;
        let observed = Observation::start(self.shared(), &draft);
        let accepts = |status| endpoint.accepts(status);
        let work = pin!(async {
            let opened = call::run::<Unread>(self, draft, &accepts).await?;
            let trail = opened.trail.clone();
            Ok((opened, trail))
        });
        observed.of(work).await
    }

    /// A list, read page by page or as it arrives: see [`Listing`].
    pub fn list<E: ListEndpoint>(&self, endpoint: E) -> Listing<E> {
        Listing::new(self.clone(), endpoint)
    }

    /// The exact request a call would send now, without sending it. Credentials that would take a login are left out.
    ///
    /// # Errors
    /// [`Kind::Encode`] if the arguments make no request.
    pub fn prepare<E: Endpoint>(&self, endpoint: &E) -> Result<http::Request<RequestBody>, Error> {
        self.prepared(&self.draft(endpoint, &CallOptions::new())?)
    }

    fn prepared(&self, draft: &Draft) -> Result<http::Request<RequestBody>, Error> {
        let credentials: Vec<Credential> = draft
            .credentials
            .iter()
            .filter_map(|kind| self.shared().source(*kind)?.at_hand())
            .collect();
        draft.request(self.shared(), &credentials).map_err(|error| {
            Error::new(Kind::Encode, draft.operation.clone())
                .with_note("the request is not valid HTTP")
                .with_source(error)
        })
    }

    /// The request a call would send, for people to read: `[secret]` stands for every secret, also for those that a
    /// login would bring.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare).
    pub fn preview<E: Endpoint>(&self, endpoint: &E) -> Result<Preview, Error> {
        let request = self.prepare(endpoint)?;
        Ok(Preview::of(&request).with_credentials(E::OPERATION.credentials))
    }

    /// As [`preview`](Self::preview), of a request that no endpoint describes.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare).
    pub fn preview_raw(&self, request: RawRequest) -> Result<Preview, Error> {
        let draft = request.draft(self.shared())?;
        let request = self.prepared(&draft)?;
        Ok(Preview::of(&request).with_credentials(&draft.credentials))
    }

    /// URL of a path and query under this client's base.
    #[must_use]
    pub fn url(&self, path: &str) -> Url {
        self.shared.base.join(path, None)
    }

    /// Where the panel is.
    #[must_use]
    pub fn base_url(&self) -> &BaseUrl {
        &self.shared.base
    }

    fn new(shared: Shared) -> Self {
        Self {
            shared: Arc::new(shared),
            is_for_credential: false,
        }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) const fn is_for_credential(&self) -> bool {
        self.is_for_credential
    }

    /// The same client for a credential source: its calls need no permit, as the call they are for has one, and their
    /// replies are secret as a whole.
    pub(crate) fn for_credential(&self) -> Self {
        Self {
            shared: self.shared.clone(),
            is_for_credential: true,
        }
    }

    fn draft<E: Endpoint>(&self, endpoint: &E, options: &CallOptions) -> Result<Draft, Error> {
        let operation = E::OPERATION;
        let make = || -> Result<Draft, EncodeError> {
            let mut path = PathParameters::default();
            endpoint.path(&mut path);
            let path = path.expand(operation.path)?;
            let mut query = Query::default();
            endpoint.query(&mut query);
            let mut headers = HeaderMap::new();
            endpoint.headers(&mut headers)?;
            let mut key = endpoint.key().map(|key| key.into_owned());
            if let Safety::Keyed(KeyPlace::Header(name)) = operation.safety {
                // One key for the whole call, made before its first attempt.
                let key = key.get_or_insert_with(|| Uuid::new_v4().to_string());
                let name = http::HeaderName::try_from(name).map_err(EncodeError::new)?;
                headers.insert(name, key.parse().map_err(EncodeError::new)?);
            }
            Ok(Draft {
                operation: operation.name.into(),
                method: operation.method,
                url: self
                    .shared
                    .base
                    .join(&self.shared.spelled(path), query.encode().as_deref()),
                headers,
                body: endpoint.body()?,
                safety: operation.safety,
                key,
                limit: options.apply(self.shared.timeouts.limit(operation.timeout)),
                credentials: operation.credentials.into(),
                is_credential_optional: operation.is_credential_optional,
            })
        };
        make().map_err(|error| {
            Error::new(Kind::Encode, operation.name)
                .with_request(operation.method, operation.path)
                .with_safety(operation.safety)
                .with_note(&error)
                .with_source(error)
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.shared.base.join("/", None).as_str())
            .field(
                "credentials",
                &self
                    .shared
                    .sources
                    .iter()
                    .map(|(kind, _)| kind)
                    .collect::<Vec<_>>(),
            )
            .finish_non_exhaustive()
    }
}
