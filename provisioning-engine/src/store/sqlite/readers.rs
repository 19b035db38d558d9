//! The connections that read, each by one call at a time, on threads that may wait for a disk.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{closed, failure};
use crate::store::StoreError;

/// Lends connections to whoever reads.
#[derive(Debug)]
pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    /// One for each connection.
    turns: Arc<Semaphore>,
}

/// A connection that comes back when it is dropped, whoever waits for what it reads.
struct Lent {
    connection: Option<Connection>,
    home: Arc<Mutex<Vec<Connection>>>,
    _turn: OwnedSemaphorePermit,
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.home
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(self.connection.take());
    }
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(connections.len())),
            idle: Arc::new(Mutex::new(connections)),
        }
    }

    /// Reads with a connection that nobody else uses meanwhile.
    pub(super) async fn read<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| closed())?;
        let connection = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let lent = Lent {
            connection,
            home: Arc::clone(&self.idle),
            _turn: turn,
        };
        blocking(move || match &lent.connection {
            Some(connection) => read(connection),
            None => Err(closed()),
        })
        .await
    }

    /// The same within one transaction, so that everything read is of one moment.
    pub(super) async fn moment<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        self.read(|connection| {
            // Dropped, it ends; it has nothing to keep.
            let transaction = connection
                .unchecked_transaction()
                .map_err(|error| failure(&error))?;
            read(&transaction)
        })
        .await
    }

    /// Waits until nobody reads, and closes the connections.
    pub(super) async fn close(&self) {
        let all = self
            .turns
            .acquire_many(u32::try_from(super::READERS).unwrap_or(u32::MAX))
            .await;
        // Closed already: then there is nothing left to close.
        let Ok(_all) = all else { return };
        self.turns.close();
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

/// Does something that may wait for a disk where it holds up no task.
pub(crate) async fn blocking<T, F>(work: F) -> Result<T, StoreError>
where
    F: FnOnce() -> Result<T, StoreError> + Send + 'static,
    T: Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is shutting down.
            Err(_) => Err(closed()),
        },
    }
}
