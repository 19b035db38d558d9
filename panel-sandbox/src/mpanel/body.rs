//! Request bodies as Express reads them, before any route is looked at.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use url::form_urlencoded;

const MAXIMUM_BYTES: usize = 10 * 1024 * 1024;

/// A body no route ever sees: the status, and the class of the error the global handler names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) status: u16,
    pub(super) class: &'static str,
}

/// Reads a body. What is neither JSON nor a form is ignored, and an absent one is an empty object.
pub(super) fn read(headers: &HeaderMap, bytes: &[u8]) -> Result<Value, Unreadable> {
    let declared = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut parts = declared.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let is_json = media_type == "application/json";
    let is_form = media_type == "application/x-www-form-urlencoded";
    if bytes.is_empty() || !(is_json || is_form) {
        return Ok(Value::Object(Map::new()));
    }
    let charset = parts.find_map(|part| part.strip_prefix("charset="));
    if charset.is_some_and(|charset| !charset.trim_matches('"').starts_with("utf-")) {
        return Err(Unreadable {
            status: 415,
            class: "UnsupportedMediaTypeError",
        });
    }
    if bytes.len() > MAXIMUM_BYTES {
        return Err(Unreadable {
            status: 413,
            class: "PayloadTooLargeError",
        });
    }
    if is_form {
        let fields = form_urlencoded::parse(bytes)
            .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())));
        return Ok(Value::Object(fields.collect()));
    }
    // Express takes only objects and arrays for JSON.
    match serde_json::from_slice(bytes) {
        Ok(body @ (Value::Object(_) | Value::Array(_))) => Ok(body),
        _ => Err(Unreadable {
            status: 400,
            class: "SyntaxError",
        }),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_are_read_as_express_reads_them() {
        let refused = |status, class| Err(Unreadable { status, class });
        for (content_type, body, expected) in [
            ("application/json", "{\"a\":1}", Ok(json!({ "a": 1 }))),
            ("Application/JSON; charset=UTF-8", "[]", Ok(json!([]))),
            ("application/json", "", Ok(json!({}))),
            ("text/plain", "{\"a\":1}", Ok(json!({}))),
            (
                "application/x-www-form-urlencoded",
                "a=1&b=c%20d",
                Ok(json!({ "a": "1", "b": "c d" })),
            ),
            ("application/json", "{\"a\"", refused(400, "SyntaxError")),
            ("application/json", "\"a\"", refused(400, "SyntaxError")),
            (
                "application/json; charset=latin1",
                "{}",
                refused(415, "UnsupportedMediaTypeError"),
            ),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
            assert_eq!(read(&headers, body.as_bytes()), expected, "{body}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let huge = vec![b' '; MAXIMUM_BYTES + 1];
        assert_eq!(read(&headers, &huge), refused(413, "PayloadTooLargeError"));
    }
}
