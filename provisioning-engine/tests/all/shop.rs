//! A shop with a fleet of stand-ins, for the tests of this folder.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use nextpanel_client::panel::{Panel, PanelCredentials};
use panel_sandbox::nextpanel_panel::{KeyKind, PanelSettings};
use panel_sandbox::{Fault, PanelSandbox};
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_core::order::{Intake, PaidOrder, PaymentEvidence, TenantId, read_order};
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_core::run::Run;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::clock::Clock;
use provisioning_engine::executor::Executor;
use provisioning_engine::nextpanel::NextPanelExecutor;
use provisioning_engine::seal::Sealer;
use provisioning_engine::store::{Store, Submitted};
use provisioning_engine::{Engine, EngineBuilder, RunOptions, RunState, RunView};
use secrecy::{SecretSlice, SecretString};

use crate::place::{Place, StoreKind, new_store_of_told_time};

/// After this long a request has arrived or never will.
pub(crate) const LONGEST: Duration = Duration::from_millis(300);

/// The path of the only hosting step of [`Shop::order`].
pub(crate) fn hosting() -> StepPath {
    StepPath::from("hosting/wp_growth")
}

/// The system's clock, moved forward as a test likes.
#[derive(Debug, Clone, Default)]
pub(crate) struct MovedClock {
    by_milliseconds: Arc<AtomicI64>,
}

impl MovedClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.by_milliseconds
            .fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::Relaxed);
    }

    /// Moves by so many seconds, backwards too.
    pub(crate) fn jump(&self, seconds: i64) {
        self.by_milliseconds
            .fetch_add(seconds * 1_000, Ordering::Relaxed);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        Timestamp::now() + SignedDuration::from_millis(self.by_milliseconds.load(Ordering::Relaxed))
    }
}

/// Stand-ins, and an engine over them.
pub(crate) struct Shop {
    pub(crate) panels: PanelSandbox,
    pub(crate) engine: Running,
    pub(crate) clock: MovedClock,
    next_order: AtomicU32,
}

impl Shop {
    /// A shop with one server, "np-1", that has room for 100 accounts.
    pub(crate) async fn with_one_server(
        store: StoreKind,
        change: impl FnOnce(PanelSettings) -> PanelSettings,
    ) -> Self {
        Self::with_servers(store, [change(PanelSettings::new("np-1"))]).await
    }

    pub(crate) async fn with_servers(
        store: StoreKind,
        settings: impl IntoIterator<Item = PanelSettings>,
    ) -> Self {
        let mut builder = PanelSandbox::builder();
        for settings in settings {
            builder = builder.nextpanel_panel(settings);
        }
        let panels = builder.start().await.unwrap();
        let clock = MovedClock::default();
        let engine = engine_over(store, &panels, &[], clock.clone()).await;
        Self {
            panels,
            engine,
            clock,
            next_order: AtomicU32::new(1),
        }
    }

    pub(crate) fn panel(&self) -> &panel_sandbox::nextpanel_panel::Panel {
        &self.panels.nextpanel_panels()[0]
    }

    pub(crate) fn arm(&self, fault: &str) {
        self.panel().arm(fault.parse::<Fault>().unwrap()).unwrap();
    }

    /// A new paid order for one WordPress account.
    pub(crate) fn order(&self) -> PaidOrder {
        let number = self.next_order.fetch_add(1, Ordering::Relaxed);
        order(
            &format!("order-{number}"),
            &format!("customer{number}@example.com"),
        )
    }

    /// Submits a new order and drives it as far as it goes.
    pub(crate) async fn run_order(&self) -> (PlanId, RunView) {
        let run = new_run(&self.engine, &self.order()).await;
        (run, self.go_on(run).await)
    }

    pub(crate) async fn go_on(&self, run: PlanId) -> RunView {
        self.engine
            .run(
                run,
                RunOptions {
                    longest_wait: Duration::from_secs(5),
                },
            )
            .await
            .unwrap()
    }

    /// Accounts that were made for customers.
    pub(crate) fn customers_accounts(&self) -> usize {
        self.panels
            .nextpanel_panels()
            .iter()
            .map(|panel| {
                panel
                    .accounts()
                    .iter()
                    .filter(|account| !account.is_stranger)
                    .count()
            })
            .sum()
    }
}

/// An engine over the stand-ins and over servers that do not answer.
pub(crate) async fn engine_over(
    store: StoreKind,
    panels: &PanelSandbox,
    dead: &[(&str, &str)],
    clock: MovedClock,
) -> Running {
    engine_with(store, panels, dead, clock, |executor| executor).await
}

/// As [`engine_over`], with an executor that stands before the one for NextPanel.
pub(crate) async fn engine_with<E: Executor + 'static>(
    store: StoreKind,
    panels: &PanelSandbox,
    dead: &[(&str, &str)],
    clock: MovedClock,
    wrap: impl FnOnce(NextPanelExecutor) -> E,
) -> Running {
    let (executor, fleet) = over(panels, dead);
    build(store, fleet, clock, wrap(executor)).await
}

