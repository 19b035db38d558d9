//! A relay between a store and its database, which cuts and withholds as a test likes. It does not know the protocol,
//! only that a COMMIT is sent as such.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What happens to the next COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// The connection ends before it is passed on.
    BeforeCommit,
    /// It is passed on, and the connection ends before the reply.
    BeforeReply,
}

/// A relay on a port of its own; gone when it is dropped.
pub(super) struct Wire {
    address: SocketAddr,
    shared: Arc<Shared>,
    flows: watch::Sender<bool>,
    _tasks: JoinSet<()>,
}

#[derive(Default)]
struct Shared {
    before_commit: AtomicU32,
    before_reply: AtomicU32,
    cuts: AtomicU32,
}

impl Shared {
    /// Takes one of a count, if there is one left.
    fn take(&self, count: &AtomicU32) -> bool {
        let took = count
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            })
            .is_ok();
        self.cuts.fetch_add(u32::from(took), Ordering::SeqCst);
        took
    }
}

impl Wire {
    pub(super) async fn to(database: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let (flows, flowing) = watch::channel(true);
        let mut tasks = JoinSet::new();
        let of_all = Arc::clone(&shared);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let (shared, flowing) = (Arc::clone(&of_all), flowing.clone());
                connections.spawn(async move {
                    if let Ok(server) = TcpStream::connect(database).await {
                        pass(client, server, &shared, flowing).await;
                    }
                });
                while connections.try_join_next().is_some() {}
            }
        });
        Self {
            address,
            shared,
            flows,
            _tasks: tasks,
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts the next COMMITs.
    pub(super) fn cut(&self, cut: Cut, times: u32) {
        let count = match cut {
            Cut::BeforeCommit => &self.shared.before_commit,
            Cut::BeforeReply => &self.shared.before_reply,
        };
        count.fetch_add(times, Ordering::SeqCst);
    }

    /// How many connections were cut.
    pub(super) fn cuts(&self) -> u32 {
        self.shared.cuts.load(Ordering::SeqCst)
    }

    /// Keeps everything that is on its way in either direction, without a word to either end, or lets it go on.
    pub(super) fn flow(&self, flows: bool) {
        self.flows.send_replace(flows);
    }
}

async fn pass(
    client: TcpStream,
    server: TcpStream,
    shared: &Shared,
    mut flowing: watch::Receiver<bool>,
) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let mut flowing_back = flowing.clone();
    let (withheld, mut is_withheld) = watch::channel(false);
    let forth = async {
        let mut buffer = vec![0; 65_536];
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            let bytes = &buffer[..read];
            let _ = flowing.wait_for(|flows| *flows).await;
            if memchr::memmem::find(bytes, b"COMMIT\0").is_some() {
                if shared.take(&shared.before_commit) {
                    return;
                }
                if shared.take(&shared.before_reply) {
                    withheld.send_replace(true);
                }
            }
            if to_server.write_all(bytes).await.is_err() {
                return;
            }
        }
    };
    let back = async {
        let mut buffer = vec![0; 65_536];
        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
            let _ = flowing_back.wait_for(|flows| *flows).await;
            // The reply is there, so the database has committed.
            if *is_withheld.borrow_and_update() {
                return;
            }
            if to_client.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = forth => {}
        () = back => {}
    }
}
