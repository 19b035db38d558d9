//! What a reply carries beyond what is read from it.

use std::borrow::Cow;
use std::fmt;

use http::{HeaderMap, StatusCode};
use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, PathParameters, Query, RequestBody,
};
use serde_json::Value;

/// An endpoint whose reply is kept whole beside what is read from it, for fields this version does not know.
///
/// Reading twice costs about three times as much, so this is asked for call by call: `with_extra(GetAccount(id))`.
#[derive(Debug, Clone)]
pub struct WithExtra<E>(E);

/// Keeps what the reply of an endpoint carries beyond what is read from it.
#[must_use]
pub const fn with_extra<E: Endpoint>(endpoint: E) -> WithExtra<E> {
    WithExtra(endpoint)
}

/// A reply, and the whole JSON it was read from. Prints only what was read.
#[derive(Clone, PartialEq)]
pub struct Extra<T> {
    reply: T,
    json: Value,
}

impl<T> Extra<T> {
    /// What was read.
    #[must_use]
    pub const fn reply(&self) -> &T {
        &self.reply
    }

    /// What was read.
    #[must_use]
    pub fn into_reply(self) -> T {
        self.reply
    }

    /// A part of the whole JSON by JSON pointer, such as `/plan/name` or `/0/colour`. Members whose names say that they
    /// hold a secret were taken out.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Value> {
        self.json.pointer(pointer)
    }
}

impl<T: fmt::Debug> fmt::Debug for Extra<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reply.fmt(f)
    }
}

impl<E: Endpoint> Endpoint for WithExtra<E> {
    const OPERATION: &'static Operation = E::OPERATION;
    type Reply = Extra<E::Reply>;

    fn path(&self, path: &mut PathParameters) {
        self.0.path(path);
    }

    fn query(&self, query: &mut Query) {
        self.0.query(query);
    }

    fn headers(&self, headers: &mut HeaderMap) -> Result<(), EncodeError> {
        self.0.headers(headers)
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        self.0.body()
    }

    fn key(&self) -> Option<Cow<'_, str>> {
        self.0.key()
    }

    fn accepts(&self, status: StatusCode) -> bool {
        self.0.accepts(status)
    }

    fn decode(&self, answer: &Answer) -> Result<Extra<E::Reply>, DecodeError> {
        let reply = self.0.decode(answer)?;
        // A reply that is read from no JSON has nothing beyond it.
        let mut json = answer.json().unwrap_or_default();
        take_secrets_out(&mut json);
        Ok(Extra { reply, json })
    }
}

fn take_secrets_out(json: &mut Value) {
    match json {
        Value::Object(members) => {
            members.retain(|name, _| !names_a_secret(name));
            members.values_mut().for_each(take_secrets_out);
        }
        Value::Array(items) => items.iter_mut().for_each(take_secrets_out),
        _ => {}
    }
}

fn names_a_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['_', '-'], "");
    [
        "password",
        "secret",
        "token",
        "apikey",
        "hash",
        "fingerprint",
        "privatekey",
    ]
    .iter()
    .any(|part| name.contains(part))
}
