//! The servers: the embedded sandbox, or real panels from the environment or a fleet file. Never both.

mod real;
mod sandbox;

use provisioning_core::fleet::FleetConfig;
use provisioning_core::fleet::ServerName;
use provisioning_core::permission::RemedyContext;
use provisioning_engine::nextpanel::NextPanelExecutor;

use crate::arguments::{Arguments, State};
use crate::exit::Stop;

pub(crate) use real::Environment;
pub(crate) use sandbox::{Sandbox, start as start_sandbox};

/// Where accounts are made.
pub(crate) struct Panels {
    pub(crate) fleet: FleetConfig,
    pub(crate) executor: NextPanelExecutor,
    pub(crate) sandbox: Option<Sandbox>,
}

impl Panels {
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
        if let (Some(key), Some(secret)) = (config.api_key_env(), config.api_secret_env()) {
            context = context.with_variables(key, secret);
        }
        match real::address_towards(config.url()) {
            Some(address) => context.with_caller_ip(address),
            None => context,
        }
    }
}

/// With real panels nothing is assumed: what is missing on the command line is said all at once, and nothing is sent.
pub(crate) fn refuse_assumptions(arguments: &Arguments) -> Result<(), Stop> {
    let mut missing = Vec::new();
    if arguments.order.is_none() {
        missing.push("ORDER.json: the bundled sample never goes to a real panel".to_owned());
    }
    if arguments.fault.is_some() {
        missing.push("--fault is for the sandbox only".to_owned());
    }
    if !arguments.dry_run {
        if arguments.paid_by.is_none() {
            missing.push("--paid-by operator: you vouch that the order is paid".to_owned());
        }
        if arguments.state != Some(State::Memory) {
            missing.push(
                "--state memory: the run is kept in this process only; a crash may leave an account whose password is lost"
                    .to_owned(),
            );
        }
        if !arguments.confirm_saved && !crate::hand_over::can_ask() {
            missing.push(
                "--confirm-saved: there is no terminal to ask whether the password is saved"
                    .to_owned(),
            );
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let mut lines = vec![
        "real panels are configured, and nothing is assumed for them; nothing was sent. Missing:"
            .to_owned(),
    ];
    lines.extend(missing.into_iter().map(|line| format!("  {line}")));
    Err(Stop::bad_input(lines))
}
