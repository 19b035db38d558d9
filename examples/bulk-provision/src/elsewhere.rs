//! Orders that somebody else has provided: their accounts are on the panels, and the state knows nothing of them.

use std::sync::Arc;

use host_setup::earlier::MarkedAccounts;
use provisioning_core::fleet::{Fleet, FleetConfig, Observation};
use provisioning_engine::store::{Store, StoreError};
use provisioning_engine::{Engine, EngineError};

use crate::orders::BulkOrder;
use crate::submit::Refused;

/// The orders that may be worked on, and those that may not.
pub(crate) type Sorted = (Vec<BulkOrder>, Vec<Refused>);

/// Takes out the orders of which a panel shows an account and the state knows no run.
pub(crate) async fn take_out(
    engine: &Engine,
    store: &Arc<dyn Store>,
    servers: &FleetConfig,
    marked: &MarkedAccounts,
    orders: Vec<BulkOrder>,
) -> Result<Sorted, EngineError> {
    if marked.is_empty() {
        return Ok((orders, Vec::new()));
    }
    // Which server it would be does not matter to a mark.
    let mut fleet = Fleet::new(servers.clone());
    for server in servers.servers() {
        let empty = Observation::Counted {
            accounts: 0,
            reserved_uncounted: 0,
        };
        fleet = fleet.with_observation(server.name(), empty);
    }
    let (mut ours, mut elsewhere) = (Vec::new(), Vec::new());
    for bulk in orders {
        let accounts = accounts(engine, &fleet, marked, &bulk);
        if accounts.is_empty() || is_known(store, &bulk).await? {
            ours.push(bulk);
            continue;
        }
        elsewhere.push(Refused {
            line: bulk.line(),
            order_id: bulk.order.key().id().as_str().to_owned(),
            cause: "there is an account of the order already, and this state knows nothing of it",
            why: accounts.join("; "),
            remedy: "another --state or --database-url has made it: run the command with that one. If that is lost, set a \
                     new password on the panel and leave these lines out; nothing was done for them",
        });
    }
    Ok((ours, elsewhere))
}

fn accounts(
    engine: &Engine,
    fleet: &Fleet,
    marked: &MarkedAccounts,
    bulk: &BulkOrder,
) -> Vec<String> {
    match engine.plan_for(&bulk.order, fleet) {
        Ok(plan) => marked.of(&plan),
        // Without a plan nothing is made for it either.
        Err(_) => Vec::new(),
    }
}

async fn is_known(store: &Arc<dyn Store>, bulk: &BulkOrder) -> Result<bool, StoreError> {
    Ok(!store.runs_of(bulk.order.key()).await?.is_empty())
}
