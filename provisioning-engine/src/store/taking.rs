//! The places that a run takes if a count still has room for them.

use std::collections::BTreeMap;

use provisioning_core::fleet::ServerName;

use super::{FreeSlots, Projection, Room};

/// Slots wanted on servers, and the count they are to be taken by.
pub(super) struct Taking<'a> {
    wanted: BTreeMap<&'a ServerName, u32>,
    room: &'a Room,
}

impl<'a> Taking<'a> {
    /// Every place of the run: where a server was not counted, there is none.
    pub(super) fn all(projection: &'a Projection, room: &'a Room) -> Self {
        let wanted = projection.slots_by_server();
        Self { wanted, room }
    }

    /// The run's places on the servers that were counted; those elsewhere it has already.
    pub(super) fn on_counted(projection: &'a Projection, room: &'a Room) -> Self {
        let mut wanted = projection.slots_by_server();
        wanted.retain(|server, _| room.servers.contains_key(server));
        Self { wanted, room }
    }

    /// Server by server: how many slots are wanted, and how many were free when.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'a ServerName, u32, FreeSlots)> {
        let room = self.room;
        let wanted = self.wanted.iter();
        wanted.map(move |(server, wanted)| (*server, *wanted, room.on(server)))
    }
}
