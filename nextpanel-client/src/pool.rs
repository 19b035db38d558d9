//! Many panels at once: their status, their circuits, and new keys for them.

mod builder;
mod circuit;
mod document;
mod find;
mod member;
mod replace;
mod server;
mod status;
mod store;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};

use panel_http::Error;
use provisioning_core::fleet::ServerName;

pub use builder::{PoolBuilder, PoolError, PoolProblem};
pub use circuit::{CircuitPolicy, CircuitState};
pub use document::DocumentError;
pub use replace::{CredentialsListener, ListenerError, NewCredentials, ReplaceError, Replaced};
pub use server::PoolServer;
pub use status::ServerStatus;
pub use store::{LockedBy, LockedServer, MemoryServers, ServerStore, StoreError};

use crate::AccountActionError;
use crate::panel::Panel;
use member::Member;

/// The panels of a fleet. Cheap to clone; clones share everything.
///
/// - What it knows of its servers comes from configuration, or from a [`ServerStore`], in which they survive a restart.
/// - How many accounts a server has is read from its panel.
/// - A panel that does not answer is not asked for a while, by a circuit of its own; see [`call`](Self::call).
#[derive(Clone)]
pub struct ServerPool {
    shared: Arc<Shared>,
}

struct Shared {
    members: RwLock<BTreeMap<ServerName, Arc<Member>>>,
    store: Arc<dyn ServerStore>,
    settings: builder::Settings,
    listeners: RwLock<Vec<Arc<dyn CredentialsListener>>>,
    /// Held while a server is changed here and in the store, so that both agree.
    changes: tokio::sync::Mutex<()>,
}

/// Why a call to a server of the pool was not made, or failed. `E` is how the call fails.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum PoolCallError<E = Error> {
    /// The pool has no server of this name. Nothing was sent.
    #[error("the pool has no server {0}")]
    UnknownServer(ServerName),
    /// The server has not answered lately and is not asked again yet. Nothing was sent.
    #[error("{server} has not answered {failures} times and is left alone for another {} s: {last}", .again_in.as_secs())]
    CircuitOpen {
        /// The server.
        server: ServerName,
        /// How often in a row it has not answered.
        failures: u32,
        /// How long it is still left alone.
        again_in: std::time::Duration,
        /// What was last seen of it, on one line.
        last: String,
    },
    /// The call failed.
    #[error(transparent)]
    Call(E),
}

/// How a call to a panel fails: what its circuit learns from.
pub trait CallFailure {
    /// The request that failed, if it was one.
    fn request(&self) -> Option<&Error>;
}

impl CallFailure for Error {
    fn request(&self) -> Option<&Error> {
        Some(self)
    }
}

impl CallFailure for AccountActionError {
    fn request(&self) -> Option<&Error> {
        self.call()
    }
}

impl ServerPool {
    /// Begins an empty pool.
    #[must_use]
    pub fn builder() -> PoolBuilder {
        PoolBuilder::default()
    }

    /// The servers, by name.
    #[must_use]
    pub fn servers(&self) -> Vec<PoolServer> {
        let members = self.shared.members();
        members.values().map(|member| member.server()).collect()
    }

    /// The client of a server's panel, whatever its circuit says.
    #[must_use]
    pub fn panel(&self, server: &ServerName) -> Option<Panel> {
        Some(self.shared.member(server)?.panel())
    }

    /// Calls a server's panel, unless its circuit is open, and tells the circuit how it went.
    ///
    /// ```no_run
    /// # async fn example(
    /// #     pool: nextpanel_client::pool::ServerPool,
    /// #     server: provisioning_core::fleet::ServerName,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// use nextpanel_client::panel::{AccountId, ExpectedAccount, GetAccount, Panel};
    ///
    /// let account = pool
    ///     .call(&server, |panel| async move { panel.call(GetAccount(AccountId::new(7))).await })
    ///     .await?;
    /// let expected = ExpectedAccount::new("acme");
    /// let suspend = async |panel: Panel| panel.suspend(account.id, &expected, "overdue").await;
    /// pool.call(&server, suspend).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`PoolCallError`].
    pub async fn call<T, E, F, Fut>(
        &self,
        server: &ServerName,
        call: F,
    ) -> Result<T, PoolCallError<E>>
    where
        E: CallFailure,
        F: FnOnce(Panel) -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        let member = self
            .shared
            .member(server)
            .ok_or_else(|| PoolCallError::UnknownServer(server.clone()))?;
        let pass = member
            .circuit()
            .enter()
            .map_err(|closed| closed.of(server))?;
        let result = call(member.panel()).await;
        pass.leave(result.as_ref().err().and_then(CallFailure::request));
        result.map_err(PoolCallError::Call)
    }

    /// Adds a server, or puts one of the same name in its place, and stores it.
    ///
    /// # Errors
    /// [`PoolError`] if it cannot be called or not be stored; then nothing has changed.
    pub async fn put(&self, server: PoolServer) -> Result<(), PoolError> {
        let member = self.shared.settings.member(server).map_err(PoolError::of)?;
        let _changing = self.shared.changes.lock().await;
        self.shared.store.put(member.server()).await?;
        self.shared.insert(member);
        Ok(())
    }

    /// Forgets a server, here and in the store. Its panel is not touched.
    ///
    /// # Errors
    /// [`PoolError`] if it cannot be taken out of the store; then nothing has changed.
    pub async fn remove(&self, server: &ServerName) -> Result<bool, PoolError> {
        let _changing = self.shared.changes.lock().await;
        self.shared.store.remove(server).await?;
        let mut members = self
            .shared
            .members
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        Ok(members.remove(server).is_some())
    }

    /// How a server's circuit stands.
    #[must_use]
    pub fn circuit(&self, server: &ServerName) -> Option<CircuitState> {
        Some(self.shared.member(server)?.circuit().state())
    }
}

impl Shared {
    fn members(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<ServerName, Arc<Member>>> {
        self.members.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn member(&self, server: &ServerName) -> Option<Arc<Member>> {
        self.members().get(server).cloned()
    }

    /// Whether this very member is in the pool: neither removed nor put anew.
    fn is_member(&self, member: &Arc<Member>) -> bool {
        self.member(member.name())
            .is_some_and(|current| Arc::ptr_eq(&current, member))
    }

    fn listeners(&self) -> Vec<Arc<dyn CredentialsListener>> {
        self.listeners
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn add_listener(&self, listener: Arc<dyn CredentialsListener>) {
        self.listeners
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(listener);
    }

    fn insert(&self, member: Member) {
        self.members
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(member.name().clone(), Arc::new(member));
    }
}

impl fmt::Debug for ServerPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let members = self.shared.members();
        f.debug_struct("ServerPool")
            .field("servers", &members.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
