//! Where the servers of a pool survive a restart.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use panel_http::BoxFuture;
use provisioning_core::fleet::ServerName;

use super::server::PoolServer;

/// What was asked of a store was not done, and nothing was changed. Holds no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It cannot be read or written now.
    #[error("the store of servers failed: {problem}")]
    Failed {
        /// What it says.
        problem: String,
    },
    /// Servers in it do not open with the sealing keys at hand. All of them are named.
    #[error(
        "{}; nothing was changed: start with the sealing key they were stored with, or remove them from the store and add them again",
        listed(.0)
    )]
    Locked(Vec<LockedServer>),
}

/// A stored server that does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{server} does not open: {why}")]
pub struct LockedServer {
    server: ServerName,
    why: LockedBy,
}

/// Why a stored server does not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LockedBy {
    /// It was sealed with a key that is not at hand.
    #[error("it was sealed with the key `{sealed_with}`, and at hand are `{}`", at_hand.join("`, `"))]
    OtherKey {
        /// Name of the key it was sealed with.
        sealed_with: String,
        /// Names of the keys at hand.
        at_hand: Vec<String>,
    },
    /// The key of that name does not open it: the value was changed, or the key is another one of the same name.
    #[error("what is stored was changed, or sealed with another key of the same name")]
    NotAuthentic,
}

impl LockedServer {
    /// A stored server that does not open.
    #[must_use]
    pub const fn new(server: ServerName, why: LockedBy) -> Self {
        Self { server, why }
    }

    /// Its name.
    #[must_use]
    pub const fn server(&self) -> &ServerName {
        &self.server
    }

    /// Why it does not open.
    #[must_use]
    pub const fn why(&self) -> &LockedBy {
        &self.why
    }
}

fn listed(servers: &[LockedServer]) -> String {
    let lines: Vec<String> = servers.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

impl StoreError {
    /// A store that cannot be read or written now, in words, without any key.
    #[must_use]
    pub fn new(problem: impl fmt::Display) -> Self {
        Self::Failed {
            problem: problem.to_string(),
        }
    }
}

/// Keeps the servers of a pool.
///
/// What it is given holds keys in plain text: an implementation that writes them anywhere seals them first
/// ([`PoolServer::expose_document`]), and refuses to work without a key to seal them with. `provisioning-engine` has one
/// that keeps them in an SQLite file: `servers::SqliteServers`.
pub trait ServerStore: Send + Sync + 'static {
    /// Every server.
    ///
    /// # Errors
    /// [`StoreError`] if they cannot be read.
    fn load(&self) -> BoxFuture<'_, Result<Vec<PoolServer>, StoreError>>;

    /// Keeps a server, in place of one of the same name. It is durable when this returns.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be kept; then the former one still is.
    fn put(&self, server: PoolServer) -> BoxFuture<'_, Result<(), StoreError>>;

    /// Forgets a server. One that is not there is no error.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be forgotten.
    fn remove<'a>(&'a self, server: &'a ServerName) -> BoxFuture<'a, Result<(), StoreError>>;
}

impl<S: ServerStore> ServerStore for std::sync::Arc<S> {
    fn load(&self) -> BoxFuture<'_, Result<Vec<PoolServer>, StoreError>> {
        (**self).load()
    }

    fn put(&self, server: PoolServer) -> BoxFuture<'_, Result<(), StoreError>> {
        (**self).put(server)
    }

    fn remove<'a>(&'a self, server: &'a ServerName) -> BoxFuture<'a, Result<(), StoreError>> {
        (**self).remove(server)
    }
}

/// Keeps servers while the process lives: for pools that are built from configuration each time, and for tests.
#[derive(Debug, Default)]
pub struct MemoryServers {
    servers: Mutex<BTreeMap<ServerName, PoolServer>>,
}

impl MemoryServers {
    fn with<R>(&self, work: impl FnOnce(&mut BTreeMap<ServerName, PoolServer>) -> R) -> R {
        work(&mut self.servers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ServerStore for MemoryServers {
    fn load(&self) -> BoxFuture<'_, Result<Vec<PoolServer>, StoreError>> {
        let servers = self.with(|servers| servers.values().cloned().collect());
        Box::pin(std::future::ready(Ok(servers)))
    }

    fn put(&self, server: PoolServer) -> BoxFuture<'_, Result<(), StoreError>> {
        self.with(|servers| servers.insert(server.name().clone(), server));
        Box::pin(std::future::ready(Ok(())))
    }

    fn remove<'a>(&'a self, server: &'a ServerName) -> BoxFuture<'a, Result<(), StoreError>> {
        self.with(|servers| servers.remove(server));
        Box::pin(std::future::ready(Ok(())))
    }
}
