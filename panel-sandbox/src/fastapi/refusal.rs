//! Refusals: a text, or the list of everything that is wrong with the request.

use serde::Serialize;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::json as json_answer;

/// One entry of a 422.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    loc: Vec<Value>,
    msg: String,
    /// What was sent. For a missing field that is the whole body, passwords included: clients must redact it.
    input: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Value>,
}

impl Problem {
    pub(crate) fn new(
        kind: &'static str,
        loc: impl IntoIterator<Item = Value>,
        msg: impl Into<String>,
        input: Value,
    ) -> Self {
        Self {
            kind,
            loc: loc.into_iter().collect(),
            msg: msg.into(),
            input,
            ctx: None,
        }
    }

    pub(crate) fn with_context(mut self, context: Value) -> Self {
        self.ctx = Some(context);
        self
    }
}

/// An answer that says no.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    detail: Value,
}

impl Refusal {
    pub(crate) fn new(status: u16, text: impl Into<String>) -> Self {
        Self {
            status,
            detail: Value::String(text.into()),
        }
    }

    pub(crate) fn invalid(problems: Vec<Problem>) -> Self {
        Self {
            status: 422,
            detail: json!(problems),
        }
    }

    pub(crate) fn into_answer(self) -> ResponseTemplate {
        json_answer(self.status, &json!({ "detail": self.detail }))
    }
}
