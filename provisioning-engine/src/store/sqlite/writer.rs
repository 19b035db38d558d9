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

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use provisioning_core::plan::id::PlanId;
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::rows::{column, find};
use super::{busy, closed, failure, statements as sql};
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
const SYNCED: &str = "FULL";
const UNSYNCED: &str = "NORMAL";

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
    /// Nobody's in particular.
    Anybody,
    /// A run's that records something and goes on.
    Run(PlanId),
    /// A run's that is given back.
    Ended(PlanId),
}

/// Hands work to the writing thread.
#[derive(Debug)]
pub(super) struct Writer {
    /// As much as there are callers: each waits for its answer.
    work: Mutex<Option<Sender<Box<dyn Work>>>>,
    ended: Mutex<Option<oneshot::Receiver<()>>>,
    synced: Arc<AtomicU64>,
}

/// A piece of work, and somebody who waits for it.
trait Work: Send {
    /// Does it. Whether it is to be kept.
    fn run(&mut self, connection: &Connection) -> bool;

    /// Why it was not done, if that is the database's doing.
    fn failure(&self) -> Option<StoreError>;

    /// What it needs of the commit.
    fn needs(&self) -> Needs;

    /// Whose work it is.
    fn of(&self) -> Of;

    /// Whether it has erased something.
    fn erased(&self) -> bool;

