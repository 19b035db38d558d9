//! A new key for a server.

use std::fmt;

use panel_http::BoxFuture;
use provisioning_core::fleet::ServerName;
use provisioning_core::permission::{ApiKeyProfile, numbered};

use super::ServerPool;
use super::builder::{PoolError, PoolProblem};
use super::member::Member;
use super::server::PoolServer;
use super::store::StoreError;
use crate::panel::{Connection, CreateProbe, Panel, PanelCredentials, ProbeVerdict, Verdict};

/// Told when a server's key was replaced by one that works: whoever parked work because the old one was refused lets it
/// go on. `provisioning-engine` has one for its runs: `Engine::credentials_listener`.
pub trait CredentialsListener: Send + Sync + 'static {
    /// The server has a new key, tested and stored. How much of what was parked goes on.
    fn credentials_replaced<'a>(
        &'a self,
        server: &'a ServerName,
    ) -> BoxFuture<'a, Result<usize, ListenerError>>;
}

/// Parked work could not be let go on. The new key is in place all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ListenerError {
    problem: String,
}

impl ListenerError {
    /// In words, without any key.
    #[must_use]
    pub fn new(problem: impl fmt::Display) -> Self {
        Self {
            problem: problem.to_string(),
        }
    }
}

/// A new key for a server, and how it is tested.
#[derive(Debug, Clone)]
pub struct NewCredentials {
    credentials: PanelCredentials,
    profile: Option<ApiKeyProfile>,
    is_probed: bool,
}

impl NewCredentials {
    /// A key that is tested by reading with it. Whether it may create accounts stays unknown: no route of a panel tells.
    #[must_use]
    pub const fn new(credentials: PanelCredentials) -> Self {
        Self {
            credentials,
            profile: None,
            is_probed: false,
        }
    }

    /// What the host knows of the key. One that lacks a right by its profile is refused.
    #[must_use]
    pub fn with_profile(mut self, profile: ApiKeyProfile) -> Self {
        self.profile = Some(profile);
        self
    }

    /// Tests it by creating an account and removing it, too: the only proof that it may. It writes to the panel
    /// ([`Panel::probe_create`](crate::panel::Panel::probe_create)).
    #[must_use]
    pub const fn with_probe(mut self) -> Self {
        self.is_probed = true;
        self
    }
}

/// A key was replaced.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Replaced {
    /// What the test of the new key showed.
    pub connection: Connection,
    /// What creating an account on trial showed, if that was asked for. It may have left something behind.
    pub probe: Option<CreateProbe>,
    /// How much of what was parked because of the old key goes on.
    pub resumed: usize,
    /// Listeners that failed: what they parked has to be let go on by hand.
    pub unresumed: Vec<ListenerError>,
}

/// A key was not replaced. The old one is still in use.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ReplaceError {
    /// The pool has no server of this name.
    UnknownServer(ServerName),
    /// The new key cannot be sent.
    Unusable(PoolProblem),
    /// The new key failed its test.
    Refused {
        /// What the test showed.
        connection: Box<Connection>,
        /// What creating an account on trial showed, if it came to that. It may have left something behind.
        probe: Option<Box<CreateProbe>>,
        /// What to do, numbered, one step to a line; empty where nobody knows.
        remedy: String,
    },
    /// The new key works and could not be stored, so it is not used: after a restart the old one would be back.
    Store(StoreError),
}

