//! A server of a pool with its client and its circuit.

use std::sync::Arc;

use provisioning_core::fleet::ServerName;

use super::circuit::Circuit;
use super::server::PoolServer;
use crate::panel::Panel;

#[derive(Debug)]
pub(super) struct Member {
    server: PoolServer,
    panel: Panel,
    /// Shared with the member that takes this one's place when its key is replaced.
    circuit: Arc<Circuit>,
}

impl Member {
    pub(super) const fn new(server: PoolServer, panel: Panel, circuit: Arc<Circuit>) -> Self {
        Self {
            server,
            panel,
            circuit,
        }
    }

    pub(super) fn name(&self) -> &ServerName {
        self.server.name()
    }

    pub(super) fn server(&self) -> PoolServer {
        self.server.clone()
    }

    pub(super) fn panel(&self) -> Panel {
        self.panel.clone()
    }

    pub(super) fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    pub(super) fn shared_circuit(&self) -> Arc<Circuit> {
        Arc::clone(&self.circuit)
    }
}
