//! Answers that are no refusals.

use http::header::{CONTENT_TYPE, HOST, LOCATION, RETRY_AFTER, SERVER};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::Operation;
use crate::relay::Reply;

/// A JSON answer. The media type has no charset, as observed.
pub(crate) fn json(status: u16, body: &impl Serialize) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .set_body_json(body)
        .insert_header(SERVER, HeaderValue::from_static("uvicorn"))
}

/// A 204: it announces JSON and has no body.
pub(crate) fn no_content() -> ResponseTemplate {
    ResponseTemplate::new(204)
        .insert_header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .insert_header(SERVER, HeaderValue::from_static("uvicorn"))
}

/// An error answer that the relay gives in place of the service.
pub(crate) fn detail_reply(status: StatusCode, text: &str) -> Reply {
    let body = json!({ "detail": text }).to_string();
    Reply::new(status, "application/json", body).with_header(&SERVER, "uvicorn")
}

/// The 429 that the relay gives in place of the service; the hint is in seconds.
pub(crate) fn rate_limited_reply(text: &str, retry_after_seconds: Option<u64>) -> Reply {
    let reply = detail_reply(StatusCode::TOO_MANY_REQUESTS, text);
    match retry_after_seconds {
        Some(seconds) => reply.with_header(&RETRY_AFTER, &seconds.to_string()),
        None => reply,
    }
}

/// The 307 to the same path with or without its last slash, if that is an operation.
///
/// Its location is absolute and built from the request's own `Host`; its scheme is `http` unless a proxy on this
/// machine, where every caller is, says otherwise.
pub(crate) fn slash_redirect(
    operations: &[Operation],
    request: &wiremock::Request,
) -> Option<ResponseTemplate> {
    let path = request.url.path();
    let toggled = match path.strip_suffix('/') {
        Some(without) => without.to_owned(),
        None => format!("{path}/"),
    };
    operations
        .iter()
        .find(|operation| operation.matches(request.method.as_str(), &toggled))?;
    let host = request.headers.get(HOST)?.to_str().ok()?;
    let query = request
        .url
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    let forwarded = request.headers.get("x-forwarded-proto");
    let scheme = forwarded
        .and_then(|value| value.to_str().ok())
        .unwrap_or("http");
    let location = HeaderValue::try_from(format!("{scheme}://{host}{toggled}{query}")).ok()?;
    Some(ResponseTemplate::new(307).insert_header(LOCATION, location))
}
