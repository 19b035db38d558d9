//! The one thread that writes: what has gathered since the last commit is committed together.
//!
//! Each piece of work is kept whole or not at all, so one that is refused takes nothing back from the others; all are
//! answered after the commit, so nobody is told that something is durable before it is.
//!
//! Where many runs are under way, a commit waits a moment for what the others are about to record: an fsync shared by
//! ten is worth more than the millisecond. A run that is alone is never made to wait.
//!
//! A commit of leases alone is not waited for to reach the disk. It is in the file all the same, for every process and
//! after any of them was killed; only a power cut may lose it, which ends every holder of a lease as well. Whatever is
//! recorded afterwards takes it along.
//!
//! It is a thread, not a task: every statement is handed to SQLite's own thread and back, and a worker of the host's
//! runtime that was asleep takes far longer to come back to it than a thread that waits for nothing else.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use provisioning_core::plan::id::PlanId;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection, Executor as _, Row as _};
use tokio::sync::{mpsc, oneshot};

use super::{failure, failure_at, schema, statements as sql};
use crate::store::StoreError;

/// How much work one commit takes.
const MOST_TOGETHER: usize = 256;

/// How many runs have to be under way for a commit to wait for the others.
const MANY: usize = 4;

/// How long it waits at most, and how often it looks who has come.
const GATHER: Duration = Duration::from_millis(2);
const LOOK: Duration = Duration::from_micros(200);

/// How much work is worth an fsync of its own.
const ENOUGH: usize = 16;

/// How long a run that has recorded something counts as under way.
const RECENT: Duration = Duration::from_millis(100);

/// In WAL mode every commit is followed by one fsync of the log, or by none until the log is moved into the database.
const BEGIN_SYNCED: &str = "PRAGMA synchronous = FULL; BEGIN IMMEDIATE";
const BEGIN_UNSYNCED: &str = "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE";

/// How long the log is waited for when it is to be emptied and another process is reading it.
const LOG_BUSY: &str = "PRAGMA busy_timeout = 200";

/// How soon an emptying that a reader kept from happening is tried again.
const LOG_AGAIN: Duration = Duration::from_secs(2);

/// What work needs of the commit it is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// It says who works on what: it need not outlast a power cut.
    Nothing,
    /// It is answered when it is on the disk.
    Disk,
    /// The same, and what it erases must be in the log no more.
    EmptyLog,
}

/// Whose work it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Nobody's in particular. It may write, look, and write again.
    Anybody,
    /// A lease: a run is taken up, or whoever has it is alive.
    Lease,
    /// A run's that records something and goes on.
    Run(PlanId),
    /// A run's that is given back.
    Ended(PlanId),
}

impl Of {
    /// Whether it looks first and writes last, all in one go, and so needs no savepoint around it. Everything that runs
    /// do often is of this kind.
    fn writes_in_one_go(self) -> bool {
        self != Self::Anybody
    }
}

/// Hands work to the writing thread.
#[derive(Debug)]
pub(super) struct Writer {
    work: Mutex<Option<mpsc::Sender<Box<dyn Work>>>>,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
    synced: Arc<AtomicU64>,
}

/// A piece of work, and somebody who waits for it.
trait Work: Send {
    /// Does it. Whether it is to be kept.
    fn run<'c>(&'c mut self, connection: &'c mut SqliteConnection) -> BoxFuture<'c, bool>;

    /// What it needs of the commit.
    fn needs(&self) -> Needs;

    /// Whose work it is.
    fn of(&self) -> Of;

    /// Whether it has erased something.
    fn erased(&self) -> bool;

    /// Answers, once it is durable or is known not to be.
    fn answer(self: Box<Self>, committed: Result<(), &sqlx::Error>);
}

struct Task<F, T> {
    work: Option<F>,
    needs: Needs,
    of: Of,
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

    fn needs(&self) -> Needs {
        self.needs
    }

    fn of(&self) -> Of {
        self.of
    }

