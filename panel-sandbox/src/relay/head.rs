//! Request heads: where they end, and how the body behind them is framed.

use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue};

/// The most a request head may be; uvicorn refuses more in the same way (NextPanel contract, section 1).
pub(crate) const MAXIMUM_HEAD_BYTES: usize = 64 * 1024;

const MAXIMUM_HEADERS: usize = 100;

/// How the body of a request is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    None,
    Length(u64),
    Chunked,
}

/// A parsed request head.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) framing: Framing,
    pub(crate) expects_continue: bool,
    pub(crate) is_last: bool,
    /// How many bytes of the input the head took.
    pub(crate) length: usize,
}

/// The bytes are not the head of an HTTP request that a panel would take.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MalformedHead;

/// Parses the head at the start of the input; nothing if it is not all there yet.
pub(crate) fn parse(input: &[u8]) -> Result<Option<Head>, MalformedHead> {
    let mut slots = [httparse::EMPTY_HEADER; MAXIMUM_HEADERS];
    let mut parsed = httparse::Request::new(&mut slots);
    let length = match parsed.parse(input) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if input.len() < MAXIMUM_HEAD_BYTES => return Ok(None),
        Ok(httparse::Status::Partial) | Err(_) => return Err(MalformedHead),
    };
    let (Some(method), Some(target), Some(version)) = (parsed.method, parsed.path, parsed.version)
    else {
        return Err(MalformedHead);
    };
    if !target.starts_with('/') {
        return Err(MalformedHead);
    }
    let mut headers = HeaderMap::new();
    for header in parsed.headers.iter() {
        let name = HeaderName::try_from(header.name).map_err(|_| MalformedHead)?;
        let value = HeaderValue::from_bytes(header.value).map_err(|_| MalformedHead)?;
        headers.append(name, value);
    }
    Ok(Some(Head {
        method: method.to_owned(),
        target: target.to_owned(),
        framing: framing(&headers)?,
        expects_continue: mentions(&headers, EXPECT, "100-continue"),
        is_last: version == 0 || mentions(&headers, CONNECTION, "close"),
        headers,
        length,
    }))
}

fn framing(headers: &HeaderMap) -> Result<Framing, MalformedHead> {
    let lengths: Vec<&HeaderValue> = headers.get_all(CONTENT_LENGTH).iter().collect();
    let chunked = headers.contains_key(TRANSFER_ENCODING);
    match (lengths.as_slice(), chunked) {
        ([], false) => Ok(Framing::None),
        ([], true) if mentions(headers, TRANSFER_ENCODING, "chunked") => Ok(Framing::Chunked),
        ([length], false) => {
            let digits = length.to_str().map_err(|_| MalformedHead)?;
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(MalformedHead);
            }
            digits
                .parse()
                .map(Framing::Length)
                .map_err(|_| MalformedHead)
        }
        // Two framings at once are how requests are smuggled; nobody sends them by mistake.
        _ => Err(MalformedHead),
    }
}

fn mentions(headers: &HeaderMap, name: HeaderName, wanted: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|token| token.trim().eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(input: &str) -> Result<Option<Head>, MalformedHead> {
        parse(input.as_bytes())
    }

    #[test]
    fn a_head_is_parsed_only_when_it_is_all_there() {
        let whole = "POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
        let end = whole.len() - 3;
        for cut in 0..end {
            assert!(parsed(&whole[..cut]).unwrap().is_none(), "{cut}");
        }
        let head = parsed(whole).unwrap().unwrap();
        assert_eq!(head.length, end);
        assert_eq!(head.method, "POST");
        assert_eq!(head.target, "/a?b=c");
        assert_eq!(head.framing, Framing::Length(3));
        assert!(!head.expects_continue && !head.is_last);
    }

    #[test]
    fn framing_and_connection_are_read_from_the_headers() {
        let head = |headers: &str| {
            parsed(&format!("PUT / HTTP/1.1\r\n{headers}\r\n"))
                .unwrap()
                .unwrap()
        };
        assert_eq!(head("").framing, Framing::None);
        assert_eq!(
            head("Transfer-Encoding: Chunked\r\n").framing,
            Framing::Chunked
        );
        assert!(head("Expect: 100-Continue\r\n").expects_continue);
        assert!(head("Connection: te, Close\r\n").is_last);
        let old = parsed("GET / HTTP/1.0\r\n\r\n").unwrap().unwrap();
        assert!(old.is_last);
    }

    #[test]
    fn what_no_panel_would_take_is_malformed() {
        for input in [
            "nonsense\r\n\r\n",
            "GET * HTTP/1.1\r\n\r\n",
            "GET http://elsewhere/ HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        ] {
            assert_eq!(parsed(input).unwrap_err(), MalformedHead, "{input}");
        }
        let endless = format!("GET /{} HTTP/1.1\r\n", "x".repeat(MAXIMUM_HEAD_BYTES));
        assert_eq!(parsed(&endless).unwrap_err(), MalformedHead);
    }
}
