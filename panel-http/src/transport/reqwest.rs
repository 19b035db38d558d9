use std::{error::Error as StdError, io};

use http_body_util::BodyExt;
use url::Url;

use super::{ResponseBody, TransportError, TransportFault};
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
        tls_is_usable(base)?;
        let builder = || builder(base, timeouts, user_agent, use_proxy);
        let client = builder()
            .build()
            .or_else(|error| {
                if base.is_https() {
                    Err(error)
                } else {
                    // A panel over plain http needs no certificates, so it works where the machine has none.
                    without_certificates(builder()).build()
                }
            })
            .map_err(|error| format!("the HTTP client cannot be set up: {}", chain(&error)))?;
        Ok(Self { client })
    }
}

fn builder(
    base: &BaseUrl,
    timeouts: &Timeouts,
    user_agent: &str,
    use_proxy: bool,
) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(user_agent)
        // A followed redirect would carry custom key headers to any host it names.
        .redirect(reqwest::redirect::Policy::none())
        // Repeats are decided by the call, which knows what a second request would do.
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(timeouts.connect())
        .pool_idle_timeout(timeouts.idle());
    if !use_proxy || base.is_loopback() {
        builder.no_proxy()
    } else {
        builder
    }
}

/// Trusts nobody, and so needs no store of certificates.
fn without_certificates(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    #[cfg(any(
        feature = "rustls",
        feature = "native-tls",
        feature = "rustls-no-provider"
    ))]
    let builder = builder.tls_certs_only([]);
    builder
}

/// Whether TLS is there as far as this crate was built with it. reqwest panics where rustls has no cryptography.
fn tls_is_usable(base: &BaseUrl) -> Result<(), String> {
    #[cfg(all(
        feature = "rustls-no-provider",
        not(any(feature = "rustls", feature = "native-tls"))
    ))]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err(
            "rustls has no cryptography: install a provider before the client is made, such as \
             `rustls::crypto::ring::default_provider().install_default()`, or build with feature `rustls`"
                .to_owned(),
        );
    }
    let has_tls = cfg!(any(
        feature = "rustls",
        feature = "native-tls",
        feature = "rustls-no-provider"
    ));
    if base.is_https() && !has_tls {
        return Err(
            "https needs one of the features `rustls`, `native-tls` and `rustls-no-provider`"
                .to_owned(),
        );
    }
    Ok(())
}

impl ReqwestTransport {
    /// `url` is that of the request: reqwest would have to read it from the text once more.
    pub(super) async fn send(
        &self,
        url: &Url,
        request: http::Request<RequestBody>,
    ) -> Result<http::Response<ResponseBody>, TransportError> {
        let response = self
            .client
            .execute(into_reqwest(url, request))
            .await
            .map_err(failed)?;
        Ok(http::Response::from(response).map(|body| body.map_err(cut).boxed_unsync()))
    }
}

fn into_reqwest(url: &Url, request: http::Request<RequestBody>) -> reqwest::Request {
    let (head, body) = request.into_parts();
    let mut request = reqwest::Request::new(head.method, url.clone());
    *request.headers_mut() = head.headers;
    if !body.is_empty() {
        *request.body_mut() = Some(body.expose_bytes().into());
    }
    request
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

/// A handshake that ends in a verdict of rustls reaches us as an I/O error of kind `InvalidData`, however deep; one of
/// the system's TLS library as an error of its own, with an I/O error within it where only the connection broke.
fn connect_fault(error: &reqwest::Error) -> TransportFault {
    if error.is_timeout() {
        return TransportFault::ConnectTimeout;
    }
    let mut is_verdict = false;
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(current) = cause {
        cause = match current.downcast_ref::<io::Error>() {
            Some(io) if io.kind() == io::ErrorKind::InvalidData => return TransportFault::Tls,
            Some(io) => {
                is_verdict = false;
                // `source` of an I/O error skips the error it wraps.
                io.get_ref().map(|inner| inner as &(dyn StdError + 'static))
            }
            None => {
                is_verdict |= is_native_tls(current);
                current.source()
            }
        };
    }
    if is_verdict {
        TransportFault::Tls
    } else {
        TransportFault::Connect
    }
}

#[cfg(feature = "native-tls")]
fn is_native_tls(error: &(dyn StdError + 'static)) -> bool {
    error.is::<native_tls::Error>()
}

#[cfg(not(feature = "native-tls"))]
fn is_native_tls(_error: &(dyn StdError + 'static)) -> bool {
    false
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use reqwest::dns::{Name, Resolve, Resolving};

    use super::*;

    struct NoSuchName;

    impl Resolve for NoSuchName {
        fn resolve(&self, _name: Name) -> Resolving {
            Box::pin(async { Err("no such name".into()) })
        }
    }

    #[tokio::test]
    async fn a_name_that_does_not_resolve_is_told_from_a_host_that_is_down() {
        let base = BaseUrl::parse("https://panel.example.com", "", false).unwrap();
        let client = builder(&base, &Timeouts::default(), "test", false)
            .dns_resolver(Arc::new(NoSuchName))
            .build()
            .unwrap();
        let url = Url::parse("https://panel.example.com/?key=canary").unwrap();
        let request = http::Request::get(url.as_str())
            .body(RequestBody::empty())
            .unwrap();
        let Err(error) = ReqwestTransport { client }.send(&url, request).await else {
            panic!("it resolved");
        };
        assert_eq!(error.fault(), TransportFault::Resolve, "{error:?}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}
