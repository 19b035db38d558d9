//! Where runs are kept. A store never sees plaintext secrets; it fences every write.

mod memory;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use thiserror::Error;

use provisioning_core::fleet::{Reservation, ServerName};
use provisioning_core::order::{Alias, OrderKey};
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::PlanId;
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::event::Entry;
use provisioning_core::run::journal::{Journal, JournalError};

use crate::executor::Known;

pub use memory::MemoryStore;
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

/// A new run. It is durable before anything is read or planned, so that a paid order is never lost to a panel that is
/// down; planning is the first thing that happens when it is taken up.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Identity of the run: the plan id of the order's first generation.
    pub id: PlanId,
    /// The order.
    pub key: OrderKey,
    /// Every other id of the order; unique per tenant.
    pub aliases: Vec<Alias>,
    /// Digest of products, domains and customer: tells the same order by another door from another order.
    pub content: String,
    /// The whole order, sealed.
    pub order: Sealed,
    /// When it was submitted.
    pub at: Timestamp,
}

/// After this many workers in a row that ended without giving a run back, it is left alone.
pub const MOST_CRASHES: i64 = 3;

/// A sealed value and the key that sealed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Name of the key.
    pub key_id: String,
    /// The sealed bytes, encoded.
    pub value: String,
}

/// What became of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Submitted {
    /// A new run was stored.
    New {
        /// Its id.
        run: PlanId,
    },
    /// The order is known: the same key or an alias, with the same content.
    Existing {
        /// The run it has.
        run: PlanId,
        /// The id both deliveries share, in words.
        through: String,
    },
    /// An id of the order is known with other products, domains or customer: for a human, neither dropped nor run.
    Conflict {
        /// The run that has the id.
        run: PlanId,
        /// The id both deliveries share, in words.
        through: String,
    },
}

/// A stored run.
#[derive(Debug, Clone)]
pub struct StoredRun {
    /// Identity.
    pub id: PlanId,
    /// The order.
    pub key: OrderKey,
    /// The whole order, sealed.
    pub order: Sealed,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// Its journal, or why it could not be planned.
    pub state: StoredState,
}

/// The state of a stored run.
#[derive(Debug, Clone)]
pub enum StoredState {
    /// Paid and authentic, but not planned: not tried yet, or rejected.
    Unplanned(Option<Rejection>),
    /// Planned.
    Planned(Box<Journal>),
}

/// The right to write to one run, until the lease ends or somebody else claims it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The run.
    pub run: PlanId,
    /// Grows with every claim; a write with an older one is refused.
    pub fence: u64,
}

/// What is stored together with journal entries, so that it can never disagree with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection {
    /// The places the run takes on servers now; empty when it is over.
    pub reservations: Vec<Reservation>,
    /// Remote ids that belong to the run now.
    pub bindings: Vec<Binding>,
    /// When the run wants to be taken up again; none while it waits for somebody.
    pub wake_at: Option<Timestamp>,
}

impl Projection {
    /// How many slots the run takes on each server.
    #[must_use]
    pub fn slots_by_server(&self) -> BTreeMap<&ServerName, u32> {
        let mut slots = BTreeMap::new();
        for reservation in &self.reservations {
            let sum: &mut u32 = slots.entry(reservation.server()).or_default();
            *sum = sum.saturating_add(reservation.slots());
        }
        slots
    }
}

/// The places that runs hold, and up to which change of them this is the whole truth.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// Grows with every change of any reservation.
    pub version: u64,
    /// The reservations of all runs that are not over.
    pub reservations: Vec<Reservation>,
}

/// The room a plan counted on: how much was free on each server when reservations stood at `version`.
///
/// Two planners may count the same last place at the same time. The store lets the first have it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Room {
    /// [`Held::version`] at which the servers were counted.
    pub version: u64,
    /// Free slots per server, those of `version`'s reservations taken off.
    pub free: BTreeMap<ServerName, u32>,
}

/// A thing on a panel that belongs to a run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Binding {
    /// The server it is on.
    pub server: ServerName,
    /// The panel's id.
    pub remote_id: String,
}

