//! The one task that writes: what has gathered since the last commit is committed together.
//!
//! Each piece of work runs in a savepoint of its own, so one that is refused takes nothing back from the others; all
//! are answered after the commit, so nobody is told that something is durable before it is.

use futures_util::future::BoxFuture;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor as _};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{schema, unavailable};
use crate::store::StoreError;

/// How much work one commit takes.
const MOST_TOGETHER: usize = 256;

/// Hands work to the writing task.
#[derive(Debug)]
pub(super) struct Writer {
    work: mpsc::Sender<Message>,
    task: JoinHandle<()>,
}

enum Message {
    Write(Box<dyn Work>),
    /// Empties the write-ahead log, so that what was erased is in no file any more.
    TruncateLog(oneshot::Sender<Result<(), StoreError>>),
}

/// A piece of work, and somebody who waits for it.
trait Work: Send {
    /// Does it. Whether it is to be kept.
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool>;

    /// Answers, once it is durable or is known not to be.
    fn answer(self: Box<Self>, committed: Result<(), String>);
}

struct Task<F, T> {
    work: Option<F>,
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

    fn answer(self: Box<Self>, committed: Result<(), String>) {
        let result = match (self.result, committed) {
            // What was refused for its own reasons says so, whatever became of the others.
            (Some(Err(refused)), _) => Err(refused),
            (_, Err(problem)) => Err(StoreError::Unavailable { problem }),
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
            .map_err(unavailable)?;
        schema::migrate(&mut connection, place).await?;
        let (work, gathered) = mpsc::channel(MOST_TOGETHER * 4);
        let task = tokio::spawn(write_all(connection, gathered));
        Ok(Self { work, task })
    }

    /// Does work in the next commit and waits until it is durable.
    pub(super) async fn write<F, T>(&self, work: F) -> Result<T, StoreError>
    where
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>>
            + Send
            + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Task {
            work: Some(work),
            result: None,
            reply,
        };
        self.work
            .send(Message::Write(Box::new(task)))
            .await
            .map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Empties the write-ahead log.
    pub(super) async fn truncate_log(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.work
            .send(Message::TruncateLog(reply))
            .await
            .map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Waits until everything is written and the connection is closed.
    pub(super) async fn close(self) {
        drop(self.work);
        // A task that panicked has nothing left to close.
        let _ = self.task.await;
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable {
        problem: "it is closed".to_owned(),
    }
}

async fn write_all(mut connection: SqliteConnection, mut gathered: mpsc::Receiver<Message>) {
    while let Some(first) = gathered.recv().await {
        let mut together = Vec::new();
        let mut truncate = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Write(work) => together.push(work),
                Message::TruncateLog(reply) => truncate.push(reply),
            }
            next = if together.len() < MOST_TOGETHER {
                gathered.try_recv().ok()
            } else {
                None
            };
        }
        if !together.is_empty() {
            let committed = commit(&mut connection, &mut together)
                .await
                .map_err(|error| error.to_string());
            for work in together {
                work.answer(committed.clone());
            }
        }
        if !truncate.is_empty() {
            let truncated = connection
                .execute("PRAGMA wal_checkpoint(TRUNCATE)")
                .await
                .map(|_| ());
            let truncated = truncated.map_err(|error| error.to_string());
            for reply in truncate {
                let result = truncated
                    .clone()
                    .map_err(|problem| StoreError::Unavailable { problem });
                let _ = reply.send(result);
            }
        }
    }
    // Closing checkpoints the log; if it fails, the log is read at the next start.
    let _ = connection.close().await;
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
