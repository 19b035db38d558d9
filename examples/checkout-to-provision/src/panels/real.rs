//! Real panels: from NEXTPANEL_* or from a fleet file.

use std::env;
use std::net::{IpAddr, ToSocketAddrs, UdpSocket};

use secrecy::SecretString;
use url::Url;

use nextpanel_client::panel::{Panel, PanelCredentials};
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_engine::nextpanel::NextPanelExecutor;

use super::durations::{first_pause, longest_request};
use super::mpanel::MpanelEnvironment;
use super::{Panels, patient, sandbox};
use crate::arguments::Arguments;
use crate::input;

const URL: &str = "NEXTPANEL_URL";
const KEY: &str = "NEXTPANEL_API_KEY";
const SECRET: &str = "NEXTPANEL_API_SECRET";
const CAPACITY: &str = "NEXTPANEL_CAPACITY";
const PREVIEW_DOMAIN: &str = "NEXTPANEL_PREVIEW_DOMAIN";

/// What the environment says about both panels.
pub(crate) struct Environment {
    url: Option<String>,
    key: Option<SecretString>,
    secret: Option<SecretString>,
    mpanel: MpanelEnvironment,
}

impl Environment {
    pub(crate) fn read() -> Self {
        Self {
            url: text(URL),
            key: text(KEY).map(SecretString::from),
            secret: text(SECRET).map(SecretString::from),
            mpanel: MpanelEnvironment::read(),
        }
    }

    /// Whether real panels are meant: a fleet file, or any variable of the group. One that is set and empty is meant, too:
    /// a secret that failed to arrive must not turn a paid order into a rehearsal on the sandbox.
    pub(crate) fn means_real_panels(&self, arguments: &Arguments) -> bool {
        self.means_nextpanel(arguments) || self.mpanel.is_meant(arguments)
    }

    fn means_nextpanel(&self, arguments: &Arguments) -> bool {
        arguments.fleet.is_some()
            || [URL, KEY, SECRET]
                .iter()
                .any(|name| env::var_os(name).is_some())
    }

    /// The sandbox that was asked for.
    pub(super) fn sandbox(&self, arguments: &Arguments) -> Result<sandbox::Settings, String> {
        sandbox::Settings::new(arguments, self.mpanel.sandbox_mode())
    }

    /// The panels. Nothing is sent.
    pub(super) fn panels(&self, arguments: &Arguments) -> Result<Panels, Vec<String>> {
        let nextpanel = match &arguments.fleet {
            Some(path) if self.url.is_none() => {
                input::fleet(path).and_then(|fleet| from_fleet(fleet, arguments))
            }
            Some(_) => Err(vec![format!(
                "{URL} and --fleet both name servers: give one of them"
            )]),
            None if self.means_nextpanel(arguments) => self.single(arguments),
            None => without_servers(),
        };
        let longest = longest_request();
        let known = longest.as_ref().ok().copied().flatten();
        let mpanel = self.mpanel.configured(arguments, known);
        match (nextpanel, mpanel, longest, first_pause()) {
            (Ok(panels), Ok(mpanel), Ok(longest), Ok(first_pause)) => Ok(Panels {
                mpanel,
                first_pause,
                nextpanel: panels.nextpanel.map(|nextpanel| match longest {
                    Some(longest) => nextpanel.longest_duration(longest),
                    None => nextpanel,
                }),
                ..panels
            }),
            (nextpanel, mpanel, longest, first_pause) => Err(nextpanel
                .err()
                .into_iter()
                .chain(mpanel.err())
                .flatten()
                .chain(longest.err())
                .chain(first_pause.err())
                .collect()),
        }
    }

