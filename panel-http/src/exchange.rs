use std::{future::Future, pin::pin, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::time::timeout;
use url::Url;

use crate::{
    client::Shared,
    request_body::RequestBody,
    transport::{ResponseBody, TransportError, TransportFault},
};

/// How one request ended.
pub(crate) struct Ended<B> {
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Result<Content<B>, Broken>,
    /// The body of an error reply was longer than is read.
    pub(crate) is_cut: bool,
}

/// What came with a head.
pub(crate) enum Content<B> {
    /// The body of a success, as far as it was to be read.
    Success(B),
    /// The start of the body of an error.
    Error(Bytes),
}

/// What is done with the body of a success within the attempt.
pub(crate) trait Reading {
    /// What is left of it.
    type Body: Send;

    fn read(
        body: ResponseBody,
        cap: usize,
    ) -> impl Future<Output = Result<Self::Body, Broken>> + Send;

    /// The bytes, if they were read.
    fn at_hand(body: &Self::Body) -> Option<&Bytes>;
}

/// It is read to its end.
pub(crate) struct Whole;

impl Reading for Whole {
    type Body = Bytes;

    async fn read(body: ResponseBody, cap: usize) -> Result<Bytes, Broken> {
        whole(body, cap).await
    }

    fn at_hand(body: &Bytes) -> Option<&Bytes> {
        Some(body)
    }
}

/// It is left to be read as it arrives.
pub(crate) struct Unread;

impl Reading for Unread {
    type Body = ResponseBody;

    async fn read(body: ResponseBody, _cap: usize) -> Result<ResponseBody, Broken> {
        Ok(body)
    }

    fn at_hand(_body: &ResponseBody) -> Option<&Bytes> {
        None
    }
}

pub(crate) enum Broken {
    Transport(TransportError),
    TooLarge,
}

/// Sends one request and reads its reply, all within one time limit.
pub(crate) async fn attempt<R: Reading>(
    shared: &Shared,
    url: &Url,
    request: http::Request<RequestBody>,
    limit: Duration,
    accepts: &(dyn Fn(StatusCode) -> bool + Send + Sync),
) -> Ended<R::Body> {
    let mut ended = Ended {
        status: None,
        headers: HeaderMap::new(),
        body: Err(Broken::Transport(TransportError::new(
            TransportFault::Timeout,
        ))),
        is_cut: false,
    };
    {
        let work = pin!(async {
            match shared.transport.send(url, request).await {
                Err(error) => ended.body = Err(Broken::Transport(error)),
                Ok(response) => {
                    let (head, body) = response.into_parts();
                    ended.status = Some(head.status);
                    ended.headers = head.headers;
                    if accepts(head.status) {
                        ended.body = R::read(body, shared.caps.body())
                            .await
                            .map(Content::Success);
                    } else {
                        let (bytes, is_cut) = start(body, shared.caps.error_body()).await;
                        ended.body = Ok(Content::Error(bytes));
                        ended.is_cut = is_cut;
                    }
                }
            }
        });
        // On expiry the status, if it came, stands already.
        let _ = timeout(limit, work).await;
    }
    if ended.status.is_some_and(|status| !accepts(status)) && ended.body.is_err() {
        // An error status whose body did not come in time is still that status.
        ended.body = Ok(Content::Error(Bytes::new()));
    }
    ended
}

/// Room made for a body because the server says that it is that long.
const LARGEST_ROOM: usize = 16 * 1024 * 1024;

/// The whole body, or an error as soon as it is larger than the cap.
async fn whole(mut body: ResponseBody, cap: usize) -> Result<Bytes, Broken> {
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(Broken::Transport)?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let length = first.len().saturating_add(joined.len());
        if length.saturating_add(data.len()) > cap {
            return Err(Broken::TooLarge);
        }
        if length == 0 {
            // Small replies come in one piece, which needs no copy.
            first = data;
        } else {
            if joined.is_empty() {
                let rest = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
                let told = length.saturating_add(data.len()).saturating_add(rest);
                joined.reserve(told.min(cap).min(LARGEST_ROOM));
                joined.extend_from_slice(&std::mem::take(&mut first));
            }
            joined.extend_from_slice(&data);
        }
    }
    Ok(if joined.is_empty() {
        first
    } else {
        joined.freeze()
    })
}

/// The start of a body, whatever becomes of the rest, and whether there was more.
async fn start(mut body: ResponseBody, cap: usize) -> (Bytes, bool) {
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return (joined.freeze(), true);
        };
        if let Ok(data) = frame.into_data() {
            let room = cap.saturating_sub(joined.len());
            joined.extend_from_slice(data.get(..room).unwrap_or(&data));
            if data.len() > room {
                return (joined.freeze(), true);
            }
        }
    }
    (joined.freeze(), false)
}
