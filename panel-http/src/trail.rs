use std::{borrow::Cow, time::Duration};

use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use crate::{
    credential::Credential,
    decode::DecodeError,
    error::{Attempt, Error, Kind},
    failure,
    operation::{HttpMethod, Safety},
    redact::Redactor,
    request_body::RequestBody,
    transport::TransportError,
};

/// What a call knows about itself while it runs: enough to say the truth at any point it ends.
#[derive(Clone)]
pub(crate) struct Trail {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) method: HttpMethod,
    pub(crate) path: String,
    pub(crate) safety: Safety,
    pub(crate) key: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: RequestBody,
    pub(crate) started: Instant,
    pub(crate) attempts: Vec<Attempt>,
    /// As the server sent it.
    pub(crate) request_id: Option<String>,
    pub(crate) credentials: Vec<Credential>,
}

impl Trail {
    /// Secrets of this call, gathered only once something went wrong.
    pub(crate) fn redactor(&self) -> Redactor {
        let mut redactor = Redactor::default();
        for secret in self.credentials.iter().flat_map(Credential::secrets) {
            redactor.add(secret);
        }
        let marked = self.headers.values().filter(|value| value.is_sensitive());
        for secret in marked.filter_map(|value| value.to_str().ok()) {
            redactor.add(secret);
        }
        for fragment in self.body.secrets() {
            redactor.add_json_fragment(fragment);
        }
        redactor
    }

    /// The request id, for whoever looks at it.
    pub(crate) fn shown_request_id(&self) -> Option<String> {
        let id = self.request_id.as_deref()?;
        Some(failure::shown_request_id(id, &self.redactor()))
    }

    /// The credentials of the attempts after the first few credentials.
    pub(crate) fn used_since(&self, earlier: usize) -> &[Credential] {
        self.credentials.get(earlier..).unwrap_or_default()
    }

    pub(crate) fn next_number(&self) -> u32 {
        u32::try_from(self.attempts.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1)
    }

    pub(crate) fn count(&self, mut is_counted: impl FnMut(&Attempt) -> bool) -> u32 {
        let counted = self.attempts.iter().filter(|attempt| is_counted(attempt));
        u32::try_from(counted.count()).unwrap_or(u32::MAX)
    }

    pub(crate) fn last_status(&self) -> Option<StatusCode> {
        self.attempts.last().and_then(Attempt::status)
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// The error this call ends in, `kind` being what the last attempt alone would make it.
    pub(crate) fn error(&self, kind: Kind) -> Error {
        self.build(kind, false)
    }

    /// The error of a call that ends before another attempt.
    pub(crate) fn error_before_sending(&self, kind: Kind) -> Error {
        self.build(kind, true)
    }

    fn build(&self, kind: Kind, is_before_sending: bool) -> Error {
        let (kind, delivery) =
            failure::over_all(kind, self.safety, &self.attempts, is_before_sending);
        let mut error = Error::new(kind, self.operation.clone())
            .with_request(self.method, self.path.clone())
            .with_safety(self.safety)
            .with_attempts(self.attempts.clone())
            .with_elapsed(self.elapsed());
        if let Some(status) = self.last_status() {
            error = error.with_status(status);
        }
        if let Some(key) = &self.key {
            error = error.with_key(key.clone());
        }
        if let Some(id) = self.shown_request_id() {
            error = error.with_request_id(id);
        }
        error.with_delivery(delivery)
    }

    /// The error of a reply of success that broke off while it was read.
    pub(crate) fn broken_off(&self, error: TransportError) -> Error {
        let mut broken = self.clone();
        if let Some(last) = broken.attempts.pop() {
            broken.attempts.push(last.with_fault(error.fault()));
        }
        let kind = failure::kind_of_fault(error.fault(), self.last_status(), self.safety);
        broken
            .error(kind)
            .with_note(error.fault())
            .with_source(error)
    }

    /// The error of a reply of success that does not give what was asked for.
    pub(crate) fn undecoded(&self, failed: DecodeError) -> Error {
        let redactor = self.redactor();
        let mut error = self.error(failed.kind);
        if !failed.path.is_empty() {
            error = error.with_json_path(redactor.clean(failed.path));
        }
        if let Some(note) = failed.note {
            error = error.with_note(redactor.clean(note));
        }
        if let Some(server) = failed.server {
            error = error.with_server(server.redacted(&redactor));
        }
        error
    }
}
