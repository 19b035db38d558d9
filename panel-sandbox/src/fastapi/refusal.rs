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

    /// As [`into_answer`](Self::into_answer), with what newer versions add to a 422: a link for each problem, and the
    /// whole request body as it was received, passwords included.
    pub(crate) fn into_echoing_answer(mut self, request: &wiremock::Request) -> ResponseTemplate {
        let Value::Array(problems) = &mut self.detail else {
            return self.into_answer();
        };
        let mut is_syntax = false;
        for problem in problems.iter_mut().filter_map(Value::as_object_mut) {
            let kind = problem.get("type").and_then(Value::as_str);
            match kind.map(str::to_owned) {
                // Not found by the validator, but by the parser before it.
                Some(kind) if kind == "json_invalid" => is_syntax = true,
                Some(kind) => {
                    let url = format!("https://errors.pydantic.dev/2.6/v/{kind}");
                    problem.insert("url".to_owned(), Value::from(url));
                }
                None => {}
            }
        }
        let body = if is_syntax {
            Value::from(String::from_utf8_lossy(&request.body).into_owned())
        } else {
            serde_json::from_slice(&request.body).unwrap_or_default()
        };
        json_answer(self.status, &json!({ "detail": self.detail, "body": body }))
    }

    pub(crate) fn into_answer(self) -> ResponseTemplate {
        json_answer(self.status, &json!({ "detail": self.detail }))
    }
}
