//! The engine: runs, a store and executors.

mod calling;
mod claimed;
mod credentials;
mod drive;
mod looking_up;
mod looking_up_record;
mod planning;
mod projection;
mod view;
mod words;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;
use tokio::sync::broadcast;

use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::FleetConfig;
use provisioning_core::order::PaidOrder;
use provisioning_core::password::PolicyError;
use provisioning_core::plan::id::{Operation, PlanId, StepPath};
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::run::event::{Answer, Event};
use provisioning_core::run::{NotAllowed, Run};

use crate::clock::{Clock, SystemClock};
use crate::executor::Executor;
use crate::progress::{Happened, Progress};
use crate::seal::{SealContext, SealError, Sealer};
use crate::store::{NewRun, Sealed, Store, StoreError, Submitted};

pub use view::{RunState, RunView};

/// How many progress events a slow listener may lag behind before it misses some.
const PROGRESS_BUFFER: usize = 1_024;

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
    sealer: Sealer,
    clock: Arc<dyn Clock>,
    retry: RetryPolicy,
    lease: Duration,
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

/// Why the engine did not do what was asked. What is stored is unchanged, except where a variant says otherwise.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A value could not be sealed or opened.
    #[error("run {run}: {problem}")]
    Seal {
        /// The run; others are not affected.
        run: PlanId,
        /// What is wrong.
        #[source]
        problem: SealError,
    },
    /// The stored order could not be read back.
    #[error("run {run}: the stored order is not readable: {problem}")]
    Order {
        /// The run.
        run: PlanId,
        /// What is wrong.
        problem: String,
    },
    /// A password policy that no password can satisfy.
    #[error("the password policy of the plan cannot be satisfied: {0}")]
    Policy(#[from] PolicyError),
    /// No executor offers the verb any more. The run stays where it is.
    #[error(
        "step `{step}` needs `{verb}`, and no configured executor offers it; configure it and run again"
    )]
    NoExecutor {
        /// The step.
        step: StepPath,
        /// The verb.
        verb: String,
    },
    /// What was asked does not follow from where the run stands.
    #[error("{0}")]
    NotAllowed(#[from] NotAllowed),
    /// The run has no plan yet.
    #[error("run {0} is not planned yet")]
    NotPlanned(PlanId),
    /// A store that survives the process needs a key that does, too.
    #[error(
        "this store survives the process: configure a sealing key that does, else every sealed password is lost with the process"
    )]
    NoSealingKey,
    /// The order cannot be serialised, which is a fault of ours.
    #[error("the order cannot be stored: {0}")]
    Unstorable(String),
}

/// Sets an [`Engine`] up.
#[derive(Debug)]
pub struct EngineBuilder {
    store: Arc<dyn Store>,
    executors: Vec<Arc<dyn Executor>>,
    catalog: Catalog,
    fleet: FleetConfig,
    sealer: Option<Sealer>,
    clock: Arc<dyn Clock>,
    retry: RetryPolicy,
    lease: Duration,
}

impl EngineBuilder {
    /// Adds an executor. Where two offer the same verb, the one added first does it.
    #[must_use]
    pub fn executor(mut self, executor: impl Executor + 'static) -> Self {
        self.executors.push(Arc::new(executor));
        self
    }

    /// The key that seals secrets and personal data. Without one a random key of the process is used, and stores that
    /// survive the process are refused.
    #[must_use]
    pub fn sealer(mut self, sealer: Sealer) -> Self {
        self.sealer = Some(sealer);
        self
    }

    /// The clock. The system's by default.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The retry policy of new plans.
    #[must_use]
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// How long a claimed run stays claimed without a sign of life. 5 minutes by default: longer than any single call.
    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// The engine.
    ///
    /// # Errors
    /// [`EngineError::NoSealingKey`] if the store survives the process and no key was given.
    pub fn build(self) -> Result<Engine, EngineError> {
        let sealer = match self.sealer {
            Some(sealer) => sealer,
            None if self.store.survives_the_process() => return Err(EngineError::NoSealingKey),
            None => Sealer::for_this_process(),
        };
        // The first executor that offers a verb does it, so it also declares it.
        let capabilities = self
            .executors
            .iter()
            .rev()
            .fold(Capabilities::none(), |all, executor| {
                all.and(executor.capabilities())
            });
        Ok(Engine {
            inner: Arc::new(Inner {
                store: self.store,
                executors: self.executors,
                capabilities,
                catalog: self.catalog,
                fleet: self.fleet,
                sealer,
                clock: self.clock,
                retry: self.retry,
                lease: self.lease,
                progress: broadcast::Sender::new(PROGRESS_BUFFER),
            }),
        })
    }
}

