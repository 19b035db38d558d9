//! The panels, in a process of their own: what they cost is not the program's.

use std::fmt::Write as _;
use std::io::{BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use panel_sandbox::nextpanel_panel::{KeyKind, PanelSettings, operations};
use panel_sandbox::{PanelSandbox, WireSettings};
use secrecy::ExposeSecret as _;

use crate::LATENCY;
use crate::program::processor_seconds;

/// A server takes 16 requests at once unless the host says otherwise, so 64 in flight want several.
const PANELS: usize = 8;

/// A panel as a client needs it.
pub(crate) struct Reached {
    pub(crate) name: String,
    pub(crate) url: String,
    pub(crate) key: String,
    pub(crate) secret: String,
}

/// What was asked of all panels.
pub(crate) struct Asked {
    pub(crate) accounts: usize,
    /// Requests for one account: making it, reading it back, logging in.
    pub(crate) calls: usize,
    /// Requests for lists of accounts.
    pub(crate) lists: usize,
    pub(crate) processor_seconds: f64,
}

/// The process. It ends with this.
pub(crate) struct Panels {
    child: Child,
    said: BufReader<std::process::ChildStdout>,
    pub(crate) capacity: usize,
    pub(crate) all: Vec<Reached>,
}

impl Panels {
    /// Each with room for all accounts.
    pub(crate) fn start(capacity: usize) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--panels", &capacity.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let all = (0..PANELS)
            .map(|_| {
                let line = line(&mut said);
                let mut words = line.split_whitespace().map(str::to_owned);
                let mut word = || words.next().unwrap();
                Reached {
                    name: word(),
                    url: word(),
                    key: word(),
                    secret: word(),
                }
            })
            .collect();
        Self {
            child,
            said,
            capacity,
            all,
        }
    }

    /// As a fleet file has them.
    pub(crate) fn fleet(&self) -> String {
        let mut toml = String::new();
        for (number, panel) in self.all.iter().enumerate() {
            writeln!(
                toml,
                "[[server]]\nname = \"{}\"\nurl = \"{}\"\ncapacity = {}\napi_key_env = \"KEY_{number}\"\n\
                 api_secret_env = \"SECRET_{number}\"\n",
                panel.name, panel.url, self.capacity
            )
            .unwrap();
        }
        toml
    }

    /// What was asked of them, when nothing more is.
    pub(crate) fn end(mut self) -> Asked {
        let seconds = processor_seconds(self.child.id()).unwrap();
        drop(self.child.stdin.take());
        let counts = line(&mut self.said);
        let mut counts = counts
            .split_whitespace()
            .map(|count| count.parse().unwrap());
        let mut count = || counts.next().unwrap();
        Asked {
            accounts: count(),
            calls: count(),
            lists: count(),
            processor_seconds: seconds,
        }
    }
}

impl Drop for Panels {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line(said: &mut impl std::io::BufRead) -> String {
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    line
}

/// The process of its own: says where the panels are, and what was asked of them when its input ends.
pub(crate) fn child(capacity: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let mut builder = PanelSandbox::builder();
    for number in 1..=PANELS {
        let settings = PanelSettings::new(format!("np-{number}"))
            .with_capacity(capacity)
            .with_wire(WireSettings::new().with_latency(LATENCY));
        builder = builder.nextpanel_panel(settings);
    }
    let sandbox = runtime.block_on(builder.start()).unwrap();
    for panel in sandbox.nextpanel_panels() {
        let key = panel.key(KeyKind::SuperAdmin);
        println!(
            "{} {} {} {}",
            panel.name(),
            panel.url(),
            key.id(),
            key.secret().expose_secret()
        );
    }
    let mut nothing = Vec::new();
    std::io::stdin().read_to_end(&mut nothing).unwrap();
    let (mut accounts, mut calls, mut lists) = (0, 0, 0);
    for panel in sandbox.nextpanel_panels() {
        accounts += panel.created_by_clients();
        let all = panel.requests().len();
        let of_lists = panel.requests_for(&operations::LIST_ACCOUNTS).len();
        calls += all - of_lists;
        lists += of_lists;
    }
    println!("{accounts} {calls} {lists}");
}
