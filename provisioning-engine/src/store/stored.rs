//! What goes into a store and what comes out of it.

use std::collections::BTreeSet;

use jiff::Timestamp;
use provisioning_core::fleet::ServerName;
use provisioning_core::order::{Alias, OrderKey};
use provisioning_core::permission::Denial;
use provisioning_core::plan::Plan;
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::planner::rejection::Rejection;
use provisioning_core::run::event::CredentialSealed;
use provisioning_core::run::journal::Journal;

use super::{MOST_CRASHES, PaymentNote, Projection, Standing};

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

/// A further run of an order that has one: another operation, or another generation.
#[derive(Debug, Clone)]
pub struct FurtherRun {
    /// Identity.
    pub id: PlanId,
    /// The order.
    pub key: OrderKey,
    /// What it does for the order.
    pub operation: Operation,
    /// Which of this operation.
    pub generation: u32,
    /// When it was made.
    pub at: Timestamp,
    /// Its plan and what follows from it, if the plan takes no places on servers; without one it is planned like a new
    /// order when it is taken up.
    pub planned: Option<(Plan, Projection)>,
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
    /// What it does for the order.
    pub operation: Operation,
    /// Which of this operation.
    pub generation: u32,
    /// The first run of its order, which keeps the order itself and its payment.
    pub first: PlanId,
    /// The whole order, sealed; none in a further run, and none once the run is forgotten.
    pub order: Option<Sealed>,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// Its journal, or why it could not be planned.
    pub state: StoredState,
    /// Who wants it to stop, if that is not in its journal yet.
    pub cancel: Option<CancelWish>,
    /// What the first run keeps about the payment of the order.
    pub payment: PaymentNote,
}

/// The state of a stored run.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StoredState {
    /// Paid and authentic, but not planned: not tried yet, or rejected.
    Unplanned(Option<Rejection>),
    /// Planned.
    Planned(Box<Journal>),
    /// Over, and everything about the order and its customer is erased.
    Forgotten(Timestamp),
}

/// The right to write to one run, until the lease ends or somebody else claims it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The run.
    pub run: PlanId,
    /// Grows with every claim; a write with an older one is refused.
    pub fence: u64,
    /// When the lease ends. Every write moves the stored end of the lease to this instant.
    pub until: Timestamp,
}

/// How a run is given back that was brought as far as it goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rest {
    /// When it wants to be taken up again; none if somebody has to come.
    pub wake_at: Option<Timestamp>,
    /// What keeps this run, and no other, from going on; none where nothing is wrong with it.
    pub problem: Option<String>,
}

/// Somebody wants a run to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelWish {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Since when.
    pub at: Timestamp,
}

/// Who works on a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The worker's name.
    pub by: String,
    /// When the lease ends without a sign of life.
    pub until: Timestamp,
}

/// One run of a list: what can be told without reading its journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRun {
    /// Identity.
    pub id: PlanId,
    /// The order.
    pub key: OrderKey,
    /// What it does for the order.
    pub operation: Operation,
    /// Which of this operation.
    pub generation: u32,
    /// When it was submitted.
    pub submitted_at: Timestamp,
    /// Place in the order of submission, counted from 1.
    pub arrival: u64,
    /// Where it stands.
    pub standing: Standing,
    /// When it wants to be taken up again; none while it waits for somebody.
    pub wake_at: Option<Timestamp>,
    /// Who works on it.
    pub lease: Option<Lease>,
    /// Workers in a row that ended without giving it back, the present one aside.
    pub crashes: i64,
    /// What keeps this run, and no other, from going on.
    pub problem: Option<String>,
    /// The servers whose refusal of our key it waits for.
    pub denied_by: BTreeSet<ServerName>,
    /// What it keeps about the payment of its order; nothing in a further run.
    pub payment: PaymentNote,
}

impl ListedRun {
    /// Whether it is left alone because it ended one worker after the other.
    #[must_use]
    pub fn is_poisoned(&self, now: Timestamp) -> bool {
        let ended = self.lease.as_ref().is_some_and(|lease| lease.until <= now);
        self.crashes + i64::from(ended) >= MOST_CRASHES
    }
}

/// Which runs a list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Only those that stand here; all if none.
    pub standing: Option<Standing>,
    /// Only those submitted after the one with this [`ListedRun::arrival`]: where the page before ended.
    pub after: u64,
    /// The most that are listed.
    pub most: u32,
}

impl Default for Wanted {
    /// The first 1,000 of all.
    fn default() -> Self {
        Self {
            standing: None,
            after: 0,
            most: 1_000,
        }
    }
}

/// What replaces the sealed values of a run when the key changes.
#[derive(Debug, Clone)]
pub struct Resealed {
    /// The order, where the run keeps it.
    pub order: Option<Sealed>,
    /// Every credential that is not erased.
    pub credentials: Vec<CredentialSealed>,
}

/// A server that refuses our key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeniedServer {
    /// The server.
    pub server: ServerName,
    /// What is missing.
    pub denial: Denial,
    /// When one parked run tries it again.
    pub next_try: Timestamp,
}
