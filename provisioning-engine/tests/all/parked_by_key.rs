//! A key that may not create: many runs park, nothing spins, and with other credentials all finish.

use std::sync::Arc;
use std::time::Duration;

use nextpanel_client::panel::{Panel, PanelCredentials};
use panel_sandbox::PanelSandbox;
use panel_sandbox::nextpanel_panel::operations::CREATE_ACCOUNT;
use panel_sandbox::nextpanel_panel::{KeyKind, PanelSettings};
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_engine::nextpanel::NextPanelExecutor;
use provisioning_engine::store::{Standing, Store, Wanted};
use provisioning_engine::{Engine, WorkOptions};

use crate::place::{StoreKind, new_store, on_every_store};
use crate::shop::{LONGEST, MovedClock, builder, new_run, order};

const RUNS: usize = 200;

/// An engine that uses this key of the panel, over a store that outlives it.
fn with_key(store: &Arc<dyn Store>, panels: &PanelSandbox, key: KeyKind) -> Engine {
    let panel = &panels.nextpanel_panels()[0];
    let key = panel.key(key);
    let credentials = PanelCredentials::new(key.id().into(), key.secret().clone());
    let client = Panel::builder(panel.url(), &credentials).no_proxy().build();
    let name = ServerName::new(panel.name()).unwrap();
    let capacity = u32::try_from(panel.capacity()).unwrap();
    let server = ServerConfig::new(name.clone(), panel.url().parse().unwrap(), capacity).unwrap();
    let fleet = FleetConfig::new([server])
        .unwrap()
        .with_preview_domain("preview.example.net")
        .unwrap();
    builder(Arc::clone(store), fleet, MovedClock::default())
        .executor(NextPanelExecutor::new([(name, client.unwrap())]).longest_duration(LONGEST))
        .build()
        .unwrap()
}

async fn standing(engine: &Engine, there: &[Standing]) -> usize {
    let mut count = 0;
    for standing in there {
        let wanted = Wanted {
            standing: Some(*standing),
            ..Wanted::default()
        };
        count += engine.list(wanted).await.unwrap().len();
    }
    count
}

async fn work_until(engine: &Engine, count: usize, there: &[Standing]) {
    let until = async {
        while standing(engine, there).await < count {
            // The worker tells this test nothing: asked again and again.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let working = engine.work(WorkOptions::default(), until);
    tokio::time::timeout(Duration::from_secs(120), working)
        .await
        .expect("the work is never done");
}

async fn two_hundred_runs_park_none_spins_and_with_other_credentials_all_finish(kind: StoreKind) {
    let panels = PanelSandbox::builder()
        .nextpanel_panel(PanelSettings::new("np-1").with_capacity(RUNS + 10))
        .start()
        .await
        .unwrap();
    let panel = &panels.nextpanel_panels()[0];
    let (store, _folder) = new_store(kind).await;
    let weak = with_key(&store, &panels, KeyKind::ReadOnly);
    for number in 0..RUNS {
        let order = order(&format!("{number}"), &format!("buyer{number}@example.com"));
        let run = new_run(&weak, &order).await;
        // Half of them are planned before anybody knows of the refusal; the rest find no server that takes the key.
        if number < RUNS / 2 {
            weak.plan_run(run).await.unwrap();
        }
    }
    let parked = [Standing::NeedsAttention, Standing::Rejected];
    work_until(&weak, RUNS, &parked).await;
    assert_eq!(panel.created_by_clients(), 0);
    let creates = panel.requests_for(&CREATE_ACCOUNT).len();
    assert!(creates <= RUNS, "one try of each at most: {creates}");
    assert!(standing(&weak, &[Standing::NeedsAttention]).await >= RUNS / 2);

    let sent = panel.requests().len();
    // That nothing is sent can only be seen over time: long enough for many looks.
    let a_while = tokio::time::sleep(Duration::from_millis(400));
    let worked = weak.work(WorkOptions::default(), a_while).await;
    assert_eq!((worked.taken_up, panel.requests().len()), (0, sent));

    let good = with_key(&store, &panels, KeyKind::SuperAdmin);
    let server = ServerName::new("np-1").unwrap();
    let resumed = good.resume_denied(&server, "jo").await.unwrap();
    assert!(resumed >= RUNS / 2, "{resumed}");
    work_until(&good, RUNS, &[Standing::AwaitingConfirmation]).await;
    assert_eq!(panel.created_by_clients(), RUNS);
    assert!(good.denied_servers().await.unwrap().is_empty());
}

on_every_store!(two_hundred_runs_park_none_spins_and_with_other_credentials_all_finish,);