    /// Answers, once it is durable or is known not to be.
    fn answer(self: Box<Self>, committed: Result<(), &StoreError>);
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
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
    T: Send,
{
    fn run(&mut self, connection: &Connection) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        let result = work(connection);
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn failure(&self) -> Option<StoreError> {
        match &self.result {
            Some(Err(refused)) => same_failure(refused),
            _ => None,
        }
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

    fn answer(self: Box<Self>, committed: Result<(), &StoreError>) {
        let not_done = || StoreError::Unavailable {
            problem: "the work was not done".to_owned(),
        };
        let result = match (self.result, committed) {
            // What was refused for its own reasons says so, whatever became of the others.
            (Some(Err(refused)), _) => Err(refused),
            (_, Err(failed)) => Err(same_failure(failed).unwrap_or_else(not_done)),
            (Some(done), Ok(())) => done,
            (None, Ok(())) => Err(not_done()),
        };
        // Nobody waits any more if the caller was dropped; what it wrote stands and is found by whoever comes next.
        let _ = self.reply.send(result);
    }
}

impl Writer {
    /// Starts the thread, with a connection to a file whose schema is up to date.
    pub(super) fn start(connection: Connection, place: &str) -> Result<Self, StoreError> {
        let (work, gathered) = mpsc::channel();
        let synced = Arc::new(AtomicU64::new(0));
        let committer = Committer {
            connection,
            syncs: None,
            synced: Arc::clone(&synced),
            under_way: HashMap::new(),
        };
        let (end, ended) = oneshot::channel();
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                committer.write_all(&gathered);
                // Nobody listens if the store was dropped without being closed.
                let _ = end.send(());
            })
            .map_err(|error| StoreError::Unavailable {
                problem: format!("{place}: the thread that writes cannot be started: {error}"),
            })?;
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
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
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
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
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
        lock(&self.work)
            .as_ref()
            .ok_or_else(closed)?
            .send(Box::new(task))
            .map_err(|_| closed())?;
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

/// The connection that writes.
struct Committer {
    connection: Connection,
    /// Whether a commit waits until it is on the disk, where that is known.
    syncs: Option<bool>,
    synced: Arc<AtomicU64>,
    /// Runs that have recorded something lately and go on, and when.
    under_way: HashMap<PlanId, Instant>,
}

impl Committer {
    fn write_all(mut self, gathered: &Receiver<Box<dyn Work>>) {
        // A process that ended between erasing and emptying left the log as it was.
        let mut log_is_due = !self.empty_log();
        loop {
            let first = if log_is_due {
                gathered.recv_timeout(LOG_AGAIN)
            } else {
                gathered.recv().map_err(RecvTimeoutError::from)
            };
            let first = match first {
                Ok(first) => first,
                Err(RecvTimeoutError::Timeout) => {
                    log_is_due = !self.empty_log();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let mut together = self.gather(first, gathered);
            let committed = self.commit(&mut together);
            log_is_due |= committed.is_ok() && together.iter().any(|work| work.erased());
            if log_is_due {
                log_is_due = !self.empty_log();
            }
            for work in together {
                work.answer(committed.as_ref().copied());
            }
        }
        if log_is_due {
            self.empty_log();
        }
        // Closing checkpoints the log; if it fails, the log is read at the next start.
        let _ = self.connection.close();
    }

    /// Moves the log into the database and empties it. Whether that was done: a reader may keep it.
    fn empty_log(&mut self) -> bool {
        let connection = &self.connection;
        let _ = busy::wait_for_the_log(connection);
        let emptied = find(connection, sql::CHECKPOINT, [], |row| column::<i64>(row, 0));
        let _ = busy::wait(connection);
        matches!(emptied, Ok(Some(0)))
    }

    /// The first piece of work and what has come with it; where many runs are under way, also what they bring in the next
    /// moment, for as long as something comes.
    fn gather(
        &mut self,
        first: Box<dyn Work>,
        gathered: &Receiver<Box<dyn Work>>,
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
                    Of::Anybody => {}
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

    fn commit(&mut self, together: &mut [Box<dyn Work>]) -> Result<(), StoreError> {
        let syncs = together.iter().any(|work| work.needs() != Needs::Nothing);
        self.begin(syncs).map_err(|error| failure(&error))?;
        let ended = self.write_each(together).and_then(|kept| {
            let end = match kept {
                Kept::Yes => sql::COMMIT,
                Kept::Nothing => sql::ROLLBACK,
            };
            self.execute(end).map_err(|error| failure(&error))
        });
        if ended.is_err() {
            self.roll_back();
        } else if syncs {
            self.synced.fetch_add(1, Ordering::Relaxed);
        }
        ended
    }

    fn begin(&mut self, syncs: bool) -> Result<(), rusqlite::Error> {
        // One that could not be rolled back at its time.
        self.roll_back();
        if self.syncs != Some(syncs) {
            // If it fails, nobody knows which of the two it is.
            self.syncs = None;
            let mode = if syncs { SYNCED } else { UNSYNCED };
            self.connection.pragma_update(None, "synchronous", mode)?;
            self.syncs = Some(syncs);
        }
        self.execute(sql::BEGIN)
    }

    /// Some errors (a full disk, a failed read) have rolled back already; then there is nothing to roll back.
    fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            let _ = self.execute(sql::ROLLBACK);
        }
    }

    fn write_each(&self, together: &mut [Box<dyn Work>]) -> Result<Kept, StoreError> {
        let execute = |statement| self.execute(statement).map_err(|error| failure(&error));
        if let [alone] = together {
            // Nothing else is in the transaction that its refusal could take back.
            let kept = alone.run(&self.connection);
            return Ok(if kept { Kept::Yes } else { Kept::Nothing });
        }
        for work in together {
            execute(sql::SAVEPOINT)?;
            if !work.run(&self.connection) {
                if self.connection.is_autocommit() {
                    // It has ended the transaction of all. What was done after it would stand by itself, while everybody
                    // is told that nothing was done.
                    return Err(work.failure().unwrap_or_else(|| StoreError::Unavailable {
                        problem: "the transaction was ended by a part of it".to_owned(),
                    }));
                }
                execute(sql::ROLLBACK_TO)?;
            }
            execute(sql::RELEASE_SAVEPOINT)?;
        }
        Ok(Kept::Yes)
    }

    fn execute(&self, statement: &'static str) -> Result<(), rusqlite::Error> {
        let mut prepared = self.connection.prepare_cached(statement)?;
        prepared.execute([]).map(drop)
    }
}

/// The same for somebody else who shared the commit; nothing for what is about one run alone.
fn same_failure(failed: &StoreError) -> Option<StoreError> {
    match failed {
        StoreError::Full { problem } => Some(StoreError::Full {
            problem: problem.clone(),
        }),
        StoreError::ReadOnly { problem } => Some(StoreError::ReadOnly {
            problem: problem.clone(),
        }),
        StoreError::Unavailable { problem } => Some(StoreError::Unavailable {
            problem: problem.clone(),
        }),
        _ => None,
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
    use crate::store::sqlite::rows::{done, each};

    /// A table in a file that may have 20 pages.
    fn small(folder: &tempfile::TempDir) -> Committer {
        let connection = Connection::open(folder.path().join("small.sqlite3")).unwrap();
        connection
            .pragma_update(None, "journal_mode", "WAL")
            .unwrap();
        connection
            .pragma_update(None, "max_page_count", 20)
            .unwrap();
        let table = "CREATE TABLE t (id INTEGER NOT NULL, bytes BLOB NOT NULL)";
        connection.execute_batch(table).unwrap();
        Committer {
            connection,
            syncs: None,
            synced: Arc::default(),
            under_way: HashMap::new(),
        }
    }

    /// Adds a row of so many bytes, and says what becomes of it.
    fn row(id: i64, bytes: i64) -> (Box<dyn Work>, oneshot::Receiver<Result<usize, StoreError>>) {
        let (reply, answer) = oneshot::channel();
        let work = Task {
            work: Some(move |connection: &Connection| {
                let add = "INSERT INTO t (id, bytes) VALUES (?1, zeroblob(?2))";
                done(connection, add, [id, bytes])
            }),
            needs: Needs::Disk,
            of: Of::Anybody,
            result: None,
            reply,
        };
        (Box::new(work), answer)
    }

    fn ids(committer: &Committer) -> Vec<i64> {
        let ids = "SELECT id FROM t ORDER BY id";
        each(&committer.connection, ids, [], |row| column(row, 0)).unwrap()
    }

    #[tokio::test]
    async fn what_follows_a_rollback_of_everything_is_neither_done_nor_said_to_be() {
        let folder = tempfile::tempdir().unwrap();
        let mut committer = small(&folder);
        let (mut together, answers): (Vec<_>, Vec<_>) = [row(1, 10), row(2, 1_000_000), row(3, 10)]
            .into_iter()
            .unzip();
        let committed = committer.commit(&mut together);
        assert!(committed.is_err());
        for work in together {
            work.answer(committed.as_ref().copied());
        }
        for answer in answers {
            let answer = answer.await.unwrap();
            assert!(matches!(answer, Err(StoreError::Full { .. })), "{answer:?}");
        }
        assert_eq!(ids(&committer), [0_i64; 0]);

        let (work, _answer) = row(4, 10);
        committer.commit(&mut [work]).unwrap();
        assert_eq!(ids(&committer), [4]);
    }

    #[tokio::test]
    async fn what_is_refused_takes_nothing_back_from_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let mut committer = small(&folder);
        // A refusal after it has written.
        committer
            .connection
            .execute_batch("CREATE TRIGGER odd AFTER INSERT ON t WHEN NEW.id = 2 BEGIN SELECT RAISE(FAIL, 'odd'); END")
            .unwrap();
        let (first, _) = row(1, 10);
        let (refused, answer) = row(2, 10);
        let (last, _) = row(3, 10);
        let mut together = [first, refused, last];
        let committed = committer.commit(&mut together);
        assert!(committed.is_ok(), "{committed:?}");
        for work in together {
            work.answer(committed.as_ref().copied());
        }
        assert!(answer.await.unwrap().is_err());
        assert_eq!(ids(&committer), [1, 3]);
    }
}
