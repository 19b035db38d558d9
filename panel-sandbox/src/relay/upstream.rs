//! The stand-in's side: one whole request in, one whole reply out.

use std::io;
use std::net::SocketAddr;

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Reply, Request};

/// A connection to the stand-in, opened when it is first needed and kept while it lasts.
pub(crate) struct Upstream {
    address: SocketAddr,
    stream: Option<TcpStream>,
}

impl Upstream {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
        }
    }

    /// Forwards a request and waits for the whole reply, by which time the stand-in has done what it was asked.
    pub(crate) async fn send(&mut self, request: &Request) -> io::Result<Reply> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        stream.write_all(&request.to_bytes()).await?;
        let reply = read_reply(&mut stream, request.method == "HEAD").await?;
        self.stream = Some(stream);
        Ok(reply)
    }
}

async fn read_reply(stream: &mut TcpStream, is_head: bool) -> io::Result<Reply> {
    let mut bytes = Vec::with_capacity(8 * 1024);
    let (status, head_length, announced) = loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(found) = parse_head(&bytes)? {
            break found;
        }
    };
    let mut body = bytes.split_off(head_length);
    let length = match status {
        _ if is_head => 0,
        100..=199 | 204 | 304 => 0,
        _ => announced.ok_or_else(|| invalid("a reply without content-length"))?,
    };
    while body.len() < length {
        body.reserve(length - body.len());
        if stream.read_buf(&mut body).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    Ok(Reply {
        status,
        head: bytes,
        body,
    })
}

/// Status, length of the head, and announced length of the body; nothing if the head is not all there.
fn parse_head(bytes: &[u8]) -> io::Result<Option<(u16, usize, Option<usize>)>> {
    let mut slots = [httparse::EMPTY_HEADER; 64];
    let mut parsed = httparse::Response::new(&mut slots);
    let length = match parsed.parse(bytes).map_err(invalid)? {
        httparse::Status::Complete(length) => length,
        httparse::Status::Partial => return Ok(None),
    };
    let header = |wanted: &http::HeaderName| {
        parsed
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(wanted.as_str()))
    };
    if header(&TRANSFER_ENCODING).is_some() {
        return Err(invalid("a chunked reply"));
    }
    let announced = header(&CONTENT_LENGTH)
        .map(|header| {
            let digits = std::str::from_utf8(header.value).map_err(invalid)?;
            digits.trim().parse::<usize>().map_err(invalid)
        })
        .transpose()?;
    Ok(parsed.code.map(|status| (status, length, announced)))
}

fn invalid(problem: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}
