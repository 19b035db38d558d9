//! What a client learns of its server and keeps.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    dialect::{Dialect, Generation, Resource},
    session::Session,
};

/// Shared by all clones of a client and by the endpoints of its login.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    state: Mutex<State>,
    /// Held by whoever asks the server for its generation, so that it is asked once.
    learning: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    session: Option<Session>,
    generation: Option<Generation>,
    dialects: BTreeMap<Resource, Dialect>,
    /// Documented routes, by operation, and whether this server has them.
    routes: BTreeMap<&'static str, bool>,
}

impl Learned {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn learning(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.learning.lock().await
    }

    pub(crate) fn session(&self) -> Option<Session> {
        self.state().session.clone()
    }

    /// A new session replaces what the old one said; what only the old one said stays.
    pub(crate) fn keep_session(&self, session: Session) {
        let mut state = self.state();
        state.generation = state.generation.or(session.generation());
        let known = state.session.take();
        state.session = Some(match known {
            Some(known) => session.or(known),
            None => session,
        });
    }

    pub(crate) fn generation(&self) -> Option<Generation> {
        self.state().generation
    }

    pub(crate) fn keep_generation(&self, generation: Generation) {
        self.state().generation = Some(generation);
    }

    pub(crate) fn set_dialect(&self, resource: Resource, dialect: Dialect) {
        self.state().dialects.insert(resource, dialect);
    }

    pub(crate) fn dialect(&self, resource: Resource) -> Option<Dialect> {
        let state = self.state();
        let set = state.dialects.get(&resource).copied();
        set.or_else(|| Some(state.generation?.dialect(resource)))
    }

    /// Whether this server is known to have a documented route.
    pub(crate) fn has_route(&self, operation: &'static str) -> Option<bool> {
        self.state().routes.get(operation).copied()
    }

    pub(crate) fn keep_route(&self, operation: &'static str, is_there: bool) {
        self.state().routes.insert(operation, is_there);
    }
}
