//! Running the program against a panel, and what came of it.

use std::{path::PathBuf, process::Command, time::Duration};

use panel_sandbox::mpanel::{Generation, MPanel, MPanelSettings, UserKind, operations};
use secrecy::ExposeSecret;
use serde_json::Value;

/// A run that takes this long hangs.
const LONGEST_RUN: Duration = Duration::from_secs(60);

pub(crate) const GENERATIONS: [Generation; 2] = [Generation::Legacy, Generation::TypeScript];

/// The program, nothing inherited from whoever runs the tests.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sync-products"));
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

    /// The state of a product's line at a cycle.
    pub(crate) fn state(&self, code: &str, cycle: &str) -> String {
        let json = self.json();
        let lines = json["lines"].as_array().unwrap();
        let line = lines
            .iter()
            .find(|line| line["code"] == code && line["cycle"] == cycle)
            .unwrap_or_else(|| panic!("no line of {code}: {self:#?}"));
        line["state"].as_str().unwrap().to_owned()
    }
}

/// Runs a command beside the stand-in, which lives in this process. Standard input is empty and no terminal.
pub(crate) async fn ended(command: Command) -> Ended {
    let output = tokio::task::spawn_blocking(move || {
        assert_cmd::Command::from_std(command)
            .timeout(LONGEST_RUN)
            .write_stdin("")
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
    command
}

/// Runs it as the administrator, with a catalog and arguments as on a command line.
pub(crate) async fn run(panel: &MPanel, catalog: &CatalogFile, arguments: &str) -> Ended {
    let mut command = for_user(panel, UserKind::Admin);
    command
        .arg("--catalog")
        .arg(&catalog.path)
        .args(arguments.split_whitespace());
    ended(command).await
}

pub(crate) async fn started(generation: Generation) -> MPanel {
    MPanel::start(MPanelSettings::new("main", generation))
        .await
        .unwrap()
}

/// How many products and prices the panel was asked to make.
pub(crate) fn writes(panel: &MPanel) -> usize {
    let of = |operation| {
        let is_served = panel.operations().contains(&operation);
        if is_served {
            panel.requests_for(&operation).len()
        } else {
            0
        }
    };
    of(operations::CREATE_PRODUCT) + of(operations::CREATE_PRICE) + of(operations::UPDATE_PRODUCT)
}

/// A catalog in a file of its own.
pub(crate) struct CatalogFile {
    pub(crate) path: PathBuf,
    _folder: tempfile::TempDir,
}

impl CatalogFile {
    pub(crate) fn new(products: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.toml");
        std::fs::write(&path, format!("currency = \"USD\"\n{products}")).unwrap();
        Self {
            path,
            _folder: folder,
        }
    }

    /// One the panel has, one it has at another price, two it has not, one without price.
    pub(crate) fn shop() -> Self {
        Self::new(
            r#"
[[product]]
code = "starter"
takes = "mpanel-hosting"
price = { monthly = "19.99" }

[[product]]
code = "wp_growth"
takes = "nextpanel-hosting"
price = { monthly = "59.99" }

[[product]]
code = "wp_agency"
name = "WordPress Agency"
takes = "nextpanel-hosting"
price = { monthly = "99.00" }

[[product]]
code = "addon-cdn-basic"
name = "CDN"
takes = "addon"
price = { monthly = "5.99" }

[[product]]
code = "firewall"
takes = "addon"
"#,
        )
    }
}