    fn single(&self, arguments: &Arguments) -> Result<Panels, Vec<String>> {
        let mut problems = Vec::new();
        let missing: Vec<&str> = [
            (URL, self.url.is_none()),
            (KEY, self.key.is_none()),
            (SECRET, self.secret.is_none()),
        ]
        .into_iter()
        .filter_map(|(name, is_missing)| is_missing.then_some(name))
        .collect();
        if !missing.is_empty() {
            problems.push(format!(
                "{URL}, {KEY} and {SECRET} belong together; not set, empty or not text: {}",
                missing.join(", ")
            ));
        }
        let url = self.url.as_deref().and_then(|url| {
            Url::parse(url)
                .map_err(|error| problems.push(format!("{URL}: {error}")))
                .ok()
        });
        let capacity = capacity().map_err(|problem| problems.push(problem)).ok();
        let (Some(url), Some(capacity), Some(key), Some(secret)) =
            (url, capacity, &self.key, &self.secret)
        else {
            return Err(problems);
        };
        let (name, fleet) = fleet_of_one(url, capacity).map_err(|problem| vec![problem])?;
        let panel = panel(fleet.server(&name), key.clone(), secret.clone(), arguments)
            .map_err(|problem| vec![problem])?;
        Ok(real(vec![(name, panel)], fleet))
    }
}

fn capacity() -> Result<u32, String> {
    let text = text(CAPACITY)
        .ok_or_else(|| format!("{CAPACITY} is not set: how many accounts may the panel hold?"))?;
    text.trim()
        .parse()
        .map_err(|_| format!("{CAPACITY}: `{text}` is no number of accounts"))
}

fn fleet_of_one(url: Url, capacity: u32) -> Result<(ServerName, FleetConfig), String> {
    let name = ServerName::new(url.host_str().unwrap_or("nextpanel"))
        .or_else(|_| ServerName::new("nextpanel"))
        .map_err(|error| error.to_string())?;
    let server = ServerConfig::new(name.clone(), url, capacity)
        .and_then(|server| server.with_credentials_from(KEY, SECRET))
        .map_err(|error| format!("{URL}, {CAPACITY}: {error}"))?;
    let mut fleet = FleetConfig::new([server]).map_err(|error| error.to_string())?;
    if let Some(domain) = text(PREVIEW_DOMAIN) {
        fleet = fleet
            .with_preview_domain(&domain)
            .map_err(|error| format!("{PREVIEW_DOMAIN}: {error}"))?;
    }
    Ok((name, fleet))
}

fn from_fleet(fleet: FleetConfig, arguments: &Arguments) -> Result<Panels, Vec<String>> {
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
                None if arguments.dry_run => Ok(SecretString::from("not set")),
                None => Err(format!("server {}: {name} is not set", server.name())),
            },
        });
        match credentials {
            [Ok(key), Ok(secret)] => match panel(Some(server), key, secret, arguments) {
                Ok(panel) => panels.push((server.name().clone(), panel)),
                Err(problem) => problems.push(problem),
            },
            either => problems.extend(either.into_iter().filter_map(Result::err)),
        }
    }
    problems.dedup();
    if problems.is_empty() {
        Ok(real(panels, fleet))
    } else {
        Err(problems)
    }
}

/// mPanel alone.
fn without_servers() -> Result<Panels, Vec<String>> {
    let fleet = FleetConfig::new([]).map_err(|error| vec![error.to_string()])?;
    Ok(Panels {
        nextpanel: None,
        ..real(Vec::new(), fleet)
    })
}

fn real(clients: Vec<(ServerName, Panel)>, fleet: FleetConfig) -> Panels {
    Panels {
        nextpanel: Some(NextPanelExecutor::new(clients.clone())),
        mpanel: None,
        clients,
        first_pause: None,
        fleet,
        sandbox: None,
    }
}

fn panel(
    server: Option<&ServerConfig>,
    key: SecretString,
    secret: SecretString,
    arguments: &Arguments,
) -> Result<Panel, String> {
    let server = server.ok_or_else(|| "the fleet has no such server".to_owned())?;
    let builder = Panel::builder(server.url().as_str(), &PanelCredentials::new(key, secret));
    patient(builder, arguments.wait())
        .build()
        .map_err(|error| format!("server {}: {error}", server.name()))
}

/// A variable that is set, is text, and is not empty.
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
