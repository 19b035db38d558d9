//! Servers that refuse our key: skipped for new orders, tried again now and then, taken up when the key is mended.

use futures_util::{StreamExt as _, stream};

use provisioning_core::fleet::ServerName;
use provisioning_core::permission::Denial;
use provisioning_core::plan::id::PlanId;
use provisioning_core::run::event::Event;

use super::stop::Stop;
use super::{Engine, EngineError, RunOptions};
use crate::store::DeniedServer;

/// How many parked runs are resumed at once.
const RESUMED_AT_ONCE: usize = 32;

/// How many parked runs are looked for at once.
const PAGE: u32 = 1_000;

impl Engine {
    /// The servers that refuse our key, and when one parked run tries each again.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn denied_servers(&self) -> Result<Vec<DeniedServer>, EngineError> {
        Ok(self.inner.store.denied().await?)
    }

    /// Says that a server takes our key again, such as after the key was replaced: every run that waited for it goes on
    /// where it stood, orders that found no server are planned again, and new orders may go there. How many runs go on.
    ///
    /// They are due at once: [`Engine::work`] takes them up.
    ///
    /// # Errors
    /// [`EngineError::Store`]; what was resumed before stays resumed.
    pub async fn resume_denied(&self, server: &ServerName, by: &str) -> Result<usize, EngineError> {
        self.inner.admissions.one_more(server);
        self.inner.store.admit(server).await?;
        let mut resumed = 0;
        loop {
            let parked = self.inner.store.denied_by(server, PAGE).await?;
            let mut went_on = 0;
            let mut going_on = stream::iter(parked)
                .map(|run| self.resume(run, by))
                .buffer_unordered(RESUMED_AT_ONCE);
            while let Some(result) = going_on.next().await {
                match result {
                    Ok(_) => went_on += 1,
                    // Somebody works on it, or it cannot be read: others go on all the same.
                    Err(error) if error.is_about_one_run() => {
                        tracing::warn!(%server, %error, "a run that waited for the server's key was not resumed");
                    }
                    Err(error) => return Err(error),
                }
            }
            drop(going_on);
            resumed += went_on;
            if went_on == 0 {
                break;
            }
        }
        self.inner.store.wake_rejected(self.now()).await?;
        self.inner.arrived.notify_one();
        Ok(resumed)
    }

    /// Tries every denied server whose time has come, with one parked run each. A server that takes it is admitted again.
    pub(super) async fn try_denied(&self, stop: &Stop) -> Result<(), EngineError> {
        for denied in self.inner.store.denied().await? {
            let now = self.now();
            let server = denied.server;
            let next = self.after(self.inner.try_again);
            if denied.next_try > now
                || stop.is_asked()
                || !self.inner.store.take_try(&server, now, next).await?
            {
                continue;
            }
            let takes_it = match self.inner.store.denied_by(&server, 1).await?.first() {
                Some(run) => self.is_taken(*run, &server, stop).await?,
                // Nobody waits for it any more; the next new order finds out.
                None => true,
            };
            if takes_it {
                self.resume_denied(&server, "the engine").await?;
            }
        }
        Ok(())
    }

    /// Whether a server takes a run that it refused before.
    async fn is_taken(
        &self,
        run: PlanId,
        server: &ServerName,
        stop: &Stop,
    ) -> Result<bool, EngineError> {
        // Resumed and driven under one claim, so that nobody comes between.
        let mut hold = match self.hold(run).await {
            Err(error) if error.is_about_one_run() => return Ok(false),
            held => held?,
        };
        let by = "the engine".to_owned();
        if let Err(error) = self.record_held(&mut hold, Event::Resumed { by }).await {
            hold.release(None).await;
            return if error.is_about_one_run() {
                Ok(false)
            } else {
                Err(error)
            };
        }
        let options = RunOptions {
            longest_wait: std::time::Duration::ZERO,
        };
        match self.take_further(hold, options, stop.clone()).await {
            Err(error) if error.is_about_one_run() => return Ok(false),
            driven => driven?,
        }
        let view = self.inspect(run).await?;
        Ok(view.run().is_some_and(|run| {
            // It was sent, and it was not refused: whatever came of it, the key is taken.
            !run.parked().iter().any(|(path, attention)| {
                attention.is_denied() && run.server_of(path) == Some(server)
            })
        }))
    }

    /// Keeps that a server refuses our key.
    pub(super) async fn deny(
        &self,
        server: &ServerName,
        denial: &Denial,
    ) -> Result<(), EngineError> {
        let next_try = self.after(self.inner.try_again);
        Ok(self.inner.store.deny(server, denial, next_try).await?)
    }
}
