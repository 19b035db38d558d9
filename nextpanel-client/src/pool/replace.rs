//! A new key for a server.

use std::fmt;

use panel_http::BoxFuture;
use provisioning_core::fleet::ServerName;
use provisioning_core::permission::{ApiKeyProfile, numbered};

use super::ServerPool;
use super::builder::{PoolError, PoolProblem};
use super::member::Member;
use super::store::StoreError;
use crate::panel::{Connection, PanelCredentials, Verdict};

/// Told when a server's key was replaced by one that works: whoever parked work because the old one was refused lets it
/// go on.
pub trait CredentialsListener: Send + Sync + 'static {
    /// The server has a new key, tested and stored.
    fn credentials_replaced<'a>(&'a self, server: &'a ServerName) -> BoxFuture<'a, ()>;
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
            Self::Refused { connection, .. } => {
                f.write_str("the new key was not put in place: ")?;
                match (&connection.denial, &connection.failure) {
                    (Some(denial), _) => denial.fmt(f),
                    (None, Some(failure)) => failure.fmt(f),
                    (None, None) => f.write_str("its test did not pass"),
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
    /// [listener](super::PoolBuilder::listener). Calls under way finish with the old one.
    ///
    /// The test reads with the key. Whether it may also create accounts is known only from its profile, or by a probe:
    /// a key that fails by its profile is refused here, one nobody knows about is not.
    ///
    /// # Errors
    /// [`ReplaceError`], and the old key stays.
    pub async fn replace_credentials(
        &self,
        server: &ServerName,
        credentials: PanelCredentials,
        profile: Option<ApiKeyProfile>,
    ) -> Result<Connection, ReplaceError> {
        let shared = &self.shared;
        let old = shared
            .member(server)
            .ok_or_else(|| ReplaceError::UnknownServer(server.clone()))?;
        let renewed = old.server().with_credentials(credentials, profile);
        let panel = shared.settings.panel(&renewed)?;
        let mut test = shared.settings.test.clone();
        if let Some(profile) = renewed.profile() {
            test = test.with_profile(profile.clone());
        }
        let connection = panel.test_connection(&test).await;
        if connection.authenticated != Verdict::Pass || connection.rights == Verdict::Fail {
            let remedy = connection
                .denial
                .as_ref()
                .map_or_else(String::new, |denial| {
                    numbered(&denial.remedy(&renewed.remedy_context()))
                });
            return Err(ReplaceError::Refused {
                connection: Box::new(connection),
                remedy,
            });
        }
        shared.store.put(renewed.clone()).await?;
        let circuit = old.shared_circuit();
        circuit.learn(None);
        shared.insert(Member::new(renewed, panel, circuit));
        if let Some(listener) = &shared.settings.listener {
            listener.credentials_replaced(server).await;
        }
        Ok(connection)
    }
}
