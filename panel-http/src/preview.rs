use std::fmt;

use http::HeaderValue;
use serde::Serialize;

use crate::{
    operation::CredentialKind,
    redact::Redactor,
    request_body::{MASK, RequestBody},
};

/// A request for people to read, with `[secret]` in place of every secret. `Display` shows it as on the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Preview {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

impl Preview {
    /// Shows a request.
    #[must_use]
    pub fn of(request: &http::Request<RequestBody>) -> Self {
        let headers = request
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), shown(value)))
            .collect();
        let body = request.body();
        Self {
            method: request.method().to_string(),
            // Braces stand for values not known yet, such as `{customer.id}`, and read better as they are.
            url: request
                .uri()
                .to_string()
                .replace("%7B", "{")
                .replace("%7D", "}"),
            headers,
            body: (!body.is_empty()).then(|| body.masked()),
        }
    }

    /// Adds the headers of credentials that were not at hand.
    pub(crate) fn with_credentials(mut self, kinds: &[CredentialKind]) -> Self {
        // Only the first kind is certain to go along.
        let names: &[&str] = match kinds.first() {
            Some(CredentialKind::KeyPair) => &["x-api-key", "x-api-secret"],
            Some(CredentialKind::Bearer) => &["authorization"],
            Some(CredentialKind::Header(name)) => &[*name],
            None => &[],
        };
        for name in names {
            if !self.headers.iter().any(|(known, _)| known == name) {
                self.headers.push(((*name).to_owned(), MASK.to_owned()));
            }
        }
        self
    }

    /// Without the values of these secrets, wherever they stand.
    pub(crate) fn redacted(mut self, redactor: &Redactor) -> Self {
        self.url = redactor.clean(self.url);
        self.body = self.body.map(|body| redactor.clean(body));
        for (_, value) in &mut self.headers {
            *value = redactor.clean(std::mem::take(value));
        }
        self
    }

    /// Method.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Whole URL, query included.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Headers in the order they are sent.
    #[must_use]
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Body, if there is one.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }
}

fn shown(value: &HeaderValue) -> String {
    if value.is_sensitive() {
        MASK.to_owned()
    } else {
        String::from_utf8_lossy(value.as_bytes()).into_owned()
    }
}

impl fmt::Display for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url)?;
        for (name, value) in &self.headers {
            write!(f, "\n{name}: {value}")?;
        }
        match &self.body {
            Some(body) => write!(f, "\n\n{body}"),
            None => Ok(()),
        }
    }
}
