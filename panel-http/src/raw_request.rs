use http::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    call::Draft,
    client::Shared,
    encode::EncodeError,
    error::{Error, Kind},
    operation::{CredentialKind, HttpMethod, Safety},
    request_body::RequestBody,
    timeouts::TimeoutClass,
    url_parts::Query,
};

/// A request that no endpoint describes: the escape hatch for routes a client crate does not know.
///
/// ```
/// use panel_http::{CredentialKind, HttpMethod, RawRequest, Safety};
///
/// let request = RawRequest::new(HttpMethod::Get, "/api/v1/widgets", Safety::ReadOnly)
///     .credentials(&[CredentialKind::KeyPair])
///     .query("limit", 10);
/// ```
#[derive(Debug, Clone)]
pub struct RawRequest {
    method: HttpMethod,
    path: String,
    safety: Safety,
    query: Query,
    headers: HeaderMap,
    body: RequestBody,
    credentials: &'static [CredentialKind],
    timeout: TimeoutClass,
}

impl RawRequest {
    /// A request of a path that is already percent-encoded. What a second sending would do has to be said.
    #[must_use]
    pub fn new(method: HttpMethod, path: impl Into<String>, safety: Safety) -> Self {
        Self {
            method,
            path: path.into(),
            safety,
            query: Query::default(),
            headers: HeaderMap::new(),
            body: RequestBody::empty(),
            credentials: &[],
            timeout: TimeoutClass::Standard,
        }
    }

    /// The credentials to attach; the first is required.
    #[must_use]
    pub fn credentials(mut self, credentials: &'static [CredentialKind]) -> Self {
        self.credentials = credentials;
        self
    }

    /// Adds `name=value` to the query.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl std::fmt::Display) -> Self {
        self.query.set(name, value);
        self
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: RequestBody) -> Self {
        self.body = body;
        self
    }

    /// Sets the class of time limits.
    #[must_use]
    pub fn timeout(mut self, timeout: TimeoutClass) -> Self {
        self.timeout = timeout;
        self
    }

    pub(crate) fn draft(self, shared: &Shared) -> Result<Draft, Error> {
        if let Err(error) = check(&self.path) {
            return Err(Error::new(Kind::Encode, "raw request")
                .with_safety(self.safety)
                .with_note(&error)
                .with_source(error));
        }
        Ok(Draft {
            operation: format!("{} {}", self.method, self.path).into(),
            method: self.method,
            url: shared.base.join(&self.path, self.query.encode().as_deref()),
            headers: self.headers,
            body: self.body,
            safety: self.safety,
            key: None,
            limit: shared.timeouts.limit(self.timeout),
            credentials: self.credentials.into(),
            is_credential_optional: false,
        })
    }
}

fn check(path: &str) -> Result<(), EncodeError> {
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(EncodeError::new("the path does not begin with one slash"));
    }
    if let Some(letter) = path
        .chars()
        .find(|letter| matches!(letter, '?' | '#' | '\\' | ' ') || letter.is_control())
    {
        return Err(EncodeError::new(format_args!(
            "the path contains {letter:?}; queries are set apart, other characters percent-encoded"
        )));
    }
    let is_relative = path.split('/').any(|segment| {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        plain == "." || plain == ".."
    });
    if is_relative {
        return Err(EncodeError::new("the path contains a relative segment"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_path_cannot_leave_the_base() {
        assert!(check("/api/x%20y/").is_ok());
        for path in [
            "",
            "x",
            "//evil.example",
            "/a/../b",
            "/a/%2E%2e/b",
            "/a?b",
            "/a#b",
            "/a\\b",
            "/a b",
            "/a\r\n",
        ] {
            assert!(check(path).is_err(), "{path:?}");
        }
    }
}
