//! Replies: read from the stand-in, or made by the relay in its place.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, TRANSFER_ENCODING};
use http::{HeaderName, StatusCode};

/// A whole reply, ready to be written.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// Status line and headers with the empty line that ends them.
    pub(crate) head: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn new(status: StatusCode, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let head = format!(
            "HTTP/1.1 {} {}\r\n{CONTENT_TYPE}: {content_type}\r\n{CONTENT_LENGTH}: {}\r\n\r\n",
            status.as_str(),
            status.canonical_reason().unwrap_or("-"),
            body.len(),
        );
        Self {
            status: status.as_u16(),
            head: head.into_bytes(),
            body,
        }
    }

    /// Adds a header to a reply of ours.
    pub(crate) fn with_header(mut self, name: &HeaderName, value: &str) -> Self {
        self.head.truncate(self.head.len().saturating_sub(2));
        self.head
            .extend_from_slice(format!("{name}: {value}\r\n\r\n").as_bytes());
        self
    }

    /// The head of the same reply with a chunked body instead of one of a known length.
    pub(crate) fn chunked_head(&self) -> Vec<u8> {
        let mut head = Vec::with_capacity(self.head.len());
        let is_length = |line: &[u8]| {
            line.split(|byte| *byte == b':')
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(CONTENT_LENGTH.as_str().as_bytes()))
        };
        for line in self.head.split_inclusive(|byte| *byte == b'\n') {
            if line == b"\r\n" {
                head.extend_from_slice(format!("{TRANSFER_ENCODING}: chunked\r\n\r\n").as_bytes());
            } else if !is_length(line) {
                head.extend_from_slice(line);
            }
        }
        head
    }

    /// The page of a proxy that got no answer from the service behind it.
    pub(crate) fn bad_gateway_page() -> Self {
        Self::new(
            StatusCode::BAD_GATEWAY,
            "text/html",
            "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n\
             <center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n\
             </body>\r\n</html>\r\n",
        )
    }
}

#[cfg(test)]
mod tests {
    use http::header::RETRY_AFTER;

    use super::*;

    #[test]
    fn heads_are_whole_after_a_header_was_added_or_the_length_taken_away() {
        let reply = Reply::new(StatusCode::TOO_MANY_REQUESTS, "text/plain", "slow down")
            .with_header(&RETRY_AFTER, "3");
        assert_eq!(
            String::from_utf8_lossy(&reply.head),
            "HTTP/1.1 429 Too Many Requests\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\
             retry-after: 3\r\n\r\n"
        );
        assert_eq!(
            String::from_utf8_lossy(&reply.chunked_head()),
            "HTTP/1.1 429 Too Many Requests\r\ncontent-type: text/plain\r\nretry-after: 3\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
    }
}
