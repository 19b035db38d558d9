//! Starts stand-ins of NextPanel for another program to work on, until its input ends or it is ended.
//!
//! `cargo run -p panel-sandbox --example panels -- DIRECTORY [COUNT] [LATENCY_IN_MILLISECONDS]` writes
//! `DIRECTORY/fleet.toml`, which names the panels, and `DIRECTORY/keys.env`, which exports their keys. Lines on standard
//! input then say what goes wrong: `help` lists them.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use panel_sandbox::nextpanel_panel::{KeyKind, Panel, PanelSettings};
use panel_sandbox::{Fault, WireSettings};
use secrecy::ExposeSecret as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};

const CAPACITY: usize = 100;
const HELP: &str = "\
arm PANEL FAULT   such as `arm np-1 lost-reply` or `arm np-1 under-privileged-key`
heal PANEL        lifts every fault
stop PANEL        nothing listens there any more; its accounts are gone
count             how many accounts each panel has, and how many of them clients made
help              this";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let directory = PathBuf::from(words.next().ok_or("DIRECTORY is missing")?);
    let count: u16 = words.next().map_or(Ok(2), |word| word.parse())?;
    let latency = words.next().map_or(Ok(50), |word| word.parse())?;

    let mut panels = Vec::new();
    for number in 1..=count {
        let wire = WireSettings::new().with_latency(Duration::from_millis(latency));
        let settings = PanelSettings::new(format!("np-{number}"))
            .with_capacity(CAPACITY)
            .with_wire(wire);
        panels.push(Panel::start(settings).await?);
    }
    let (mut fleet, mut keys) = (
        "preview_domain = \"preview.sandbox.example\"\n".to_owned(),
        String::new(),
    );
    for (number, panel) in (1..).zip(&panels) {
        let key = panel.key(KeyKind::SuperAdmin);
        write!(
            fleet,
            "\n[[server]]\nname = \"{}\"\nurl = \"{}\"\ncapacity = {CAPACITY}\napi_key_env = \"KEY_{number}\"\n\
             api_secret_env = \"SECRET_{number}\"\n",
            panel.name(),
            panel.url(),
        )?;
        writeln!(
            keys,
            "export KEY_{number}={} SECRET_{number}={}",
            key.id(),
            key.secret().expose_secret()
        )?;
    }
    std::fs::create_dir_all(&directory)?;
    std::fs::write(directory.join("fleet.toml"), fleet)?;
    std::fs::write(directory.join("keys.env"), keys)?;
    say(&format!(
        "{count} panels: . {0}/keys.env, then --fleet {0}/fleet.toml; Ctrl-C ends them; `help` says what can go wrong",
        directory.display()
    ))?;

    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        say(&obey(&line, &mut panels).unwrap_or_else(|problem| problem.to_string()))?;
    }
    Ok(())
}

/// What a line asks for, and what came of it.
fn obey(line: &str, panels: &mut Vec<Panel>) -> Result<String, Box<dyn Error>> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let find = |name: &str| {
        panels
            .iter()
            .position(|panel| panel.name() == name)
            .ok_or_else(|| format!("there is no panel `{name}`"))
    };
    match *words {
        ["arm", name, fault] => {
            let fault: Fault = fault.parse()?;
            let at = find(name)?;
            panels.get(at).map_or(Ok(()), |panel| panel.arm(fault))?;
            Ok(format!("{name}: {}", fault.name()))
        }
        ["heal", name] => {
            let at = find(name)?;
            if let Some(panel) = panels.get(at) {
                panel.heal();
            }
            Ok(format!("{name}: as it should be"))
        }
        ["stop", name] => {
            let at = find(name)?;
            drop(panels.remove(at));
            Ok(format!("{name}: stopped"))
        }
        ["count"] => {
            let mut said = Vec::new();
            for panel in panels.iter() {
                said.push(format!(
                    "{}: {} accounts, {} made by clients",
                    panel.name(),
                    panel.accounts().len(),
                    panel.created_by_clients()
                ));
            }
            Ok(said.join("\n"))
        }
        ["help"] => Ok(HELP.to_owned()),
        _ => Err(format!("not understood: `{line}`; `help` lists what is").into()),
    }
}

fn say(text: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{text}")
}
