//! The connections that read, each on a thread of its own: a read may wait for a disk, and the host's threads are the
//! host's.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{closed, failure};
use crate::store::StoreError;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// Hands reading to whichever connection is free.
#[derive(Debug)]
pub(super) struct Readers {
    queue: Arc<Queue>,
    ended: Mutex<Vec<oneshot::Receiver<()>>>,
}

#[derive(Default)]
struct Queue {
    jobs: Mutex<Jobs>,
    changed: Condvar,
}

#[derive(Default)]
struct Jobs {
    /// At most one for each caller that waits.
    waiting: VecDeque<Job>,
    is_closed: bool,
}

impl Readers {
    /// Starts a thread for each connection.
    pub(super) fn start(connections: Vec<Connection>, place: &str) -> Result<Self, StoreError> {
        let readers = Self {
            queue: Arc::default(),
            ended: Mutex::default(),
        };
        for connection in connections {
            let queue = Arc::clone(&readers.queue);
            let (end, ended) = oneshot::channel();
            std::thread::Builder::new()
                .name("sqlite-reader".to_owned())
                .spawn(move || {
                    while let Some(job) = queue.next() {
                        // Whoever asked hears of it by getting no answer; the next one must not wait for ever.
                        let _ = std::panic::catch_unwind(AssertUnwindSafe(|| job(&connection)));
                    }
                    drop(connection);
                    // Nobody listens if the store was dropped without being closed.
                    let _ = end.send(());
                })
                .map_err(|error| StoreError::Unavailable {
                    problem: format!("{place}: a thread that reads cannot be started: {error}"),
                })?;
            lock(&readers.ended).push(ended);
        }
        Ok(readers)
    }

    /// Reads with a connection that nobody else uses meanwhile.
    pub(super) async fn read<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            // Nobody waits any more: nothing is to be read.
            if !reply.is_closed() {
                let _ = reply.send(read(connection));
            }
        });
        {
            let mut jobs = lock(&self.queue.jobs);
            if jobs.is_closed {
                return Err(closed());
            }
            jobs.waiting.push_back(job);
        }
        self.queue.changed.notify_one();
        answer.await.map_err(|_| closed())?
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

    /// Waits until everything that was asked is read and the connections are closed.
    pub(super) async fn close(&self) {
        self.queue.close();
        let ended = std::mem::take(&mut *lock(&self.ended));
        for ended in ended {
            // A thread that is gone has nothing left to close.
            let _ = ended.await;
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Queue {
    /// The next job, when there is one; nothing once it is closed and everything is done.
    fn next(&self) -> Option<Job> {
        let mut jobs = lock(&self.jobs);
        loop {
            if let Some(job) = jobs.waiting.pop_front() {
                return Some(job);
            }
            if jobs.is_closed {
                return None;
            }
            jobs = self
                .changed
                .wait(jobs)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn close(&self) {
        lock(&self.jobs).is_closed = true;
        self.changed.notify_all();
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

/// What is behind these locks is whole at every moment that a panic could come.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readers(connections: usize) -> Readers {
        let connections = (0..connections)
            .map(|_| Connection::open_in_memory().unwrap())
            .collect();
        Readers::start(connections, "memory").unwrap()
    }

    fn one(connection: &Connection) -> Result<i64, StoreError> {
        connection
            .query_row("SELECT 1", [], |row| row.get(0))
            .map_err(|error| failure(&error))
    }

    #[tokio::test]
    async fn a_read_that_panics_ends_no_other() {
        let readers = readers(1);
        let panicked = readers
            .read(|_| -> Result<(), StoreError> { panic!("on purpose") })
            .await;
        assert!(matches!(panicked, Err(StoreError::Unavailable { .. })));
        assert_eq!(readers.read(one).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn closing_waits_for_what_is_read_and_nothing_is_read_after_it() {
        let readers = Arc::new(readers(2));
        let (begun, has_begun) = oneshot::channel();
        let (go_on, may_go_on) = std::sync::mpsc::channel::<()>();
        let reading = tokio::spawn({
            let readers = Arc::clone(&readers);
            async move {
                let read = move |connection: &Connection| {
                    let _ = begun.send(());
                    let _ = may_go_on.recv();
                    one(connection)
                };
                readers.read(read).await
            }
        });
        has_begun.await.unwrap();
        let closing = tokio::spawn({
            let readers = Arc::clone(&readers);
            async move { readers.close().await }
        });
        tokio::task::yield_now().await;
        assert!(!closing.is_finished());
        go_on.send(()).unwrap();
        assert_eq!(reading.await.unwrap().unwrap(), 1);
        closing.await.unwrap();
        let closed = readers.read(one).await;
        assert!(matches!(closed, Err(StoreError::Unavailable { .. })));
        readers.close().await;
    }
}
