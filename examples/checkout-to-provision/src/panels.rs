//! The servers: the embedded sandbox, or real panels from the environment or a fleet file. Never both.

mod durations;
mod mpanel;
mod real;
mod sandbox;

use std::time::Duration;

use host_setup::earlier::MarkedAccounts;
use nextpanel_client::panel::{Panel, PanelBuilder};
use panel_http::RetryPolicy;
use provisioning_core::fleet::{FleetConfig, ServerName};
use provisioning_core::permission::{RemedyContext, Service};
use provisioning_core::plan::verb::Capabilities;
use provisioning_engine::EngineBuilder;
use provisioning_engine::executor::Executor;
use provisioning_engine::nextpanel::NextPanelExecutor;

use crate::arguments::Arguments;
use crate::exit::Stop;

pub(crate) use mpanel::{ConfiguredMpanel, HeldOnMpanel};
pub(crate) use real::Environment;
pub(crate) use sandbox::{Held, Sandbox, bundled_fleet};

/// The panels that were asked for. Nothing has started, and nothing was sent.
pub(crate) enum Chosen {
    /// The embedded sandbox.
    Sandbox(sandbox::Settings),
    /// Real panels.
    Real(Box<Panels>),
}

/// Chooses between them; everything that is wrong with the choice at once.
pub(crate) fn choose(
    environment: &Environment,
    arguments: &Arguments,
) -> Result<Chosen, Vec<String>> {
    if environment.means_real_panels(arguments) {
        environment
            .panels(arguments)
            .map(|panels| Chosen::Real(Box::new(panels)))
    } else {
        environment
            .sandbox(arguments)
            .map(Chosen::Sandbox)
            .map_err(|problem| vec![problem])
    }
}

/// What NextPanel can do, whichever it is.
pub(crate) fn capabilities() -> Capabilities {
    NextPanelExecutor::new([]).capabilities()
}

impl Chosen {
    pub(crate) fn fleet(&self) -> &FleetConfig {
        match self {
            Self::Sandbox(settings) => settings.fleet(),
            Self::Real(panels) => &panels.fleet,
        }
    }

    /// What the chosen panels can do.
    pub(crate) fn capabilities(&self) -> Capabilities {
        match self {
            Self::Sandbox(settings) => settings.capabilities(),
            Self::Real(panels) => panels.capabilities(),
        }
    }

    /// Starts the sandbox if it is that.
    pub(crate) async fn start(self, arguments: &Arguments) -> Result<Panels, Stop> {
        match self {
            Self::Sandbox(settings) => settings.start(arguments).await,
            Self::Real(panels) => Ok(*panels),
        }
    }
}

/// A pause that a server asks for is waited out inside a call only as long as --wait allows; a longer one is the run's
/// to wait out, which says until when.
fn patient(builder: PanelBuilder, wait: Duration) -> PanelBuilder {
    let policy = RetryPolicy::default();
    let longest = policy.longest_hint().min(wait);
    builder.with_client(|client| client.retry_policy(policy.with_longest_hint(longest)))
}

/// Where accounts are made.
pub(crate) struct Panels {
    pub(crate) fleet: FleetConfig,
    nextpanel: Option<NextPanelExecutor>,
    pub(crate) mpanel: Option<ConfiguredMpanel>,
    clients: Vec<(ServerName, Panel)>,
    /// The pause before something is tried a second time, if it was set.
    pub(crate) first_pause: Option<Duration>,
    pub(crate) sandbox: Option<Sandbox>,
}

impl Panels {
    fn capabilities(&self) -> Capabilities {
        let none = Capabilities::none;
        let nextpanel = self
            .nextpanel
            .as_ref()
            .map_or_else(none, Executor::capabilities);
        let mpanel = self.mpanel.as_ref();
        nextpanel.and(mpanel.map_or_else(none, |mpanel| mpanel.executor.capabilities()))
    }

    /// The accounts of all servers that carry a mark. Only reads are sent.
    pub(crate) async fn marked_accounts(&self) -> MarkedAccounts {
        MarkedAccounts::search(&self.clients).await
    }

    /// Gives an engine the executors of the configured panels.
    pub(crate) fn equip(&self, mut builder: EngineBuilder) -> EngineBuilder {
        if let Some(nextpanel) = &self.nextpanel {
            builder = builder.executor(nextpanel.clone());
        }
        if let Some(mpanel) = &self.mpanel {
            builder = builder.executor(mpanel.executor.clone());
        }
        builder
    }

    /// What a remedy should name, for a permission that is missing on this service.
    pub(crate) fn remedy_context_of(
        &self,
        service: Service,
        server: Option<&ServerName>,
    ) -> RemedyContext {
        match &self.mpanel {
            Some(mpanel) if service == Service::Mpanel => {
                mpanel.remedy_context(self.sandbox.is_some())
            }
            _ => self.remedy_context(server),
        }
    }

    /// What a remedy should name: the server, its address, the environment variables, the address we call from.
    pub(crate) fn remedy_context(&self, server: Option<&ServerName>) -> RemedyContext {
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
        // The sandbox reads no key from anywhere.
        if self.sandbox.is_none()
            && let (Some(key), Some(secret)) = (config.api_key_env(), config.api_secret_env())
        {
            context = context.with_variables(key, secret);
        }
        match real::address_towards(config.url()) {
            Some(address) => context.with_caller_ip(address),
            None => context,
        }
    }
}