/// Why a store did not do what was asked. Nothing was changed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No such run.
    #[error("there is no run {0}")]
    NoRun(PlanId),
    /// The run is claimed by another worker.
    #[error("run {run} is being worked on until {until}; it is taken up again after that")]
    Claimed {
        /// The run.
        run: PlanId,
        /// When the lease ends.
        until: Timestamp,
    },
    /// Another worker has claimed the run since: stop at once, this worker's writes no longer count.
    #[error("run {0} was taken over by another worker; this one stops")]
    FencedOut(PlanId),
    /// The run has a plan already; a stored plan is never replaced.
    #[error("run {0} is planned already")]
    Planned(PlanId),
    /// Another run took the place meanwhile. Count again and plan again.
    #[error("another order took the last place on {0} meanwhile; count again")]
    RoomTaken(ServerName),
    /// The remote id belongs to another run.
    #[error("{} on {} belongs to run {owner}", binding.remote_id, binding.server)]
    Bound {
        /// The remote id.
        binding: Binding,
        /// The run that has it.
        owner: PlanId,
    },
    /// The run ended the process that worked on it again and again, and is left alone until somebody has looked.
    #[error(
        "run {run} was left behind by {crashes} workers in a row and is not taken up by itself any more: see its journal, then resume it"
    )]
    Poisoned {
        /// The run.
        run: PlanId,
        /// How many workers ended without giving it back.
        crashes: i64,
    },
    /// The database cannot be read or written now. What was recorded stays recorded; what this call wanted is not.
    #[error(
        "the store does not answer: {problem}; nothing of this step was recorded, it can be repeated once the store works"
    )]
    Unavailable {
        /// What it says.
        problem: String,
    },
    /// The database belongs to another program.
    #[error(
        "{place} is a database of another program; nothing in it was changed: name another file"
    )]
    NotOurs {
        /// Where it is.
        place: String,
    },
    /// The database was written by a newer build.
    #[error(
        "{place} has schema {found}, this build knows up to {known}; nothing in it was changed: use the newer build"
    )]
    Newer {
        /// Where it is.
        place: String,
        /// Its schema.
        found: i64,
        /// The newest this build knows.
        known: i64,
    },
    /// What is stored does not read back: it was edited by hand or damaged.
    #[error(
        "{what} in the store is not readable ({problem}); restore it from a backup, nothing was changed"
    )]
    Damaged {
        /// What.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The stored journal cannot be used.
    #[error("run {run}: {problem}")]
    Journal {
        /// The run.
        run: PlanId,
        /// What is wrong.
        #[source]
        problem: JournalError,
    },
}

/// Where runs are kept.
///
/// Every method is one transaction: it happens whole or not at all, and when it returns `Ok` it is as durable as the
/// store promises to be.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Whether what is stored survives the process. Such a store is refused without a configured sealing key.
    fn survives_the_process(&self) -> bool;

    /// Stores a new run, unless its key or an alias is known.
    async fn submit(&self, new: NewRun) -> Result<Submitted, StoreError>;

    /// Reads a run.
    async fn load(&self, run: PlanId) -> Result<StoredRun, StoreError>;

    /// All runs, oldest first.
    async fn list(&self) -> Result<Vec<PlanId>, StoreError>;

    /// Claims a run until `lease_until`. A claim whose lease has ended at `now` is taken over, and counts as a crash of
    /// the worker that held it; after [`MOST_CRASHES`] in a row the run is poisoned.
    async fn claim(
        &self,
        run: PlanId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Claim, StoreError>;

    /// Claims the run that has waited longest for being taken up, if any is due at `now`. Runs that ended several workers
    /// in a row are left out.
    async fn claim_due(
        &self,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Option<Claim>, StoreError>;

    /// Lets a run that ended several workers in a row be claimed again.
    async fn absolve(&self, run: PlanId) -> Result<(), StoreError>;

    /// Moves the end of a claim's lease.
    async fn extend(&self, claim: &Claim, lease_until: Timestamp) -> Result<(), StoreError>;

    /// Ends a claim early.
    async fn release(&self, claim: &Claim) -> Result<(), StoreError>;

    /// Gives an unplanned run its plan and takes its places on servers, if `room` still has them.
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
    async fn append(
        &self,
        claim: &Claim,
        entries: &[Entry],
        projection: Projection,
    ) -> Result<(), StoreError>;

    /// The reservations of all runs that are not over, of `except` aside. To be read before servers are counted: what
    /// ends meanwhile is then seen at least once.
    async fn reservations(&self, except: Option<PlanId>) -> Result<Held, StoreError>;

    /// The run a remote id belongs to.
    async fn bound_to(&self, binding: &Binding) -> Result<Option<PlanId>, StoreError>;

    /// What earlier calls have taught about a server.
    async fn known(&self, server: &ServerName) -> Result<Known, StoreError>;

    /// Keeps what a call has taught about a server.
    async fn learn(&self, server: &ServerName, learned: Known) -> Result<(), StoreError>;
}
