//! The program, its folder and its panels.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings};
use panel_sandbox::{PanelSandbox, WireSettings};

use crate::test_database::TestDatabase;

/// 32 bytes as base64: a database is sealed with a key from the environment.
const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// A folder to work in, and panels that are real to the program.
pub(crate) struct Hall {
    folder: tempfile::TempDir,
    panels: PanelSandbox,
    database: Option<TestDatabase>,
}

/// One row of the credentials file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Credential {
    pub(crate) order_id: String,
    pub(crate) panel: String,
    pub(crate) username: String,
    pub(crate) password: String,
}

impl Hall {
    /// Three panels, each with room for so many accounts, that answer after `latency`; the runs lie in a file.
    pub(crate) async fn new(capacity: usize, latency: Duration) -> Self {
        Self::with(None, capacity, latency).await
    }

    /// The same with the runs in this database, or in a file.
    pub(crate) async fn with(
        database: Option<TestDatabase>,
        capacity: usize,
        latency: Duration,
    ) -> Self {
        let mut builder = PanelSandbox::builder();
        for name in ["np-1", "np-2", "np-3"] {
            let settings = PanelSettings::new(name)
                .with_capacity(capacity)
                .with_wire(WireSettings::new().with_latency(latency));
            builder = builder.nextpanel_panel(settings);
        }
        let hall = Self {
            folder: tempfile::tempdir().unwrap(),
            panels: builder.start().await.unwrap(),
            database,
        };
        hall.write_fleet(capacity);
        hall
    }

    fn write_fleet(&self, capacity: usize) {
        let mut toml = String::new();
        for (number, panel) in (1..).zip(self.panels()) {
            writeln!(
                toml,
                "[[server]]\nname = \"np-{number}\"\nurl = \"{}\"\ncapacity = {capacity}\napi_key_env = \"KEY_{number}\"\n\
                 api_secret_env = \"SECRET_{number}\"\n",
                panel.url()
            )
            .unwrap();
        }
        std::fs::write(self.path("fleet.toml"), toml).unwrap();
    }

    pub(crate) fn panels(&self) -> &[Panel] {
        self.panels.nextpanel_panels()
    }

    pub(crate) fn heal(&self) {
        self.panels.heal();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// An order for each number, for a domain of its own.
    pub(crate) fn write_orders(&self, count: usize) {
        let mut csv = String::from("order_id,email,product,domain\n");
        for number in 1..=count {
            writeln!(
                csv,
                "O-{number},buyer{number}@mail.example,wp_growth,shop{number}.example"
            )
            .unwrap();
        }
        self.write("orders.csv", &csv);
    }

    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bulk-provision"));
        command
            .current_dir(self.folder.path())
            .args(arguments.split_whitespace())
            .args(["--fleet", "fleet.toml"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        for name in [
            "NEXTPANEL_URL",
            "MPANEL_URL",
            "PROVISIONING_SEALING_KEY",
            "PROVISIONING_DATABASE_URL",
        ] {
            command.env_remove(name);
        }
        if let Some(database) = &self.database {
            command
                .args(["--database-url", &database.url()])
                .env("PROVISIONING_SEALING_KEY", KEY);
        }
        for (number, panel) in (1..).zip(self.panels()) {
            use secrecy::ExposeSecret as _;
            let key = panel.key(KeyKind::SuperAdmin);
            command
                .env(format!("KEY_{number}"), key.id())
                .env(format!("SECRET_{number}"), key.secret().expose_secret());
        }
        command
    }

    /// Runs the program to its end.
    pub(crate) fn run(&self, arguments: &str) -> Said {
        let mut command = self.command(arguments);
        tokio::task::block_in_place(|| Said::of(&command.output().unwrap()))
    }

    pub(crate) fn spawn(&self, arguments: &str) -> Child {
        self.command(arguments).spawn().unwrap()
    }

    /// How many accounts the program has made on all panels.
    pub(crate) fn accounts(&self) -> usize {
        self.panels()
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

    /// Every mark is on one account only.
    pub(crate) fn assert_nothing_twice(&self) {
        let mut marks = BTreeSet::new();
        for panel in self.panels() {
            assert!(panel.accounts().len() <= panel.capacity());
            for account in panel.accounts() {
                let mark = account.billing_id.unwrap_or_default();
                assert!(marks.insert(mark.clone()), "{mark} twice");
            }
        }
    }

    pub(crate) fn credentials(&self, name: &str) -> Vec<Credential> {
        let text = self.read(name);
        text.lines()
            .skip(1)
            .map(|line| {
                let fields: Vec<&str> = line.split(',').collect();
                assert_eq!(fields.len(), 7, "{line}");
                Credential {
                    order_id: fields[0].to_owned(),
                    panel: fields[4].to_owned(),
                    username: fields[5].to_owned(),
                    password: fields[6].trim_matches('"').to_owned(),
                }
            })
            .collect()
    }

    /// One credential for each of so many orders, and each opens its account.
    pub(crate) fn assert_credentials_open(&self, name: &str, count: usize) {
        let credentials = self.credentials(name);
        let orders: BTreeSet<&str> = credentials
            .iter()
            .map(|credential| credential.order_id.as_str())
            .collect();
        assert_eq!((credentials.len(), orders.len()), (count, count));
        for credential in &credentials {
            let panel = self
                .panels
                .nextpanel_panel(&credential.panel)
                .expect("a panel of the fleet");
            assert!(
                panel.password_is(&credential.username, &credential.password),
                "the password of {} on {} is another one",
                credential.username,
                credential.panel
            );
        }
    }
}

/// What the program said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }
}
