//! A state, a panel, and the program between them.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings};
use panel_sandbox::{PanelSandbox, WireSettings};
use provisioning_core::catalog::Catalog;
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_core::order::{Intake, PaymentEvidence, TenantId, read_order};
use provisioning_engine::Engine;
use provisioning_engine::seal::Sealer;
use provisioning_engine::store::{PostgresStore, SqliteStore, Standing, Store, Wanted};
use secrecy::ExposeSecret as _;
use serde_json::Value;

use crate::test_database::TestDatabase;

/// 32 bytes as base64: the key that the program and the tests share.
const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
/// The name that the key's digest gives it.
const KEY_BYTES: [u8; 32] = [7; 32];

/// No test waits longer for the program to get on.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Floor {
    folder: tempfile::TempDir,
    panels: PanelSandbox,
    database: Option<TestDatabase>,
}

impl Floor {
    /// With the runs in this database, or in a file.
    pub(crate) async fn new(database: Option<TestDatabase>, latency: Duration) -> Self {
        let settings =
            PanelSettings::new("np-1").with_wire(WireSettings::new().with_latency(latency));
        Self {
            folder: tempfile::tempdir().unwrap(),
            panels: PanelSandbox::builder()
                .nextpanel_panel(settings)
                .start()
                .await
                .unwrap(),
            database,
        }
    }

    async fn store(&self) -> Arc<dyn Store> {
        match &self.database {
            Some(database) => Arc::new(PostgresStore::open(&database.url()).await.unwrap()),
            None => Arc::new(SqliteStore::open(self.file()).await.unwrap()),
        }
    }

    /// Waits until so many accounts exist.
    pub(crate) async fn accounts_exist(&self, wanted: usize) {
        let began = Instant::now();
        while self.panel().accounts().len() < wanted {
            assert!(began.elapsed() < PATIENCE, "the worker does not get on");
            // The panel tells nobody, and the test wants to come between two calls: asked often.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(crate) fn panel(&self) -> &Panel {
        &self.panels.nextpanel_panels()[0]
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("state.sqlite3")
    }

    /// An engine of another process: it submits and looks, and works on nothing.
    pub(crate) async fn desk(&self) -> Engine {
        let server = ServerConfig::new(
            ServerName::new("np-1").unwrap(),
            self.panel().url().parse().unwrap(),
            100,
        )
        .unwrap();
        Engine::builder_over(
            self.store().await,
            Catalog::migrahosting(),
            FleetConfig::new([server]).unwrap(),
        )
        .sealer(Sealer::with_key(key_name(), &KEY_BYTES.to_vec().into()).unwrap())
        .build()
        .unwrap()
    }

    pub(crate) async fn submit(&self, desk: &Engine, orders: std::ops::Range<u32>) {
        for number in orders {
            let payload = format!(
                r#"{{"source": "migrahosting.com", "customerEmail": "buyer{number}@mail.example",
                "items": [{{"code": "wp_growth", "type": "hosting", "domain": "shop{number}.example"}}]}}"#
            );
            let intake = Intake::new(TenantId::new("default").unwrap())
                .with_order_id(format!("O-{number}"))
                .with_evidence(PaymentEvidence::Operator {
                    name: "support desk".to_owned(),
                });
            let order = read_order(payload.as_bytes(), &intake).unwrap();
            desk.submit(&order).await.unwrap();
        }
    }

    /// Waits until so many runs wait for their passwords to be confirmed.
    pub(crate) async fn work_is_done(&self, desk: &Engine, runs: usize) {
        let began = Instant::now();
        loop {
            let done = desk
                .list(Wanted {
                    standing: Some(Standing::AwaitingConfirmation),
                    ..Wanted::default()
                })
                .await
                .unwrap();
            if done.len() >= runs {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "the worker does not get on");
            // Another process does the work: asked again and again, so seldom that asking does not slow it down.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
        let key = self.panel().key(KeyKind::SuperAdmin);
        command
            .current_dir(self.folder.path())
            .args(["--log", "json"])
            .args(arguments)
            .env("PROVISIONING_SEALING_KEY", KEY)
            .env("NEXTPANEL_URL", self.panel().url())
            .env("NEXTPANEL_API_KEY", key.id())
            .env("NEXTPANEL_API_SECRET", key.secret().expose_secret())
            .env("NEXTPANEL_CAPACITY", "100")
            .env_remove("MPANEL_URL")
            .env_remove("PROVISIONING_DATABASE_URL")
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The program at work, once it says where it listens.
    pub(crate) fn start(&self) -> AtWork {
        self.start_with(&[])
    }

    /// The same with these in its environment.
    pub(crate) fn start_with(&self, environment: &[(&str, &str)]) -> AtWork {
        let mut command = self.command(&["--listen", "127.0.0.1:0", "--lease", "2"]);
        match &self.database {
            Some(database) => command.env("PROVISIONING_DATABASE_URL", database.url()),
            None => command.args(["--state", "state.sqlite3"]),
        };
        command
            .args(["--concurrency", "4"])
            .envs(environment.iter().copied());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        let address = said["fields"]["listen"].as_str().unwrap().to_owned();
        AtWork {
            child,
            log,
            address,
        }
    }
}

/// The key's name, as every program here makes it.
fn key_name() -> String {
    // SHA-256 of 32 bytes of 7, its first four bytes.
    "4bb06f8e".to_owned()
}

/// The program at work. It is killed with the test.
pub(crate) struct AtWork {
    pub(crate) child: Child,
    log: BufReader<std::process::ChildStderr>,
    address: String,
}

impl AtWork {
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.address);
        tokio::task::block_in_place(|| {
            let agent: ureq::Agent = ureq::Agent::config_builder()
                .http_status_as_error(false)
                .timeout_global(Some(PATIENCE))
                .build()
                .into();
            let mut answer = agent.get(&url).call().unwrap();
            let status = answer.status().as_u16();
            (status, answer.body_mut().read_to_string().unwrap())
        })
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Its exit code and everything it logged after it had begun.
    pub(crate) fn ends(mut self) -> (Option<i32>, String) {
        tokio::task::block_in_place(|| {
            let mut rest = String::new();
            std::io::Read::read_to_string(&mut self.log, &mut rest).unwrap();
            (self.child.wait().unwrap().code(), rest)
        })
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
