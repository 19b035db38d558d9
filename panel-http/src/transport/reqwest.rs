use std::{error::Error as StdError, io};

use http_body_util::BodyExt;

use super::{BoxFuture, ResponseBody, Transport, TransportError, TransportFault};
use crate::{base_url::BaseUrl, request_body::RequestBody, timeouts::Timeouts};

/// The default transport.
#[derive(Debug)]
pub(crate) struct ReqwestTransport {
    client: reqwest::Client,
}

impl ReqwestTransport {
    /// # Errors
    /// In words, if the TLS set-up of this machine is not usable.
    pub(crate) fn new(
        base: &BaseUrl,
        timeouts: &Timeouts,
        user_agent: &str,
        use_proxy: bool,
    ) -> Result<Self, String> {
        let mut builder = reqwest::Client::builder()
            .user_agent(user_agent)
            // A followed redirect would carry custom key headers to any host it names.
            .redirect(reqwest::redirect::Policy::none())
            // Repeats are decided by the call, which knows what a second request would do.
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(timeouts.connect())
            .pool_idle_timeout(timeouts.idle());
        if !use_proxy || base.is_loopback() {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| format!("the HTTP client cannot be set up: {}", chain(&error)))?;
        Ok(Self { client })
    }
}

impl Transport for ReqwestTransport {
    fn send(
        &self,
        request: http::Request<RequestBody>,
    ) -> BoxFuture<'_, Result<http::Response<ResponseBody>, TransportError>> {
        Box::pin(async move {
            let request = request.map(|body| reqwest::Body::from(body.expose_bytes()));
            let request = reqwest::Request::try_from(request).map_err(|error| {
                TransportError::new(TransportFault::Configuration).with_source(error.without_url())
            })?;
            let response = self.client.execute(request).await.map_err(failed)?;
            Ok(http::Response::from(response).map(|body| body.map_err(cut).boxed_unsync()))
        })
    }
}

fn failed(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let fault = if error.is_builder() {
        TransportFault::Configuration
    } else if error.is_dns() {
        TransportFault::Resolve
    } else if error.is_connect() {
        connect_fault(&error)
    } else if error.is_timeout() {
        TransportFault::Timeout
    } else {
        TransportFault::Broken
    };
    TransportError::new(fault).with_source(error)
}

/// A handshake that ends in a TLS verdict reaches us as an I/O error of kind `InvalidData`, however deep.
fn connect_fault(error: &reqwest::Error) -> TransportFault {
    if error.is_timeout() {
        return TransportFault::ConnectTimeout;
    }
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(current) = cause {
        cause = match current.downcast_ref::<io::Error>() {
            Some(io) if io.kind() == io::ErrorKind::InvalidData => return TransportFault::Tls,
            // `source` of an I/O error skips the error it wraps.
            Some(io) => io.get_ref().map(|inner| inner as &(dyn StdError + 'static)),
            None => current.source(),
        };
    }
    TransportFault::Connect
}

fn cut(error: reqwest::Error) -> TransportError {
    let fault = if error.is_timeout() {
        TransportFault::Timeout
    } else {
        TransportFault::Broken
    };
    TransportError::new(fault).with_source(error.without_url())
}

fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        text.push_str(": ");
        text.push_str(&current.to_string());
        cause = current.source();
    }
    text
}
