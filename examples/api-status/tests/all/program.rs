//! Running the program against a panel, and what came of it.

use std::{process::Command, time::Duration};

use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, UserKind};
use secrecy::ExposeSecret;
use serde_json::Value;

/// A run that takes this long hangs.
const LONGEST_RUN: Duration = Duration::from_secs(60);

pub(crate) const GENERATIONS: [Generation; 2] = [Generation::Legacy, Generation::TypeScript];

/// The program, nothing inherited from whoever runs the tests.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_api-status"));
    command.env_clear();
    // Windows programs cannot open a socket without it.
    if let Some(root) = std::env::var_os("SystemRoot") {
        command.env("SystemRoot", root);
    }
    command
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) exit: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    #[track_caller]
    pub(crate) fn exits(self, exit: i32) -> Self {
        assert_eq!(self.exit, exit, "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        let is_said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(is_said, "does not say {text:?}: {self:#?}");
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// Runs a command beside the stand-in, which lives in this process.
pub(crate) async fn ended(command: Command) -> Ended {
    let output = tokio::task::spawn_blocking(move || {
        assert_cmd::Command::from_std(command)
            .timeout(LONGEST_RUN)
            .output()
            .unwrap()
    });
    let output = output.await.unwrap();
    Ended {
        exit: output.status.code().expect("the program hangs"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The program set up for this user of this panel.
pub(crate) fn for_user(panel: &MPanel, kind: UserKind) -> Command {
    let user = panel.user(kind);
    let mut command = command();
    command
        .env("MPANEL_URL", panel.url())
        .env("MPANEL_EMAIL", user.email())
        .env("MPANEL_PASSWORD", user.password().expose_secret());
    if let Some(key) = panel.marketing_key() {
        command.env("MPANEL_MARKETING_KEY", key.expose_secret());
    }
    command
}

/// Runs it as the administrator, with arguments as on a command line.
pub(crate) async fn run(panel: &MPanel, arguments: &str) -> Ended {
    let mut command = for_user(panel, UserKind::Admin);
    command.args(arguments.split_whitespace());
    ended(command).await
}

/// A panel whose limiter lets everything be asked at once.
pub(crate) async fn roomy(generation: Generation) -> MPanel {
    start(roomy_settings(generation)).await
}

pub(crate) fn roomy_settings(generation: Generation) -> MPanelSettings {
    MPanelSettings::new("main", generation).with_limiter(1000, Duration::from_secs(900))
}

pub(crate) async fn start(settings: MPanelSettings) -> MPanel {
    MPanel::start(settings).await.unwrap()
}

/// The verdict on an operation.
pub(crate) fn verdict<'a>(report: &'a Value, operation: &str) -> &'a str {
    row(report, operation)["verdict"].as_str().unwrap()
}

pub(crate) fn row<'a>(report: &'a Value, operation: &str) -> &'a Value {
    let rows = report["endpoints"].as_array().unwrap();
    rows.iter()
        .find(|row| row["operation"] == operation)
        .unwrap_or_else(|| panic!("no row of {operation}"))
}
