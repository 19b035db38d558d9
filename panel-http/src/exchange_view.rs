use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::{
    failure, plain_text,
    preview::Preview,
    redact::{Redactor, is_secret_name},
    request_body::MASK,
    transport::TransportFault,
};

/// One request and what came back, for a support case: see
/// [`support_view`](crate::ClientBuilder::support_view). `Display` shows it as on the wire.
///
/// Secrets are gone: those the client knows, by value; those it does not, by the name they stand under. What is left is
/// still personal data, such as names and e-mail addresses.
#[derive(Debug, Clone, PartialEq)]
pub struct ExchangeView {
    pub(crate) operation: String,
    pub(crate) attempt: u32,
    pub(crate) request: Preview,
    pub(crate) response: Option<ResponseView>,
    pub(crate) fault: Option<TransportFault>,
    pub(crate) elapsed: Duration,
}

/// A reply with its secrets taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseView {
    status: StatusCode,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl ExchangeView {
    /// Name of the operation, in words.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Number of the attempt, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The request.
    #[must_use]
    pub const fn request(&self) -> &Preview {
        &self.request
    }

    /// The reply, if its head came.
    #[must_use]
    pub const fn response(&self) -> Option<&ResponseView> {
        self.response.as_ref()
    }

    /// What broke, if the reply did not come in full.
    #[must_use]
    pub const fn fault(&self) -> Option<TransportFault> {
        self.fault
    }

    /// Duration of the attempt.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

impl ResponseView {
    pub(crate) fn new(
        status: StatusCode,
        headers: &HeaderMap,
        body: Option<&Bytes>,
        is_cut: bool,
        redactor: &Redactor,
    ) -> Self {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                let shown = if value.is_sensitive() || is_secret_name(name.as_str()) {
                    MASK.to_owned()
                } else {
                    plain_text::lines(&redactor.clean_body(value.as_bytes(), false))
                };
                (name.to_string(), shown)
            })
            .collect();
        Self {
            status,
            headers,
            body: body.and_then(|body| failure::shown_text(body, is_cut, redactor)),
        }
    }

    /// Status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Headers in the order they came.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Start of the body; none if it is empty, brings a token, or was left to be read as it arrives.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }
}

impl fmt::Display for ExchangeView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}, attempt {}, {} ms",
            self.operation,
            self.attempt,
            self.elapsed.as_millis()
        )?;
        writeln!(f, "{}", self.request)?;
        if let Some(response) = &self.response {
            write!(f, "\n{}", response.status)?;
            for (name, value) in &response.headers {
                write!(f, "\n{name}: {value}")?;
            }
            if let Some(body) = &response.body {
                write!(f, "\n\n{body}")?;
            }
        }
        match self.fault {
            Some(fault) => write!(f, "\n[{fault}]"),
            None => Ok(()),
        }
    }
}
