//! The servers and their keys, and the mPanel beside them.

use std::{env, fs};

use host_setup::panels::ConfiguredMpanel;
use nextpanel_client::panel::{Panel, PanelCredentials};
use panel_http::RetryPolicy;
use provisioning_core::fleet::{FleetConfig, ServerConfig, ServerName};
use provisioning_engine::mpanel::MpanelExecutor;
use provisioning_engine::nextpanel::NextPanelExecutor;
use secrecy::SecretString;

use crate::arguments::Arguments;

const KEY: &str = "NEXTPANEL_API_KEY";
const SECRET: &str = "NEXTPANEL_API_SECRET";

pub(crate) fn read(arguments: &Arguments) -> Result<(FleetConfig, NextPanelExecutor), String> {
    let fleet = match (&arguments.fleet, &arguments.url) {
        (Some(path), _) => {
            let name = path.display().to_string();
            let text = fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
            FleetConfig::from_toml(&name, &text).map_err(|error| error.to_string())?
        }
        (None, Some(url)) => {
            let host = url.host_str().unwrap_or("nextpanel");
            let name = ServerName::new(arguments.server.as_deref().unwrap_or(host))
                .map_err(|error| error.to_string())?;
            // Nothing is placed here, so any capacity does.
            let server = ServerConfig::new(name, url.clone(), 1)
                .and_then(|server| server.with_credentials_from(KEY, SECRET))
                .map_err(|error| error.to_string())?;
            FleetConfig::new([server]).map_err(|error| error.to_string())?
        }
        (None, None) => return Err("name the servers: --fleet FILE, or --url".to_owned()),
    };
    let clients = fleet
        .servers()
        .iter()
        .map(|server| Ok((server.name().clone(), client(server)?)))
        .collect::<Result<Vec<_>, String>>()?;
    Ok((fleet, NextPanelExecutor::new(clients)))
}

/// The mPanel that has a part of the orders, if one is configured. Without it, that part is left to people.
pub(crate) fn mpanel() -> Result<Option<MpanelExecutor>, String> {
    ConfiguredMpanel::from_environment(&RetryPolicy::default())
        .map(|mpanel| mpanel.map(|mpanel| mpanel.executor))
        .map_err(|problems| problems.join("\n"))
}

fn client(server: &ServerConfig) -> Result<Panel, String> {
    let variable = |name: Option<&str>, default: &str| {
        let name = name.unwrap_or(default);
        env::var(name)
            .ok()
            .filter(|value| !value.trim().is_empty())
            .map(SecretString::from)
            .ok_or_else(|| format!("server {}: {name} is not set", server.name()))
    };
    let credentials = PanelCredentials::new(
        variable(server.api_key_env(), KEY)?,
        variable(server.api_secret_env(), SECRET)?,
    );
    Panel::builder(server.url().as_str(), &credentials)
        .build()
        .map_err(|error| format!("server {}: {error}", server.name()))
}
