//! Keys that are replaced while a request with the one before is under way.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use provisioning_core::fleet::ServerName;
use provisioning_core::run::event::Event;

use super::EngineError;
use super::claimed::Claimed;

/// How often each server was said to take our key again. In this process alone: whoever replaces a key elsewhere reaches
/// the runs that are parked by then.
#[derive(Debug, Default)]
pub(super) struct Admissions(Mutex<HashMap<ServerName, u64>>);

impl Admissions {
    pub(super) fn one_more(&self, server: &ServerName) {
        let mut times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = times.entry(server.clone()).or_default();
        *times = times.wrapping_add(1);
    }

    pub(super) fn of(&self, server: Option<&ServerName>) -> u64 {
        let times = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = server.and_then(|server| times.get(server));
        times.copied().unwrap_or_default()
    }
}

impl Claimed<'_> {
    /// Takes the run up again if a request that left before the server's key was replaced has parked it. Whoever replaced
    /// the key has looked for parked runs already, or found this one in hand; so this looks after the run is parked.
    pub(super) async fn go_on_with_a_new_key(
        &mut self,
        server: Option<&ServerName>,
        admissions_before: u64,
    ) -> Result<(), EngineError> {
        let Some(server) = server else { return Ok(()) };
        if self.engine().inner.admissions.of(Some(server)) == admissions_before {
            return Ok(());
        }
        let parked = self.run.parked();
        let is_denied = parked.into_iter().any(|(path, attention)| {
            attention.is_denied() && self.run.server_of(path) == Some(server)
        });
        if !is_denied {
            return Ok(());
        }
        let by = "the engine, with a key that was replaced meanwhile".to_owned();
        self.record(Event::Resumed { by }).await?;
        let (store, now) = (&self.engine().inner.store, self.engine().now());
        store.admit(server).await?;
        // Orders that came between were refused for the key before.
        store.wake_rejected(now).await?;
        self.engine().inner.arrived.notify_one();
        Ok(())
    }
}
