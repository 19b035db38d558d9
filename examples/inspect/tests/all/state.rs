//! A state file with one run in it, and the program that looks at it.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::time::Duration;

use assert_cmd::Command;
use nextpanel_client::panel::{Panel, PanelCredentials};
use panel_sandbox::nextpanel_panel::{BillingIdInRows, KeyKind, PanelSettings};
use panel_sandbox::{Fault, PanelSandbox};
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_core::order::{Intake, PaymentEvidence, TenantId, read_order};
use provisioning_core::plan::id::PlanId;
use provisioning_engine::nextpanel::NextPanelExecutor;
use provisioning_engine::seal::Sealer;
use provisioning_engine::store::{PostgresStore, SqliteStore, Store, Submitted};
use provisioning_engine::{Engine, RunOptions};

use crate::test_database::TestDatabase;

/// The id of the order in every state.
pub(crate) const ORDER: &str = "A-1001";
/// The step of its account.
pub(crate) const HOSTING: &str = "hosting/wp_growth/shop.example";

/// A state with one run in it, in a file or a database. The stand-in it was written with runs on.
pub(crate) struct State {
    folder: tempfile::TempDir,
    panels: PanelSandbox,
    engine: Engine,
    pub(crate) run: PlanId,
    database: Option<TestDatabase>,
}

impl State {
    /// A run that was driven as far as it goes while `fault` struck, in a file.
    pub(crate) async fn with(fault: Option<Fault>) -> Self {
        Self::on(None, fault).await
    }

    /// The same in this database, or in a file.
    pub(crate) async fn on(database: Option<TestDatabase>, fault: Option<Fault>) -> Self {
        let settings = PanelSettings::new("np-1")
            .with_billing_id_in_rows(BillingIdInRows::Absent)
            .with_accounts_may_log_in(false);
        let panels = PanelSandbox::builder()
            .nextpanel_panel(settings)
            .start()
            .await
            .unwrap();
        let panel = panels.nextpanel_panel("np-1").unwrap();
        if let Some(fault) = fault {
            panel.arm(fault).unwrap();
        }
        let name = ServerName::new("np-1").unwrap();
        let fleet =
            FleetConfig::new([
                ServerConfig::new(name.clone(), panel.url().parse().unwrap(), 10).unwrap(),
            ])
            .unwrap();
        let key = panel.key(KeyKind::SuperAdmin);
        let client = Panel::builder(
            panel.url(),
            &PanelCredentials::new(key.id().into(), key.secret().clone()),
        )
        .no_proxy()
        .build()
        .unwrap();
        let executor =
            NextPanelExecutor::new([(name, client)]).longest_duration(Duration::from_millis(100));
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = match &database {
            Some(database) => Arc::new(PostgresStore::open(&database.url()).await.unwrap()),
            None => {
                let file = folder.path().join("state.sqlite3");
                Arc::new(SqliteStore::open(file).await.unwrap())
            }
        };
        let engine = Engine::builder_over(store, Catalog::migrahosting(), fleet)
            .executor(executor)
            .sealer(Sealer::with_key("k1", &vec![7_u8; 32].into()).unwrap())
            .build()
            .unwrap();
        let run = submitted(&engine).await;
        engine
            .run(
                run,
                RunOptions {
                    longest_wait: Duration::from_secs(5),
                },
            )
            .await
            .unwrap();
        Self {
            folder,
            panels,
            engine,
            run,
            database,
        }
    }

    /// Goes on with the run, as a worker would.
    pub(crate) async fn go_on(&self) {
        self.engine
            .run(self.run, RunOptions::default())
            .await
            .unwrap();
    }

    /// How many accounts exist on the panel.
    pub(crate) fn accounts(&self) -> usize {
        self.panels
            .nextpanel_panel("np-1")
            .unwrap()
            .accounts()
            .len()
    }

    /// The panel's id of the only account.
    pub(crate) fn account_id(&self) -> String {
        let panel = self.panels.nextpanel_panel("np-1").unwrap();
        panel.accounts()[0].id.to_string()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("state.sqlite3")
    }

    /// Runs the program on this state.
    pub(crate) fn inspect(&self, arguments: &[&str]) -> Said {
        match &self.database {
            Some(database) => said(&["--database-url", &database.url()], arguments),
            None => inspect(&self.file(), arguments),
        }
    }
}

async fn submitted(engine: &Engine) -> PlanId {
    let payload = br#"{"source": "migrahosting.com", "customerEmail": "jane.smith@shop.example",
        "items": [{"code": "wp_growth", "type": "hosting", "domain": "shop.example"}]}"#;
    let intake = Intake::new(TenantId::new("migrahosting").unwrap())
        .with_order_id(ORDER)
        .with_evidence(PaymentEvidence::Operator {
            name: "support desk".to_owned(),
        });
    let order = read_order(payload, &intake).unwrap();
    match engine.submit(&order).await.unwrap() {
        Submitted::New { run } => run,
        other => panic!("{other:?}"),
    }
}

/// What the program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs the program on a file.
pub(crate) fn inspect(file: &Path, arguments: &[&str]) -> Said {
    said(&["--state", file.to_str().unwrap()], arguments)
}

fn said(place: &[&str], arguments: &[&str]) -> Said {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(env!("CARGO_BIN_EXE_inspect"))
        .args(place)
        .args(arguments)
        .env_remove("PROVISIONING_DATABASE_URL")
        .output()
        .unwrap();
    Said {
        code: status.code().unwrap(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}
