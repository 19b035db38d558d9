//! The embedded store: one SQLite file, one host, nothing to install.
//!
//! WAL with `synchronous=FULL`: what a call has recorded survives a power cut. All writes go through one thread that
//! commits what has gathered since its last commit together ([`writer`]), so many runs share one fsync; who works on
//! what until when is all that a power cut may lose, because it ends the workers too. The run table
//! is the queue; a claim is one conditional `UPDATE ... RETURNING` with a lease and a fencing token.

mod busy;
pub(crate) mod options;
mod read;
mod readers;
pub(crate) mod rows;
pub(crate) mod schema;
mod statements;
mod write;
mod writer;

use std::collections::BTreeSet;
use std::path::Path;

use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;

use provisioning_core::fleet::ServerName;
use provisioning_core::order::OrderKey;
use provisioning_core::permission::Denial;
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::event::Entry;

use super::{
    Binding, CancelWish, Claim, Delivered, DeniedServer, FurtherRun, Held, KeptCustomer, ListedRun,
    NewEvent, NewRun, Projection, Resealed, Rest, Room, Sealed, Settled, Store, StoreError,
    StoredEvent, StoredRun, Submitted, Wanted, erases,
};
use crate::executor::Known;
use options::SqliteOptions;
use readers::Readers;
use writer::{Needs, Of, Writer};

/// Connections that read beside the one that writes.
const READERS: usize = 4;

/// Keeps runs in one SQLite file.
#[derive(Debug)]
pub struct SqliteStore {
    readers: Readers,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the file, and makes it and its schema if it is not there.
    ///
    /// # Errors
    /// [`StoreError::NotOurs`] for a database of another program, [`StoreError::Newer`] for one of a newer build,
    /// [`StoreError::ReadOnly`], [`StoreError::Full`] and [`StoreError::Unavailable`] if the file cannot be written or
    /// read. Nothing is changed then, except that a change a killed writer left half done is taken back, as it has to be
    /// before anybody can read the file.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_with(SqliteOptions::new(path)).await
    }

    /// Opens with options of the host's.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_with(options: SqliteOptions) -> Result<Self, StoreError> {
        blocking(move || Self::open_now(&options)).await
    }

    fn open_now(options: &SqliteOptions) -> Result<Self, StoreError> {
        let place = options.place();
        schema::RUNS.check(options)?;
        let mut connection = options.connect()?;
        durable(&connection).map_err(|error| failure_at(&place, &error))?;
        schema::RUNS.migrate(&mut connection, &place)?;
        let readers = (0..READERS)
            .map(|_| options.connect_to_read())
            .collect::<Result<_, _>>()?;
        Ok(Self {
            readers: Readers::start(readers, &place)?,
            writer: Writer::start(connection, &place)?,
        })
    }

    /// How many commits of this store were waited for until they were on the disk, since it was opened. Each is one
    /// fsync, shared by whatever was recorded meanwhile.
    #[must_use]
    pub fn synced_commits(&self) -> u64 {
        self.writer.synced()
    }
}

/// What is committed survives a power cut, and what is erased is overwritten.
fn durable(connection: &Connection) -> rusqlite::Result<()> {
    busy::patiently(|| connection.pragma_update(None, "journal_mode", "WAL"))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // A password that was confirmed must not linger in a free page.
    connection.pragma_update(None, "secure_delete", true)
}

/// What an error of the database means (the low byte of SQLite's code is its kind).
pub(crate) fn failure(error: &rusqlite::Error) -> StoreError {
    let problem = error.to_string();
    match kind(error) {
        Some(8) => StoreError::ReadOnly { problem },
        Some(13) => StoreError::Full { problem },
        _ => StoreError::Unavailable { problem },
    }
}

/// The same while a file is being opened: there it may also be something else altogether.
pub(crate) fn failure_at(place: &str, error: &rusqlite::Error) -> StoreError {
    let problem = format!("{place}: {error}");
    match kind(error) {
        Some(8) => StoreError::ReadOnly { problem },
        Some(13) => StoreError::Full { problem },
        Some(26) => StoreError::NotOurs {
            place: place.to_owned(),
        },
        _ => StoreError::Unavailable { problem },
    }
}

fn kind(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code & 0xff)
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

