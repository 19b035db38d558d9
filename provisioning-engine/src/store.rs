//! Where runs are kept. A store never sees plaintext secrets; it fences every write.

#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) mod columns;
mod customers;
mod error;
mod memory;
mod payment;
#[cfg(feature = "postgres")]
mod postgres;
mod projection;
#[cfg(feature = "sqlite")]
pub(crate) mod sqlite;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod statements;
mod stored;
mod taking;

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;

use provisioning_core::fleet::ServerName;
use provisioning_core::order::OrderKey;
use provisioning_core::permission::Denial;
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::event::{Entry, Event};

use crate::executor::Known;
use taking::Taking;

pub use customers::KeptCustomer;
pub use error::StoreError;
pub use memory::MemoryStore;
pub use payment::{
    Delivered, EARLY_EVENTS_KEPT, MOST_EARLY_EVENTS, NewEvent, PaymentNote, Settled, StoredEvent,
    Unpaid,
};
#[cfg(feature = "postgres")]
pub use postgres::{InvalidSchemaName, LeaseClock, PostgresOptions, PostgresStore, SchemaName};
pub use projection::{Binding, FreeSlots, Held, Projection, Room, Standing, UnknownStanding};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
#[cfg(feature = "sqlite")]
pub use sqlite::options::SqliteOptions;
pub use stored::{
    CancelWish, Claim, DeniedServer, FurtherRun, Lease, ListedRun, NewRun, Resealed, Rest, Sealed,
    StoredRun, StoredState, Submitted, Wanted,
};

/// After this many workers in a row that ended without giving a run back, it is left alone. An outcome that was recorded
/// ends the row, because the run got on, and so does a worker that brings it to rest.
pub const MOST_CRASHES: i64 = 3;

