use std::time::Duration;

use bytes::BytesMut;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout},
};

use super::{
    ListEndpoint,
    rows::{Progress, Rows},
};
use crate::{
    answer::Answer,
    caps::Caps,
    client::{CallOptions, Client},
    decode::DecodeError,
    endpoint::Endpoint,
    error::{Error, Kind},
    operation::Operation,
    server_error::ServerError,
    timeouts::Limit,
    trail::Trail,
    transport::{ResponseBody, TransportError, TransportFault},
    url_parts::{PathParameters, Query},
};

/// Reads a list while it arrives.
pub(super) struct Streamed<E> {
    client: Client,
    endpoint: E,
    options: CallOptions,
    state: State,
}

enum State {
    Unsent,
    Open(Box<Open>),
    /// An error that waits until the rows before it are handed out.
    Failed(Error),
    Done,
}

struct Open {
    rows: Rows,
    body: ResponseBody,
    trail: Trail,
    caps: Caps,
    limit: Limit,
    /// Time spent waiting for the server.
    waited: Duration,
    received: u64,
    _permit: Option<OwnedSemaphorePermit>,
}

impl<E: ListEndpoint> Streamed<E> {
    pub(super) const fn new(client: Client, endpoint: E, options: CallOptions) -> Self {
        Self {
            client,
            endpoint,
            options,
            state: State::Unsent,
        }
    }

    /// The rows that are there by now, at least one.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<Vec<T>>, Error> {
        let mut rows = Vec::new();
        Ok(self.next_into(&mut rows).await?.then_some(rows))
    }

    /// Adds the rows that are there by now, at least one. False if there are no more.
    pub(super) async fn next_into<T: DeserializeOwned>(
        &mut self,
        rows: &mut Vec<T>,
    ) -> Result<bool, Error> {
        let before = rows.len();
        loop {
            let mut open = match std::mem::replace(&mut self.state, State::Done) {
                State::Unsent => open(&self.client, &self.endpoint, &self.options).await?,
                State::Open(open) => open,
                State::Failed(error) => return Err(error),
                State::Done => return Ok(false),
            };
            let end = open.advance(rows).await;
            self.state = match end {
                Ok(true) => State::Open(open),
                Ok(false) => {
                    open.leave();
                    State::Done
                }
                Err(error) => State::Failed(error),
            };
            if rows.len() > before {
                return Ok(true);
            }
        }
    }
}

async fn open<E: ListEndpoint>(
    client: &Client,
    endpoint: &E,
    options: &CallOptions,
) -> Result<Box<Open>, Error> {
    let opened = client.open(&WholeCall(endpoint), options).await?;
    let shared = client.shared();
    Ok(Box::new(Open {
        rows: Rows::new(shared.caps.row()),
        body: opened.body,
        caps: shared.caps,
        limit: options.apply(shared.timeouts.limit(E::OPERATION.timeout)),
        waited: opened.trail.elapsed(),
        trail: opened.trail,
        received: 0,
        _permit: opened.permit,
    }))
}

impl Open {
    /// Reads until there are more rows. False once the list is complete.
    async fn advance<T: DeserializeOwned>(&mut self, rows: &mut Vec<T>) -> Result<bool, Error> {
        let before = rows.len();
        loop {
            match self.rows.read(rows) {
                Progress::Complete => return Ok(false),
                Progress::More if rows.len() > before => return Ok(true),
                Progress::More => self.receive().await?,
                Progress::Refused => return Err(self.refusal().await),
                Progress::Unreadable(error) => return Err(self.trail.undecoded(error)),
                Progress::TooLarge => {
                    return Err(self
                        .trail
                        .error(Kind::TooLarge)
                        .with_note("a row of the list is larger than the client reads"));
                }
            }
        }
    }

    /// Takes what little may be left of the reply, so that the connection can be used again. Where more is to come,
    /// dropping the body closes it.
    fn leave(&mut self) {
        const LITTLE: usize = 16 * 1024;
        let mut taken = 0;
        while taken < LITTLE {
            match self.body.frame().now_or_never() {
                Some(Some(Ok(frame))) => {
                    taken += frame.data_ref().map_or(0, bytes::Bytes::len);
                }
                Some(None | Some(Err(_))) | None => return,
            }
        }
    }

    /// Waits for the next piece.
    async fn receive(&mut self) -> Result<(), Error> {
        let left = self.limit.overall.saturating_sub(self.waited);
        let started = Instant::now();
        let frame = timeout(left.min(self.limit.attempt), self.body.frame()).await;
        self.waited = self.waited.saturating_add(started.elapsed());
        let frame = match frame {
            Ok(Some(frame)) => frame.map_err(|error| self.broken(error))?,
            Ok(None) => {
                self.rows.end();
                return Ok(());
            }
            Err(_) => return Err(self.broken(TransportError::new(TransportFault::Timeout))),
        };
        if let Ok(data) = frame.into_data() {
            let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
            self.received = self.received.saturating_add(length);
            if self.received > self.caps.list() {
                return Err(self
                    .trail
                    .error(Kind::TooLarge)
                    .with_note("the list is larger than the client reads"));
            }
            self.rows.push(&data);
        }
        Ok(())
    }

    fn broken(&self, error: TransportError) -> Error {
        self.trail.broken_off(error)
    }

    /// The reply says that it is none: what it says is the rest of it.
    async fn refusal(&mut self) -> Error {
        let mut text = BytesMut::from(self.rows.text());
        while text.len() < self.caps.error_body() {
            let Ok(Some(Ok(frame))) = timeout(self.limit.attempt, self.body.frame()).await else {
                break;
            };
            if let Ok(data) = frame.into_data() {
                text.extend_from_slice(&data);
            }
        }
        text.truncate(self.caps.error_body());
        self.trail
            .undecoded(DecodeError::refused(ServerError::read(&text)))
    }
}

/// The call whose reply is the whole list.
struct WholeCall<'a, E>(&'a E);

impl<E: ListEndpoint> Endpoint for WholeCall<'_, E> {
    const OPERATION: &'static Operation = E::OPERATION;
    type Reply = ();

    fn path(&self, path: &mut PathParameters) {
        self.0.path(path);
    }

    fn query(&self, query: &mut Query) {
        self.0.query(query);
    }

    fn decode(&self, _answer: &Answer) -> Result<(), DecodeError> {
        Ok(())
    }
}
