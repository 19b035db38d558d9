use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame};
use tokio::time::{Sleep, sleep};

use crate::transport::{TransportError, TransportFault};

/// A body that arrives in pieces, as slowly as told, and may break off.
pub(super) struct ScriptedBody {
    chunks: std::vec::IntoIter<Bytes>,
    delay: Duration,
    wait: Option<Pin<Box<Sleep>>>,
    broken_off: Option<TransportFault>,
}

impl ScriptedBody {
    pub(super) fn new(
        chunks: Vec<Bytes>,
        delay: Duration,
        broken_off: Option<TransportFault>,
    ) -> Self {
        Self {
            chunks: chunks.into_iter(),
            delay,
            wait: None,
            broken_off,
        }
    }
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        let delay = self.delay;
        if !delay.is_zero() {
            let wait = self.wait.get_or_insert_with(|| Box::pin(sleep(delay)));
            if wait.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.wait = None;
        }
        let next = match self.chunks.next() {
            Some(chunk) => Some(Ok(Frame::data(chunk))),
            None => self
                .broken_off
                .take()
                .map(|fault| Err(TransportError::new(fault))),
        };
        Poll::Ready(next)
    }
}
