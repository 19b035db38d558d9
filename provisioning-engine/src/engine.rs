//! The engine: runs, a store and executors.

mod admissions;
mod builder;
mod calling;
mod claimed;
mod counting;
mod credentials;
mod customers;
mod denied;
mod drive;
mod error;
mod hold;
mod keeping;
mod lifecycle;
mod limits;
mod listening;
mod looking_up;
mod looking_up_record;
mod order_runs;
mod payment_events;
mod planning;
mod projection;
mod redaction;
mod settling;
mod stop;
mod telling;
mod view;
mod working;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, broadcast};

use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{FleetConfig, ServerName};
use provisioning_core::order::PaidOrder;
use provisioning_core::payment::PaymentPolicy;
use provisioning_core::plan::id::{Operation, PlanId};
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::run::Run;

use crate::clock::Clock;
use crate::executor::Executor;
use crate::kill;
use crate::progress::{Happened, Progress};
use crate::seal::{SealContext, Sealer};
use crate::store::{ListedRun, NewRun, Sealed, Store, StoreError, Submitted, Wanted};

pub use builder::EngineBuilder;
pub use error::EngineError;
pub use keeping::Rotated;
pub use limits::ServerLimits;
pub use listening::RunListener;
pub use payment_events::EventTaken;
pub use settling::Settlement;
pub use view::{RunState, RunView};
pub use working::{WorkOptions, Worked};

use admissions::Admissions;
use counting::Counts;
use customers::StoredCustomers;
use limits::Limits;

/// What the sealed order is called in its associated data.
const ORDER_PURPOSE: &str = "order";

/// Runs, a store and executors.
///
/// Cheap to clone; all clones drive the same runs.
#[derive(Debug, Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Arc<dyn Store>,
    executors: Vec<Arc<dyn Executor>>,
    capabilities: Capabilities,
    catalog: Catalog,
    fleet: FleetConfig,
    sealer: Arc<Sealer>,
    customers: Arc<StoredCustomers>,
    clock: Arc<dyn Clock>,
    retry: RetryPolicy,
    payment_policy: PaymentPolicy,
    lease: Duration,
    worker: String,
    limits: Limits,
    counts: Counts,
    admissions: Admissions,
    plan_again: Duration,
    try_again: Duration,
    settle_again: Duration,
    /// Rung when a run becomes due in this process, so that its worker need not be asked to look.
    arrived: Notify,
    progress: broadcast::Sender<Progress>,
}

/// How long one call of [`Engine::run`] may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunOptions {
    /// The longest pause that is waited out. A longer one ends the call; the run goes on when it is taken up again.
    pub longest_wait: Duration,
}

impl Default for RunOptions {
    /// Waits out pauses of up to 20 seconds.
    fn default() -> Self {
        Self {
            longest_wait: Duration::from_secs(20),
        }
    }
}

impl Engine {
    /// What the configured executors can do.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.inner.capabilities
    }

    /// A stream of what happens to all runs. A listener that lags far behind misses events; the journal has them all.
    #[must_use]
    pub fn progress(&self) -> broadcast::Receiver<Progress> {
        self.inner.progress.subscribe()
    }

    /// Takes a paid order in. It is stored, sealed, before this returns, and nothing is sent to any panel.
    ///
    /// An order that is known by its key or by an alias is not stored again; one that shares an id with a known order
    /// but not its content is a conflict for a human. Payment events that came before it are acted on first.
    ///
    /// # Errors
    /// [`EngineError::Store`] or [`EngineError::Seal`]; the order is not stored then.
    pub async fn submit(&self, order: &PaidOrder) -> Result<Submitted, EngineError> {
        let run = PlanId::new(order.key(), Operation::Provision, 0);
        let plain = serde_json::to_vec(order)
            .map_err(|error| EngineError::Unstorable(error.to_string()))?;
        let context = SealContext {
            tenant: order.key().tenant(),
            run: Some(run),
            purpose: ORDER_PURPOSE,
        };
        let value = self
            .inner
            .sealer
            .seal(context, &plain)
            .map_err(|problem| EngineError::Seal { run, problem })?;
        let new = NewRun {
            id: run,
            key: order.key().clone(),
            aliases: order.aliases().iter().cloned().collect(),
            content: order.digest().to_string(),
            order: Sealed {
                key_id: self.inner.sealer.key_id().to_owned(),
                value,
            },
            at: self.now(),
        };
        kill::at("before-submitted");
        let submitted = self.inner.store.submit(new).await?;
        kill::at("after-submitted");
        self.inner.arrived.notify_one();
        Ok(submitted)
    }

    /// Where a run stands.
    ///
    /// # Errors
    /// [`EngineError::Store`] if there is no such run or its journal cannot be read.
    pub async fn inspect(&self, run: PlanId) -> Result<RunView, EngineError> {
        let stored = self.inner.store.load(run).await?;
        view::of(stored)
    }

    /// Runs with where they stand and who works on them, oldest first, without reading their journals.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn list(&self, wanted: Wanted) -> Result<Vec<ListedRun>, EngineError> {
        Ok(self.inner.store.list(wanted).await?)
    }

    /// Waits until everything that was recorded is where it stays, and lets go of the store. Every later call fails.
    pub async fn close(&self) {
        self.inner.store.close().await;
    }

    fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    fn lease_until(&self) -> Timestamp {
        self.after(self.inner.lease)
    }

    fn tell(&self, run: PlanId, what: Happened) {
        // An error means that nobody listens.
        let _ = self.inner.progress.send(Progress { run, what });
    }

    /// Who does a verb on a server: the first that offers the verb and has the server. A server that nobody has goes to
    /// the first that offers the verb, which says so.
    fn executor_for(&self, verb: &str, server: Option<&ServerName>) -> Option<&Arc<dyn Executor>> {
        let offers = |executor: &&Arc<dyn Executor>| {
            let capabilities = executor.capabilities();
            capabilities.declaration(verb).is_some()
        };
        let mut offering = self.inner.executors.iter().filter(offers);
        let has_it =
            |executor: &&Arc<dyn Executor>| server.is_none_or(|server| executor.serves(server));
        offering.clone().find(has_it).or_else(|| offering.next())
    }
}

/// The run of a stored journal, for places that need one.
fn replay(
    run: PlanId,
    journal: provisioning_core::run::journal::Journal,
) -> Result<Run, EngineError> {
    Run::replay(journal).map_err(|problem| EngineError::Store(StoreError::Journal { run, problem }))
}
