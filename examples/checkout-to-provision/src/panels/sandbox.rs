//! The embedded sandbox: three NextPanel servers in this process, on loopback.

use std::str::FromStr;
use std::time::Duration;

use url::Url;

use nextpanel_client::panel::{Panel, PanelCredentials};
use panel_sandbox::nextpanel_panel::{KeyKind, PanelSettings};
use panel_sandbox::{Fault, PanelSandbox};
use provisioning_core::fleet::{FleetConfig, ServerConfig};
use provisioning_engine::nextpanel::NextPanelExecutor;
use secrecy::SecretString;

use super::Panels;
use crate::arguments::Arguments;
use crate::exit::Stop;

const FLEET: &str = include_str!("../../samples/sandbox-fleet.toml");

/// After this long a request to the sandbox has arrived or never will.
const LONGEST_DURATION: Duration = Duration::from_millis(300);

/// How many accounts the servers have already, in the fleet's order: so that choosing one means something.
const NEIGHBOURS: [usize; 3] = [12, 7, 21];

/// The running sandbox.
pub(crate) struct Sandbox {
    servers: PanelSandbox,
    fault: Option<Fault>,
}

impl Sandbox {
    /// The fault that was armed.
    pub(crate) const fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// What the sandbox holds of the customer's, server by server, counted on the stand-ins themselves.
    pub(crate) fn holds(&self) -> String {
        let accounts: Vec<String> = self
            .servers
            .nextpanel_panels()
            .iter()
            .flat_map(|panel| {
                panel
                    .accounts()
                    .into_iter()
                    .filter(|account| !account.is_stranger)
                    .map(|account| {
                        format!(
                            "{} on {} (id {})",
                            account.username,
                            panel.name(),
                            account.id
                        )
                    })
            })
            .collect();
        let word = if accounts.len() == 1 {
            "account"
        } else {
            "accounts"
        };
        let list = if accounts.is_empty() {
            String::new()
        } else {
            format!(": {}", accounts.join(", "))
        };
        format!("{} {word} made for customers{list}", accounts.len())
    }

    /// Waits until every request that was sent has arrived, late ones too.
    pub(crate) async fn settle(&self) {
        self.servers.settle().await;
    }

    /// Lifts the fault.
    pub(crate) fn heal(&self) {
        self.servers.heal();
    }
}

/// Starts the sandbox and arms the fault that was asked for.
pub(crate) async fn start(arguments: &Arguments) -> Result<Panels, Stop> {
    // The name is checked before anything starts.
    let fault = arguments
        .fault
        .as_deref()
        .map(Fault::from_str)
        .transpose()
        .map_err(|error| Stop::bad_input([format!("--fault: {error}")]))?;
    let template = FleetConfig::from_toml("sandbox-fleet.toml", FLEET).map_err(Stop::fault)?;
    let mut builder = PanelSandbox::builder();
    for (index, server) in (1_u64..).zip(template.servers()) {
        let settings = PanelSettings::new(server.name().as_str())
            .with_capacity(server.capacity() as usize)
            .with_first_id(index * 1_000 + 1);
        builder = builder.nextpanel_panel(settings);
    }
    let servers = builder.start().await.map_err(Stop::fault)?;
    let mut configs = Vec::new();
    let mut panels = Vec::new();
    for server in template.servers() {
        let Some(running) = servers.nextpanel_panel(server.name().as_str()) else {
            return Err(Stop::fault(format!(
                "the sandbox has no server {}",
                server.name()
            )));
        };
        let key = running.key(KeyKind::SuperAdmin);
        let credentials = PanelCredentials::new(SecretString::from(key.id()), key.secret().clone());
        let panel = Panel::builder(running.url(), &credentials)
            .no_proxy()
            .build()
            .map_err(Stop::fault)?;
        panels.push((server.name().clone(), panel));
        configs.push(at(server, running.url()).map_err(Stop::fault)?);
        let neighbours = NEIGHBOURS
            .get(panels.len() - 1)
            .copied()
            .unwrap_or_default();
        for number in 1..=neighbours {
            running
                .add_stranger(&format!("neighbour{number}"))
                .map_err(|_| Stop::fault("the sandbox has two neighbours of one name"))?;
        }
        // A server that does not have this fault (it may be another service's) says so.
        if let Some(fault) = fault {
            running
                .arm(fault)
                .map_err(|error| Stop::bad_input([format!("--fault: {error}")]))?;
        }
    }
    let mut fleet = FleetConfig::new(configs)
        .and_then(|fleet| fleet.with_rule(template.rule().clone()))
        .map_err(Stop::fault)?;
    if let Some(domain) = template.preview_domain() {
        fleet = fleet.with_preview_domain(domain).map_err(Stop::fault)?;
    }
    Ok(Panels {
        executor: NextPanelExecutor::new(panels).longest_duration(LONGEST_DURATION),
        fleet,
        sandbox: Some(Sandbox { servers, fault }),
    })
}

/// The same server at the address the sandbox gave it.
fn at(server: &ServerConfig, url: &str) -> Result<ServerConfig, String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let mut config = ServerConfig::new(server.name().clone(), url, server.capacity())
        .and_then(|config| config.with_tags(server.tags().iter().cloned()))
        .and_then(|config| config.with_weight(server.weight()))
        .map_err(|error| error.to_string())?
        .with_state(server.state());
    if let (Some(key), Some(secret)) = (server.api_key_env(), server.api_secret_env()) {
        config = config
            .with_credentials_from(key, secret)
            .map_err(|error| error.to_string())?;
    }
    if let Some(location) = server.location() {
        config = config
            .with_location(location)
            .map_err(|error| error.to_string())?;
    }
    Ok(config)
}
