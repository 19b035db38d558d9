use std::{error::Error as StdError, fmt, sync::Arc, time::Duration};

use http::StatusCode;

use super::{Attempt, Error, Kind};
use crate::{
    decide::GiveUp,
    delivery::Delivery,
    operation::{HttpMethod, Safety},
    server_error::{FieldError, ServerError},
};

/// For the call itself, and for the tests of callers.
impl Error {
    /// Sets another kind, where a client's contract says more about an answer than its status does. What is known of the
    /// delivery stays as it is.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.0.kind = kind;
        self
    }

    /// Sets method and path.
    #[must_use]
    pub fn with_request(mut self, method: HttpMethod, path: impl Into<String>) -> Self {
        self.0.method = Some(method);
        self.0.path = Some(path.into());
        self
    }

    /// Sets the safety of the operation.
    #[must_use]
    pub fn with_safety(mut self, safety: Safety) -> Self {
        self.0.safety = Some(safety);
        self
    }

    /// Sets the natural key or idempotency key.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.0.key = Some(key.into());
        self
    }

    /// Sets the status, and with it that the server answered.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self.0.delivery = Delivery::Answered;
        self
    }

    /// Sets how far the request came.
    #[must_use]
    pub fn with_delivery(mut self, delivery: Delivery) -> Self {
        self.0.delivery = delivery;
        self
    }

    /// Sets the server's message.
    #[must_use]
    pub fn with_message(mut self, message: &str) -> Self {
        self.0.server.set_message(message);
        self
    }

    /// Sets our own explanation, shown where the server said nothing.
    #[must_use]
    pub fn with_note(mut self, note: impl fmt::Display) -> Self {
        self.0.note = Some(note.to_string());
        self
    }

    /// Adds a refused field.
    #[must_use]
    pub fn with_field_error(mut self, error: FieldError) -> Self {
        self.0.server.push_field_error(error);
        self
    }

    /// Sets everything read from an error reply.
    #[must_use]
    pub fn with_server(mut self, server: ServerError) -> Self {
        self.0.server = server;
        self
    }

    /// Sets the request id.
    #[must_use]
    pub fn with_request_id(mut self, request_id: impl Into<String>) -> Self {
        self.0.request_id = Some(request_id.into());
        self
    }

    /// Sets how long the server asked to wait.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: Duration) -> Self {
        self.0.retry_after = Some(retry_after);
        self
    }

    /// Sets why the call was not repeated.
    #[must_use]
    pub fn with_gave_up(mut self, reason: GiveUp) -> Self {
        self.0.gave_up = Some(reason);
        self
    }

    /// Sets the attempts.
    #[must_use]
    pub fn with_attempts(mut self, attempts: Vec<Attempt>) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Sets the duration of the call.
    #[must_use]
    pub fn with_elapsed(mut self, elapsed: Duration) -> Self {
        self.0.elapsed = elapsed;
        self
    }

    /// Sets where decoding failed.
    #[must_use]
    pub fn with_json_path(mut self, path: impl Into<String>) -> Self {
        self.0.json_path = Some(path.into());
        self
    }

    /// Sets the target of a refused redirect.
    #[must_use]
    pub fn with_location(mut self, location: impl Into<String>) -> Self {
        self.0.location = Some(location.into());
        self
    }

    /// Sets the start of the body, which must be free of secrets.
    #[must_use]
    pub fn with_body_text(mut self, text: impl Into<String>) -> Self {
        self.0.body_text = Some(text.into());
        self
    }

    /// Sets the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }
}
