//! The servers accounts can be placed on: their configuration and what was observed of them.
//!
//! [`FleetConfig`] is what an operator writes down, usually as TOML. [`Fleet`] is that together with one
//! [`Observation`] per server, made by whoever talks to the panels. A server nobody could count is never taken for
//! an empty one.

mod config;
mod counted_account;
mod error;
mod index;
mod name;
mod observation;
mod read;
mod reservation;
mod server;
mod slots;

pub use config::FleetConfig;
pub use counted_account::CountedAccount;
pub use error::{FleetError, FleetProblem};
pub use name::{InvalidServerName, ServerName};
pub use observation::Observation;
pub use reservation::{Reservation, ReservedAccount, UnknownReservedAccount, uncounted_slots};
pub use server::{ServerConfig, ServerConfigError, ServerState};

pub(crate) use index::{Index, ServerSet};
pub(crate) use slots::Slots;

use std::sync::Arc;

/// A configuration and what was observed of its servers.
///
/// Cheap to clone; large ones are shared. Servers are kept in the order of their names.
///
/// ```
/// use provisioning_core::fleet::{Fleet, FleetConfig, Observation, ServerConfig, ServerName};
///
/// let name = ServerName::new("np-1")?;
/// let server = ServerConfig::new(name.clone(), "https://np-1.example.net".parse()?, 50)?;
/// let fleet = Fleet::new(FleetConfig::new([server])?)
///     .with_observation(&name, Observation::Counted { accounts: 3, reserved_uncounted: 1 });
/// assert_eq!(fleet.free(&name), Some(46));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Fleet {
    config: Arc<FleetConfig>,
    index: Arc<Index>,
    digest: Arc<str>,
    observations: Vec<Observation>,
    slots: Vec<Slots>,
}

impl Fleet {
    /// A fleet of which nothing was observed yet, so nothing can be placed on it.
    #[must_use]
    pub fn new(config: FleetConfig) -> Self {
        Self {
            index: Arc::new(Index::of(config.servers())),
            digest: config.digest().into(),
            observations: vec![Observation::NotObserved; config.servers().len()],
            slots: config
                .servers()
                .iter()
                .map(|server| Slots::of(server, &Observation::NotObserved))
                .collect(),
            config: Arc::new(config),
        }
    }

    /// Sets what was observed of one server. The configuration alone decides which servers there are: an observation
    /// of any other is dropped.
    #[must_use]
    pub fn with_observation(mut self, name: &ServerName, observation: Observation) -> Self {
        self.observe(name, observation);
        self
    }

    /// Sets what was observed of one server; `false` if the configuration has no such server.
    pub fn observe(&mut self, name: &ServerName, observation: Observation) -> bool {
        let Some(at) = self.config.position(name) else {
            return false;
        };
        let (Some(server), Some(observed), Some(slots)) = (
            self.config.servers().get(at),
            self.observations.get_mut(at),
            self.slots.get_mut(at),
        ) else {
            return false;
        };
        *slots = Slots::of(server, &observation);
        *observed = observation;
        true
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &FleetConfig {
        &self.config
    }

    /// The digest of the configuration, computed once.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What was observed of a server; `None` if the configuration has no such server.
    #[must_use]
    pub fn observation(&self, name: &ServerName) -> Option<&Observation> {
        self.observations.get(self.config.position(name)?)
    }

    /// Every server with its observation, in the order of names.
    pub fn servers(&self) -> impl ExactSizeIterator<Item = (&ServerConfig, &Observation)> {
        self.config.servers().iter().zip(&self.observations)
    }

    /// Accounts the server can still take; `None` if there is no such server or its accounts are not counted.
    ///
    /// Capacity less the accounts on the panel, less what reservations hold beyond them; never below zero.
    #[must_use]
    pub fn free(&self, name: &ServerName) -> Option<u32> {
        let server = self.config.server(name)?;
        self.observation(name)?.free(server.capacity())
    }

    /// The numbers of every server, in the order of names.
    pub(crate) fn slots(&self) -> &[Slots] {
        &self.slots
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }
}
