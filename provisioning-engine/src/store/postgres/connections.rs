//! Connections, and transactions whose end is known.
//!
//! A connection may be lost at any moment. Before COMMIT was sent, nothing was done, and the work is done again on
//! another connection. When the reply to COMMIT is lost, the work is neither done again nor given up: every transaction
//! has a number in its connection's row of `sessions`, and that row says what became of it.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnection, PgPool, PgRow};
use sqlx::query::Query;
use sqlx::{Executor as _, Postgres, Row as _, SqlStr};
use tokio::time::timeout;
use uuid::Uuid;

use jiff::Timestamp;

use super::failure::{Failed, is_lost, is_passing, leaves_it_usable, told};
use super::options::LeaseClock;
use super::rows::micros;
use super::statements as sql;
use crate::store::StoreError;

/// The first pause before something is tried again; doubled with every try.
const FIRST_PAUSE: Duration = Duration::from_millis(2);

/// The longest such pause.
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// How often the same work is tried, beside once for every connection that may have been lost unseen.
const TRIES: u32 = 8;

/// The connections that work is done on.
#[derive(Debug)]
pub(super) struct Connections {
    pub(super) pool: PgPool,
    pub(super) patience: Duration,
    pub(super) clock: LeaseClock,
}

/// A connection that is closed unless its work came to its end: half an answer may be on its way, and the server ends a
/// transaction whose connection is closed.
#[derive(Debug)]
pub(super) struct Lent {
    connection: PoolConnection<Postgres>,
    is_whole: bool,
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !self.is_whole {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Lent {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection
    }
}

impl Lent {
    pub(super) fn give_back(mut self) {
        self.is_whole = true;
    }
}

/// A transaction that is under way. Dropping it takes everything back.
#[derive(Debug)]
pub(super) struct Transaction {
    lent: Lent,
    session: Uuid,
    number: i64,
    clock: LeaseClock,
    is_flushed_later: bool,
}

impl Transaction {
    /// Runs a statement. How many rows it changed.
    pub(super) async fn execute(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<u64, Failed> {
        Ok(query.execute(&mut *self.lent).await?.rows_affected())
    }

    pub(super) async fn all(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Vec<PgRow>, Failed> {
        Ok(query.fetch_all(&mut *self.lent).await?)
    }

    pub(super) async fn one(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<PgRow, Failed> {
        Ok(query.fetch_one(&mut *self.lent).await?)
    }

    pub(super) async fn optional(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Option<PgRow>, Failed> {
        Ok(query.fetch_optional(&mut *self.lent).await?)
    }

    /// Lets go of every lock when it is committed and not only when that is durable, which is waited for without them.
    /// Whoever sees what was committed can be durable no sooner.
    pub(super) async fn flush_later(&mut self) -> Result<(), Failed> {
        self.lent.execute(sql::FLUSH_LATER).await?;
        self.is_flushed_later = true;
        Ok(())
    }

    /// An instant of the caller's clock, where that one counts for leases.
    pub(super) fn told(&self, instant: Timestamp) -> Option<i64> {
        match self.clock {
            LeaseClock::Database => None,
            LeaseClock::Caller => Some(micros(instant)),
        }
    }
}

/// What became of a transaction.
enum Ended {
    Committed,
    /// Nothing of it was done.
    Aborted(sqlx::Error),
    Unknown(String),
}

impl Connections {
    pub(super) fn attempts(&self) -> Attempts<'_> {
        Attempts {
            connections: self,
            left: TRIES + self.pool.options().get_max_connections(),
            pause: FIRST_PAUSE,
        }
    }

    async fn lend(&self) -> Result<Lent, sqlx::Error> {
        Ok(Lent {
            connection: self.pool.acquire().await?,
            is_whole: false,
        })
    }

    async fn begin(&self) -> Result<Transaction, sqlx::Error> {
        let mut lent = self.lend().await?;
        match self.in_time(begin_numbered(&mut lent)).await? {
            Ok((session, number)) => Ok(Transaction {
                session,
                number,
                lent,
                clock: self.clock,
                is_flushed_later: false,
            }),
            Err(error) => {
                if leaves_it_usable(&error) {
                    self.roll_back(lent).await;
                }
                Err(error)
            }
        }
    }

    /// Takes back what was begun, and keeps the connection.
    async fn roll_back(&self, mut lent: Lent) {
        let rolled_back = self.in_time(lent.execute("ROLLBACK")).await;
        if let Ok(Ok(_)) = rolled_back {
            lent.give_back();
        }
    }

    async fn commit(&self, mut transaction: Transaction) -> Ended {
        let flushes = transaction.is_flushed_later;
        let committed = self.in_time(async {
            match transaction.lent.execute("COMMIT").await {
                Err(refused) if !is_lost(&refused) => return Ok(Some(refused)),
                answer => answer?,
            };
            if flushes {
                flush(&mut transaction.lent).await?;
            }
            Ok::<_, sqlx::Error>(None)
        });
        match committed.await {
            Ok(Ok(None)) => {
                transaction.lent.give_back();
                Ended::Committed
            }
            Ok(Ok(Some(refused))) => {
                // The transaction has come to its end with that.
                if leaves_it_usable(&refused) {
                    transaction.lent.give_back();
                }
                Ended::Aborted(refused)
            }
            Ok(Err(error)) | Err(error) => {
                tracing::debug!(%error, "the reply to a COMMIT was lost");
                let (session, number) = (transaction.session, transaction.number);
                // Closed first, so that a transaction that is still open comes to its end.
                drop(transaction);
                self.look_up(session, number, flushes).await
            }
        }
    }

    /// What became of a transaction whose end was not seen.
    async fn look_up(&self, session: Uuid, number: i64, flushes: bool) -> Ended {
        let mut attempts = self.attempts();
        loop {
            let asked = async {
                let mut lent = self.lend().await?;
                let last: Option<i64> = sqlx::query_scalar(sql::LAST_TRANSACTION)
                    .bind(session)
                    .fetch_optional(&mut *lent)
                    .await?;
                if flushes {
                    // On the same connection: what was seen there is durable then.
                    flush(&mut lent).await?;
                }
                lent.give_back();
                Ok(last)
            };
            match self.in_time(asked).await {
                Ok(Ok(Some(last))) if last >= number => return Ended::Committed,
                Ok(Ok(Some(_))) => return Ended::Aborted(lost()),
                Ok(Ok(None)) => return Ended::Unknown("its session is gone".to_owned()),
                Ok(Err(error)) if is_passing(&error) && attempts.another().await => {}
                Ok(Err(error)) | Err(error) => return Ended::Unknown(error.to_string()),
            }
        }
    }

    /// Does not wait for an answer for ever: a connection may be cut without either end being told.
    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, sqlx::Error> {
        timeout(self.patience, work).await.map_err(|_| {
            let limit = self.patience.as_millis();
            let late = format!("no answer within {limit} ms");
            sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, late))
        })
    }
}

/// Begins a transaction and numbers it. A connection that writes for the first time, or was not used for so long that its
/// session was cleared away, has its session added first.
async fn begin_numbered(connection: &mut PgConnection) -> Result<(Uuid, i64), sqlx::Error> {
    if let Some(numbered) = number(connection).await? {
        return Ok(numbered);
    }
    connection.execute("ROLLBACK").await?;
    sqlx::query(sql::ADD_SESSION)
        .execute(&mut *connection)
        .await?;
    number(connection).await?.ok_or_else(lost)
}

async fn number(connection: &mut PgConnection) -> Result<Option<(Uuid, i64)>, sqlx::Error> {
    let begun = sqlx::raw_sql(SqlStr::from_static(sql::BEGIN));
    let rows = begun.fetch_all(connection).await?;
    let row = rows.first();
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .transpose()
}

async fn flush(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query(sql::FLUSH)
        .execute(connection)
        .await
        .map(|_| ())
}

fn lost() -> sqlx::Error {
    sqlx::Error::Io(std::io::ErrorKind::ConnectionAborted.into())
}

/// The tries of one piece of work.
#[derive(Debug)]
pub(super) struct Attempts<'s> {
    connections: &'s Connections,
    left: u32,
    pause: Duration,
}

impl Attempts<'_> {
    /// Whether there is another try; if so, after a pause.
    async fn another(&mut self) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        true
    }

    pub(super) async fn begin(&mut self) -> Result<Transaction, StoreError> {
        loop {
            match self.connections.begin().await {
                Ok(transaction) => return Ok(transaction),
                Err(error) if is_passing(&error) && self.another().await => {}
                Err(error) => return Err(told(&error)),
            }
        }
    }

    pub(super) async fn lend(&mut self) -> Result<Lent, StoreError> {
        loop {
            match self.connections.lend().await {
                Ok(lent) => return Ok(lent),
                Err(error) if is_passing(&error) && self.another().await => {}
                Err(error) => return Err(told(&error)),
            }
        }
    }

    /// Does a part of the work, in time.
    pub(super) async fn work<T>(
        &self,
        work: impl Future<Output = Result<T, Failed>>,
    ) -> Result<T, Failed> {
        self.connections.in_time(work).await?
    }

    /// Ends a transaction. What whoever asked is told; nothing if it is to be tried again.
    pub(super) async fn end<T>(
        &mut self,
        transaction: Transaction,
        done: Result<T, Failed>,
    ) -> Option<Result<T, StoreError>> {
        let error = match done {
            Ok(value) => match self.connections.commit(transaction).await {
                Ended::Committed => return Some(Ok(value)),
                Ended::Unknown(problem) => return Some(Err(StoreError::Undecided { problem })),
                Ended::Aborted(error) => error,
            },
            Err(Failed::Refused(error)) => {
                self.connections.roll_back(transaction.lent).await;
                return Some(Err(error));
            }
            Err(Failed::Database(error)) => {
                if leaves_it_usable(&error) {
                    self.connections.roll_back(transaction.lent).await;
                }
                error
            }
        };
        self.again_or(error).await.map(Err)
    }

    /// Ends something that was only read.
    pub(super) async fn end_reading<T>(
        &mut self,
        lent: Lent,
        done: Result<T, Failed>,
    ) -> Option<Result<T, StoreError>> {
        let failed = match done {
            Ok(value) => {
                lent.give_back();
                return Some(Ok(value));
            }
            Err(failed) => failed,
        };
        match failed {
            Failed::Refused(error) => {
                lent.give_back();
                Some(Err(error))
            }
            Failed::Database(error) => {
                drop(lent);
                self.again_or(error).await.map(Err)
            }
        }
    }

    async fn again_or(&mut self, error: sqlx::Error) -> Option<StoreError> {
        if is_passing(&error) && !is_late(&error) && self.another().await {
            None
        } else {
            Some(told(&error))
        }
    }
}

/// Whether the time for an answer is over. Who asked has waited long enough.
fn is_late(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.kind() == std::io::ErrorKind::TimedOut)
}

/// Does something in a transaction: whole or not at all, and again if the connection was lost before it was committed.
macro_rules! in_a_transaction {
    ($connections:expr, |$transaction:ident| $work:expr) => {{
        let mut attempts = $connections.attempts();
        loop {
            let mut begun = attempts.begin().await?;
            let $transaction = &mut begun;
            let done = attempts.work($work).await;
            if let Some(told) = attempts.end(begun, done).await {
                break told;
            }
        }
    }};
}
pub(super) use in_a_transaction;

/// Reads something with one statement, again if the connection was lost.
macro_rules! reading {
    ($connections:expr, |$connection:ident| $work:expr) => {{
        let mut attempts = $connections.attempts();
        loop {
            let mut lent = attempts.lend().await?;
            let $connection = &mut *lent;
            let done = attempts.work($work).await;
            if let Some(told) = attempts.end_reading(lent, done).await {
                break told;
            }
        }
    }};
}
pub(super) use reading;
