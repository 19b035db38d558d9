//! What holds whatever bytes a server sends. Used by the fuzz targets, and by the test that replays their corpus.

#![allow(dead_code, reason = "each target uses one of them")]

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use panel_http::{
    Answer, Client, Error, HttpMethod, Kind, ListEndpoint, Operation, Page, Paging, RetryPolicy,
    Safety, ServerError,
    testing::{Reply, ScriptedTransport},
};
use serde::Deserialize;

const LIST: Operation = Operation::new("list", HttpMethod::Get, "/list", Safety::ReadOnly);

/// Error replies are read without a panic, the same way twice, onto one line of bounded length, and the error built of
/// them keeps the status.
pub(crate) fn error_reader(bytes: &[u8]) {
    let error = ServerError::read(bytes);
    assert_eq!(error, ServerError::read(bytes));
    let texts = [error.message(), error.label(), error.request_id()];
    for text in texts.into_iter().flatten() {
        assert!(!text.is_empty(), "{error:?}");
        steers_nothing(text);
    }
    for refused in error.field_errors() {
        steers_nothing(refused.field());
        steers_nothing(refused.message());
    }
    let error = Error::from_reply(
        &LIST,
        StatusCode::UNPROCESSABLE_ENTITY,
        &HeaderMap::new(),
        bytes,
    );
    assert_eq!(error.kind(), Kind::Validation);
    assert_eq!(error.status(), Some(StatusCode::UNPROCESSABLE_ENTITY));
    assert_eq!(error.to_string().lines().count(), 1, "{error}");
    assert!(error.body_text().is_none_or(|text| text.len() < 65_536));
}

/// One line of bounded length that shows all it has and turns the direction of nothing.
fn steers_nothing(text: &str) {
    let hides = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    assert!(text.chars().count() <= 501, "{text:?}");
    assert!(!text.contains(hides), "{text:?}");
}

/// A hint is found or not, in headers and in the body, and is never negative or endless.
pub(crate) fn retry_hint(bytes: &[u8]) {
    let lines = bytes.split(|&byte| byte == b'\n');
    let mut headers = HeaderMap::new();
    let names = [
        "retry-after",
        "ratelimit-reset",
        "x-ratelimit-reset",
        "date",
    ];
    let mut body: &[u8] = b"";
    for (place, line) in lines.enumerate() {
        match (names.get(place), HeaderValue::from_bytes(line)) {
            (Some(name), Ok(value)) if !line.is_empty() => {
                headers.insert(*name, value);
            }
            (Some(_), _) => {}
            (None, _) => body = line,
        }
    }
    for status in [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ] {
        let error = Error::from_reply(&LIST, status, &headers, body);
        if let Some(wait) = error.retry_after() {
            // Adding it to a clock must not be what breaks.
            let _ = std::time::Instant::now().checked_add(wait);
        }
        let _ = error.to_string();
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Row {
    #[serde(default, deserialize_with = "panel_http::lenient")]
    id: Option<u64>,
    #[serde(default)]
    name: Option<panel_http::OpaqueId>,
    #[serde(default)]
    created_at: Option<panel_http::Timestamp>,
    #[serde(default)]
    price: Option<panel_http::Decimal>,
}

struct Rows;

impl ListEndpoint for Rows {
    const OPERATION: &'static Operation = &LIST;
    const PAGING: Paging = Paging::Whole;
    type Item = Row;
}

/// A list is read without a panic; read as it arrives, in pieces of any size, it has the same rows as read whole; and
/// the lossy reader has one entry for each of them.
pub(crate) fn page(bytes: &[u8]) {
    let (size, bytes) = match bytes.split_first() {
        Some((size, rest)) => (usize::from(*size).max(1), rest),
        None => (1, bytes),
    };
    let answer = Answer::new(StatusCode::OK, HeaderMap::new(), bytes.to_vec());
    let whole = Page::<Row>::read(&answer);
    let pieces: Vec<Bytes> = bytes.chunks(size).map(Bytes::copy_from_slice).collect();
    let transport =
        ScriptedTransport::new().with(Reply::json(200, "").with_chunks(pieces, Duration::ZERO));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let streamed = runtime.block_on(async {
        let client = Client::builder("http://127.0.0.1")
            .transport(transport)
            .retry_policy(RetryPolicy::never())
            .build()
            .unwrap();
        client.list(Rows).collect().await
    });
    // What follows the list is not looked at while it streams, so it may succeed where the whole does not.
    if let Ok(page) = whole {
        assert_eq!(page.items, streamed.unwrap());
    }
}
