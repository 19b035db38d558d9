//! A server's key is replaced in the pool, and the runs that waited for it go on.

use std::sync::Arc;
use std::time::Duration;

use nextpanel_client::panel::{PanelCredentials, Verdict};
use nextpanel_client::pool::{NewCredentials, PoolServer, ReplaceError, ServerPool};
use panel_sandbox::nextpanel_panel::operations::CREATE_ACCOUNT;
use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings};
use panel_sandbox::{Count, Fault, WireSettings};
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_core::permission::{ApiKeyProfile, Missing, PermissionLevel};
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::attention::Attention;
use provisioning_core::run::outcome::Barrier;
use provisioning_core::run::status::RunStatus;
use provisioning_engine::nextpanel::NextPanelExecutor;
use provisioning_engine::store::{Standing, Store, Wanted};
use provisioning_engine::{Engine, RunOptions, RunState, WorkOptions};
use secrecy::SecretString;

use crate::place::{Place, StoreKind, new_store, on_every_store};
use crate::shop::{LONGEST, MovedClock, builder, is_awaiting_confirmation, new_run, order, status};

const ORDERS: usize = 6;

fn np1() -> ServerName {
    ServerName::new("np-1").unwrap()
}

fn credentials(panel: &Panel, kind: KeyKind) -> PanelCredentials {
    let key = panel.key(kind);
    PanelCredentials::new(SecretString::from(key.id()), key.secret().clone())
}

/// A panel, a pool that has a key of some kind for it, and an engine over the pool.
struct Desk {
    panel: Panel,
    pool: ServerPool,
    engine: Engine,
    _folder: Place,
}

impl Desk {
    async fn with_key(store: StoreKind, kind: KeyKind) -> Self {
        let (store, folder) = new_store(store).await;
        let wire = WireSettings::new().with_delay(Duration::from_millis(500));
        let settings = PanelSettings::new("np-1").with_wire(wire);
        let panel = Panel::start(settings).await.unwrap();
        let config = ServerConfig::new(np1(), panel.url().parse().unwrap(), 100).unwrap();
        let pool = ServerPool::builder()
            .server(PoolServer::new(config, credentials(&panel, kind)))
            .with_client(|client| client.no_proxy())
            .build()
            .await
            .unwrap();
        let engine = engine_over(store, &pool);
        pool.listen(engine.credentials_listener());
        Self {
            panel,
            pool,
            engine,
            _folder: folder,
        }
    }

    async fn submit(&self) -> Vec<PlanId> {
        let mut runs = Vec::new();
        for number in 0..ORDERS {
            let order = order(&format!("{number}"), &format!("buyer{number}@example.com"));
            runs.push(new_run(&self.engine, &order).await);
        }
        runs
    }

    async fn standing(&self, standing: Standing) -> usize {
        let wanted = Wanted {
            standing: Some(standing),
            ..Wanted::default()
        };
        self.engine.list(wanted).await.unwrap().len()
    }

