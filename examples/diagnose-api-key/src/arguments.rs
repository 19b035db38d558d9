//! What the program is told.

use std::net::IpAddr;
use std::time::Duration;

use clap::Parser;
use jiff::Timestamp;
use nextpanel_client::panel::PanelCredentials;
use provisioning_core::permission::{ApiKeyProfile, PermissionLevel, Scope};
use secrecy::SecretString;
use url::Url;

pub(crate) const KEY_VARIABLE: &str = "NEXTPANEL_API_KEY";
pub(crate) const SECRET_VARIABLE: &str = "NEXTPANEL_API_SECRET";

/// Why does this NextPanel API key get a 403? A table of checks, and what to do.
///
/// Key and secret are read from the environment: NEXTPANEL_API_KEY and NEXTPANEL_API_SECRET.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Arguments {
    #[arg(
        long,
        env = "NEXTPANEL_URL",
        help = "Where the panel is, such as https://np-1.example.com:9000"
    )]
    pub(crate) url: Url,

    /// What you call the server, for the remedy.
    #[arg(long)]
    pub(crate) server: Option<String>,

    /// The key's permission level as the panel's page shows it: READ_ONLY, USER, DEVELOPER, BILLING, ADMIN, SUPER_ADMIN.
    #[arg(long)]
    level: Option<String>,

    /// A scope of the key; repeat for each. Without any they are unknown and not held against it.
    #[arg(long, requires = "level")]
    scope: Vec<String>,

    /// An address or network the key may be used from; repeat for each. Without any it is all.
    #[arg(long, requires = "level")]
    allowed_ip: Vec<String>,

    /// When the key expires, such as 2026-12-31T23:59:59Z
    #[arg(long, requires = "level")]
    expires_at: Option<Timestamp>,

    /// The key is switched off on the panel's page.
    #[arg(long, requires = "level")]
    inactive: bool,

    /// The address the panel sees this machine under.
    #[arg(long)]
    pub(crate) caller_ip: Option<IpAddr>,

    /// Create an account under a random name, look it up, and remove it: the only way to be sure. It writes to the panel.
    #[arg(long)]
    pub(crate) probe_create: bool,

    /// Print one JSON object.
    #[arg(long)]
    pub(crate) json: bool,

    /// Seconds the checks may take, without the probe.
    #[arg(long, default_value_t = 5.0)]
    timeout: f64,

    /// Send the key over plain http to a public host, where everybody on the way reads it.
    #[arg(long)]
    pub(crate) allow_plain_http: bool,
}

impl Arguments {
    pub(crate) fn timeout(&self) -> Duration {
        Duration::try_from_secs_f64(self.timeout).unwrap_or(Duration::from_secs(5))
    }

    pub(crate) fn credentials(&self) -> Result<PanelCredentials, String> {
        let read = |name: &str| {
            let value = std::env::var(name)
                .ok()
                .filter(|value| !value.trim().is_empty());
            value.map(SecretString::from).ok_or(name.to_owned())
        };
        match (read(KEY_VARIABLE), read(SECRET_VARIABLE)) {
            (Ok(key), Ok(secret)) => Ok(PanelCredentials::new(key, secret)),
            (Err(one), Err(other)) => Err(format!("set {one} and {other}")),
            (Err(missing), _) | (_, Err(missing)) => Err(format!("set {missing}")),
        }
    }

    /// What is known of the key, if anything is.
    pub(crate) fn profile(&self) -> Result<Option<ApiKeyProfile>, String> {
        let Some(level) = &self.level else {
            return Ok(None);
        };
        let level = PermissionLevel::from(level.as_str());
        if let PermissionLevel::Unknown(text) = &level {
            let known = PermissionLevel::KNOWN.map(|level| level.to_string());
            return Err(format!(
                "{text} is no permission level; the levels are {}",
                known.join(", ")
            ));
        }
        let mut profile = ApiKeyProfile::new(level)
            .with_allowed_addresses(&self.allowed_ip)
            .with_active(!self.inactive);
        if !self.scope.is_empty() {
            profile = profile.with_scopes(self.scope.iter().map(|text| Scope::from(text.as_str())));
        }
        if let Some(at) = self.expires_at {
            profile = profile.with_expiry(at);
        }
        Ok(Some(profile))
    }
}
