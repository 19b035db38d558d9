//! The relay in front of a stand-in: it reads whole requests, lets the armed faults happen, and decides when what is
//! forwarded.
//!
//! Forwarding and answering are two steps, so that a request can be handled without its sender ever hearing of it.
//! Order is decided in one place, [`Core::exchange`]: while some request is late, the others pass one by one.

mod client;
mod head;
mod late;
mod reply;
mod request;
mod upstream;

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::LOCATION;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::RwLock;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

pub(crate) use self::reply::Reply;
pub(crate) use self::request::Request;

use self::client::{ClientConnection, ReadError};
use self::late::{LateRequest, LateRequests, Sameness};
use self::upstream::Upstream;
use crate::arming::Arming;
use crate::recording::{RecordId, Recording};
use crate::stand_in::StandIn;
use crate::{Fault, Operation, RetryHint, WireSettings};

/// Where [`Fault::RedirectElsewhere`] points: the same port under another name is another origin, and whoever follows
/// comes back to the relay and is recorded.
pub(crate) const ELSEWHERE_PATH: &str = "/elsewhere";

/// A running relay. Dropping it ends all its connections.
pub(crate) struct Relay {
    core: Arc<Core>,
    accepting: JoinHandle<()>,
}

impl Relay {
    pub(crate) fn start(
        listener: TcpListener,
        address: SocketAddr,
        stand_in: Arc<dyn StandIn>,
        stand_in_address: SocketAddr,
        settings: WireSettings,
        arming: Arc<Arming>,
        recording: Arc<Recording>,
    ) -> Self {
        let core = Arc::new(Core {
            address,
            stand_in,
            stand_in_address,
            settings,
            arming,
            recording,
            late: LateRequests::default(),
            turn: RwLock::default(),
            traffic: RwLock::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&core)));
        Self { core, accepting }
    }

    /// Waits for what is being handled, then lets every late request arrive. Returns how many did.
    pub(crate) async fn settle(&self) -> usize {
        let _alone = self.core.traffic.write().await;
        let late = self.core.late.take_all();
        let count = late.len();
        self.core.deliver(late).await;
        count
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, core: Arc<Core>) {
    // Dropped with this task, and the connections with it.
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(serve(stream, Arc::clone(&core)));
            }
            // Out of file descriptors, most likely: let some connections end.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Serves one client connection to its end. An I/O error only means that the client is gone.
async fn serve(stream: TcpStream, core: Arc<Core>) {
    let _ = stream.set_nodelay(true);
    let mut upstream = Upstream::new(core.stand_in_address);
    let _ = converse(ClientConnection::new(stream), &core, &mut upstream).await;
}

async fn converse(
    mut client: ClientConnection,
    core: &Core,
    upstream: &mut Upstream,
) -> io::Result<()> {
    loop {
        let request = match client.read_request(core.settings.idle_timeout).await {
            Ok(request) => request,
            Err(ReadError::Gone) => return Ok(()),
            Err(ReadError::Malformed) => {
                let text = "Invalid HTTP request received.";
                return refuse(client, StatusCode::BAD_REQUEST, text).await;
            }
            Err(ReadError::TooLarge) => {
                let text = "Request body too large.";
                return refuse(client, StatusCode::PAYLOAD_TOO_LARGE, text).await;
            }
        };
        let is_last = request.is_last;
        match core.handle(request, upstream).await {
            Answer::Whole(reply) => client.write(&reply).await?,
            Answer::Delayed(reply) => {
                sleep(core.settings.delay).await;
                client.write(&reply).await?;
            }
            Answer::Padded(reply) => {
                let padding = core.settings.huge_body_bytes;
                client.write_padded(&reply, padding).await?;
            }
            Answer::Half(reply) => return client.write_half(&reply).await,
            Answer::Reset => {
                client.reset();
                return Ok(());
            }
        }
        if is_last {
            return client.finish().await;
        }
    }
}

async fn refuse(mut client: ClientConnection, status: StatusCode, text: &str) -> io::Result<()> {
    let reply = Reply::new(status, "text/plain; charset=utf-8", text);
    client.write(&reply).await?;
    client.finish().await
}

/// What becomes of the client's side of a request.
enum Answer {
    Whole(Reply),
    Delayed(Reply),
    Half(Reply),
    Padded(Reply),
    Reset,
}

