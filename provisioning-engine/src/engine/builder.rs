//! Setting an engine up.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, broadcast};

use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::FleetConfig;
use provisioning_core::payment::PaymentPolicy;
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_core::plan::verb::Capabilities;

use super::admissions::Admissions;
use super::counting::Counts;
use super::customers::StoredCustomers;
use super::limits::{Limits, ServerLimits};
use super::{Engine, EngineError, Inner};
use crate::clock::{Clock, SystemClock};
use crate::executor::Executor;
use crate::seal::Sealer;
use crate::store::Store;

/// How many progress events a slow listener may lag behind before it misses some.
const PROGRESS_BUFFER: usize = 1_024;

/// How soon a run looks again whether its order is decided about by whoever holds the order's first run.
const SETTLE_AGAIN: Duration = Duration::from_millis(200);

/// Sets an [`Engine`] up.
#[derive(Debug)]
pub struct EngineBuilder {
    store: Arc<dyn Store>,
    executors: Vec<Box<dyn Executor>>,
    catalog: Catalog,
    fleet: FleetConfig,
    sealer: Option<Sealer>,
    clock: Arc<dyn Clock>,
    retry: RetryPolicy,
    payment_policy: PaymentPolicy,
    lease: Duration,
    worker: String,
    limits: ServerLimits,
    plan_again: Duration,
    try_again: Duration,
}

impl EngineBuilder {
    /// Adds an executor. Where two offer the same verb, the one added first does it.
    #[must_use]
    pub fn executor(mut self, executor: impl Executor + 'static) -> Self {
        self.executors.push(Box::new(executor));
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

    /// What follows when an order is not paid any more. The default waits 3 days for a failed payment and asks a person
    /// about termination after 30.
    #[must_use]
    pub fn payment_policy(mut self, policy: PaymentPolicy) -> Self {
        self.payment_policy = policy;
        self
    }

    /// How long a claimed run stays claimed without a sign of life. 30 seconds by default. A worker gives signs of life
    /// three times as often, however long its calls take, so this is how long a run waits after its worker died.
    #[must_use]
    pub const fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// The name under which this engine claims runs, for people who look at them. Nothing else depends on it.
    #[must_use]
    pub fn worker(mut self, name: impl Into<String>) -> Self {
        self.worker = name.into();
        self
    }

    /// What one server is asked at once and how often, and when it is left alone.
    #[must_use]
    pub const fn limits(mut self, limits: ServerLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How soon an order that found no room is planned again. One minute by default.
    #[must_use]
    pub const fn plan_again(mut self, after: Duration) -> Self {
        self.plan_again = after;
        self
    }

    /// How soon one parked run tries a server again that refused our key, and a run that cannot be read is tried again.
    /// 10 minutes by default.
    #[must_use]
    pub const fn try_again(mut self, after: Duration) -> Self {
        self.try_again = after;
        self
    }

    /// The engine.
    ///
    /// # Errors
    /// [`EngineError::NoSealingKey`] if the store survives the process and no key that does was given.
    pub fn build(mut self) -> Result<Engine, EngineError> {
        for executor in &mut self.executors {
            executor.keep_time(Arc::clone(&self.clock));
        }
        let sealer = self.sealer.unwrap_or_else(Sealer::for_this_process);
        if sealer.is_of_this_process() && self.store.survives_the_process() {
            return Err(EngineError::NoSealingKey);
        }
        let sealer = Arc::new(sealer);
        let customers = Arc::new(StoredCustomers::new(
            Arc::clone(&self.store),
            Arc::clone(&sealer),
        ));
        for executor in &mut self.executors {
            executor.use_known_customers(customers.clone());
        }
        // Which executor does a verb depends on the server, so what is declared has to be true of each that offers it.
        let capabilities = self
            .executors
            .iter()
            .fold(Capabilities::none(), |all, executor| {
                all.beside(executor.capabilities())
            });
        Ok(Engine {
            inner: Arc::new(Inner {
                store: self.store,
                executors: self.executors.into_iter().map(Arc::from).collect(),
                customers,
                capabilities,
                catalog: self.catalog,
                fleet: self.fleet,
                sealer,
                clock: self.clock,
                retry: self.retry,
                payment_policy: self.payment_policy,
                lease: self.lease,
                worker: self.worker,
                limits: Limits::new(self.limits),
                counts: Counts::default(),
                admissions: Admissions::default(),
                plan_again: self.plan_again,
                try_again: self.try_again,
                settle_again: SETTLE_AGAIN,
                arrived: Notify::new(),
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
        Self::builder_over(Arc::new(store), catalog, fleet)
    }

    /// The same over a store that others use as well, such as another engine of this process.
    #[must_use]
    pub fn builder_over(
        store: Arc<dyn Store>,
        catalog: Catalog,
        fleet: FleetConfig,
    ) -> EngineBuilder {
        EngineBuilder {
            store,
            executors: Vec::new(),
            catalog,
            fleet,
            sealer: None,
            clock: Arc::new(SystemClock),
            retry: RetryPolicy::default(),
            payment_policy: PaymentPolicy::default(),
            lease: Duration::from_secs(30),
            worker: format!("{}-{:08x}", std::process::id(), rand::random::<u32>()),
            limits: ServerLimits::default(),
            plan_again: Duration::from_secs(60),
            try_again: Duration::from_secs(600),
        }
    }
}