fn closed() -> StoreError {
    StoreError::Unavailable {
        problem: "it is closed".to_owned(),
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn survives_the_process(&self) -> bool {
        true
    }

    async fn submit(&self, new: NewRun) -> Result<Submitted, StoreError> {
        self.writer
            .write(Needs::Disk, move |connection| {
                write::submit(connection, &new)
            })
            .await
    }

    async fn add(&self, first: &Claim, further: FurtherRun) -> Result<bool, StoreError> {
        let first = first.clone();
        self.writer
            .write(Needs::Disk, move |connection| {
                write::add(connection, &first, further)
            })
            .await
    }

    async fn load(&self, run: PlanId) -> Result<StoredRun, StoreError> {
        self.readers
            .read(move |connection| read::load(connection, run))
            .await
    }

    async fn runs_of(&self, order: &OrderKey) -> Result<Vec<PlanId>, StoreError> {
        let order = order.clone();
        self.readers
            .read(move |connection| read::runs_of(connection, &order))
            .await
    }

    async fn list(&self, wanted: Wanted) -> Result<Vec<ListedRun>, StoreError> {
        self.readers
            .read(move |connection| read::list(connection, &wanted))
            .await
    }

    async fn claim(
        &self,
        run: PlanId,
        by: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Claim, StoreError> {
        let by = by.to_owned();
        self.writer
            .write_of(Of::Anybody, Needs::Nothing, move |connection| {
                write::claim(connection, run, &by, now, lease_until)
            })
            .await
    }

    async fn claim_due(
        &self,
        by: &str,
        now: Timestamp,
        lease_until: Timestamp,
        most: u32,
        busy: &BTreeSet<ServerName>,
    ) -> Result<Vec<Claim>, StoreError> {
        let (by, busy) = (by.to_owned(), busy.clone());
        self.writer
            .write(Needs::Nothing, move |connection| {
                write::claim_due(connection, &by, now, lease_until, most, &busy)
            })
            .await
    }

    async fn absolve(&self, run: PlanId) -> Result<(), StoreError> {
        self.writer
            .write(Needs::Disk, move |connection| {
                write::absolve(connection, run)
            })
            .await
    }

    async fn extend(&self, claim: &Claim) -> Result<(), StoreError> {
        let claim = claim.clone();
        self.writer
            .write_of(Of::Anybody, Needs::Nothing, move |connection| {
                write::extend(connection, &claim)
            })
            .await
    }

    async fn release(&self, claim: &Claim, rest: Option<Rest>) -> Result<(), StoreError> {
        let claim = claim.clone();
        self.writer
            .write_of(Of::Ended(claim.run), Needs::Nothing, move |connection| {
                write::release(connection, &claim, rest.as_ref())
            })
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
            .write_of(Of::Run(claim.run), Needs::Disk, move |connection| {
                write::planned(connection, &claim, &plan, &projection, &room)
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
            .write_of(Of::Run(claim.run), Needs::Disk, move |connection| {
                write::rejected(connection, &claim, &rejection, &projection)
            })
            .await
    }

    async fn append(
        &self,
        claim: &Claim,
        entries: &[Entry],
        projection: Projection,
        room: Option<&Room>,
    ) -> Result<(), StoreError> {
        let (claim, entries, room) = (claim.clone(), entries.to_vec(), room.cloned());
        let needs = if erases(&entries) {
            Needs::EmptyLog
        } else {
            Needs::Disk
        };
        self.writer
            .write_of(Of::Run(claim.run), needs, move |connection| {
                write::append(connection, &claim, entries, &projection, room.as_ref())
            })
            .await
    }

    async fn wish_cancel(&self, run: PlanId, wish: CancelWish) -> Result<(), StoreError> {
        self.writer
            .write(Needs::Disk, move |connection| {
                write::wish_cancel(connection, run, &wish)
            })
            .await
    }

    async fn drop_cancel(&self, claim: &Claim) -> Result<(), StoreError> {
        let claim = claim.clone();
        self.writer
            .write(Needs::Disk, move |connection| {
                write::drop_cancel(connection, &claim)
            })
            .await
    }

    async fn keep_event(&self, event: NewEvent) -> Result<Delivered, StoreError> {
        self.writer
            .write(Needs::Disk, move |connection| {
                write::keep_event(connection, &event)
            })
            .await
    }

    async fn events(&self, first: PlanId) -> Result<(Vec<StoredEvent>, u64), StoreError> {
        self.readers
            .moment(move |connection| read::events(connection, first))
            .await
    }

    async fn settle(&self, first: &Claim, settled: Settled) -> Result<(), StoreError> {
        let first = first.clone();
        self.writer
            .write(Needs::Disk, move |connection| {
                write::settle(connection, &first, &settled)
            })
            .await
    }

    async fn events_sealed_otherwise(&self, key_id: &str) -> Result<Vec<StoredEvent>, StoreError> {
        let key_id = key_id.to_owned();
        self.readers
            .read(move |connection| read::events_sealed_otherwise(connection, &key_id))
            .await
    }

    async fn reseal_event(&self, event: &StoredEvent, details: Sealed) -> Result<(), StoreError> {
        let event = event.clone();
        self.writer
            .write(Needs::EmptyLog, move |connection| {
                write::reseal_event(connection, &event, &details)
            })
            .await
    }

    async fn customer(&self, indexes: &[String]) -> Result<Option<Sealed>, StoreError> {
        let indexes = indexes.to_vec();
        self.readers
            .read(move |connection| read::customer(connection, &indexes))
            .await
    }

    async fn keep_customer(&self, customer: KeptCustomer) -> Result<(), StoreError> {
        self.writer
            .write(Needs::Disk, move |connection| {
                write::keep_customer(connection, &customer)
            })
            .await
    }

    async fn customers_sealed_otherwise(
        &self,
        key_id: &str,
    ) -> Result<Vec<KeptCustomer>, StoreError> {
        let key_id = key_id.to_owned();
        self.readers
            .read(move |connection| read::customers_sealed_otherwise(connection, &key_id))
            .await
    }

    async fn reseal_customer(
        &self,
        before: &KeptCustomer,
        after: KeptCustomer,
    ) -> Result<(), StoreError> {
        let before = before.clone();
        self.writer
            .write(Needs::EmptyLog, move |connection| {
                write::reseal_customer(connection, &before, &after)
            })
            .await
    }

    async fn sealed_otherwise(&self, key_id: &str) -> Result<Vec<PlanId>, StoreError> {
        let key_id = key_id.to_owned();
        self.readers
            .read(move |connection| read::sealed_otherwise(connection, &key_id))
            .await
    }

    async fn reseal(&self, claim: &Claim, resealed: Resealed) -> Result<(), StoreError> {
        let claim = claim.clone();
        self.writer
            .write(Needs::EmptyLog, move |connection| {
                write::reseal(connection, &claim, &resealed)
            })
            .await
    }

    async fn forget(&self, claim: &Claim, at: Timestamp) -> Result<(), StoreError> {
        let claim = claim.clone();
        self.writer
            .write(Needs::EmptyLog, move |connection| {
                write::forget(connection, &claim, at)
            })
            .await
    }

    async fn reservations(&self, except: Option<PlanId>) -> Result<Held, StoreError> {
        self.readers
            .read(move |connection| read::reservations(connection, except))
            .await
    }

    async fn bound_to(&self, binding: &Binding) -> Result<Option<PlanId>, StoreError> {
        let binding = binding.clone();
        self.readers
            .read(move |connection| read::bound_to(connection, &binding))
            .await
    }

    async fn known(&self, server: &ServerName) -> Result<Known, StoreError> {
        let server = server.clone();
        self.readers
            .read(move |connection| read::known(connection, &server))
            .await
    }

    async fn learn(&self, server: &ServerName, learned: Known) -> Result<(), StoreError> {
        if learned == Known::default() {
            return Ok(());
        }
        let server = server.clone();
        self.writer
            .write(Needs::Disk, move |connection| {
                write::learn(connection, &server, &learned)
            })
            .await
    }

    async fn deny(
        &self,
        server: &ServerName,
        denial: &Denial,
        next_try: Timestamp,
    ) -> Result<(), StoreError> {
        let (server, denial) = (server.clone(), denial.clone());
        self.writer
            .write(Needs::Disk, move |connection| {
                write::deny(connection, &server, &denial, next_try)
            })
            .await
    }

    async fn denied(&self) -> Result<Vec<DeniedServer>, StoreError> {
        self.readers.read(read::denied).await
    }

    async fn take_try(
        &self,
        server: &ServerName,
        now: Timestamp,
        next_try: Timestamp,
    ) -> Result<bool, StoreError> {
        let server = server.clone();
        self.writer
            .write(Needs::Disk, move |connection| {
                write::take_try(connection, &server, now, next_try)
            })
            .await
    }

    async fn admit(&self, server: &ServerName) -> Result<(), StoreError> {
        let server = server.clone();
        self.writer
            .write(Needs::Disk, move |connection| {
                write::admit(connection, &server)
            })
            .await
    }

    async fn denied_by(&self, server: &ServerName, most: u32) -> Result<Vec<PlanId>, StoreError> {
        let server = server.clone();
        self.readers
            .read(move |connection| read::denied_by(connection, &server, most))
            .await
    }

    async fn wake_rejected(&self, now: Timestamp) -> Result<(), StoreError> {
        self.writer
            .write(Needs::Disk, move |connection| {
                write::wake_rejected(connection, now)
            })
            .await
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