impl Engine {
    /// Begins to set an engine up over `store`, for what `catalog` sells and where `fleet` places it.
    #[must_use]
    pub fn builder(
        store: impl Store + 'static,
        catalog: Catalog,
        fleet: FleetConfig,
    ) -> EngineBuilder {
        EngineBuilder {
            store: Arc::new(store),
            executors: Vec::new(),
            catalog,
            fleet,
            sealer: None,
            clock: Arc::new(SystemClock),
            retry: RetryPolicy::default(),
            lease: Duration::from_secs(300),
        }
    }

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
    /// but not its content is a conflict for a human.
    ///
    /// # Errors
    /// [`EngineError::Store`] or [`EngineError::Seal`]; the order is not stored then.
    pub async fn submit(&self, order: &PaidOrder) -> Result<Submitted, EngineError> {
        let run = PlanId::new(order.key(), Operation::Provision, 0);
        let plain = serde_json::to_vec(order)
            .map_err(|error| EngineError::Unstorable(error.to_string()))?;
        let context = SealContext {
            tenant: order.key().tenant(),
            run,
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
        Ok(self.inner.store.submit(new).await?)
    }

    /// Where a run stands.
    ///
    /// # Errors
    /// [`EngineError::Store`] if there is no such run or its journal cannot be read.
    pub async fn inspect(&self, run: PlanId) -> Result<RunView, EngineError> {
        let stored = self.inner.store.load(run).await?;
        view::of(stored)
    }

    /// All runs, oldest first.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn list(&self) -> Result<Vec<PlanId>, EngineError> {
        Ok(self.inner.store.list().await?)
    }

    /// Records a human's answer to what a parked step asks.
    ///
    /// # Errors
    /// [`EngineError::NotAllowed`] if the step asks nothing or the answer is none to its question.
    pub async fn answer(
        &self,
        run: PlanId,
        step: StepPath,
        answer: Answer,
        by: &str,
    ) -> Result<RunView, EngineError> {
        self.record(
            run,
            Event::HumanAnswered {
                step,
                answer,
                by: by.to_owned(),
            },
        )
        .await
    }

    /// Says that the way is open again, such as after a key was replaced: parked steps go on where they stood.
    ///
    /// # Errors
    /// [`EngineError::Store`] or [`EngineError::NotPlanned`].
    pub async fn resume(&self, run: PlanId, by: &str) -> Result<RunView, EngineError> {
        self.record(run, Event::Resumed { by: by.to_owned() }).await
    }

    /// Records that a manual step was done.
    ///
    /// # Errors
    /// [`EngineError::NotAllowed`] if the step is no open manual step.
    pub async fn manual_done(
        &self,
        run: PlanId,
        step: StepPath,
        by: &str,
    ) -> Result<RunView, EngineError> {
        self.record(
            run,
            Event::ManualConfirmed {
                step,
                by: by.to_owned(),
            },
        )
        .await
    }

    /// Stops a run before its next call. What exists, exists: nothing is deleted.
    ///
    /// # Errors
    /// [`EngineError::NotAllowed`] if it is cancelled already.
    pub async fn cancel(
        &self,
        run: PlanId,
        by: &str,
        reason: &str,
    ) -> Result<RunView, EngineError> {
        self.record(
            run,
            Event::Cancelled {
                by: by.to_owned(),
                reason: reason.to_owned(),
            },
        )
        .await
    }

    fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    fn lease_until(&self) -> Timestamp {
        SignedDuration::try_from(self.inner.lease)
            .ok()
            .and_then(|lease| self.now().checked_add(lease).ok())
            .unwrap_or(Timestamp::MAX)
    }

    fn tell(&self, run: PlanId, what: Happened) {
        // An error means that nobody listens.
        let _ = self.inner.progress.send(Progress { run, what });
    }

    fn executor_for(&self, verb: &str) -> Option<&Arc<dyn Executor>> {
        self.inner
            .executors
            .iter()
            .find(|executor| executor.capabilities().declaration(verb).is_some())
    }

    /// Claims a run, records one event, and lets it go again.
    async fn record(&self, run: PlanId, event: Event) -> Result<RunView, EngineError> {
        let mut claimed = self.claim(run).await?;
        let recorded = claimed.record(event).await;
        claimed.release().await;
        recorded?;
        self.inspect(run).await
    }
}

/// The run of a stored journal, for places that need one.
fn replay(
    run: PlanId,
    journal: provisioning_core::run::journal::Journal,
) -> Result<Run, EngineError> {
    Run::replay(journal).map_err(|problem| EngineError::Store(StoreError::Journal { run, problem }))
}
