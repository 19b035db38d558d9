//! The embedded sandbox: three NextPanel servers in this process, on loopback, and an mPanel if one is asked for.

use std::iter;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use nextpanel_client::panel::{Panel, PanelCredentials};
use panel_sandbox::mpanel;
use panel_sandbox::nextpanel_panel::{KeyKind, Panel as RunningPanel, PanelSettings};
use panel_sandbox::{ArmError, Fault, PanelSandbox, Service};
use provisioning_core::fleet::{FleetConfig, ServerConfig};
use provisioning_core::plan::mpanel::MpanelMode;
use provisioning_core::plan::verb::Capabilities;
use provisioning_engine::nextpanel::NextPanelExecutor;
use secrecy::SecretString;
use serde::Serialize;

use super::mpanel::{HeldOnMpanel, SandboxMpanel};
use super::{Panels, capabilities, patient};
use crate::arguments::{Arguments, Generation};
use crate::exit::Stop;
use crate::state::Kept;

const FLEET: &str = include_str!("../../samples/sandbox-fleet.toml");

/// After this long a request to the sandbox has arrived or never will.
pub(super) const LONGEST_DURATION: Duration = Duration::from_millis(300);

/// How many accounts the servers have already, in the fleet's order: so that choosing one means something.
const NEIGHBOURS: [usize; 3] = [12, 7, 21];

/// The running sandbox.
pub(crate) struct Sandbox {
    servers: PanelSandbox,
    fault: Option<Fault>,
}

/// An account that a stand-in holds.
#[derive(Debug, Serialize)]
pub(crate) struct Held {
    pub(crate) server: String,
    pub(crate) account_id: String,
    pub(crate) username: String,
}

impl Sandbox {
    /// The fault that was armed.
    pub(crate) const fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// The accounts made for customers, counted on the stand-ins themselves.
    pub(crate) fn holds(&self) -> Vec<Held> {
        self.servers
            .nextpanel_panels()
            .iter()
            .flat_map(|panel| {
                let ours = panel.accounts().into_iter();
                ours.filter(|account| !account.is_stranger)
                    .map(|account| Held {
                        server: panel.name().to_owned(),
                        account_id: account.id.to_string(),
                        username: account.username,
                    })
            })
            .collect()
    }