/// An executor over stand-ins and servers that do not answer, and their fleet.
pub(crate) fn over(
    panels: &PanelSandbox,
    dead: &[(&str, &str)],
) -> (NextPanelExecutor, FleetConfig) {
    let mut configs = Vec::new();
    let mut clients = Vec::new();
    for panel in panels.nextpanel_panels() {
        let key = panel.key(KeyKind::SuperAdmin);
        let credentials = PanelCredentials::new(SecretString::from(key.id()), key.secret().clone());
        let name = ServerName::new(panel.name()).unwrap();
        let client = Panel::builder(panel.url(), &credentials)
            .no_proxy()
            .build()
            .unwrap();
        let capacity = u32::try_from(panel.capacity()).unwrap();
        configs
            .push(ServerConfig::new(name.clone(), panel.url().parse().unwrap(), capacity).unwrap());
        clients.push((name, client));
    }
    for (name, url) in dead {
        let credentials = PanelCredentials::new("npk_dead".into(), "nps_dead".into());
        let name = ServerName::new(*name).unwrap();
        configs.push(ServerConfig::new(name.clone(), url.parse().unwrap(), 1_000).unwrap());
        clients.push((
            name,
            Panel::builder(url, &credentials)
                .no_proxy()
                .build()
                .unwrap(),
        ));
    }
    let fleet = FleetConfig::new(configs)
        .unwrap()
        .with_preview_domain("preview.example.net")
        .unwrap();
    (
        NextPanelExecutor::new(clients).longest_duration(LONGEST),
        fleet,
    )
}

/// An engine, its store, and the place where that lies.
pub(crate) struct Running {
    engine: Engine,
    store: Arc<dyn Store>,
    place: Place,
}

impl Deref for Running {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.engine
    }
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.engine.fmt(f)
    }
}

impl Running {
    /// Another engine over the same store and panels, with another sealing key.
    pub(crate) fn again_with(&self, sealer: Sealer, shop: &Shop) -> Engine {
        self.again(shop, |builder| builder.sealer(sealer))
    }

    /// Another engine over the same store and panels, set up a little differently.
    pub(crate) fn again(
        &self,
        shop: &Shop,
        change: impl FnOnce(EngineBuilder) -> EngineBuilder,
    ) -> Engine {
        let (executor, fleet) = over(&shop.panels, &[]);
        let builder = builder(Arc::clone(&self.store), fleet, shop.clock.clone());
        change(builder.executor(executor)).build().unwrap()
    }

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The database file, if the store has one.
    pub(crate) fn file(&self) -> PathBuf {
        self.place.file().unwrap()
    }

    /// Where its store lies.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }
}

/// The key that all engines of these tests seal with.
pub(crate) fn sealer() -> Sealer {
    Sealer::with_key("tests", &SecretSlice::from(vec![7; 32])).unwrap()
}

async fn build(
    store: StoreKind,
    fleet: FleetConfig,
    clock: MovedClock,
    executor: impl Executor + 'static,
) -> Running {
    // Leases move with the clock that the test moves.
    let (store, place) = new_store_of_told_time(store).await;
    let engine = builder(Arc::clone(&store), fleet, clock)
        .executor(executor)
        .build()
        .unwrap();
    Running {
        engine,
        store,
        place,
    }
}

/// An engine that loses no time, over a store that others may use too.
pub(crate) fn builder(
    store: Arc<dyn Store>,
    fleet: FleetConfig,
    clock: MovedClock,
) -> EngineBuilder {
    Engine::builder_over(store, Catalog::migrahosting(), fleet)
        .sealer(sealer())
        .clock(clock)
        .retry(RetryPolicy {
            initial_ms: 10,
            cap_ms: 100,
            ..RetryPolicy::default()
        })
}

pub(crate) fn order(id: &str, email: &str) -> PaidOrder {
    order_of(id, email, r#"{"code":"wp_growth","type":"hosting"}"#)
}

pub(crate) fn order_of(id: &str, email: &str, items: &str) -> PaidOrder {
    let payload = format!(
        r#"{{"source":"shop.example","stripeCustomerId":"cus_7","customerEmail":"{email}","items":[{items}]}}"#
    );
    let intake = Intake::new(TenantId::new("shop").unwrap())
        .with_order_id(id)
        .with_evidence(PaymentEvidence::Operator {
            name: "tests".to_owned(),
        });
    read_order(payload.as_bytes(), &intake).unwrap()
}

pub(crate) async fn new_run(engine: &Engine, order: &PaidOrder) -> PlanId {
    match engine.submit(order).await.unwrap() {
        Submitted::New { run } => run,
        other => panic!("not new: {other:?}"),
    }
}

pub(crate) fn planned(view: &RunView) -> &Run {
    match &view.state {
        RunState::Planned(run) => run,
        other => panic!("not planned: {other:?}"),
    }
}

pub(crate) fn status(view: &RunView) -> RunStatus {
    planned(view).status(jiff::Timestamp::now())
}

pub(crate) fn is_awaiting_confirmation(view: &RunView) -> bool {
    matches!(status(view), RunStatus::AwaitingConfirmation { .. })
}
