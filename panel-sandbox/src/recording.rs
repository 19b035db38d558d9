//! What a stand-in received, for assertions.

mod secrets;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use secrecy::{ExposeSecret, SecretSlice};
use serde_json::Value;
use url::form_urlencoded;

use self::secrets::{REDACTED, is_secret, redact};
use crate::relay::Request;
use crate::{Fault, Operation};

/// Which recorded request; nothing if recording is off.
pub(crate) type RecordId = Option<usize>;

/// A request as it was received, and what became of it.
///
/// Nothing here shows a secret: [`field`](Self::field) and [`header`](Self::header) give `[secret]` for one. Whether
/// the right one was sent is asked with [`field_is`](Self::field_is) and [`header_is`](Self::header_is).
#[derive(Clone)]
pub struct RecordedRequest {
    operation: Option<Operation>,
    method: String,
    path: String,
    query: Option<String>,
    host: Option<String>,
    headers: HeaderMap,
    body: Arc<SecretSlice<u8>>,
    fault: Option<Fault>,
    handled: Option<Handled>,
}

#[derive(Debug, Clone, Copy)]
struct Handled {
    status: u16,
    position: usize,
}

impl RecordedRequest {
    /// The operation it asks for; nothing if the service has no such operation.
    pub fn operation(&self) -> Option<Operation> {
        self.operation
    }

    /// Its method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Its path, without the query.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The host it was sent to, from its `Host` header.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The fault that struck it on the wire. Refusals by the service itself are no such fault.
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// The status the stand-in answered with, whether or not the client ever saw it; nothing if the request has not
    /// reached the stand-in.
    pub fn status(&self) -> Option<u16> {
        self.handled.map(|handled| handled.status)
    }

    /// Its place, from 0, in the order in which the stand-in handled requests; a late one comes after later ones.
    pub fn handled_position(&self) -> Option<usize> {
        self.handled.map(|handled| handled.position)
    }

    /// The first value of a query parameter; `[secret]` for one that names a secret.
    pub fn query_parameter(&self, name: &str) -> Option<String> {
        let query = self.query.as_deref()?;
        let (_, value) =
            form_urlencoded::parse(query.as_bytes()).find(|(given, _)| given == name)?;
        Some(if is_secret(name) {
            REDACTED.to_owned()
        } else {
            value.into_owned()
        })
    }

    /// The first value of a header; `[secret]` for one that carries a credential.
    pub fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?;
        if is_secret(name) {
            Some(REDACTED)
        } else {
            value.to_str().ok()
        }
    }

    /// Whether it has this header with this value, credential or not.
    pub fn header_is(&self, name: &str, expected: &str) -> bool {
        self.headers
            .get(name)
            .is_some_and(|value| value.as_bytes() == expected.as_bytes())
    }

    /// A part of its JSON body by JSON pointer, such as `/metadata/account_type` (the empty pointer is the whole
    /// body). Values whose name says that they are secret come as `[secret]`.
    pub fn field(&self, pointer: &str) -> Option<Value> {
        let mut body = self.json()?;
        redact(&mut body);
        body.pointer(pointer).cloned()
    }

    /// Whether the part of its JSON body at this JSON pointer is this value, secret or not.
    pub fn field_is(&self, pointer: &str, expected: &Value) -> bool {
        self.json()
            .is_some_and(|body| body.pointer(pointer) == Some(expected))
    }

    /// Whether it carries the same bytes as another, secrets included.
    pub fn has_same_body(&self, other: &Self) -> bool {
        self.body.expose_secret() == other.body.expose_secret()
    }

    fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.body.expose_secret()).ok()
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RecordedRequest")
            .field("method", &self.method)
            .field("path", &self.path)
            .field("operation", &self.operation.map(|found| found.name()))
            .field("body_bytes", &self.body.expose_secret().len())
            .field("fault", &self.fault.map(Fault::name))
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct State {
    requests: Vec<RecordedRequest>,
    handled: usize,
}

/// The requests of one stand-in, in the order they were received.
pub(crate) struct Recording {
    state: Option<Mutex<State>>,
}

impl Recording {
    pub(crate) fn new(is_on: bool) -> Self {
        Self {
            state: is_on.then(Mutex::default),
        }
    }

    pub(crate) fn record(
        &self,
        request: &Request,
        operation: Option<&Operation>,
        fault: Option<Fault>,
    ) -> RecordId {
        let mut state = self.lock()?;
        state.requests.push(RecordedRequest {
            operation: operation.copied(),
            method: request.method.clone(),
            path: request.path().to_owned(),
            query: request.query().map(str::to_owned),
            host: request.host().map(str::to_owned),
            headers: request.headers.clone(),
            body: Arc::new(SecretSlice::from(request.body.clone())),
            fault,
            handled: None,
        });
        Some(state.requests.len() - 1)
    }

    /// Notes that the stand-in has handled a request.
    pub(crate) fn handled(&self, record: RecordId, status: u16) {
        let Some(mut state) = self.lock() else {
            return;
        };
        let position = state.handled;
        if let Some(request) = record.and_then(|index| state.requests.get_mut(index)) {
            request.handled = Some(Handled { status, position });
            state.handled += 1;
        }
    }

    pub(crate) fn requests(&self) -> Vec<RecordedRequest> {
        self.lock()
            .map(|state| state.requests.clone())
            .unwrap_or_default()
    }

    fn lock(&self) -> Option<MutexGuard<'_, State>> {
        let state = self.state.as_ref()?;
        Some(state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::AUTHORIZATION;
    use serde_json::json;

    use super::*;

    fn recorded() -> RecordedRequest {
        let recording = Recording::new(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer canary"));
        headers.insert("x-api-key", HeaderValue::from_static("canary"));
        recording.record(
            &Request {
                method: "POST".into(),
                target: "/a?token=canary&limit=5".into(),
                headers,
                body:
                    br#"{"username":"alice","password":"canary","nested":{"key_secret":"canary"}}"#
                        .to_vec(),
                has_body: true,
                is_last: false,
            },
            None,
            None,
        );
        recording.requests().remove(0)
    }

    #[test]
    fn a_recorded_request_shows_no_secret_but_can_be_asked_about_it() {
        let request = recorded();
        assert_eq!(request.field("/username"), Some(json!("alice")));
        assert_eq!(request.field("/password"), Some(json!("[secret]")));
        assert_eq!(request.header("x-api-key"), Some("[secret]"));
        assert_eq!(
            request.query_parameter("token").as_deref(),
            Some("[secret]")
        );
        assert_eq!(request.query_parameter("limit").as_deref(), Some("5"));
        assert!(request.field_is("/password", &json!("canary")));
        assert!(!request.field_is("/password", &json!("other")));
        assert!(request.header_is("authorization", "Bearer canary"));
        let shown = format!("{request:?} {:?}", request.field(""));
        assert!(!shown.contains("canary"), "{shown}");
    }

    #[test]
    fn nothing_is_kept_when_recording_is_off() {
        let recording = Recording::new(false);
        let request = Request {
            method: "GET".into(),
            target: "/".into(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            has_body: false,
            is_last: false,
        };
        let record = recording.record(&request, None, None);
        recording.handled(record, 200);
        assert!(recording.requests().is_empty());
    }
}