/// Where runs are kept.
///
/// Every method is one transaction: it happens whole or not at all, and when it returns `Ok` it is as durable as the
/// store promises to be. A method that takes a [`Claim`] does nothing but fail with [`StoreError::FencedOut`] once
/// somebody else has claimed the run; otherwise it moves the end of the lease to [`Claim::until`]. A store that several
/// hosts share may go by a clock of its own where leases are concerned: the lease then lasts from its present moment on
/// for as long as it was claimed for.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Whether what is stored survives the process. Such a store is refused without a configured sealing key.
    fn survives_the_process(&self) -> bool;

    /// Stores the first run of an order, unless its key or an alias is known. Payment events that came before it and
    /// name one of its ids are its own from here on.
    async fn submit(&self, new: NewRun) -> Result<Submitted, StoreError>;

    /// Stores a further run of an order, if it is not there yet; `first` claims the order's first run. Whether it is new.
    async fn add(&self, first: &Claim, further: FurtherRun) -> Result<bool, StoreError>;

    /// Reads a run.
    async fn load(&self, run: PlanId) -> Result<StoredRun, StoreError>;

    /// The runs of an order in the order in which they were stored, the first one first; empty for an unknown order.
    async fn runs_of(&self, order: &OrderKey) -> Result<Vec<PlanId>, StoreError>;

    /// Runs without their journals, oldest first.
    async fn list(&self, wanted: Wanted) -> Result<Vec<ListedRun>, StoreError>;

    /// Claims a run for the worker `by` until `lease_until`. A claim whose lease has ended at `now` is taken over, and
    /// counts as a crash of the worker that held it; after [`MOST_CRASHES`] in a row the run is poisoned.
    async fn claim(
        &self,
        run: PlanId,
        by: &str,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Claim, StoreError>;

    /// Claims up to `most` runs that are due at `now`, those first that have waited longest for being taken up. Runs
    /// whose next request goes to one of the `busy` servers and runs that ended several workers in a row are left out.
    async fn claim_due(
        &self,
        by: &str,
        now: Timestamp,
        lease_until: Timestamp,
        most: u32,
        busy: &BTreeSet<ServerName>,
    ) -> Result<Vec<Claim>, StoreError>;

    /// Lets a run that ended several workers in a row be claimed again.
    async fn absolve(&self, run: PlanId) -> Result<(), StoreError>;

    /// Moves the end of a claim's lease to [`Claim::until`]: the worker is alive.
    async fn extend(&self, claim: &Claim) -> Result<(), StoreError>;

    /// Ends a claim early. A rest says that the worker has brought the run as far as it goes, which ends a row of crashes.
    /// Without one the run is due when what was stored last says so; one that somebody wants to stop is due at once.
    async fn release(&self, claim: &Claim, rest: Option<Rest>) -> Result<(), StoreError>;

    /// Gives an unplanned run its plan and takes its places on servers, if `room` still has them. Refused with
    /// [`StoreError::Unsettled`] while the order has payment events that were not acted on.
    async fn planned(
        &self,
        claim: &Claim,
        plan: Plan,
        projection: Projection,
        room: &Room,
    ) -> Result<(), StoreError>;

    /// Records why an unplanned run cannot be planned now.
    async fn rejected(
        &self,
        claim: &Claim,
        rejection: Rejection,
        projection: Projection,
    ) -> Result<(), StoreError>;

    /// Appends entries and stores what follows from them. A `CredentialErased` entry also erases the sealed bytes.
    ///
    /// An Intent is refused with [`StoreError::CancelWished`] while somebody wants the run to stop, and with
    /// [`StoreError::Unsettled`] while the order has payment events that were not acted on. A run that ends leaves its
    /// order's payment to be decided anew, if there are events of it.
    ///
    /// Places that the run takes with these entries on the servers of `room` are taken if that still has them; otherwise
    /// nothing is appended, and the answer is [`StoreError::RoomTaken`]. Of two that have counted the same last place the
    /// first gets it.
    async fn append(
        &self,
        claim: &Claim,
        entries: &[Entry],
        projection: Projection,
        room: Option<&Room>,
    ) -> Result<(), StoreError>;

    /// Keeps the wish that a run stops, whoever works on it. An unplanned run is over with it; a planned one begins no
    /// call any more, and whoever takes it up next records it in the journal.
    async fn wish_cancel(&self, run: PlanId, wish: CancelWish) -> Result<(), StoreError>;

    /// Lets go of the wish that a run stops: there is nothing left to stop.
    async fn drop_cancel(&self, claim: &Claim) -> Result<(), StoreError>;

    /// Keeps a payment event with the order that has one of its ids, whose first run is due at once; without such an
    /// order, until it comes.
    async fn keep_event(&self, event: NewEvent) -> Result<Delivered, StoreError>;

    /// The payment events of the order whose first run this is, in the order of their arrival, and
    /// [`PaymentNote::version`] of the same moment.
    async fn events(&self, first: PlanId) -> Result<(Vec<StoredEvent>, u64), StoreError>;

    /// Keeps what was decided about the payment of the order whose first run is claimed. That run is due when there is
    /// something to decide anew, whatever else it waits for.
    async fn settle(&self, first: &Claim, settled: Settled) -> Result<(), StoreError>;

    /// Payment events sealed by another key than this one; up to 1,000 of them.
    async fn events_sealed_otherwise(&self, key_id: &str) -> Result<Vec<StoredEvent>, StoreError>;

    /// Replaces what is sealed of a payment event. One that is gone meanwhile stays gone.
    async fn reseal_event(&self, event: &StoredEvent, details: Sealed) -> Result<(), StoreError>;

    /// What is kept of a panel's customer under one of these, looked for in this order.
    async fn customer(&self, indexes: &[String]) -> Result<Option<Sealed>, StoreError>;

    /// Keeps a panel's customer. What the same run has kept there before stays.
    async fn keep_customer(&self, customer: KeptCustomer) -> Result<(), StoreError>;

    /// Panels' customers sealed by another key than this one; up to 1,000 of them.
    async fn customers_sealed_otherwise(
        &self,
        key_id: &str,
    ) -> Result<Vec<KeptCustomer>, StoreError>;

    /// Replaces what is kept of a panel's customer. One that is gone meanwhile stays gone.
    async fn reseal_customer(
        &self,
        before: &KeptCustomer,
        after: KeptCustomer,
    ) -> Result<(), StoreError>;

    /// Runs with anything sealed by another key than this one; up to 1,000 of them.
    async fn sealed_otherwise(&self, key_id: &str) -> Result<Vec<PlanId>, StoreError>;

    /// Replaces everything that is sealed for a run.
    async fn reseal(&self, claim: &Claim, resealed: Resealed) -> Result<(), StoreError>;

    /// Erases order, plan, journal and credentials of a run, its payment events and what it has learned about panels'
    /// customers, and ends the claim. Its key and aliases stay, so that a late delivery of the order is not taken for a
    /// new one, and its bindings, so that no other run adopts them.
    async fn forget(&self, claim: &Claim, at: Timestamp) -> Result<(), StoreError>;

    /// Every reservation that holds anything beyond a count of the accounts, those of `except` aside. To be read before servers are counted: what
    /// ends meanwhile is then seen at least once.
    async fn reservations(&self, except: Option<PlanId>) -> Result<Held, StoreError>;

    /// The run a remote id belongs to.
    async fn bound_to(&self, binding: &Binding) -> Result<Option<PlanId>, StoreError>;

    /// What earlier calls have taught about a server.
    async fn known(&self, server: &ServerName) -> Result<Known, StoreError>;

    /// Keeps what a call has taught about a server.
    async fn learn(&self, server: &ServerName, learned: Known) -> Result<(), StoreError>;

    /// Keeps that a server refuses our key, and when to try it again. A time that is kept already stays.
    async fn deny(
        &self,
        server: &ServerName,
        denial: &Denial,
        next_try: Timestamp,
    ) -> Result<(), StoreError>;

    /// The servers that refuse our key.
    async fn denied(&self) -> Result<Vec<DeniedServer>, StoreError>;

    /// Takes the one try of a denied server that is due at `now`; the next is due at `next_try`. Whether it was due.
    async fn take_try(
        &self,
        server: &ServerName,
        now: Timestamp,
        next_try: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Keeps that a server takes our key again.
    async fn admit(&self, server: &ServerName) -> Result<(), StoreError>;

    /// Runs that wait for a server's refusal of our key to be mended, longest first; up to `most`.
    async fn denied_by(&self, server: &ServerName, most: u32) -> Result<Vec<PlanId>, StoreError>;

    /// Makes every rejected run that nobody works on due at `now`: something has changed about the servers.
    async fn wake_rejected(&self, now: Timestamp) -> Result<(), StoreError>;

    /// Comes to an end when something may have become due that another process has stored. A hint: nothing may depend on
    /// it, and stores that hear nothing of other processes never end it.
    async fn due_elsewhere(&self) {
        std::future::pending().await
    }

    /// Waits until everything that was recorded is where it stays, and lets go of it. Whatever is asked afterwards fails
    /// with [`StoreError::Unavailable`], for stores that have something to let go of.
    async fn close(&self) {}
}

/// Whether a call is about to be begun by one of these.
fn begins_a_call(entries: &[Entry]) -> bool {
    entries
        .iter()
        .any(|entry| matches!(entry.event, Event::Intent(_)))
}

/// Whether one of these shows that the run got on, so that a crash afterwards is another crash.
fn got_on(entries: &[Entry]) -> bool {
    entries
        .iter()
        .any(|entry| matches!(entry.event, Event::Outcome { .. }))
}

/// Whether one of these puts the wish to stop into the journal.
fn cancels(entries: &[Entry]) -> bool {
    entries
        .iter()
        .any(|entry| matches!(entry.event, Event::Cancelled { .. }))
}

/// Whether one of these erases a credential.
#[cfg(feature = "sqlite")]
fn erases(entries: &[Entry]) -> bool {
    entries
        .iter()
        .any(|entry| matches!(entry.event, Event::CredentialErased { .. }))
}
