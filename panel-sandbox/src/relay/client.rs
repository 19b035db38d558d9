//! The client's side of a connection: whole requests in, bytes or a reset out.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::head::{self, Framing};
use super::{Reply, Request};

/// The most a request body may be. Far more than any client has reason to send.
const MAXIMUM_BODY_BYTES: usize = 16 * 1024 * 1024;

/// A chunk size line or trailer longer than this is nonsense.
const MAXIMUM_LINE_BYTES: usize = 8 * 1024;

/// Why no request could be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    /// The client is gone, or was idle for too long.
    Gone,
    Malformed,
    TooLarge,
}

impl From<io::Error> for ReadError {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// A connection from a client, with what was read ahead of the current request.
pub(crate) struct ClientConnection {
    stream: TcpStream,
    ahead: Vec<u8>,
}

impl ClientConnection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            ahead: Vec::new(),
        }
    }

    /// Reads the next whole request, waiting at most this long for it to begin.
    pub(crate) async fn read_request(
        &mut self,
        idle_timeout: Option<Duration>,
    ) -> Result<Request, ReadError> {
        if self.ahead.is_empty() {
            match idle_timeout {
                Some(limit) => timeout(limit, self.read_more())
                    .await
                    .map_err(|_| ReadError::Gone)??,
                None => self.read_more().await?,
            }
        }
        let head = loop {
            match head::parse(&self.ahead) {
                Ok(Some(head)) => break head,
                Ok(None) => self.read_more().await?,
                Err(head::MalformedHead) => return Err(ReadError::Malformed),
            }
        };
        self.take(head.length);
        if head.expects_continue && self.ahead.is_empty() {
            self.stream
                .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
                .await?;
        }
        let body = match head.framing {
            Framing::None => Vec::new(),
            Framing::Length(length) => {
                let length = usize::try_from(length).map_err(|_| ReadError::TooLarge)?;
                self.read_exactly(length, 0).await?
            }
            Framing::Chunked => self.read_chunks().await?,
        };
        Ok(Request {
            method: head.method,
            target: head.target,
            headers: head.headers,
            body,
            has_body: head.framing != Framing::None,
            is_last: head.is_last,
        })
    }

    async fn read_chunks(&mut self) -> Result<Vec<u8>, ReadError> {
        let mut body = Vec::new();
        loop {
            let (line, size) = loop {
                match httparse::parse_chunk_size(&self.ahead) {
                    Ok(httparse::Status::Complete(found)) => break found,
                    Ok(httparse::Status::Partial) if self.ahead.len() < MAXIMUM_LINE_BYTES => {
                        self.read_more().await?;
                    }
                    Ok(httparse::Status::Partial) | Err(_) => return Err(ReadError::Malformed),
                }
            };
            self.take(line);
            if size == 0 {
                break;
            }
            let size = usize::try_from(size).map_err(|_| ReadError::TooLarge)?;
            body.extend(self.read_exactly(size, body.len()).await?);
            if self.read_exactly(2, 0).await? != b"\r\n" {
                return Err(ReadError::Malformed);
            }
        }
        // Trailers are read and dropped: no panel looks at them.
        while !self.read_line().await?.is_empty() {}
        Ok(body)
    }

    async fn read_line(&mut self) -> Result<Vec<u8>, ReadError> {
        loop {
            if let Some(end) = self.ahead.windows(2).position(|pair| pair == b"\r\n") {
                let line = self.take(end);
                self.take(2);
                return Ok(line);
            }
            if self.ahead.len() >= MAXIMUM_LINE_BYTES {
                return Err(ReadError::Malformed);
            }
            self.read_more().await?;
        }
    }

    /// Reads so many bytes of a body of which some were read already.
    async fn read_exactly(&mut self, length: usize, already: usize) -> Result<Vec<u8>, ReadError> {
        if length.saturating_add(already) > MAXIMUM_BODY_BYTES {
            return Err(ReadError::TooLarge);
        }
        while self.ahead.len() < length {
            self.read_more().await?;
        }
        Ok(self.take(length))
    }

    async fn read_more(&mut self) -> Result<(), ReadError> {
        self.ahead.reserve(16 * 1024);
        match self.stream.read_buf(&mut self.ahead).await? {
            0 => Err(ReadError::Gone),
            _ => Ok(()),
        }
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        self.ahead.drain(..length.min(self.ahead.len())).collect()
    }

    pub(crate) async fn write(&mut self, reply: &Reply) -> io::Result<()> {
        self.stream.write_all(&reply.head).await?;
        self.stream.write_all(&reply.body).await
    }

    /// Writes the reply up to the middle of its body, and ends the connection in order.
    pub(crate) async fn write_half(mut self, reply: &Reply) -> io::Result<()> {
        if reply.body.is_empty() {
            let half = reply.head.len() / 2;
            let (cut, _) = reply.head.split_at(half);
            self.stream.write_all(cut).await?;
        } else {
            let (cut, _) = reply.body.split_at(reply.body.len() / 2);
            self.stream.write_all(&reply.head).await?;
            self.stream.write_all(cut).await?;
        }
        self.finish().await
    }

    /// Writes the reply with so many blanks before its body, chunked: its size is nowhere announced.
    pub(crate) async fn write_padded(&mut self, reply: &Reply, padding: u64) -> io::Result<()> {
        static BLANKS: [u8; 64 * 1024] = [b' '; 64 * 1024];
        self.stream.write_all(&reply.chunked_head()).await?;
        let mut left = padding;
        while left > 0 {
            let size = left.min(BLANKS.len() as u64);
            let (blanks, _) = BLANKS.split_at(usize::try_from(size).unwrap_or(BLANKS.len()));
            self.write_chunk(blanks).await?;
            left -= size;
        }
        if !reply.body.is_empty() {
            self.write_chunk(&reply.body).await?;
        }
        self.stream.write_all(b"0\r\n\r\n").await
    }

    async fn write_chunk(&mut self, bytes: &[u8]) -> io::Result<()> {
        let line = format!("{:x}\r\n", bytes.len());
        self.stream.write_all(line.as_bytes()).await?;
        self.stream.write_all(bytes).await?;
        self.stream.write_all(b"\r\n").await
    }

    /// Ends the connection so that the client sees a reset rather than an end.
    pub(crate) fn reset(self) {
        // Without the option the client would see an orderly end, which is a failure to it just the same.
        let _ = self.stream.set_zero_linger();
    }

    /// Ends the connection in order, letting the client finish what it was still sending: closing on unread bytes
    /// would reset the connection and could take the reply with it.
    pub(crate) async fn finish(mut self) -> io::Result<()> {
        self.stream.shutdown().await?;
        let mut rest = vec![0; 16 * 1024];
        let drained = async { while let Ok(1..) = self.stream.read(&mut rest).await {} };
        let _ = timeout(Duration::from_secs(1), drained).await;
        Ok(())
    }
}
