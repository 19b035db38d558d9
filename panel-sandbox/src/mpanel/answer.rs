//! Answers, and the many shapes of a refusal (contract, section 3).

use std::time::Duration;

use http::HeaderName;
use serde::Serialize;
use serde_json::json;

/// The media type of all but a few answers.
pub(super) const JSON: &str = "application/json; charset=utf-8";
/// The media type Express gives a text.
pub(super) const TEXT: &str = "text/html; charset=utf-8";

/// An answer before the headers every answer has.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
    pub(super) headers: Vec<(HeaderName, String)>,
    pub(super) latency: Duration,
}

/// What a handler gives: an answer, or a refusal it came upon on the way.
pub(super) type Handled = Result<Answer, Answer>;

impl Answer {
    pub(super) fn new(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            content_type,
            body: body.into(),
            headers: Vec::new(),
            latency: Duration::ZERO,
        }
    }

    pub(super) fn json(status: u16, body: &impl Serialize) -> Self {
        Self::new(status, JSON, serde_json::to_vec(body).unwrap_or_default())
    }

    pub(super) fn with_header(mut self, name: &'static str, value: impl ToString) -> Self {
        let name = HeaderName::from_static(name);
        self.headers.push((name, value.to_string()));
        self
    }

    /// Lets the reply come later; what was asked is done at once.
    pub(super) fn late(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// `{error}`
    pub(super) fn error(status: u16, error: &str) -> Self {
        Self::json(status, &json!({ "error": error }))
    }

    /// `{error, message}`
    pub(super) fn error_with(status: u16, error: &str, message: impl AsRef<str>) -> Self {
        let message = message.as_ref();
        Self::json(status, &json!({ "error": error, "message": message }))
    }

    /// `{success: false, error}`
    pub(super) fn failure(status: u16, error: impl AsRef<str>) -> Self {
        let error = error.as_ref();
        Self::json(status, &json!({ "success": false, "error": error }))
    }

    /// `{success: false, error, message}`
    pub(super) fn failure_with(status: u16, error: &str, message: &str) -> Self {
        let body = json!({ "success": false, "error": error, "message": message });
        Self::json(status, &body)
    }

    /// `{success: true, data}`
    pub(super) fn data(status: u16, data: &impl Serialize) -> Self {
        Self::json(status, &json!({ "success": true, "data": data }))
    }
}

/// `{success: true, data}` with status 200.
pub(super) fn data(data: &impl Serialize) -> Handled {
    Ok(Answer::data(200, data))
}

/// A JSON answer with status 200.
pub(super) fn ok(body: &impl Serialize) -> Handled {
    Ok(Answer::json(200, body))
}

/// A refusal where there is nothing of that id.
pub(super) fn not_found(what: &str) -> Answer {
    Answer::error(404, &format!("{what} not found"))
}
