//! The one task that writes: what has gathered since the last commit is committed together.
//!
//! Each piece of work runs in a savepoint of its own, so one that is refused takes nothing back from the others; all
//! are answered after the commit, so nobody is told that something is durable before it is.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor as _, Row as _};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{failure, failure_at, schema, statements as sql};
use crate::store::StoreError;

/// How much work one commit takes.
const MOST_TOGETHER: usize = 256;

/// How long the log is waited for when it is to be emptied and another process is reading it.
const LOG_BUSY: &str = "PRAGMA busy_timeout = 200";

/// How soon an emptying that a reader kept from happening is tried again.
const LOG_AGAIN: Duration = Duration::from_secs(2);

/// Hands work to the writing task.
#[derive(Debug)]
pub(super) struct Writer {
    work: Mutex<Option<mpsc::Sender<Box<dyn Work>>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

/// A piece of work, and somebody who waits for it.
trait Work: Send {
    /// Does it. Whether it is to be kept.
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool>;

    /// Whether it erases something, which must not linger in the log either.
    fn erases(&self) -> bool;

    /// Answers, once it is durable or is known not to be.
    fn answer(self: Box<Self>, committed: Result<(), &sqlx::Error>);
}

struct Task<F, T> {
    work: Option<F>,
    erases: bool,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<F, T> Work for Task<F, T>
where
    F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>> + Send,
    T: Send,
{
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else {
                return false;
            };
            let result = work(connection).await;
            let keep = result.is_ok();
            self.result = Some(result);
            keep
        })
    }

    fn erases(&self) -> bool {
        self.erases && matches!(self.result, Some(Ok(_)))
    }

    fn answer(self: Box<Self>, committed: Result<(), &sqlx::Error>) {
        let result = match (self.result, committed) {
            // What was refused for its own reasons says so, whatever became of the others.
            (Some(Err(refused)), _) => Err(refused),
            (_, Err(error)) => Err(failure(error)),
            (Some(done), Ok(())) => done,
            (None, Ok(())) => Err(StoreError::Unavailable {
                problem: "the work was not done".to_owned(),
            }),
        };
        // Nobody waits any more if the caller was dropped; what it wrote stands and is found by whoever comes next.
        let _ = self.reply.send(result);
    }
}

impl Writer {
    /// Opens the writing connection, brings the schema up to date, and starts the task.
    pub(super) async fn start(
        options: &SqliteConnectOptions,
        place: &str,
    ) -> Result<Self, StoreError> {
        let mut connection = SqliteConnection::connect_with(options)
            .await
            .map_err(|error| failure_at(place, &error))?;
        schema::RUNS.migrate(&mut connection, place).await?;
        let (work, gathered) = mpsc::channel(MOST_TOGETHER * 4);
        let task = tokio::spawn(write_all(connection, gathered));
        Ok(Self {
            work: Mutex::new(Some(work)),
            task: Mutex::new(Some(task)),
        })
    }

    /// Does work in the next commit and waits until it is durable. What it erases is in no file any more then, unless
    /// another process is reading the log; then it is gone as soon as that ends.
    pub(super) async fn write<F, T>(&self, erases: bool, work: F) -> Result<T, StoreError>
    where
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>>
            + Send
            + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Task {
            work: Some(work),
            erases,
            result: None,
            reply,
        };
        let sender = lock(&self.work).clone().ok_or_else(closed)?;
        sender.send(Box::new(task)).await.map_err(|_| closed())?;
        drop(sender);
        answer.await.map_err(|_| closed())?
    }

    /// Waits until everything is written and the connection is closed.
    pub(super) async fn close(&self) {
        drop(lock(&self.work).take());
        let task = lock(&self.task).take();
        if let Some(task) = task {
            // A task that panicked has nothing left to close.
            let _ = task.await;
        }
    }
}

/// What is behind these locks is replaced whole, so a panic leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn closed() -> StoreError {
    StoreError::Unavailable {
        problem: "it is closed".to_owned(),
    }
}

async fn write_all(mut connection: SqliteConnection, mut gathered: mpsc::Receiver<Box<dyn Work>>) {
    // A process that ended between erasing and emptying left the log as it was.
    let mut log_is_due = !empty_log(&mut connection).await;
    loop {
        let first = if log_is_due {
            match tokio::time::timeout(LOG_AGAIN, gathered.recv()).await {
                Ok(first) => first,
                Err(_) => {
                    log_is_due = !empty_log(&mut connection).await;
                    continue;
                }
            }
        } else {
            gathered.recv().await
        };
        let Some(first) = first else { break };
        let mut together = vec![first];
        while together.len() < MOST_TOGETHER
            && let Ok(work) = gathered.try_recv()
        {
            together.push(work);
        }
        let committed = commit(&mut connection, &mut together).await;
        log_is_due |= committed.is_ok() && together.iter().any(|work| work.erases());
        if log_is_due {
            log_is_due = !empty_log(&mut connection).await;
        }
        for work in together {
            work.answer(committed.as_ref().copied());
        }
    }
    if log_is_due {
        empty_log(&mut connection).await;
    }
    // Closing checkpoints the log; if it fails, the log is read at the next start.
    let _ = connection.close().await;
}

/// Moves the log into the database and empties it. Whether that was done: a reader may keep it.
async fn empty_log(connection: &mut SqliteConnection) -> bool {
    let _ = connection.execute(LOG_BUSY).await;
    let emptied = sqlx::query(sql::CHECKPOINT)
        .fetch_one(&mut *connection)
        .await
        .and_then(|row| row.try_get::<i64, _>(0));
    let _ = connection.execute(super::BUSY_PRAGMA).await;
    matches!(emptied, Ok(0))
}

async fn commit(
    connection: &mut SqliteConnection,
    together: &mut [Box<dyn Work>],
) -> Result<(), sqlx::Error> {
    connection.execute("BEGIN IMMEDIATE").await?;
    let written = write_each(connection, together).await;
    let ended = match written {
        Ok(()) => connection.execute("COMMIT").await.map(|_| ()),
        Err(error) => Err(error),
    };
    if ended.is_err() {
        // Some errors (a full disk) have rolled back already; then there is nothing to roll back, which is as well.
        let _ = connection.execute("ROLLBACK").await;
    }
    ended
}

async fn write_each(
    connection: &mut SqliteConnection,
    together: &mut [Box<dyn Work>],
) -> Result<(), sqlx::Error> {
    for work in together {
        connection.execute("SAVEPOINT work").await?;
        if !work.run(connection).await {
            connection.execute("ROLLBACK TO work").await?;
        }
        connection.execute("RELEASE work").await?;
    }
    Ok(())
}
