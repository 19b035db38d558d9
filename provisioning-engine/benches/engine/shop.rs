//! An engine over a store, its orders, and a fleet of servers that nobody connects to.

use std::sync::Arc;

use futures_util::{StreamExt as _, stream};
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_core::order::{Intake, PaidOrder, PaymentEvidence, TenantId, read_order};
use provisioning_core::plan::id::PlanId;
use provisioning_engine::seal::Sealer;
use provisioning_engine::store::{SqliteStore, Store, Submitted};
use provisioning_engine::{Engine, ServerLimits};
use secrecy::SecretSlice;

use crate::panel::Panel;

const SERVERS: usize = 8;

pub(crate) fn engine(store: Arc<dyn Store>, panel: &Panel) -> Engine {
    let servers = (1..=SERVERS).map(|number| {
        let name = ServerName::new(format!("np-{number}")).unwrap();
        let url = format!("http://127.0.0.1:9/np-{number}").parse().unwrap();
        ServerConfig::new(name, url, 1_000_000).unwrap()
    });
    let fleet = FleetConfig::new(servers)
        .unwrap()
        .with_preview_domain("preview.example.net")
        .unwrap();
    Engine::builder_over(store, Catalog::migrahosting(), fleet)
        .sealer(Sealer::with_key("bench", &SecretSlice::from(vec![7; 32])).unwrap())
        .executor(panel.clone())
        .limits(ServerLimits::default().with_concurrency(64))
        .build()
        .unwrap()
}

pub(crate) async fn sqlite(folder: &tempfile::TempDir) -> Arc<SqliteStore> {
    let store = SqliteStore::open(folder.path().join("runs.sqlite3"));
    Arc::new(store.await.unwrap())
}

pub(crate) fn order(number: usize) -> PaidOrder {
    let payload = format!(
        r#"{{"source":"shop.example","stripeCustomerId":"cus_7","customerEmail":"buyer{number}@example.com",
            "items":[{{"code":"wp_growth","type":"hosting"}}]}}"#
    );
    let intake = Intake::new(TenantId::new("shop").unwrap())
        .with_order_id(format!("order-{number}"))
        .with_evidence(PaymentEvidence::Operator {
            name: "bench".to_owned(),
        });
    read_order(payload.as_bytes(), &intake).unwrap()
}

pub(crate) async fn submit(engine: &Engine, number: usize) -> PlanId {
    match engine.submit(&order(number)).await.unwrap() {
        Submitted::New { run } => run,
        other => panic!("{other:?}"),
    }
}

/// So many orders, taken in and planned.
pub(crate) async fn planned(engine: &Engine, orders: usize) -> Vec<PlanId> {
    stream::iter(0..orders)
        .map(async |number| {
            let run = submit(engine, number).await;
            engine.plan_run(run).await.unwrap();
            run
        })
        .buffer_unordered(64)
        .collect()
        .await
}