    /// What mPanel holds, if there is one.
    pub(crate) fn holds_on_mpanel(&self) -> Option<HeldOnMpanel> {
        self.servers.mpanels().first().map(HeldOnMpanel::of)
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

/// What the sandbox will be. Nothing has started.
pub(crate) struct Settings {
    template: FleetConfig,
    mpanel: Option<SandboxMpanel>,
    fault: Option<Fault>,
}

impl Settings {
    /// The bundled fleet, and the fault that was asked for if the panels of this program can have it.
    pub(super) fn new(
        arguments: &Arguments,
        mode: Result<MpanelMode, String>,
    ) -> Result<Self, String> {
        let template = bundled_fleet()?;
        let mpanel = arguments
            .sandbox
            .map(|generation| {
                Ok::<_, String>(SandboxMpanel {
                    generation: match generation {
                        Generation::Legacy => mpanel::Generation::Legacy,
                        Generation::Typescript => mpanel::Generation::TypeScript,
                    },
                    mode: mode?,
                })
            })
            .transpose()?;
        let fault = arguments
            .fault
            .as_deref()
            .map(Fault::from_str)
            .transpose()
            .map_err(|error| format!("--fault: {error}"))?;
        let service = Service::NextPanelPanel;
        let applies = |fault: Fault| {
            fault.applies_to(service) || (mpanel.is_some() && fault.applies_to(Service::MPanel))
        };
        match fault {
            Some(fault) if !applies(fault) => Err(format!(
                "--fault: {}",
                ArmError::OtherService { fault, service }
            )),
            _ => Ok(Self {
                template,
                mpanel,
                fault,
            }),
        }
    }

    pub(super) const fn fleet(&self) -> &FleetConfig {
        &self.template
    }

    pub(super) fn capabilities(&self) -> Capabilities {
        match self.mpanel {
            Some(mpanel) => capabilities()
                .and(Capabilities::mpanel(&mpanel.offer()))
                .and(Capabilities::mpanel_lifecycle(&mpanel.offer())),
            None => capabilities(),
        }
    }

    /// Starts the panels and arms the fault: on mPanel if there is one that can have it, else on every server.
    pub(super) async fn start(self, arguments: &Arguments) -> Result<Panels, Stop> {
        let wait = arguments.wait();
        let Self {
            template,
            mpanel,
            fault,
        } = self;
        let strikes_mpanel =
            mpanel.is_some() && fault.is_some_and(|fault| fault.applies_to(Service::MPanel));
        let mut builder = PanelSandbox::builder();
        let first = first_id(arguments);
        for (index, server) in (1_u64..).zip(template.servers()) {
            let settings = PanelSettings::new(server.name().as_str())
                .with_capacity(server.capacity() as usize)
                .with_first_id(first + index * 1_000);
            builder = builder.nextpanel_panel(settings);
        }
        if let Some(mpanel) = mpanel {
            builder = builder.mpanel(mpanel.settings());
        }
        let servers = builder.start().await.map_err(Stop::fault)?;
        let mut configs = Vec::new();
        let mut panels = Vec::new();
        let neighbours = NEIGHBOURS.into_iter().chain(iter::repeat(0));
        for (server, neighbours) in template.servers().iter().zip(neighbours) {
            let running = servers
                .nextpanel_panel(server.name().as_str())
                .ok_or_else(|| Stop::fault(format!("the sandbox has no {}", server.name())))?;
            for number in 1..=neighbours {
                running
                    .add_stranger(&format!("neighbour{number}"))
                    .map_err(Stop::fault)?;
            }
            if let Some(fault) = fault.filter(|_| !strikes_mpanel) {
                running.arm(fault).map_err(Stop::fault)?;
            }
            panels.push((server.name().clone(), client(running, wait)?));
            configs.push(at(server, running.url()).map_err(Stop::fault)?);
        }
        let mut fleet = FleetConfig::new(configs)
            .and_then(|fleet| fleet.with_rule(template.rule().clone()))
            .map_err(Stop::fault)?;
        if let Some(domain) = template.preview_domain() {
            fleet = fleet.with_preview_domain(domain).map_err(Stop::fault)?;
        }
        let mpanel = match (mpanel, servers.mpanels().first()) {
            (Some(mpanel), Some(running)) => {
                if let Some(fault) = fault.filter(|_| strikes_mpanel) {
                    running.arm(fault).map_err(Stop::fault)?;
                }
                Some(mpanel.configured(running, arguments).map_err(Stop::fault)?)
            }
            _ => None,
        };
        Ok(Panels {
            nextpanel: Some(
                NextPanelExecutor::new(panels.clone()).longest_duration(LONGEST_DURATION),
            ),
            mpanel,
            clients: panels,
            first_pause: None,
            fleet,
            sandbox: Some(Sandbox { servers, fault }),
        })
    }
}

/// Ids of accounts begin here. The sandbox is new each time, and a state that is kept in a file knows the ids of its
/// predecessors: a panel that gives one of them out again would seem to answer with the account of another order.
fn first_id(arguments: &Arguments) -> u64 {
    if arguments.kept(true) == Kept::Memory {
        return 1;
    }
    let milliseconds = u64::try_from(Timestamp::now().as_millisecond()).unwrap_or_default();
    milliseconds % 1_000_000_000 * 100 + 1
}

/// The fleet of the sandbox, with placeholders for addresses.
pub(crate) fn bundled_fleet() -> Result<FleetConfig, String> {
    FleetConfig::from_toml("sandbox-fleet.toml", FLEET).map_err(|error| error.to_string())
}

fn client(running: &RunningPanel, wait: Duration) -> Result<Panel, Stop> {
    let key = running.key(KeyKind::SuperAdmin);
    let credentials = PanelCredentials::new(SecretString::from(key.id()), key.secret().clone());
    patient(Panel::builder(running.url(), &credentials), wait)
        .no_proxy()
        .build()
        .map_err(Stop::fault)
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
