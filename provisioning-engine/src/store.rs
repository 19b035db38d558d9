//! Where runs are kept. A store never sees plaintext secrets; it fences every write.

mod memory;

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

    /// Claims a run until `lease_until`. A claim whose lease has ended at `now` is taken over.
    async fn claim(
        &self,
        run: PlanId,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Claim, StoreError>;

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
