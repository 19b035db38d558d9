//! NextPanel servers: one from `NEXTPANEL_*`, or several from a fleet file.

use std::path::Path;

use nextpanel_client::panel::{Panel, PanelCredentials};
use panel_http::RetryPolicy;
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use secrecy::SecretString;
use url::Url;

use crate::environment::{is_set, text};
use crate::text_file;

const URL: &str = "NEXTPANEL_URL";
const KEY: &str = "NEXTPANEL_API_KEY";
const SECRET: &str = "NEXTPANEL_API_SECRET";
const CAPACITY: &str = "NEXTPANEL_CAPACITY";
const PREVIEW_DOMAIN: &str = "NEXTPANEL_PREVIEW_DOMAIN";

type Servers = (FleetConfig, Vec<(ServerName, Panel)>);

/// The servers, if any are meant.
pub(super) fn servers(
    fleet: Option<&Path>,
    retry: &RetryPolicy,
) -> Result<Option<Servers>, Vec<String>> {
    let is_meant = [URL, KEY, SECRET].into_iter().any(is_set);
    match fleet {
        Some(_) if text(URL).is_some() => Err(vec![format!(
            "{URL} and --fleet both name servers: give one of them"
        )]),
        Some(path) => from_fleet(path, retry).map(Some),
        None if is_meant => single(retry).map(Some),
        None => Ok(None),
    }
}

fn single(retry: &RetryPolicy) -> Result<Servers, Vec<String>> {
    let (url, key, secret) = (text(URL), text(KEY), text(SECRET));
    let mut problems = Vec::new();
    let missing: Vec<&str> = [
        (URL, url.is_none()),
        (KEY, key.is_none()),
        (SECRET, secret.is_none()),
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
    let url = url.and_then(|url| {
        Url::parse(&url)
            .map_err(|error| problems.push(format!("{URL}: {error}")))
            .ok()
    });
    let capacity = capacity().map_err(|problem| problems.push(problem)).ok();
    let (Some(url), Some(capacity), Some(key), Some(secret)) = (url, capacity, key, secret) else {
        return Err(problems);
    };
    let one = |problem: String| vec![problem];
    let fleet = fleet_of_one(url, capacity).map_err(one)?;
    let mut clients = Vec::new();
    for server in fleet.servers() {
        let client = client(server, key.clone().into(), secret.clone().into(), retry);
        clients.push((server.name().clone(), client.map_err(one)?));
    }
    Ok((fleet, clients))
}

fn capacity() -> Result<u32, String> {
    let text = text(CAPACITY)
        .ok_or_else(|| format!("{CAPACITY} is not set: how many accounts may the panel hold?"))?;
    text.trim()
        .parse()
        .map_err(|_| format!("{CAPACITY}: `{text}` is no number of accounts"))
}

fn fleet_of_one(url: Url, capacity: u32) -> Result<FleetConfig, String> {
    let name = ServerName::new(url.host_str().unwrap_or("nextpanel"))
        .or_else(|_| ServerName::new("nextpanel"))
        .map_err(|error| error.to_string())?;
    let server = ServerConfig::new(name, url, capacity)
        .and_then(|server| server.with_credentials_from(KEY, SECRET))
        .map_err(|error| format!("{URL}, {CAPACITY}: {error}"))?;
    let fleet = FleetConfig::new([server]).map_err(|error| error.to_string())?;
    match text(PREVIEW_DOMAIN) {
        Some(domain) => fleet
            .with_preview_domain(&domain)
            .map_err(|error| format!("{PREVIEW_DOMAIN}: {error}")),
        None => Ok(fleet),
    }
}

fn from_fleet(path: &Path, retry: &RetryPolicy) -> Result<Servers, Vec<String>> {
    let (name, toml) = text_file::read(path).map_err(|problem| vec![problem])?;
    let fleet = FleetConfig::from_toml(&name, &toml).map_err(|error| {
        error
            .to_string()
            .lines()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    })?;
    let mut clients = Vec::new();
    let mut problems = Vec::new();
    for server in fleet.servers() {
        let credentials = [server.api_key_env(), server.api_secret_env()].map(|name| match name {
            None => Err(format!(
                "server {}: name the environment variables in api_key_env and api_secret_env",
                server.name()
            )),
            Some(name) => text(name)
                .map(SecretString::from)
                .ok_or_else(|| format!("server {}: {name} is not set", server.name())),
        });
        match credentials {
            [Ok(key), Ok(secret)] => match client(server, key, secret, retry) {
                Ok(client) => clients.push((server.name().clone(), client)),
                Err(problem) => problems.push(problem),
            },
            either => problems.extend(either.into_iter().filter_map(Result::err)),
        }
    }
    problems.dedup();
    if problems.is_empty() {
        Ok((fleet, clients))
    } else {
        Err(problems)
    }
}

fn client(
    server: &ServerConfig,
    key: SecretString,
    secret: SecretString,
    retry: &RetryPolicy,
) -> Result<Panel, String> {
    Panel::builder(server.url().as_str(), &PanelCredentials::new(key, secret))
        .with_client(|client| client.retry_policy(*retry))
        .build()
        .map_err(|error| format!("server {}: {error}", server.name()))
}
