//! The embedded store: one SQLite file, one host, nothing to install.
//!
//! WAL with `synchronous=FULL`: what a call has recorded survives a power cut. All writes go through one task that
//! commits what has gathered since its last commit together ([`writer`]), so many runs share one fsync. The run table
//! is the queue; a claim is one conditional `UPDATE ... RETURNING` with a lease and a fencing token.

mod read;
mod rows;
mod schema;
mod write;
mod writer;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use provisioning_core::fleet::ServerName;
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::event::Entry;

use super::{
    Binding, Claim, Held, NewRun, Projection, Room, Store, StoreError, StoredRun, Submitted,
};
use crate::executor::Known;
use writer::Writer;

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);

/// Connections that read beside the one that writes.
const READERS: u32 = 4;

/// Keeps runs in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    readers: SqlitePool,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the file, and makes it and its schema if it is not there.
    ///
    /// # Errors
    /// [`StoreError::NotOurs`] for a database of another program, [`StoreError::Newer`] for one of a newer build,
    /// [`StoreError::Unavailable`] if the file cannot be read and written. Nothing is changed then.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path.as_ref())
            .create_if_missing(true)
            .busy_timeout(BUSY);
        Self::open_with(options).await
    }

    /// Opens with options of the host's, such as a page limit. Journal mode, durability and secure deletion are this
    /// store's and cannot be changed.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_with(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let place = options.get_filename().display().to_string();
        schema::check(&options, &place).await?;
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // What is deleted is overwritten: a password that was confirmed must not linger in a free page.
            .pragma("secure_delete", "ON");
        let writer = Writer::start(&options, &place).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.create_if_missing(false))
            .await
            .map_err(unavailable)?;
        Ok(Self { readers, writer })
    }

    /// Waits until everything that was recorded is in the file, and closes it.
    pub async fn close(self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

pub(super) fn unavailable(error: sqlx::Error) -> StoreError {
    StoreError::Unavailable {
        problem: error.to_string(),
    }
}

/// Instants are stored in microseconds since 1970.
fn micros(instant: Timestamp) -> i64 {
    instant.as_microsecond()
}

#[async_trait]
impl Store for SqliteStore {
    fn survives_the_process(&self) -> bool {
        true
    }

    async fn submit(&self, new: NewRun) -> Result<Submitted, StoreError> {
        self.writer
            .write(move |connection| Box::pin(write::submit(connection, new)))
            .await
    }

    async fn load(&self, run: PlanId) -> Result<StoredRun, StoreError> {
        // One transaction, so that plan, entries and credentials are of one moment.
        let mut transaction = self.readers.begin().await.map_err(unavailable)?;
        read::load(&mut transaction, run).await
    }

    async fn list(&self) -> Result<Vec<PlanId>, StoreError> {
        let mut connection = self.readers.acquire().await.map_err(unavailable)?;
        read::list(&mut connection).await
    }

    async fn claim(
        &self,
        run: PlanId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Claim, StoreError> {
        self.writer
            .write(move |connection| Box::pin(write::claim(connection, run, now, lease_until)))
            .await
    }

    async fn claim_due(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<Claim>, StoreError> {
        self.writer
            .write(move |connection| Box::pin(write::claim_due(connection, now, lease_until)))
            .await
    }

    async fn absolve(&self, run: PlanId) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| Box::pin(write::absolve(connection, run)))
            .await
    }

    async fn extend(&self, claim: &Claim, lease_until: Timestamp) -> Result<(), StoreError> {
        let claim = claim.clone();
        self.writer
            .write(move |connection| Box::pin(write::extend(connection, claim, lease_until)))
            .await
    }

    async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        let claim = claim.clone();
        self.writer
            .write(move |connection| Box::pin(write::release(connection, claim)))
            .await
    }

    async fn planned(
        &self,
        claim: &Claim,
        plan: Plan,
        projection: Projection,
        room: &Room,
    ) -> Result<(), StoreError> {
        let (claim, room) = (claim.clone(), room.clone());
        self.writer
            .write(move |connection| {
                Box::pin(write::planned(connection, claim, plan, projection, room))
            })
            .await
    }

    async fn rejected(
        &self,
        claim: &Claim,
        rejection: Rejection,
        projection: Projection,
    ) -> Result<(), StoreError> {
        let claim = claim.clone();
        self.writer
            .write(move |connection| {
                Box::pin(write::rejected(connection, claim, rejection, projection))
            })
            .await
    }

    async fn append(
        &self,
        claim: &Claim,
        entries: &[Entry],
        projection: Projection,
    ) -> Result<(), StoreError> {
        let (claim, entries) = (claim.clone(), entries.to_vec());
        let erases = write::erases(&entries);
        self.writer
            .write(move |connection| {
                Box::pin(write::append(connection, claim, entries, projection))
            })
            .await?;
        if erases {
            self.writer.truncate_log().await?;
        }
        Ok(())
    }

    async fn reservations(&self, except: Option<PlanId>) -> Result<Held, StoreError> {
        let mut transaction = self.readers.begin().await.map_err(unavailable)?;
        read::reservations(&mut transaction, except).await
    }

    async fn bound_to(&self, binding: &Binding) -> Result<Option<PlanId>, StoreError> {
        let mut connection = self.readers.acquire().await.map_err(unavailable)?;
        read::bound_to(&mut connection, binding).await
    }

    async fn known(&self, server: &ServerName) -> Result<Known, StoreError> {
        let mut connection = self.readers.acquire().await.map_err(unavailable)?;
        read::known(&mut connection, server).await
    }

    async fn learn(&self, server: &ServerName, learned: Known) -> Result<(), StoreError> {
        if learned == Known::default() {
            return Ok(());
        }
        let server = server.clone();
        self.writer
            .write(move |connection| Box::pin(write::learn(connection, server, learned)))
            .await
    }
}
