//! Request bodies before their fields are looked at.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::{Problem, Refusal, literals};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads a body that must be there. What is not declared as JSON comes as a string.
pub(crate) fn parse(request: &wiremock::Request) -> Result<Value, Refusal> {
    parse_optional(request)?.ok_or_else(|| {
        Refusal::invalid(vec![Problem::new(
            "missing",
            [json!("body")],
            "Field required",
            Value::Null,
        )])
    })
}

/// Reads a body that may be absent.
pub(crate) fn parse_optional(request: &wiremock::Request) -> Result<Option<Value>, Refusal> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let bytes = request
        .body
        .strip_prefix(BYTE_ORDER_MARK)
        .unwrap_or(&request.body);
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Refusal::new(400, "There was an error parsing the body"))?;
    if !is_json(&request.headers) {
        return Ok(Some(Value::from(text)));
    }
    literals::parse(text).map(Some).map_err(|error| {
        let problem = Problem::new(
            "json_invalid",
            [json!("body"), json!(offset(text, &error))],
            "JSON decode error",
            json!({}),
        );
        Refusal::invalid(vec![
            problem.with_context(json!({ "error": "Expecting value" })),
        ])
    })
}

/// JSON media types, or none at all.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(CONTENT_TYPE) else {
        return true;
    };
    let value = value.to_str().unwrap_or_default();
    let media_type = value.split(';').next().unwrap_or_default().trim();
    let media_type = media_type.to_ascii_lowercase();
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

fn offset(text: &str, error: &serde_json::Error) -> usize {
    let before: usize = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    before + error.column().saturating_sub(1)
}
