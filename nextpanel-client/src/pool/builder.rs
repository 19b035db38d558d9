//! Setting a pool up.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, RwLock};

use panel_http::{ClientBuilder, Error};
use provisioning_core::fleet::{FleetConfig, ServerName};
use secrecy::SecretString;

use super::circuit::{Circuit, CircuitPolicy};
use super::member::Member;
use super::replace::CredentialsListener;
use super::server::PoolServer;
use super::store::{MemoryServers, ServerStore, StoreError};
use super::{ServerPool, Shared};
use crate::panel::{ConnectionTest, Panel, PanelCredentials};

/// How every client of a pool differs from the usual.
type Change = dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync;

/// Sets a [`ServerPool`] up.
#[derive(Default)]
pub struct PoolBuilder {
    servers: Vec<PoolServer>,
    problems: Vec<PoolProblem>,
    store: Option<Arc<dyn ServerStore>>,
    listeners: Vec<Arc<dyn CredentialsListener>>,
    settings: Settings,
}

#[derive(Default)]
pub(super) struct Settings {
    change: Option<Box<Change>>,
    circuit: CircuitPolicy,
    pub(super) test: ConnectionTest,
}

/// What is wrong with one server of a pool.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PoolProblem {
    /// The configuration does not say where its key is.
    #[error("{0}: the configuration names no environment variables for its API key and secret")]
    NoCredentials(ServerName),
    /// A variable the configuration names is not set.
    #[error("{server}: the environment variable {variable} is not set")]
    NotSet {
        /// The server.
        server: ServerName,
        /// The variable.
        variable: String,
    },
    /// Its URL or key cannot be used.
    #[error("{server}: {error}")]
    Unusable {
        /// The server.
        server: ServerName,
        /// What is wrong.
        error: Error,
    },
}

/// A pool cannot be set up or changed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// Servers cannot be used. All of them are named.
    #[error("{}", listed(.0))]
    Servers(Vec<PoolProblem>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PoolError {
    pub(super) fn of(problem: PoolProblem) -> Self {
        Self::Servers(vec![problem])
    }
}

fn listed(problems: &[PoolProblem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("; ")
}

impl PoolBuilder {
    /// Adds a server.
    #[must_use]
    pub fn server(mut self, server: PoolServer) -> Self {
        self.servers.push(server);
        self
    }

    /// Adds every server of a fleet's configuration, with the keys in the environment variables it names.
    ///
    /// `variable` reads one: `|name| std::env::var(name).ok().map(SecretString::from)`. What is missing is reported by
    /// [`build`](Self::build), all of it at once.
    #[must_use]
    pub fn fleet(
        mut self,
        fleet: &FleetConfig,
        variable: impl Fn(&str) -> Option<SecretString>,
    ) -> Self {
        for config in fleet.servers() {
            let (Some(key), Some(secret)) = (config.api_key_env(), config.api_secret_env()) else {
                self.problems
                    .push(PoolProblem::NoCredentials(config.name().clone()));
                continue;
            };
            let mut read = |name: &str| {
                let value = variable(name);
                if value.is_none() {
                    self.problems.push(PoolProblem::NotSet {
                        server: config.name().clone(),
                        variable: name.to_owned(),
                    });
                }
                value
            };
            if let (Some(key), Some(secret)) = (read(key), read(secret)) {
                let credentials = PanelCredentials::new(key, secret);
                self.servers
                    .push(PoolServer::new(config.clone(), credentials));
            }
        }
        self
    }

    /// Keeps the servers in this store: those it has are loaded, those added here are put into it. Of a server that is in
    /// both, the store has the key, because it may have been replaced since, and everything else is as added here.
    /// Without a store servers live as long as the process.
    #[must_use]
    pub fn store(mut self, store: impl ServerStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// How servers are tested; its limit is what a server that hangs costs.
    #[must_use]
    pub fn test(mut self, test: ConnectionTest) -> Self {
        self.settings.test = test;
        self
    }

    /// When a server is left alone.
    #[must_use]
    pub const fn circuit(mut self, policy: CircuitPolicy) -> Self {
        self.settings.circuit = policy;
        self
    }

    /// Changes the client of every panel in any way it offers.
    #[must_use]
    pub fn with_client(
        mut self,
        change: impl Fn(ClientBuilder) -> ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.settings.change = Some(Box::new(change));
        self
    }

    /// Adds somebody who is told when a server's key was replaced: whoever parks work because of one.
    /// [`ServerPool::listen`] does the same later.
    #[must_use]
    pub fn listener(mut self, listener: impl CredentialsListener) -> Self {
        self.listeners.push(Arc::new(listener));
        self
    }

    /// The pool. Nothing is sent to any server.
    ///
    /// # Errors
    /// [`PoolError`], naming every server that cannot be used.
    pub async fn build(self) -> Result<ServerPool, PoolError> {
        let Self {
            servers,
            mut problems,
            store,
            listeners,
            settings,
        } = self;
        let store = store.unwrap_or_else(|| Arc::new(MemoryServers::default()));
        let mut known: BTreeMap<ServerName, PoolServer> = BTreeMap::new();
        for server in store.load().await? {
            known.insert(server.name().clone(), server);
        }
        let mut added = Vec::with_capacity(servers.len());
        for server in servers {
            let server = match known.remove(server.name()) {
                Some(stored) => {
                    server.with_credentials(stored.credentials().clone(), stored.profile().cloned())
                }
                None => server,
            };
            added.push(server.clone());
            known.insert(server.name().clone(), server);
        }
        let mut members = BTreeMap::new();
        for server in known.into_values() {
            match settings.member(server) {
                Ok(member) => {
                    members.insert(member.name().clone(), Arc::new(member));
                }
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return Err(PoolError::Servers(problems));
        }
        for server in added {
            store.put(server).await?;
        }
        Ok(ServerPool {
            shared: Arc::new(Shared {
                members: RwLock::new(members),
                store,
                settings,
                listeners: RwLock::new(listeners),
                changes: tokio::sync::Mutex::new(()),
            }),
        })
    }
}

impl fmt::Debug for PoolBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolBuilder")
            .field("servers", &self.servers)
            .finish_non_exhaustive()
    }
}

impl Settings {
    pub(super) fn member(&self, server: PoolServer) -> Result<Member, PoolProblem> {
        let panel = self.panel(&server)?;
        let circuit = Arc::new(Circuit::new(self.circuit));
        Ok(Member::new(server, panel, circuit))
    }

    pub(super) fn panel(&self, server: &PoolServer) -> Result<Panel, PoolProblem> {
        let url = server.config().url().as_str();
        let mut builder = Panel::builder(url, server.credentials());
        if let Some(change) = &self.change {
            builder = builder.with_client(change);
        }
        builder.build().map_err(|error| PoolProblem::Unusable {
            server: server.name().clone(),
            error,
        })
    }
}
