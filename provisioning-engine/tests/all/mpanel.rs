//! The engine with mPanel beside NextPanel: both modes, both generations, every entry, every fault on the wire.

mod customers;
mod doors;
mod faults;
mod modes;
mod payments;

use std::sync::Arc;
use std::time::Duration;

use mpanel_client::Mpanel;
use nextpanel_client::panel::{Panel, PanelCredentials};
use panel_http::Login;
use panel_sandbox::PanelSandbox;
use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, UserKind};
use panel_sandbox::nextpanel_panel::{KeyKind, PanelSettings};
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_core::order::PaidOrder;
use provisioning_core::plan::id::PlanId;
use provisioning_core::plan::mpanel::{MpanelMode, OrderEntry};
use provisioning_core::plan::retry::RetryPolicy;
use provisioning_core::plan::verb::MpanelOffer;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::mpanel::MpanelExecutor;
use provisioning_engine::nextpanel::NextPanelExecutor;
use provisioning_engine::seal::Sealer;
use provisioning_engine::store::{MemoryStore, SqliteStore, Store};
use provisioning_engine::{Engine, RunOptions, RunView};
use secrecy::{SecretSlice, SecretString};

use crate::shop::{LONGEST, new_run, order_of, planned, status};

/// What one order may cost, of the 100 requests that mPanel lets through in 15 minutes.
const MOST_REQUESTS: usize = 14;

const GENERATIONS: [Generation; 2] = [Generation::Legacy, Generation::TypeScript];

/// A WordPress account, which NextPanel hosts.
const ACCOUNT: &str = r#"{"code":"wp_growth","type":"hosting","domain":"ada.example"}"#;

/// A plan that mPanel hosts, one that NextPanel does, an add-on and a domain.
const LONG: &str = r#"{"code":"starter","type":"hosting"},{"code":"wp_growth","type":"addon"},
    {"code":"daily_backups_30d","type":"addon"},{"code":"domain_registration","type":"domain","domain":"bikes.example"}"#;

/// Both panels, and an engine over them.
struct Both {
    panels: PanelSandbox,
    engine: Engine,
}

impl Both {
    async fn start(generation: Generation, mode: MpanelMode) -> Self {
        Self::with(
            MPanelSettings::new("mp", generation)
                .with_order_created(true)
                .with_tasks_of_stripe_orders(true),
            mode,
        )
        .await
    }

    async fn with(settings: MPanelSettings, mode: MpanelMode) -> Self {
        let panels = PanelSandbox::builder()
            .nextpanel_panel(PanelSettings::new("np-1"))
            .mpanel(settings)
            .start()
            .await
            .unwrap();
        let engine = engine(&panels, mode, UserKind::Admin);
        Self { panels, engine }
    }

    fn mpanel(&self) -> &MPanel {
        &self.panels.mpanels()[0]
    }

    async fn run(&self, order: &PaidOrder) -> (PlanId, RunView) {
        let run = new_run(&self.engine, order).await;
        (run, self.go_on(run).await)
    }

    async fn go_on(&self, run: PlanId) -> RunView {
        let options = RunOptions {
            longest_wait: Duration::from_secs(5),
        };
        self.engine.run(run, options).await.unwrap()
    }

    /// Accounts that were made for customers on NextPanel.
    fn accounts(&self) -> usize {
        let panel = &self.panels.nextpanel_panels()[0];
        let accounts = panel.accounts();
        accounts
            .iter()
            .filter(|account| !account.is_stranger)
            .count()
    }

    #[track_caller]
    fn was_spared(&self) {
        let requests = self.mpanel().requests();
        let list: Vec<_> = requests
            .iter()
            .map(|request| format!("{request:?}"))
            .collect();
        assert!(
            requests.len() <= MOST_REQUESTS,
            "{}: {list:#?}",
            requests.len()
        );
        let unexpected = self.mpanel().unexpected_requests();
        assert!(unexpected.is_empty(), "{unexpected:#?}");
    }
}

fn engine(panels: &PanelSandbox, mode: MpanelMode, user: UserKind) -> Engine {
    let store = Arc::new(MemoryStore::new());
    over_store(store, Sealer::for_this_process(), panels, mode, user)
}

fn over_store(
    store: Arc<dyn Store>,
    sealer: Sealer,
    panels: &PanelSandbox,
    mode: MpanelMode,
    user: UserKind,
) -> Engine {
    let mpanel = &panels.mpanels()[0];
    let user = mpanel.user(user);
    let client = Mpanel::builder(mpanel.url())
        .login(Login::new(user.email(), user.password().clone()))
        .provisioning_token(mpanel.provisioning_token().unwrap())
        .internal_key(mpanel.internal_key().unwrap())
        .no_proxy()
        .build()
        .unwrap();
    let offer = MpanelOffer::new(mode).with_longest_duration(LONGEST);
    let panel = &panels.nextpanel_panels()[0];
    let key = panel.key(KeyKind::SuperAdmin);
    let credentials = PanelCredentials::new(SecretString::from(key.id()), key.secret().clone());
    let name = ServerName::new(panel.name()).unwrap();
    let nextpanel = Panel::builder(panel.url(), &credentials)
        .no_proxy()
        .build()
        .unwrap();
    let fleet =
        FleetConfig::new([
            ServerConfig::new(name.clone(), panel.url().parse().unwrap(), 50).unwrap(),
        ])
        .unwrap()
        .with_preview_domain("preview.example.net")
        .unwrap();
    Engine::builder_over(store, Catalog::migrahosting(), fleet)
        .sealer(sealer)
        .executor(NextPanelExecutor::new([(name, nextpanel)]).longest_duration(LONGEST))
        .executor(MpanelExecutor::new(client, offer).with_tenant_slug(mpanel.tenant_slug()))
        .retry(RetryPolicy {
            initial_ms: 10,
            cap_ms: 100,
            ..RetryPolicy::default()
        })
        .build()
        .unwrap()
}

/// An order for one account, or whatever else these items are.
fn purchase(id: &str, items: &str) -> PaidOrder {
    order_of(id, "ada@example.com", items)
}

#[track_caller]
fn awaits_confirmation(view: &RunView) {
    let status = status(view);
    assert!(
        matches!(status, RunStatus::AwaitingConfirmation { .. }),
        "{status:#?}\n{:#?}",
        planned(view).journal().entries
    );
}

const fn delegate(entry: OrderEntry) -> MpanelMode {
    MpanelMode::Delegate(entry)
}