    fn erased(&self) -> bool {
        self.needs == Needs::EmptyLog && matches!(self.result, Some(Ok(_)))
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
    /// Opens the writing connection, brings the schema up to date, and starts the thread.
    pub(super) async fn start(
        options: &SqliteConnectOptions,
        place: &str,
    ) -> Result<Self, StoreError> {
        let mut connection = SqliteConnection::connect_with(options)
            .await
            .map_err(|error| failure_at(place, &error))?;
        schema::RUNS.migrate(&mut connection, place).await?;
        let (work, gathered) = mpsc::channel(MOST_TOGETHER * 4);
        let synced = Arc::new(AtomicU64::new(0));
        let committer = Committer {
            connection,
            syncs: None,
            synced: Arc::clone(&synced),
            under_way: HashMap::new(),
        };
        let no_thread = |error: std::io::Error| StoreError::Unavailable {
            problem: format!("{place}: the thread that writes cannot be started: {error}"),
        };
        let (begin, begun) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                // Made here, because a runtime must not be dropped within another one.
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_time()
                    .build();
                let (runtime, began) = match runtime {
                    Ok(runtime) => (Some(runtime), Ok(())),
                    Err(error) => (None, Err(error)),
                };
                // Nobody listens if the store was dropped before it was open, or without being closed.
                let _ = begin.send(began);
                if let Some(runtime) = runtime {
                    runtime.block_on(committer.write_all(gathered));
                }
                let _ = end.send(());
            })
            .map_err(no_thread)?;
        begun.await.map_err(|_| closed())?.map_err(no_thread)?;
        Ok(Self {
            work: Mutex::new(Some(work)),
            ended: Mutex::new(Some(ended)),
            synced,
        })
    }

    /// Does work in the next commit and waits until it is durable. What it erases is in no file any more then, unless
    /// another process is reading the log; then it is gone as soon as that ends.
    pub(super) async fn write<F, T>(&self, needs: Needs, work: F) -> Result<T, StoreError>
    where
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>>
            + Send
            + 'static,
        T: Send + 'static,
    {
        self.write_of(Of::Anybody, needs, work).await
    }

    /// The same for somebody: see [`Of`].
    pub(super) async fn write_of<F, T>(
        &self,
        of: Of,
        needs: Needs,
        work: F,
    ) -> Result<T, StoreError>
    where
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<T, StoreError>>
            + Send
            + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Task {
            work: Some(work),
            needs,
            of,
            result: None,
            reply,
        };
        let sender = lock(&self.work).clone().ok_or_else(closed)?;
        sender.send(Box::new(task)).await.map_err(|_| closed())?;
        drop(sender);
        answer.await.map_err(|_| closed())?
    }

    /// How many commits were waited for until they were on the disk.
    pub(super) fn synced(&self) -> u64 {
        self.synced.load(Ordering::Relaxed)
    }

    /// Waits until everything is written and the connection is closed.
    pub(super) async fn close(&self) {
        drop(lock(&self.work).take());
        let ended = lock(&self.ended).take();
        if let Some(ended) = ended {
            // A thread that panicked has nothing left to close.
            let _ = ended.await;
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

/// The connection that writes.
struct Committer {
    connection: SqliteConnection,
    /// Whether a commit waits until it is on the disk, where that is known.
    syncs: Option<bool>,
    synced: Arc<AtomicU64>,
    /// Runs that have recorded something lately and go on, and when.
    under_way: HashMap<PlanId, Instant>,
}

impl Committer {
    async fn write_all(mut self, mut gathered: mpsc::Receiver<Box<dyn Work>>) {
        // A process that ended between erasing and emptying left the log as it was.
        let mut log_is_due = !self.empty_log().await;
        loop {
            let first = if log_is_due {
                match tokio::time::timeout(LOG_AGAIN, gathered.recv()).await {
                    Ok(first) => first,
                    Err(_) => {
                        log_is_due = !self.empty_log().await;
                        continue;
                    }
                }
            } else {
                gathered.recv().await
            };
            let Some(first) = first else { break };
            let mut together = self.gather(first, &mut gathered);
            let committed = self.commit(&mut together).await;
            log_is_due |= committed.is_ok() && together.iter().any(|work| work.erased());
            if log_is_due {
                log_is_due = !self.empty_log().await;
            }
            for work in together {
                work.answer(committed.as_ref().copied());
            }
        }
        if log_is_due {
            self.empty_log().await;
        }
        // Closing checkpoints the log; if it fails, the log is read at the next start.
        let _ = self.connection.close().await;
    }

    /// Moves the log into the database and empties it. Whether that was done: a reader may keep it.
    async fn empty_log(&mut self) -> bool {
        let connection = &mut self.connection;
        let _ = connection.execute(LOG_BUSY).await;
        let emptied = sqlx::query(sql::CHECKPOINT)
            .fetch_one(&mut *connection)
            .await
            .and_then(|row| row.try_get::<i64, _>(0));
        let _ = connection.execute(super::BUSY_PRAGMA).await;
        matches!(emptied, Ok(0))
    }

    /// The first piece of work and what has come with it; where many runs are under way, also what they bring in the next
    /// moment, for as long as something comes.
    fn gather(
        &mut self,
        first: Box<dyn Work>,
        gathered: &mut mpsc::Receiver<Box<dyn Work>>,
    ) -> Vec<Box<dyn Work>> {
        let now = Instant::now();
        self.under_way
            .retain(|_, recorded| now.duration_since(*recorded) < RECENT);
        let mut together = vec![first];
        let mut seen = 0;
        loop {
            while together.len() < MOST_TOGETHER
                && let Ok(work) = gathered.try_recv()
            {
                together.push(work);
            }
            for work in together.iter().skip(seen) {
                match work.of() {
                    Of::Run(run) => drop(self.under_way.insert(run, now)),
                    Of::Ended(run) => drop(self.under_way.remove(&run)),
                    Of::Anybody | Of::Lease => {}
                }
            }
            seen = together.len();
            let under_way = self.under_way.len();
            let waits_for_the_disk = together.iter().any(|work| work.needs() != Needs::Nothing);
            if under_way < MANY
                || together.len() >= under_way.min(ENOUGH)
                || !waits_for_the_disk
                || now.elapsed() >= GATHER
            {
                return together;
            }
            // Nothing else runs on this thread.
            std::thread::sleep(LOOK);
            match gathered.try_recv() {
                Ok(work) => together.push(work),
                // Whoever is under way is busy with something that takes longer.
                Err(_) => return together,
            }
        }
    }

    async fn commit(&mut self, together: &mut [Box<dyn Work>]) -> Result<(), sqlx::Error> {
        let syncs = together.iter().any(|work| work.needs() != Needs::Nothing);
        let begin = match (self.syncs == Some(syncs), syncs) {
            (true, _) => "BEGIN IMMEDIATE",
            (false, true) => BEGIN_SYNCED,
            (false, false) => BEGIN_UNSYNCED,
        };
        // If it fails half way, nobody knows which of the two it is.
        self.syncs = None;
        self.connection.execute(begin).await?;
        self.syncs = Some(syncs);
        let written = self.write_each(together).await;
        let ended = match written {
            Ok(Kept::Yes) => self.connection.execute("COMMIT").await.map(|_| ()),
            Ok(Kept::Nothing) => self.connection.execute("ROLLBACK").await.map(|_| ()),
            Err(error) => Err(error),
        };
        if ended.is_err() {
            // Some errors (a full disk) have rolled back already; then there is nothing to roll back, which is as well.
            let _ = self.connection.execute("ROLLBACK").await;
        } else if syncs {
            self.synced.fetch_add(1, Ordering::Relaxed);
        }
        ended
    }

    async fn write_each(&mut self, together: &mut [Box<dyn Work>]) -> Result<Kept, sqlx::Error> {
        let connection = &mut self.connection;
        if let [alone] = together {
            // Nothing else is in the transaction that its refusal could take back.
            let kept = alone.run(connection).await;
            return Ok(if kept { Kept::Yes } else { Kept::Nothing });
        }
        for work in together {
            if work.of().writes_in_one_go() {
                if !work.run(connection).await {
                    still_together(connection).await?;
                }
                continue;
            }
            connection.execute("SAVEPOINT work").await?;
            if !work.run(connection).await {
                connection.execute("ROLLBACK TO work").await?;
            }
            connection.execute("RELEASE work").await?;
        }
        Ok(Kept::Yes)
    }
}

/// Some errors (a full disk, a failed read) end the whole transaction. What was then done after them would stand by
/// itself, while everybody is told that nothing was done.
async fn still_together(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    match connection.execute("BEGIN").await {
        // There is no transaction within a transaction: all is well.
        Err(_) => Ok(()),
        Ok(_) => {
            connection.execute("ROLLBACK").await?;
            Err(sqlx::Error::Protocol(
                "the database has taken back what was written together, because of a part of it"
                    .to_owned(),
            ))
        }
    }
}

/// Whether a transaction holds anything to be kept.
enum Kept {
    Yes,
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::sqlite::SqliteJournalMode;

    /// A table in a file that may have 20 pages.
    async fn small(folder: &tempfile::TempDir) -> Committer {
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("small.sqlite3"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .pragma("max_page_count", "20");
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let table = "CREATE TABLE t (id INTEGER NOT NULL, bytes BLOB NOT NULL)";
        connection.execute(table).await.unwrap();
        Committer {
            connection,
            syncs: None,
            synced: Arc::default(),
            under_way: HashMap::new(),
        }
    }

    /// Adds a row of so many bytes, and says what becomes of it.
    fn row(
        of: Of,
        id: i64,
        bytes: i64,
    ) -> (Box<dyn Work>, oneshot::Receiver<Result<(), StoreError>>) {
        let (reply, answer) = oneshot::channel();
        let work = boxed(of, reply, move |connection| {
            Box::pin(async move {
                let added = sqlx::query("INSERT INTO t (id, bytes) VALUES (?1, zeroblob(?2))")
                    .bind(id)
                    .bind(bytes)
                    .execute(connection)
                    .await;
                added.map(drop).map_err(|error| failure(&error))
            })
        });
        (work, answer)
    }

    fn boxed<F>(of: Of, reply: oneshot::Sender<Result<(), StoreError>>, work: F) -> Box<dyn Work>
    where
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> BoxFuture<'c, Result<(), StoreError>>
            + Send
            + 'static,
    {
        Box::new(Task {
            work: Some(work),
            needs: Needs::Disk,
            of,
            result: None,
            reply,
        })
    }

    async fn ids(committer: &mut Committer) -> Vec<i64> {
        sqlx::query("SELECT id FROM t ORDER BY id")
            .fetch_all(&mut committer.connection)
            .await
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect()
    }

    #[tokio::test]
    async fn what_follows_a_rollback_of_everything_is_neither_done_nor_said_to_be() {
        for of in [Of::Lease, Of::Anybody] {
            let folder = tempfile::tempdir().unwrap();
            let mut committer = small(&folder).await;
            let (mut together, answers): (Vec<_>, Vec<_>) =
                [row(of, 1, 10), row(of, 2, 1_000_000), row(of, 3, 10)]
                    .into_iter()
                    .unzip();
            let committed = committer.commit(&mut together).await;
            assert!(committed.is_err(), "{of:?}");
            for work in together {
                work.answer(committed.as_ref().copied());
            }
            for answer in answers {
                let answer = answer.await.unwrap();
                assert!(answer.is_err(), "{of:?}: {answer:?}");
            }
            assert_eq!(ids(&mut committer).await, [0_i64; 0], "{of:?}");

            let (work, _answer) = row(of, 4, 10);
            committer.commit(&mut [work]).await.unwrap();
            assert_eq!(ids(&mut committer).await, [4], "{of:?}");
        }
    }

    #[tokio::test]
    async fn what_is_refused_takes_nothing_back_from_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let mut committer = small(&folder).await;
        let (refused, answer) = row(Of::Anybody, 2, -1);
        // A refusal of its own, after it has written.
        committer
            .connection
            .execute("CREATE TRIGGER odd AFTER INSERT ON t WHEN NEW.id = 2 BEGIN SELECT RAISE(FAIL, 'odd'); END")
            .await
            .unwrap();
        let (first, _) = row(Of::Lease, 1, 10);
        let (last, _) = row(Of::Anybody, 3, 10);
        let mut together = [first, refused, last];
        let committed = committer.commit(&mut together).await;
        assert!(committed.is_ok(), "{committed:?}");
        for work in together {
            work.answer(committed.as_ref().copied());
        }
        assert!(answer.await.unwrap().is_err());
        assert_eq!(ids(&mut committer).await, [1, 3]);
    }
}
