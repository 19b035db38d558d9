use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::decode::DecodeError;

/// A complete reply: status, headers and the body after decompression. Never prints its body.
#[derive(Clone)]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    /// A reply, as tests of decoding build it.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: impl Into<Bytes>) -> Self {
        Self {
            status,
            headers,
            body: body.into(),
        }
    }

    /// Status of the reply.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// Headers of the reply.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// A header as text, if it is there and is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Body without byte order mark.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.body
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(&self.body)
    }

    /// The whole body, cheap to keep.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }

    /// The body as text.
    ///
    /// # Errors
    /// If it is not UTF-8.
    pub fn text(&self) -> Result<&str, DecodeError> {
        std::str::from_utf8(self.body()).map_err(|error| {
            DecodeError::unreadable(
                "",
                format_args!("not UTF-8 from byte {}", error.valid_up_to()),
            )
        })
    }

    /// Decodes the body from JSON, whatever the content type says.
    ///
    /// # Errors
    /// With the path of the offending value, and never with the value.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        crate::decode::json(self.text()?)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}
