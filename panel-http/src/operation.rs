use std::fmt;

use crate::timeouts::TimeoutClass;

/// What is known about one call of a panel before it is made: a constant of the client crate.
///
/// A client crate lists all of its operations in a `pub const OPERATIONS: &[&Operation]`; tables of endpoints in
/// documents and tools are made from that list.
///
/// ```
/// use panel_http::{CredentialKind, HttpMethod, Operation, Safety, TimeoutClass};
///
/// const CREATE_ACCOUNT: Operation = Operation::new(
///     "create account",
///     HttpMethod::Post,
///     "/api/v1/billing/accounts",
///     Safety::NaturalKey,
/// )
/// .credentials(&[CredentialKind::KeyPair])
/// .timeout(TimeoutClass::Provision)
/// .contract("NextPanel 8");
///
/// assert!(!CREATE_ACCOUNT.safety.may_be_resent());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Operation {
    /// Name in words, as it stands in errors, spans and tables: `create account`.
    pub name: &'static str,
    /// HTTP method.
    pub method: HttpMethod,
    /// Whole path with its prefix and `{name}` for values: `/api/v1/billing/accounts/{id}`.
    pub path: &'static str,
    /// What sending the request twice would do.
    pub safety: Safety,
    /// Which of the client's time limits apply.
    pub timeout: TimeoutClass,
    /// Credentials to attach. The first is required, further ones are attached where the client has them.
    pub credentials: &'static [CredentialKind],
    /// Whether even the first credential is only attached where the client has it.
    pub is_credential_optional: bool,
    /// Section of the wire contract the operation is taken from.
    pub contract: &'static str,
}

impl Operation {
    /// An operation without credential, with the standard time limits.
    #[must_use]
    pub const fn new(
        name: &'static str,
        method: HttpMethod,
        path: &'static str,
        safety: Safety,
    ) -> Self {
        Self {
            name,
            method,
            path,
            safety,
            timeout: TimeoutClass::Standard,
            credentials: &[],
            is_credential_optional: false,
            contract: "",
        }
    }

    /// The same operation with these credentials; the first is required.
    #[must_use]
    pub const fn credentials(mut self, credentials: &'static [CredentialKind]) -> Self {
        self.credentials = credentials;
        self
    }

    /// The same operation with these credentials where the client has them; none is required.
    #[must_use]
    pub const fn optional_credentials(mut self, credentials: &'static [CredentialKind]) -> Self {
        self.credentials = credentials;
        self.is_credential_optional = true;
        self
    }

    /// The same operation with another class of time limits.
    #[must_use]
    pub const fn timeout(mut self, timeout: TimeoutClass) -> Self {
        self.timeout = timeout;
        self
    }

    /// The same operation with its section of the wire contract.
    #[must_use]
    pub const fn contract(mut self, contract: &'static str) -> Self {
        self.contract = contract;
        self
    }
}

/// HTTP methods the panels use. Unlike [`http::Method`] it is `Copy`, so that operations can be constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HttpMethod {
    /// GET
    Get,
    /// HEAD
    Head,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl HttpMethod {
    /// Upper-case name as on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl fmt::Display for HttpMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<HttpMethod> for http::Method {
    fn from(method: HttpMethod) -> Self {
        match method {
            HttpMethod::Get => Self::GET,
            HttpMethod::Head => Self::HEAD,
            HttpMethod::Post => Self::POST,
            HttpMethod::Put => Self::PUT,
            HttpMethod::Patch => Self::PATCH,
            HttpMethod::Delete => Self::DELETE,
        }
    }
}

/// What sending the same request a second time would do. Declared per operation, never guessed from the method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Safety {
    /// Changes nothing.
    ReadOnly,
    /// Has the same effect twice, such as suspend or put.
    Idempotent,
    /// The server deduplicates by a key. There is one key per call, the same for every attempt.
    Keyed(KeyPlace),
    /// The server stores something of ours that reads back (a username, a domain), so that a lost reply can be
    /// looked up. Never resent here once it may have been sent: the error names the key.
    NaturalKey,
    /// None of these. Never resent once it may have been sent.
    Unsafe,
}

impl Safety {
    /// Whether a request that may have reached the server may be sent again by this crate.
    #[must_use]
    pub const fn may_be_resent(self) -> bool {
        match self {
            Self::ReadOnly | Self::Idempotent | Self::Keyed(_) => true,
            Self::NaturalKey | Self::Unsafe => false,
        }
    }

    /// Whether the operation can change anything on the server.
    #[must_use]
    pub const fn is_write(self) -> bool {
        !matches!(self, Self::ReadOnly)
    }
}

/// Where the server looks for the key it deduplicates by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyPlace {
    /// A request header. One is made for each call if the endpoint brings none.
    Header(&'static str),
    /// A field of the body, which the endpoint fills.
    BodyField(&'static str),
}

/// Kind of credential an operation asks for, and under which a client keeps its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialKind {
    /// `X-API-Key` together with `X-API-Secret`.
    KeyPair,
    /// `Authorization: Bearer`.
    Bearer,
    /// A shared secret in the header of this (lower-case) name.
    Header(&'static str),
}

impl fmt::Display for CredentialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyPair => f.write_str("API key and secret"),
            Self::Bearer => f.write_str("bearer token"),
            Self::Header(name) => write!(f, "secret header {name}"),
        }
    }
}
