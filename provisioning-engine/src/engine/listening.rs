//! Letting runs go on whose server has a new key.

use std::sync::{Arc, Weak};

use nextpanel_client::pool::{CredentialsListener, ListenerError};
use panel_http::BoxFuture;
use provisioning_core::fleet::ServerName;

use super::{Engine, Inner};

/// Lets an engine's runs go on when a server's key is replaced; see [`Engine::credentials_listener`].
#[derive(Debug, Clone)]
pub struct RunListener {
    /// The pool knows its listeners and the engine its executors, hence the pool: one of them has to let go.
    engine: Weak<Inner>,
}

impl Engine {
    /// What tells this engine that a server has a new key: the server is admitted again, and every run that waits for its
    /// key is due at once, as by [`resume_denied`](Self::resume_denied). It does not keep the engine alive.
    ///
    /// A request of this engine that is under way while the key is replaced may still be refused with the old one: its run
    /// is taken up again at once. A run of another process is tried again after
    /// [`try_again`](crate::EngineBuilder::try_again).
    ///
    /// ```
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// use nextpanel_client::pool::ServerPool;
    /// use provisioning_core::{catalog::Catalog, fleet::FleetConfig};
    /// use provisioning_engine::{Engine, nextpanel::NextPanelExecutor, store::MemoryStore};
    ///
    /// let pool = ServerPool::builder().build().await?;
    /// let fleet = FleetConfig::new(pool.servers().iter().map(|server| server.config().clone()))?;
    /// let engine = Engine::builder(MemoryStore::new(), Catalog::migrahosting(), fleet)
    ///     .executor(NextPanelExecutor::over(pool.clone()))
    ///     .build()?;
    /// pool.listen(engine.credentials_listener());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn credentials_listener(&self) -> RunListener {
        RunListener {
            engine: Arc::downgrade(&self.inner),
        }
    }
}

impl CredentialsListener for RunListener {
    fn credentials_replaced<'a>(
        &'a self,
        server: &'a ServerName,
    ) -> BoxFuture<'a, Result<usize, ListenerError>> {
        Box::pin(async move {
            let Some(inner) = self.engine.upgrade() else {
                // Its runs are in its store, and another engine may drive them; it tries the server by itself.
                return Ok(0);
            };
            let engine = Engine { inner };
            engine
                .resume_denied(server, "the pool, with a new key")
                .await
                .map_err(ListenerError::new)
        })
    }
}