impl fmt::Display for ReplaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownServer(server) => write!(f, "the pool has no server {server}"),
            Self::Unusable(problem) => problem.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Refused {
                connection, probe, ..
            } => {
                f.write_str("the new key was not put in place: ")?;
                let undecided = match probe.as_ref().map(|probe| &probe.verdict) {
                    Some(ProbeVerdict::Undecided(error)) => Some(error),
                    _ => None,
                };
                match (&connection.denial, undecided, &connection.failure) {
                    (Some(denial), ..) => denial.fmt(f)?,
                    (None, Some(error), _) => {
                        write!(f, "no account could be created on trial: {error}")?;
                    }
                    (None, None, Some(failure)) => failure.fmt(f)?,
                    (None, None, None) => f.write_str("its test did not pass")?,
                }
                match probe.as_ref().and_then(|probe| probe.leftover.as_ref()) {
                    Some(leftover) => write!(f, "; {leftover}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl std::error::Error for ReplaceError {}

impl From<StoreError> for ReplaceError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<PoolProblem> for ReplaceError {
    fn from(problem: PoolProblem) -> Self {
        Self::Unusable(problem)
    }
}

impl From<PoolProblem> for PoolError {
    fn from(problem: PoolProblem) -> Self {
        Self::of(problem)
    }
}

impl ServerPool {
    /// Tests a new key for a server, stores it, puts it in place of the old one, and tells the
    /// [listeners](Self::listen). Calls under way finish with the old one.
    ///
    /// The test reads with the key. Whether it may also create accounts is known from its
    /// [profile](NewCredentials::with_profile) or by a [probe](NewCredentials::with_probe): a key that fails by either is
    /// refused, and so is one whose probe decided nothing. Without both its rights stay unknown, and it is put in place.
    ///
    /// # Errors
    /// [`ReplaceError`], and the old key stays.
    pub async fn replace_credentials(
        &self,
        server: &ServerName,
        new: NewCredentials,
    ) -> Result<Replaced, ReplaceError> {
        let shared = &self.shared;
        let (connection, probe) = loop {
            let old = shared
                .member(server)
                .ok_or_else(|| ReplaceError::UnknownServer(server.clone()))?;
            let renewed = old
                .server()
                .with_credentials(new.credentials.clone(), new.profile.clone());
            let panel = shared.settings.panel(&renewed)?;
            let (connection, probe) = self.tested(&renewed, &panel, new.is_probed).await?;
            let _changing = shared.changes.lock().await;
            // Put in another place meanwhile: what was tested is not what would be stored.
            if !shared.is_member(&old) {
                continue;
            }
            shared.store.put(renewed.clone()).await?;
            let circuit = old.shared_circuit();
            circuit.learn(None);
            shared.insert(Member::new(renewed, panel, circuit));
            break (connection, probe);
        };
        let mut replaced = Replaced {
            connection,
            probe,
            resumed: 0,
            unresumed: Vec::new(),
        };
        for listener in shared.listeners() {
            match listener.credentials_replaced(server).await {
                Ok(resumed) => replaced.resumed = replaced.resumed.saturating_add(resumed),
                Err(error) => replaced.unresumed.push(error),
            }
        }
        Ok(replaced)
    }

    async fn tested(
        &self,
        renewed: &PoolServer,
        panel: &Panel,
        is_probed: bool,
    ) -> Result<(Connection, Option<CreateProbe>), ReplaceError> {
        let mut test = self.shared.settings.test.clone();
        if let Some(profile) = renewed.profile() {
            test = test.with_profile(profile.clone());
        }
        let mut connection = panel.test_connection(&test).await;
        let mut passes =
            connection.authenticated == Verdict::Pass && connection.rights != Verdict::Fail;
        let mut probe = None;
        if passes && is_probed {
            let probed = panel.probe_create().await;
            connection = connection.with_probe(&probed);
            passes = matches!(probed.verdict, ProbeVerdict::Allowed);
            probe = Some(probed);
        }
        if passes {
            return Ok((connection, probe));
        }
        let denial = connection.denial.as_ref();
        let remedy = denial.map_or_else(String::new, |denial| {
            numbered(&denial.remedy(&renewed.remedy_context()))
        });
        Err(ReplaceError::Refused {
            connection: Box::new(connection),
            probe: probe.map(Box::new),
            remedy,
        })
    }

    /// Adds somebody who is told when a server's key was replaced, such as an engine that was built over this pool.
    pub fn listen(&self, listener: impl CredentialsListener) {
        self.shared.add_listener(std::sync::Arc::new(listener));
    }
}
