//! The headers every answer has (contract, section 4).

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderName, HeaderValue};
use sha2::{Digest, Sha256};
use wiremock::{Request, ResponseTemplate};

use super::Generation;
use super::answer::Answer;
use super::limiter::Verdict;

pub(super) const REQUEST_ID: &str = "x-request-id";

/// What the headers of one answer depend on, besides the answer.
pub(super) struct Headers<'a> {
    pub(super) request: &'a Request,
    pub(super) request_id: &'a str,
    pub(super) generation: Generation,
    /// Nothing where no limiter counted the request.
    pub(super) verdict: Option<Verdict>,
    /// Whether the request came to the routes at all.
    pub(super) was_routed: bool,
}

impl Headers<'_> {
    pub(super) fn finish(self, answer: Answer) -> ResponseTemplate {
        let etag = etag(&answer.body);
        let is_get = matches!(self.request.method.as_str(), "GET" | "HEAD");
        let known = self.request.headers.get(IF_NONE_MATCH);
        let is_unchanged = is_get
            && answer.status == 200
            && known.is_some_and(|known| known.as_bytes() == etag.as_bytes());
        let mut template = if is_unchanged {
            ResponseTemplate::new(304)
        } else {
            ResponseTemplate::new(answer.status)
                .set_body_bytes(answer.body)
                .insert_header(CONTENT_TYPE, HeaderValue::from_static(answer.content_type))
        };
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                template = std::mem::replace(&mut template, ResponseTemplate::new(500))
                    .insert_header(name, value);
            }
        };
        set(HeaderName::from_static(REQUEST_ID), self.request_id);
        set(ETAG, &etag);
        if self.was_routed {
            set(CACHE_CONTROL, "no-store");
            set(HeaderName::from_static("x-response-time"), "1ms");
            if self.generation == Generation::Legacy {
                set(HeaderName::from_static("x-api-version"), "v1");
                set(HeaderName::from_static("x-powered-by"), "mPanel");
            }
        }
        if let Some(verdict) = self.verdict {
            for (name, value) in [
                ("x-ratelimit-limit", u64::from(verdict.limit)),
                ("x-ratelimit-remaining", u64::from(verdict.remaining)),
                ("x-ratelimit-reset", verdict.reset_epoch_seconds()),
            ] {
                set(HeaderName::from_static(name), &value.to_string());
            }
        }
        for (name, value) in &answer.headers {
            set(name.clone(), value);
        }
        template.set_delay(answer.latency)
    }
}

/// Weak, as Express writes it: length and hash.
fn etag(body: &[u8]) -> String {
    let hash = STANDARD_NO_PAD.encode(Sha256::digest(body));
    let hash = hash.get(..27).unwrap_or_default();
    format!("W/\"{:x}-{hash}\"", body.len())
}
