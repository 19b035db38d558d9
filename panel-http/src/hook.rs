use std::{borrow::Cow, time::Duration};

use http::StatusCode;

use crate::{
    error::{Attempt, Error},
    operation::{HttpMethod, Safety},
};

/// What a hook is told about the call it watches. Neither query nor headers nor bodies: they may hold secrets.
#[derive(Debug, Clone)]
pub struct CallFacts {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) method: HttpMethod,
    pub(crate) path: String,
    pub(crate) safety: Safety,
}

impl CallFacts {
    /// Name of the operation, in words.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Method.
    #[must_use]
    pub const fn method(&self) -> HttpMethod {
        self.method
    }

    /// Path without query.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What a second sending would do.
    #[must_use]
    pub const fn safety(&self) -> Safety {
        self.safety
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub struct CallEnd<'a> {
    pub(crate) attempts: &'a [Attempt],
    pub(crate) request_id: Option<&'a str>,
    pub(crate) elapsed: Duration,
    pub(crate) error: Option<&'a Error>,
}

impl<'a> CallEnd<'a> {
    /// Every attempt in order.
    #[must_use]
    pub const fn attempts(&self) -> &'a [Attempt] {
        self.attempts
    }

    /// Status of the last attempt.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.attempts.last().and_then(Attempt::status)
    }

    /// Id under which the server logged the last request.
    #[must_use]
    pub const fn request_id(&self) -> Option<&'a str> {
        self.request_id
    }

    /// Duration of the whole call.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// What went wrong, if anything did.
    #[must_use]
    pub const fn error(&self) -> Option<&'a Error> {
        self.error
    }
}

/// Told of every call, such as for metrics. Runs within the call: it must not block.
///
/// A call that is dropped has a start and no end. A list that is read as it arrives ends, for the hook, when its reply
/// begins.
pub trait CallHook: Send + Sync + 'static {
    /// A call begins.
    fn call_started(&self, call: &CallFacts) {
        let _ = call;
    }

    /// A call ended.
    fn call_ended(&self, call: &CallFacts, end: &CallEnd<'_>) {
        let _ = (call, end);
    }
}

/// Told of every attempt, the replays after a new login included. Runs within the call: it must not block.
pub trait AttemptHook: Send + Sync + 'static {
    /// Attempt number `number`, from 1, is about to be sent.
    fn attempt_started(&self, call: &CallFacts, number: u32) {
        let _ = (call, number);
    }

    /// An attempt ended, one way or the other.
    fn attempt_ended(&self, call: &CallFacts, attempt: &Attempt) {
        let _ = (call, attempt);
    }
}
