//! Where the servers of a pool survive a restart.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use panel_http::BoxFuture;
use provisioning_core::fleet::ServerName;

use super::server::PoolServer;

/// A store failed. Holds no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store of servers failed: {message}")]
pub struct StoreError {
    message: String,
}

impl StoreError {
    /// In words, without any key.
    #[must_use]
    pub fn new(message: impl fmt::Display) -> Self {
        Self {
            message: message.to_string(),
        }
    }
}

/// Keeps the servers of a pool.
///
/// What it is given holds keys in plain text: an implementation that writes them anywhere seals them first, and refuses
/// to work without a key to seal them with.
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
