//! A transport without a network, for tests of clients and of their callers.
//!
//! ```
//! use panel_http::testing::{Reply, ScriptedTransport};
//! use panel_http::{Client, CredentialKind, HttpMethod, RawRequest, Safety};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), panel_http::Error> {
//! let transport = ScriptedTransport::new()
//!     .with(Reply::status(503))
//!     .with(Reply::json(200, r#"{"status": "healthy"}"#));
//! let client = Client::builder("https://panel.example.com")
//!     .transport(transport.clone())
//!     .jitter(|| 0.0)
//!     .build()?;
//! let request = RawRequest::new(HttpMethod::Get, "/api/health", Safety::ReadOnly);
//! let answer = client.raw(request).await?;
//! assert_eq!(answer.body(), br#"{"status": "healthy"}"#);
//! assert_eq!(transport.requests().len(), 2);
//! # Ok(())
//! # }
//! ```

mod scripted_body;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use http_body_util::BodyExt;

use self::scripted_body::ScriptedBody;
use crate::{
    request_body::RequestBody,
    transport::{BoxFuture, ResponseBody, Transport, TransportError, TransportFault},
};

/// A request a [`ScriptedTransport`] was given. Its `Debug` shows no body and no sensitive header.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// Method.
    pub method: Method,
    /// Whole URL.
    pub uri: Uri,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: RequestBody,
}

impl RecordedRequest {
    /// The body as JSON, null if it is none.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body.expose_bytes()).unwrap_or_default()
    }

    /// A header as text, empty if it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }
}

/// One reply, or fault, of a [`ScriptedTransport`].
#[derive(Debug, Clone)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    chunks: Vec<Bytes>,
    delay: Duration,
    chunk_delay: Duration,
    fault: Option<TransportFault>,
    broken_off: Option<TransportFault>,
}

impl Reply {
    /// A reply without body. A number that is no status becomes 500.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers: HeaderMap::new(),
            chunks: Vec::new(),
            delay: Duration::ZERO,
            chunk_delay: Duration::ZERO,
            fault: None,
            broken_off: None,
        }
    }

    /// A reply with a JSON text, sent as it is.
    #[must_use]
    pub fn json(status: u16, text: impl Into<String>) -> Self {
        Self::status(status)
            .with_header("content-type", "application/json")
            .with_body(text.into())
    }

    /// No reply: this breaks instead.
    #[must_use]
    pub fn fault(fault: TransportFault) -> Self {
        let mut reply = Self::status(500);
        reply.fault = Some(fault);
        reply
    }

    /// No reply at all, ever.
    #[must_use]
    pub fn never() -> Self {
        Self::status(500).with_delay(Duration::MAX)
    }

    /// Sets a header; a name or value that is none is left out.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            self.headers.append(name, value);
        }
        self
    }

    /// Sets the body, sent in one piece.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.chunks = vec![body.into()];
        self
    }

    /// Sets the body, sent in these pieces with this delay before each.
    #[must_use]
    pub fn with_chunks(mut self, chunks: Vec<Bytes>, delay: Duration) -> Self {
        self.chunks = chunks;
        self.chunk_delay = delay;
        self
    }

    /// Waits before the reply.
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Breaks off after the body as given.
    #[must_use]
    pub fn with_break(mut self, fault: TransportFault) -> Self {
        self.broken_off = Some(fault);
        self
    }
}

/// Answers requests in the order of a script and remembers them. Clones share script and memory.
///
/// A request beyond the end of the script fails as [`Kind::Config`](crate::Kind::Config) with a text that names it.
#[derive(Clone, Default)]
pub struct ScriptedTransport {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    script: VecDeque<Reply>,
    requests: Vec<RecordedRequest>,
}

impl ScriptedTransport {
    /// An empty script.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a reply at the end of the script.
    #[must_use]
    pub fn with(self, reply: Reply) -> Self {
        self.push(reply);
        self
    }

    /// Adds a reply at the end of the script.
    pub fn push(&self, reply: Reply) {
        self.state().script.push_back(reply);
    }

    /// The requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state().requests.clone()
    }

    /// How many replies of the script were not asked for.
    #[must_use]
    pub fn unused(&self) -> usize {
        self.state().script.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ScriptedTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("ScriptedTransport")
            .field("unused", &state.script.len())
            .field("requests", &state.requests.len())
            .finish()
    }
}

#[derive(Debug, thiserror::Error)]
#[error("no reply is scripted for {method} {path}")]
struct Unscripted {
    method: Method,
    path: String,
}

impl Transport for ScriptedTransport {
    fn send(
        &self,
        request: http::Request<RequestBody>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        let (head, body) = request.into_parts();
        let unscripted = Unscripted {
            method: head.method.clone(),
            path: head.uri.path().to_owned(),
        };
        let next = {
            let mut state = self.state();
            state.requests.push(RecordedRequest {
                method: head.method,
                uri: head.uri,
                headers: head.headers,
                body,
            });
            state.script.pop_front()
        };
        Box::pin(async move {
            let Some(reply) = next else {
                return Err(
                    TransportError::new(TransportFault::Configuration).with_source(unscripted)
                );
            };
            if reply.delay == Duration::MAX {
                std::future::pending::<()>().await;
            }
            if !reply.delay.is_zero() {
                tokio::time::sleep(reply.delay).await;
            }
            if let Some(fault) = reply.fault {
                return Err(TransportError::new(fault));
            }
            let body = ScriptedBody::new(reply.chunks, reply.chunk_delay, reply.broken_off);
            let mut response = http::Response::new(body.boxed_unsync());
            *response.status_mut() = reply.status;
            *response.headers_mut() = reply.headers;
            Ok(response)
        })
    }
}
