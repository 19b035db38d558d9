mod attempt;
mod kind;
mod setters;

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode};

pub use self::{attempt::Attempt, kind::Kind};
use crate::{
    decide::GiveUp,
    delivery::Delivery,
    operation::{HttpMethod, Operation, Safety},
    server_error::{BodyForm, FieldError, ServerError},
    transport::TransportFault,
};

/// A call that did not end well: what happened on the wire, what is known, and what may be done next.
///
/// [`kind`](Self::kind) says what to do, [`delivery`](Self::delivery) how far the request came. Neither `Display` nor
/// `Debug` ever contain a request body, a secret, or a server's echo of one.
///
/// Tests of callers build their own:
///
/// ```
/// use panel_http::{Delivery, Error, Kind};
///
/// let error = Error::new(Kind::Denied, "create account")
///     .with_status(http::StatusCode::FORBIDDEN)
///     .with_message("The user doesn't have super admin privileges");
/// assert_eq!(error.delivery(), Delivery::Answered);
/// assert_eq!(
///     error.to_string(),
///     "create account: 403 Forbidden: The user doesn't have super admin privileges"
/// );
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: Kind,
    operation: Cow<'static, str>,
    method: Option<HttpMethod>,
    path: Option<String>,
    safety: Option<Safety>,
    key: Option<String>,
    status: Option<StatusCode>,
    delivery: Delivery,
    /// What we have to say about it.
    note: Option<String>,
    server: ServerError,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    gave_up: Option<GiveUp>,
    attempts: Vec<Attempt>,
    elapsed: Duration,
    json_path: Option<String>,
    location: Option<String>,
    body_text: Option<String>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of this kind. Its delivery is what the kind implies until it is set.
    #[must_use]
    pub fn new(kind: Kind, operation: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: operation.into(),
            method: None,
            path: None,
            safety: None,
            key: None,
            status: None,
            delivery: kind.usual_delivery(),
            note: None,
            server: ServerError::default(),
            request_id: None,
            retry_after: None,
            gave_up: None,
            attempts: Vec::new(),
            elapsed: Duration::ZERO,
            json_path: None,
            location: None,
            body_text: None,
            source: None,
        }))
    }

    /// The error a call of this operation ends in when the server answers so at the only attempt, with the default
    /// conventions.
    #[must_use]
    pub fn from_reply(
        operation: &Operation,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Self {
        crate::failure::from_reply(operation, status, headers, body)
    }

    /// What to do about it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Name of the operation, in words.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// Method of the request, if one was made.
    #[must_use]
    pub fn method(&self) -> Option<HttpMethod> {
        self.0.method
    }

    /// Path of the request without query, if one was made.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        self.0.path.as_deref()
    }

    /// Safety of the operation, if one was called.
    #[must_use]
    pub fn safety(&self) -> Option<Safety> {
        self.0.safety
    }

    /// The natural key or idempotency key of the call: look this up before sending again.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.0.key.as_deref()
    }

    /// Status the last attempt was answered with, also where the body was cut off, empty or a page of HTML. Those of
    /// earlier ones stand with their [`attempts`](Self::attempts).
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// How far the request is known to have come, over all attempts: a call whose last attempt found no connection, but
    /// an earlier one broke off, is `MaybeSent`.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// What the server said, on one line.
    #[must_use]
    pub fn server_message(&self) -> Option<&str> {
        self.0.server.message()
    }

    /// Everything read from the error reply.
    #[must_use]
    pub fn server(&self) -> &ServerError {
        &self.0.server
    }

    /// The fields the server, or the check before sending, refused.
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        self.0.server.field_errors()
    }

    /// Id under which the server logged the request.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the server asked to wait, also where that was longer than the call could.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Why the call was not repeated although the fault may pass.
    #[must_use]
    pub fn gave_up(&self) -> Option<GiveUp> {
        self.0.gave_up
    }

    /// Every attempt in order, the replays after a new login included.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// Duration of the whole call.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Where in the reply decoding failed: `items[3].id`.
    #[must_use]
    pub fn json_path(&self) -> Option<&str> {
        self.0.json_path.as_deref()
    }

    /// Where a refused redirect pointed, without query.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.0.location.as_deref()
    }

    /// Start of the error reply's body, echoes and secrets taken out; none for replies of success.
    #[must_use]
    pub fn body_text(&self) -> Option<&str> {
        self.0.body_text.as_deref()
    }

    /// Whether the same call may be made again as it is, now or after [`retry_after`](Self::retry_after): its fault may
    /// pass, and a second request cannot do harm.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let may_repeat = self.0.delivery == Delivery::NotSent
            || self.0.safety.is_some_and(Safety::may_be_resent);
        match self.0.kind {
            Kind::RateLimited => true,
            Kind::NotSent => self
                .0
                .attempts
                .last()
                .and_then(Attempt::fault)
                .is_none_or(TransportFault::may_pass),
            Kind::Timeout | Kind::Indeterminate | Kind::GaveUp => may_repeat,
            Kind::Api => may_repeat && self.0.status.is_some_and(|status| status.is_server_error()),
            _ => false,
        }
    }

    /// Whether the answer was a page of HTML: it then comes from a proxy rather than from the panel.
    #[must_use]
    pub fn is_html(&self) -> bool {
        self.0.server.form() == BodyForm::Html
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        write!(f, "{}: ", inner.operation)?;
        match inner.status {
            Some(status) => {
                f.write_str(status.as_str())?;
                if let Some(reason) = status.canonical_reason() {
                    write!(f, " {reason}")?;
                }
            }
            None => f.write_str(inner.kind.as_str())?,
        }
        if let Some(message) = inner.server.message() {
            write!(f, ": {message}")?;
        }
        if let Some(note) = &inner.note {
            write!(f, ": {note}")?;
        }
        if let Some(path) = &inner.json_path {
            write!(f, " at {path}")?;
        }
        if inner.kind == Kind::Indeterminate {
            f.write_str("; it may have been carried out")?;
            if let Some(key) = &inner.key {
                write!(f, ", look up {key} before sending it again")?;
            }
        }
        let mut tail = Vec::new();
        if let Some(id) = &inner.request_id {
            tail.push(format!("request {id}"));
        }
        if inner.attempts.len() > 1 {
            tail.push(format!("{} attempts", inner.attempts.len()));
        }
        if let Some(wait) = inner.retry_after {
            tail.push(format!("retry after {} s", wait.as_secs()));
        }
        if tail.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", tail.join(", "))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_as_small_as_a_pointer() {
        assert!(size_of::<Error>() <= 8);
        assert!(size_of::<Result<(), Error>>() <= 8);
    }

    #[test]
    fn everything_known_stands_on_one_line() {
        let error = Error::new(Kind::Indeterminate, "create account")
            .with_status(StatusCode::BAD_GATEWAY)
            .with_message("upstream\nfailed")
            .with_key("acme1")
            .with_request_id("r-1")
            .with_retry_after(Duration::from_secs(3))
            .with_attempts(vec![Attempt::new(1), Attempt::new(2)]);
        assert_eq!(
            error.to_string(),
            "create account: 502 Bad Gateway: upstream failed; it may have been carried out, look up acme1 before sending it again (request r-1, 2 attempts, retry after 3 s)"
        );
    }
}
