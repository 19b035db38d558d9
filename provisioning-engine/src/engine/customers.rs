//! Which customers of the shop are which customers of a panel, kept in the store.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use provisioning_core::order::TenantId;
use provisioning_core::plan::id::PlanId;

use crate::mpanel::known_customers::{CustomerKey, KnownCustomers};
use crate::seal::{SealContext, SealError, Sealer};
use crate::store::{KeptCustomer, Sealed, Store};

/// What indexes of customers are made for.
const INDEX: &str = "customer";

/// Keeps customers in the engine's store, found by keyed hashes, sealed, and until every run that knew them is
/// forgotten.
#[derive(Debug)]
pub(super) struct StoredCustomers {
    store: Arc<dyn Store>,
    sealer: Arc<Sealer>,
}

/// What is sealed of a customer: enough to find it under another key.
#[derive(Serialize, Deserialize)]
struct Kept {
    key: CustomerKey,
    id: String,
}

impl StoredCustomers {
    pub(super) const fn new(store: Arc<dyn Store>, sealer: Arc<Sealer>) -> Self {
        Self { store, sealer }
    }

    /// The same customer under the newest key.
    pub(super) fn sealed_anew(
        &self,
        tenant: &TenantId,
        before: &KeptCustomer,
    ) -> Result<KeptCustomer, SealError> {
        let kept = self.open(tenant, &before.customer)?;
        self.seal(&kept, before.run)
    }

    fn seal(&self, kept: &Kept, run: PlanId) -> Result<KeptCustomer, SealError> {
        // Two ids: this cannot fail to serialise.
        let plain = serde_json::to_vec(kept).map_err(|_| SealError::Malformed)?;
        let value = self.sealer.seal(context(kept.key.tenant()), &plain)?;
        Ok(KeptCustomer {
            index: self.sealer.index(INDEX, kept.key.as_uuid().as_bytes()),
            run,
            customer: Sealed {
                key_id: self.sealer.key_id().to_owned(),
                value,
            },
        })
    }

    fn open(&self, tenant: &TenantId, sealed: &Sealed) -> Result<Kept, SealError> {
        let plain = self
            .sealer
            .open(context(tenant), &sealed.key_id, &sealed.value)?;
        serde_json::from_slice(&plain).map_err(|_| SealError::Malformed)
    }
}

/// One customer is known to several runs, so it is sealed for none of them.
const fn context(tenant: &TenantId) -> SealContext<'_> {
    SealContext {
        tenant,
        run: None,
        purpose: INDEX,
    }
}

#[async_trait]
impl KnownCustomers for StoredCustomers {
    async fn find(&self, key: &CustomerKey) -> Result<Option<String>, String> {
        let indexes = self.sealer.indexes(INDEX, key.as_uuid().as_bytes());
        let found = self.store.customer(&indexes).await;
        let Some(sealed) = found.map_err(|error| error.to_string())? else {
            return Ok(None);
        };
        let kept = self
            .open(key.tenant(), &sealed)
            .map_err(|error| error.to_string())?;
        // A row that somebody moved under another index is nobody's.
        Ok((kept.key == *key).then_some(kept.id))
    }

    async fn keep(&self, key: &CustomerKey, id: &str, run: PlanId) -> Result<(), String> {
        let kept = Kept {
            key: key.clone(),
            id: id.to_owned(),
        };
        let kept = self.seal(&kept, run).map_err(|error| error.to_string())?;
        let stored = self.store.keep_customer(kept).await;
        stored.map_err(|error| error.to_string())
    }
}
