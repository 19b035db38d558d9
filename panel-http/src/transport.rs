mod reqwest;

use std::{error::Error as StdError, fmt, future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use url::Url;

pub(crate) use self::reqwest::ReqwestTransport;
use crate::{delivery::Delivery, request_body::RequestBody};

/// A boxed future that can move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Body of a reply, decompressed, as it arrives.
pub type ResponseBody = UnsyncBoxBody<Bytes, TransportError>;

/// Sends one request and returns the head of the reply, its body yet unread.
///
/// A transport follows no redirect, repeats nothing and sets no time limit but that of opening a connection: the call
/// above it does. [`testing::ScriptedTransport`](crate::testing::ScriptedTransport) is one without a network.
pub trait Transport: Send + Sync + 'static {
    /// Sends the request.
    ///
    /// # Errors
    /// A [`TransportError`] whose fault says whether the request may have left.
    fn send(
        &self,
        request: http::Request<RequestBody>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>>;
}

/// The transport of a client.
pub(crate) enum Carrier {
    /// The default one, which is not called through the trait: that would cost a box and a second reading of the URL.
    Reqwest(ReqwestTransport),
    Other(Arc<dyn Transport>),
}

impl Carrier {
    /// `url` is that of the request.
    pub(crate) async fn send(
        &self,
        url: &Url,
        request: http::Request<RequestBody>,
    ) -> Result<http::Response<ResponseBody>, TransportError> {
        match self {
            Self::Reqwest(transport) => transport.send(url, request).await,
            Self::Other(transport) => transport.send(request).await,
        }
    }
}

/// What broke between us and the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportFault {
    /// The transport is not usable as configured. Nothing was sent; trying again changes nothing.
    Configuration,
    /// The host name did not resolve. Nothing was sent.
    Resolve,
    /// No connection: refused, unreachable, reset while connecting. Nothing was sent.
    Connect,
    /// No connection in time. Nothing was sent.
    ConnectTimeout,
    /// No trusted TLS session: a certificate that is expired, of another name or of an unknown issuer, or no TLS at
    /// all. Nothing was sent; trying again changes nothing.
    Tls,
    /// A kept connection turned out closed before any byte of the request was written.
    Unsent,
    /// No (complete) reply in time. The request may have been sent and carried out.
    Timeout,
    /// The connection broke after the request may have been sent, or within the reply.
    Broken,
}

impl TransportFault {
    /// Whether the request may have reached the server.
    #[must_use]
    pub const fn delivery(self) -> Delivery {
        match self {
            Self::Configuration
            | Self::Resolve
            | Self::Connect
            | Self::ConnectTimeout
            | Self::Tls
            | Self::Unsent => Delivery::NotSent,
            Self::Timeout | Self::Broken => Delivery::MaybeSent,
        }
    }

    /// Whether another try could end differently.
    #[must_use]
    pub const fn may_pass(self) -> bool {
        !matches!(self, Self::Configuration | Self::Tls)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "the transport is not configured",
            Self::Resolve => "the host name does not resolve",
            Self::Connect => "no connection",
            Self::ConnectTimeout => "no connection in time",
            Self::Tls => "no trusted TLS session",
            Self::Unsent => "the connection closed before the request was sent",
            Self::Timeout => "no complete reply in time",
            Self::Broken => "the connection broke before the reply was complete",
        }
    }
}

impl fmt::Display for TransportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A request that got no complete reply.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
pub struct TransportError {
    fault: TransportFault,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// A fault without further cause.
    #[must_use]
    pub const fn new(fault: TransportFault) -> Self {
        Self {
            fault,
            source: None,
        }
    }

    /// The same fault with its cause, which must name neither secrets nor the query.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What broke.
    #[must_use]
    pub const fn fault(&self) -> TransportFault {
        self.fault
    }
}
