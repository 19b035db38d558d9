use std::borrow::Cow;

use http::{HeaderMap, StatusCode};

use crate::{
    answer::Answer,
    decode::DecodeError,
    encode::EncodeError,
    operation::Operation,
    request_body::RequestBody,
    url_parts::{PathParameters, Query},
};

/// A request as data: one small type per operation, which says how its values become a request and how the reply
/// becomes a value.
///
/// ```
/// use panel_http::{
///     Answer, CredentialKind, DecodeError, Endpoint, HttpMethod, Operation, PathParameters, Safety,
/// };
/// use serde::Deserialize;
///
/// #[derive(Debug, Deserialize)]
/// struct Account {
///     id: u64,
///     username: String,
/// }
///
/// struct GetAccount {
///     id: u64,
/// }
///
/// impl Endpoint for GetAccount {
///     const OPERATION: &'static Operation = &Operation::new(
///         "get account",
///         HttpMethod::Get,
///         "/api/v1/billing/accounts/{id}",
///         Safety::ReadOnly,
///     )
///     .credentials(&[CredentialKind::KeyPair])
///     .contract("NextPanel 8");
///     type Reply = Account;
///
///     fn path(&self, path: &mut PathParameters) {
///         path.set("id", self.id);
///     }
///
///     fn decode(&self, answer: &Answer) -> Result<Account, DecodeError> {
///         answer.json()
///     }
/// }
/// ```
pub trait Endpoint: Sync {
    /// What is known about the call without its values.
    const OPERATION: &'static Operation;

    /// What a reply of success is read into.
    type Reply: Send;

    /// Sets the value of every `{name}` in the path.
    fn path(&self, path: &mut PathParameters) {
        let _ = path;
    }

    /// Sets the query.
    fn query(&self, query: &mut Query) {
        let _ = query;
    }

    /// Sets headers beyond those of credential, body and key. Mark secret ones with
    /// [`set_sensitive`](http::HeaderValue::set_sensitive).
    ///
    /// # Errors
    /// If a value cannot stand in a header.
    fn headers(&self, headers: &mut HeaderMap) -> Result<(), EncodeError> {
        let _ = headers;
        Ok(())
    }

    /// Makes the body.
    ///
    /// # Errors
    /// If a value does not serialise, or is one the server is known to mishandle.
    fn body(&self) -> Result<RequestBody, EncodeError> {
        Ok(RequestBody::empty())
    }

    /// The natural key ([`Safety::NaturalKey`](crate::Safety::NaturalKey)) or idempotency key
    /// ([`Safety::Keyed`](crate::Safety::Keyed)) of the call; an error of unknown outcome names it.
    fn key(&self) -> Option<Cow<'_, str>> {
        None
    }

    /// Whether a reply of this status is handed to [`decode`](Self::decode) rather than being an error.
    fn accepts(&self, status: StatusCode) -> bool {
        status.is_success()
    }

    /// Reads a reply of success.
    ///
    /// # Errors
    /// If it cannot be read, or says inside that it is none.
    fn decode(&self, answer: &Answer) -> Result<Self::Reply, DecodeError>;
}
