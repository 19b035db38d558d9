//! The panels that are configured, and their executors.

mod mpanel;
mod nextpanel;

use std::net::{IpAddr, ToSocketAddrs, UdpSocket};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use nextpanel_client::panel::Panel;
use panel_http::RetryPolicy;
use provisioning_core::fleet::{FleetConfig, ServerName};
use provisioning_core::permission::{RemedyContext, Service};
use provisioning_engine::EngineBuilder;
use provisioning_engine::nextpanel::NextPanelExecutor;
use url::Url;

pub use mpanel::ConfiguredMpanel;

/// What the environment tells about panels, for `--help`.
pub const ENVIRONMENT: &str = "\
Environment:
  NEXTPANEL_URL, NEXTPANEL_API_KEY, NEXTPANEL_API_SECRET, NEXTPANEL_CAPACITY
          One NextPanel server and how many accounts it may hold. --fleet names several instead
  NEXTPANEL_PREVIEW_DOMAIN
          Where accounts without a domain of their own live, as <username>.<preview domain>
  MPANEL_URL, MPANEL_EMAIL, MPANEL_PASSWORD, MPANEL_TOKEN, MPANEL_MODE
          An mPanel. All five or none. MPANEL_TOKEN is sent as x-mpanel-token. MPANEL_MODE is direct, or the entry that
          takes orders: provisioning-stripe, stripe-completed, orders-webhook, order-created
  MPANEL_INTERNAL_KEY, MPANEL_TENANT
          What the entry orders-webhook wants besides: x-internal-key, and the short name of the tenant
  PROVISIONING_DATABASE_URL
          The PostgreSQL database in which runs are kept, where neither --state nor --database-url names a place
  PROVISIONING_SEALING_KEY
          32 bytes as base64, such as `openssl rand -base64 32` makes. Without it a private file beside the state file is
          used, and made with the state file; a database wants the variable
  PROVISIONING_SEALING_KEY_OLDER
          The key before: what it sealed is sealed anew";

/// The panels, as the command line says it.
#[derive(Debug, Clone, Args)]
pub struct PanelArguments {
    /// The servers and the preview domain.
    #[arg(long, value_name = "FILE.toml")]
    pub fleet: Option<PathBuf>,
}

/// The panels that are configured.
#[derive(Debug)]
pub struct Panels {
    /// The servers.
    pub fleet: FleetConfig,
    /// A client for each server.
    pub clients: Vec<(ServerName, Panel)>,
    /// The mPanel.
    pub mpanel: Option<ConfiguredMpanel>,
}

impl Panels {
    /// Reads what is configured. `longest_pause` is what a call waits out when a server asks for a pause; a longer one is
    /// the run's to wait out, without holding a place.
    ///
    /// # Errors
    /// Everything that is missing or wrong, a sentence each. Nothing is sent.
    pub fn from_environment(
        arguments: &PanelArguments,
        longest_pause: Duration,
    ) -> Result<Self, Vec<String>> {
        let policy = RetryPolicy::default();
        let longest = policy.longest_hint().min(longest_pause);
        let retry = policy.with_longest_hint(longest);
        let servers = nextpanel::servers(arguments.fleet.as_deref(), &retry);
        let mpanel = mpanel::configured(&retry);
        let (servers, mpanel) = match (servers, mpanel) {
            (Ok(servers), Ok(mpanel)) => (servers, mpanel),
            (servers, mpanel) => {
                let problems = [servers.err(), mpanel.err()];
                return Err(problems.into_iter().flatten().flatten().collect());
            }
        };
        if servers.is_none() && mpanel.is_none() {
            return Err(vec![
                "no panel is configured: set NEXTPANEL_URL and its companions, give --fleet FILE, or set MPANEL_URL and \
                 its companions (--help lists them)"
                    .to_owned(),
            ]);
        }
        let (fleet, clients) = match servers {
            Some(servers) => servers,
            None => (
                FleetConfig::new([]).map_err(|error| vec![error.to_string()])?,
                Vec::new(),
            ),
        };
        Ok(Self {
            fleet,
            clients,
            mpanel,
        })
    }

    /// Gives an engine the executors of the configured panels.
    #[must_use]
    pub fn equip(&self, mut builder: EngineBuilder) -> EngineBuilder {
        if !self.clients.is_empty() {
            builder = builder.executor(NextPanelExecutor::new(self.clients.clone()));
        }
        if let Some(mpanel) = &self.mpanel {
            builder = builder.executor(mpanel.executor.clone());
        }
        builder
    }

    /// The panels in one line.
    #[must_use]
    pub fn describe(&self) -> String {
        let servers = self
            .fleet
            .servers()
            .iter()
            .map(|server| format!("{} ({})", server.name(), server.url()));
        let mpanel = self
            .mpanel
            .iter()
            .map(|mpanel| format!("mPanel ({}, {})", mpanel.url, mpanel.mode));
        servers.chain(mpanel).collect::<Vec<_>>().join(", ")
    }

    /// What a remedy should name, for a permission that is missing on this service: the server, its address, the
    /// environment variables, the address we call from.
    #[must_use]
    pub fn remedy_context(&self, service: Service, server: Option<&ServerName>) -> RemedyContext {
        if let (Service::Mpanel, Some(mpanel)) = (service, &self.mpanel) {
            return mpanel.remedy_context();
        }
        let config = match server {
            Some(name) => self.fleet.server(name),
            None => self.fleet.servers().first(),
        };
        let Some(config) = config else {
            return RemedyContext::new();
        };
        let mut context = RemedyContext::new()
            .with_server(config.name().as_str())
            .with_panel_url(config.url());
        if let (Some(key), Some(secret)) = (config.api_key_env(), config.api_secret_env()) {
            context = context.with_variables(key, secret);
        }
        match address_towards(config.url()) {
            Some(address) => context.with_caller_ip(address),
            None => context,
        }
    }
}

/// The local address that packets to this host leave from. Connecting a UDP socket sends nothing. Behind NAT the panel
/// sees another address; the remedy's reader knows the network.
fn address_towards(url: &Url) -> Option<IpAddr> {
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
