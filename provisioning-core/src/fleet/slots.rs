//! The numbers of one server that a choice compares.

use super::{Observation, ServerConfig, ServerState};

/// What a choice reads of a server, apart from everything else known of it, so that one among thousands runs through
/// a few hundred kilobytes in one sweep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slots {
    /// Accounts it can hold; 0 where nothing can be placed, whatever the configuration says.
    placeable: u32,
    /// Accounts counted on the panel.
    pub(crate) accounts: u32,
    /// Accounts and reservations together.
    pub(crate) used: u32,
    /// Accounts it can hold.
    pub(crate) capacity: u32,
    /// Its share among others.
    pub(crate) weight: u32,
}

impl Slots {
    pub(super) fn of(server: &ServerConfig, observation: &Observation) -> Self {
        let (accounts, reserved, counted) = match observation {
            Observation::Counted {
                accounts,
                reserved_uncounted,
            } => (*accounts, *reserved_uncounted, true),
            _ => (0, 0, false),
        };
        let capacity = server.capacity();
        Self {
            placeable: if counted && server.state() == ServerState::Open {
                capacity
            } else {
                0
            },
            accounts,
            used: accounts.saturating_add(reserved),
            capacity,
            weight: server.weight(),
        }
    }

    /// Slots free for a new account; 0 on a server that is not open or not counted.
    pub(crate) fn free(&self) -> u32 {
        self.placeable.saturating_sub(self.used)
    }

    /// With so many more slots in use.
    pub(crate) fn with_taken(self, slots: u32) -> Self {
        Self {
            used: self.used.saturating_add(slots),
            ..self
        }
    }
}