    async fn work_until(&self, there: Standing) {
        let all = async {
            while self.standing(there).await < ORDERS {
                // The worker tells this test nothing: asked again and again.
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let working = self.engine.work(WorkOptions::default(), all);
        tokio::time::timeout(Duration::from_secs(30), working)
            .await
            .expect("the work is never done");
    }

    /// Requests with the key that is in use now reach the panel as those of this kind would.
    async fn key_in_use_is(&self, authenticated: Verdict) {
        let found = self.pool.server_status(&np1()).await.unwrap();
        assert_eq!(found.connection.authenticated, authenticated);
    }
}

fn engine_over(store: Arc<dyn Store>, pool: &ServerPool) -> Engine {
    let servers = pool.servers();
    let fleet = FleetConfig::new(servers.iter().map(|server| server.config().clone()))
        .unwrap()
        .with_preview_domain("preview.example.net")
        .unwrap();
    builder(store, fleet, MovedClock::default())
        .executor(NextPanelExecutor::over(pool.clone()).longest_duration(LONGEST))
        .build()
        .unwrap()
}

async fn runs_that_a_weak_key_parked_finish_with_a_better_one(store: StoreKind) {
    let desk = Desk::with_key(store, KeyKind::Billing).await;
    let runs = desk.submit().await;
    for run in &runs {
        desk.engine.plan_run(*run).await.unwrap();
    }
    desk.work_until(Standing::NeedsAttention).await;
    assert_eq!(desk.engine.denied_servers().await.unwrap().len(), 1);

    // Another weak key, known to be so or found out by trying: refused, and nothing changes.
    let weak = || NewCredentials::new(credentials(&desk.panel, KeyKind::Admin));
    let level = ApiKeyProfile::new(PermissionLevel::Admin);
    for new in [weak().with_profile(level), weak().with_probe()] {
        let refused = desk.pool.replace_credentials(&np1(), new).await;
        let Err(ReplaceError::Refused {
            connection, remedy, ..
        }) = refused
        else {
            panic!("{refused:?}");
        };
        assert_eq!(connection.rights, Verdict::Fail);
        assert!(remedy.contains("SUPER_ADMIN"), "{remedy}");
    }
    for (bad, missing) in [
        (KeyKind::Revoked, "new key"),
        (KeyKind::IpLocked, "allowed IPs"),
    ] {
        let new = NewCredentials::new(credentials(&desk.panel, bad));
        let refused = desk.pool.replace_credentials(&np1(), new).await;
        let Err(ReplaceError::Refused { remedy, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert!(remedy.contains(missing), "{remedy}");
    }
    assert_eq!(desk.standing(Standing::NeedsAttention).await, ORDERS);
    assert_eq!(desk.engine.denied_servers().await.unwrap().len(), 1);
    desk.key_in_use_is(Verdict::Pass).await;
    let tried = desk.panel.requests_for(&CREATE_ACCOUNT).len();
    // That nothing is tried can only be seen over time: long enough for many looks.
    let a_while = tokio::time::sleep(Duration::from_millis(100));
    desk.engine.work(WorkOptions::default(), a_while).await;
    assert_eq!(desk.panel.requests_for(&CREATE_ACCOUNT).len(), tried);

    let strong = NewCredentials::new(credentials(&desk.panel, KeyKind::SuperAdmin)).with_probe();
    let replaced = desk.pool.replace_credentials(&np1(), strong).await.unwrap();
    assert_eq!((replaced.resumed, replaced.unresumed.len()), (ORDERS, 0));
    assert!(replaced.connection.is_proved());
    assert!(desk.engine.denied_servers().await.unwrap().is_empty());
    desk.work_until(Standing::AwaitingConfirmation).await;
    assert_eq!(
        desk.panel.accounts().len(),
        ORDERS,
        "one each, and no trial"
    );
}

async fn orders_that_found_no_server_for_a_revoked_key_are_planned_again(store: StoreKind) {
    let desk = Desk::with_key(store, KeyKind::Revoked).await;
    let run = new_run(&desk.engine, &order("1", "jo@example.com")).await;
    let view = desk.engine.run(run, RunOptions::default()).await.unwrap();
    assert!(
        matches!(view.state, RunState::Rejected(_)),
        "{:?}",
        view.state
    );
    let strong = NewCredentials::new(credentials(&desk.panel, KeyKind::SuperAdmin));
    desk.pool.replace_credentials(&np1(), strong).await.unwrap();
    let there = async {
        while desk.standing(Standing::AwaitingConfirmation).await < 1 {
            // The worker tells this test nothing: asked again and again.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let working = desk.engine.work(WorkOptions::default(), there);
    tokio::time::timeout(Duration::from_secs(30), working)
        .await
        .expect("it is due at once");
}

/// The test of a key that nobody knows the rights of passes; then the panel says it at the first create.
async fn a_key_of_unknown_rights_parks_the_runs_again_with_the_right_it_lacks(store: StoreKind) {
    let desk = Desk::with_key(store, KeyKind::Billing).await;
    let run = new_run(&desk.engine, &order("1", "jo@example.com")).await;
    desk.engine.run(run, RunOptions::default()).await.unwrap();
    let weak = NewCredentials::new(credentials(&desk.panel, KeyKind::Admin));
    let replaced = desk.pool.replace_credentials(&np1(), weak).await.unwrap();
    assert_eq!(replaced.connection.rights, Verdict::Unknown);
    assert_eq!(replaced.resumed, 1);
    let view = desk.engine.run(run, RunOptions::default()).await.unwrap();
    let RunStatus::NeedsAttention { steps } = status(&view) else {
        panic!("{:?}", status(&view))
    };
    let Attention::Denied {
        barrier: Barrier::Permission { denial },
        ..
    } = &steps[0].1
    else {
        panic!("{steps:?}")
    };
    assert_eq!(*denial.missing(), Missing::SuperAdminRights);
    assert!(desk.panel.accounts().is_empty());
}

/// The refusal of the old key is still on its way when the new one is in place.
async fn a_request_under_way_while_the_key_is_replaced_holds_its_run_up_for_nothing(
    store: StoreKind,
) {
    let desk = Desk::with_key(store, KeyKind::Billing).await;
    let run = new_run(&desk.engine, &order("1", "jo@example.com")).await;
    let once = Count::Times(1);
    desk.panel
        .arm_for(Fault::Delay, CREATE_ACCOUNT, once)
        .unwrap();
    let replacing = async {
        while desk.panel.requests_for(&CREATE_ACCOUNT).is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let strong = NewCredentials::new(credentials(&desk.panel, KeyKind::SuperAdmin));
        let replaced = desk.pool.replace_credentials(&np1(), strong).await.unwrap();
        assert_eq!(replaced.resumed, 0, "it is not parked yet");
    };
    let (view, ()) = tokio::join!(desk.engine.run(run, RunOptions::default()), replacing);
    let view = view.unwrap();
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
    assert_eq!(desk.panel.times_struck(Fault::Delay), 1);
    assert_eq!(desk.panel.requests_for(&CREATE_ACCOUNT).len(), 2);
    assert_eq!(desk.panel.accounts().len(), 1);
    assert!(desk.engine.denied_servers().await.unwrap().is_empty());
}

async fn a_pool_outlives_an_engine_that_listened(store: StoreKind) {
    let desk = Desk::with_key(store, KeyKind::Billing).await;
    let run = new_run(&desk.engine, &order("1", "jo@example.com")).await;
    desk.engine.run(run, RunOptions::default()).await.unwrap();
    let Desk {
        panel,
        pool,
        engine,
        _folder,
    } = desk;
    drop(engine);
    let strong = NewCredentials::new(credentials(&panel, KeyKind::SuperAdmin));
    let replaced = pool.replace_credentials(&np1(), strong).await.unwrap();
    assert_eq!((replaced.resumed, replaced.unresumed.len()), (0, 0));
}

async fn a_server_put_into_the_pool_is_used_from_the_next_request_on(store: StoreKind) {
    let desk = Desk::with_key(store, KeyKind::SuperAdmin).await;
    let server = desk.pool.servers().remove(0);
    desk.pool.remove(&np1()).await.unwrap();
    let run = new_run(&desk.engine, &order("1", "jo@example.com")).await;
    let view = desk.engine.run(run, RunOptions::default()).await.unwrap();
    assert!(
        matches!(view.state, RunState::Rejected(_)),
        "{:?}",
        view.state
    );
    desk.pool.put(server).await.unwrap();
    let view = desk.engine.run(run, RunOptions::default()).await.unwrap();
    assert!(is_awaiting_confirmation(&view), "{:?}", status(&view));
}

on_every_store!(
    runs_that_a_weak_key_parked_finish_with_a_better_one,
    orders_that_found_no_server_for_a_revoked_key_are_planned_again,
    a_key_of_unknown_rights_parks_the_runs_again_with_the_right_it_lacks,
    a_pool_outlives_an_engine_that_listened,
    a_request_under_way_while_the_key_is_replaced_holds_its_run_up_for_nothing,
    a_server_put_into_the_pool_is_used_from_the_next_request_on,
);
