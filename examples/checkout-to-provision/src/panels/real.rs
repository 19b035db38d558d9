//! Real panels: from NEXTPANEL_* or from a fleet file.

use std::env;
use std::net::{IpAddr, ToSocketAddrs, UdpSocket};

use secrecy::SecretString;
use url::Url;

use nextpanel_client::panel::{Panel, PanelCredentials};
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_engine::nextpanel::NextPanelExecutor;

use super::Panels;
use crate::arguments::Arguments;
use crate::exit::Stop;
use crate::input;

const URL: &str = "NEXTPANEL_URL";
const KEY: &str = "NEXTPANEL_API_KEY";
const SECRET: &str = "NEXTPANEL_API_SECRET";
const CAPACITY: &str = "NEXTPANEL_CAPACITY";
const PREVIEW_DOMAIN: &str = "NEXTPANEL_PREVIEW_DOMAIN";

/// What the environment says about NextPanel.
pub(crate) struct Environment {
    url: Option<String>,
    key: Option<SecretString>,
    secret: Option<SecretString>,
}

impl Environment {
    pub(crate) fn read() -> Self {
        Self {
            url: text(URL),
            key: text(KEY).map(SecretString::from),
            secret: text(SECRET).map(SecretString::from),
        }
    }

    /// Whether real panels are meant: a fleet file, or any variable of the group.
    pub(crate) fn means_real_panels(&self, arguments: &Arguments) -> bool {
        arguments.fleet.is_some()
            || self.url.is_some()
            || self.key.is_some()
            || self.secret.is_some()
    }

    /// The panels. Nothing is sent.
    pub(crate) fn panels(&self, arguments: &Arguments) -> Result<Panels, Stop> {
        match &arguments.fleet {
            Some(path) => {
                if self.url.is_some() {
                    return Err(Stop::bad_input([format!(
                        "{URL} and --fleet both name servers: give one of them; nothing was sent"
                    )]));
                }
                from_fleet(input::fleet(path)?, arguments.dry_run)
            }
            None => self.single(),
        }
    }

    fn single(&self) -> Result<Panels, Stop> {
        let missing: Vec<&str> = [
            (URL, self.url.is_none()),
            (KEY, self.key.is_none()),
            (SECRET, self.secret.is_none()),
        ]
        .into_iter()
        .filter_map(|(name, is_missing)| is_missing.then_some(name))
        .collect();
        let (Some(url), Some(key), Some(secret)) = (&self.url, &self.key, &self.secret) else {
            return Err(Stop::bad_input([format!(
                "{URL}, {KEY} and {SECRET} belong together; not set: {}. Nothing was sent",
                missing.join(", ")
            )]));
        };
        let mut problems = Vec::new();
        let url = Url::parse(url)
            .map_err(|error| problems.push(format!("{URL}: {error}")))
            .ok();
        let capacity = match text(CAPACITY) {
            Some(text) => text
                .trim()
                .parse::<u32>()
                .map_err(|_| {
                    problems.push(format!("{CAPACITY}: `{text}` is no number of accounts"))
                })
                .ok(),
            None => {
                problems.push(format!(
                    "{CAPACITY} is not set: how many accounts may the server hold?"
                ));
                None
            }
        };
        let (Some(url), Some(capacity)) = (url, capacity) else {
            return Err(Stop::bad_input(problems));
        };
        let name = ServerName::new(url.host_str().unwrap_or("nextpanel"))
            .or_else(|_| ServerName::new("nextpanel"));
        let server = name
            .map_err(|error| error.to_string())
            .and_then(|name| {
                ServerConfig::new(name, url, capacity).map_err(|error| error.to_string())
            })
            .and_then(|server| {
                server
                    .with_credentials_from(KEY, SECRET)
                    .map_err(|error| error.to_string())
            })
            .map_err(|error| Stop::bad_input([error]))?;
        let name = server.name().clone();
        let mut fleet =
            FleetConfig::new([server]).map_err(|error| Stop::bad_input([error.to_string()]))?;
        if let Some(domain) = text(PREVIEW_DOMAIN) {
            fleet = fleet
                .with_preview_domain(&domain)
                .map_err(|error| Stop::bad_input([format!("{PREVIEW_DOMAIN}: {error}")]))?;
        }
        let panel = panel(fleet.server(&name), key.clone(), secret.clone())
            .map_err(|problem| Stop::bad_input([problem]))?;
        Ok(Panels {
            executor: NextPanelExecutor::new([(name, panel)]),
            fleet,
            sandbox: None,
        })
    }
}

fn from_fleet(fleet: FleetConfig, dry_run: bool) -> Result<Panels, Stop> {
    let mut panels = Vec::new();
    let mut problems = Vec::new();
    for server in fleet.servers() {
        let credentials = [server.api_key_env(), server.api_secret_env()].map(|name| match name {
            None => Err(format!(
                "server {}: name the environment variables in api_key_env and api_secret_env",
                server.name()
            )),
            Some(name) => match text(name) {
                Some(value) => Ok(SecretString::from(value)),
                // A dry run with a fleet file sends nothing, so it needs no key.
                None if dry_run => Ok(SecretString::from("not set")),
                None => Err(format!("server {}: {name} is not set", server.name())),
            },
        });
        match credentials {
            [Ok(key), Ok(secret)] => match panel(Some(server), key, secret) {
                Ok(panel) => panels.push((server.name().clone(), panel)),
                Err(problem) => problems.push(problem),
            },
            either => problems.extend(either.into_iter().filter_map(Result::err)),
        }
    }
    problems.dedup();
    if problems.is_empty() {
        Ok(Panels {
            executor: NextPanelExecutor::new(panels),
            fleet,
            sandbox: None,
        })
    } else {
        Err(Stop::bad_input(problems))
    }
}

fn panel(
    server: Option<&ServerConfig>,
    key: SecretString,
    secret: SecretString,
) -> Result<Panel, String> {
    let server = server.ok_or_else(|| "the fleet has no such server".to_owned())?;
    Panel::builder(server.url().as_str(), &PanelCredentials::new(key, secret))
        .build()
        .map_err(|error| format!("server {}: {error}", server.name()))
}

/// A variable that is set and not empty.
fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The local address that packets to this host leave from. Connecting a UDP socket sends nothing. Behind NAT the panel
/// sees another address; the remedy's reader knows the network.
pub(super) fn address_towards(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?.trim_matches(['[', ']']);
    let target = (host, url.port_or_known_default()?)
        .to_socket_addrs()
        .ok()?
        .next()?;
    let any = if target.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(target).ok()?;
    Some(socket.local_addr().ok()?.ip())
}