struct Core {
    address: SocketAddr,
    stand_in: Arc<dyn StandIn>,
    stand_in_address: SocketAddr,
    settings: WireSettings,
    arming: Arc<Arming>,
    recording: Arc<Recording>,
    late: LateRequests,
    /// Shared by requests that may pass in any order; taken alone by one that may let a late request arrive.
    turn: RwLock<()>,
    /// Shared by every request from its receipt until it was handled; taken alone to wait for all of them.
    traffic: RwLock<()>,
}

impl Core {
    async fn handle(&self, request: Request, upstream: &mut Upstream) -> Answer {
        let _under_way = self.traffic.read().await;
        let operation = self.stand_in.operation(&request.method, request.path());
        let fault =
            operation.and_then(|operation| self.arming.take(operation, Fault::is_on_the_wire));
        let record = self.recording.record(&request, operation, fault);
        if !self.settings.latency.is_zero() {
            sleep(self.settings.latency).await;
        }
        match (fault, operation) {
            (Some(Fault::DropBeforeSend), _) => Answer::Reset,
            (Some(Fault::LateArrival(order)), Some(operation)) => {
                self.late.push(LateRequest {
                    sameness: self.sameness(operation, &request),
                    request,
                    order,
                    record,
                    looked_at: BTreeSet::new(),
                });
                Answer::Reset
            }
            (Some(Fault::RateLimited(hint)), _) => {
                let seconds =
                    (hint == RetryHint::Given).then_some(self.settings.retry_after_seconds);
                Answer::Whole(self.stand_in.rate_limited(seconds))
            }
            (Some(Fault::Error500Once), _) => Answer::Whole(self.stand_in.internal_error()),
            (Some(Fault::RedirectElsewhere), _) => Answer::Whole(self.redirect(&request)),
            _ => match self.exchange(&request, operation, record, upstream).await {
                Err(error) => Answer::Whole(self.stand_in_failed(&error)),
                Ok(reply) => match fault {
                    Some(Fault::LostReply) => Answer::Reset,
                    Some(Fault::Html502) => Answer::Whole(Reply::bad_gateway_page()),
                    Some(Fault::Truncated) => Answer::Half(reply),
                    Some(Fault::HugeBody) => Answer::Padded(reply),
                    Some(Fault::Delay) => Answer::Delayed(reply),
                    _ => Answer::Whole(reply),
                },
            },
        }
    }

    /// Forwards a request and takes its reply, letting late requests arrive at their place in the order.
    ///
    /// When this returns the stand-in is settled: a late request that this one releases has been handled before its
    /// reply goes to the client, and so before any request the client sends next.
    async fn exchange(
        &self,
        request: &Request,
        operation: Option<&Operation>,
        record: RecordId,
        upstream: &mut Upstream,
    ) -> io::Result<Reply> {
        let together = self.turn.read().await;
        if self.late.is_empty() {
            return self.forward(request, record, upstream).await;
        }
        drop(together);
        let _alone = self.turn.write().await;
        let Some(operation) = operation else {
            return self.forward(request, record, upstream).await;
        };
        let sameness = self.sameness(operation, request);
        self.deliver(self.late.due_before(&sameness, &request.target))
            .await;
        let reply = self.forward(request, record, upstream).await;
        self.deliver(self.late.due_after(&sameness)).await;
        reply
    }

    async fn forward(
        &self,
        request: &Request,
        record: RecordId,
        upstream: &mut Upstream,
    ) -> io::Result<Reply> {
        let reply = upstream.send(request).await?;
        self.recording.handled(record, reply.status);
        Ok(reply)
    }

    /// Lets late requests arrive, one after the other. Nobody is there to read the replies.
    async fn deliver(&self, late: Vec<LateRequest>) {
        for LateRequest {
            request, record, ..
        } in late
        {
            let mut upstream = Upstream::new(self.stand_in_address);
            // A stand-in that fails here fails the next request too, where somebody sees it.
            let _ = self.forward(&request, record, &mut upstream).await;
        }
    }

    fn sameness(&self, operation: &Operation, request: &Request) -> Sameness {
        Sameness {
            operation: *operation,
            path: request.path().to_owned(),
            key: self.stand_in.natural_key(operation, &request.body),
        }
    }

    fn redirect(&self, request: &Request) -> Reply {
        let port = self.address.port();
        let target = &request.target;
        Reply::new(StatusCode::TEMPORARY_REDIRECT, "text/plain", "").with_header(
            &LOCATION,
            &format!("http://localhost:{port}{ELSEWHERE_PATH}{target}"),
        )
    }

    fn stand_in_failed(&self, error: &io::Error) -> Reply {
        let service = self.stand_in.service();
        Reply::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "text/plain",
            format!("panel-sandbox: the stand-in of {service} did not answer: {error}"),
        )
    }
}
