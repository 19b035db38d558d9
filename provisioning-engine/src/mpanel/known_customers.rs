//! Which customers of the shop are which customers of the panel.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use provisioning_core::email::EmailAddress;
use provisioning_core::order::TenantId;
use provisioning_core::plan::id::PlanId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Root of the keys. Changing it would forget every customer that is known.
const NAMESPACE: Uuid = Uuid::from_u128(0x3f0c_84d2_61b7_5e0a_8c55_2d9e_70a1_4b66);

/// By what a customer is known again: its id at Stripe, or its e-mail address, within a tenant. Holds neither, but
/// whoever guesses one can make the same key: stores keep it under a keyed hash.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CustomerKey {
    tenant: TenantId,
    id: Uuid,
}

impl CustomerKey {
    /// The key of a customer of Stripe's.
    #[must_use]
    pub fn stripe(tenant: &TenantId, id: &str) -> Self {
        Self::of(tenant, "stripe", id)
    }

    /// The key of an e-mail address: the local part exact, the domain without case.
    #[must_use]
    pub fn email(tenant: &TenantId, email: &EmailAddress) -> Self {
        let address = format!(
            "{}@{}",
            email.local_part(),
            email.domain().to_ascii_lowercase()
        );
        Self::of(tenant, "email", &address)
    }

    fn of(tenant: &TenantId, kind: &str, value: &str) -> Self {
        // Neither tenants nor kinds hold a line break, so no two keys share a text.
        let name = format!("{tenant}\n{kind}\n{value}");
        Self {
            tenant: tenant.clone(),
            id: Uuid::new_v5(&NAMESPACE, name.as_bytes()),
        }
    }

    /// Whose customer it is.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The key as a UUID, for stores.
    #[must_use]
    pub const fn as_uuid(&self) -> &Uuid {
        &self.id
    }
}

/// Keeps which customer of the panel belongs to which key. It is asked before a customer is created, because a created
/// one cannot be found by its e-mail address and a second one is refused (CONTRACT-mpanel section 7).
#[async_trait]
pub trait KnownCustomers: Debug + Send + Sync {
    /// The panel's id, if the key is known.
    ///
    /// # Errors
    /// What keeps it from being read, in words.
    async fn find(&self, key: &CustomerKey) -> Result<Option<String>, String>;

    /// Keeps the panel's id of a key, which this run has learned. The first one stays.
    ///
    /// # Errors
    /// What keeps it from being written, in words.
    async fn keep(&self, key: &CustomerKey, id: &str, run: PlanId) -> Result<(), String>;
}

/// Keeps them as long as the process lives: for an executor without an engine.
#[derive(Debug, Default)]
pub struct MemoryCustomers(Mutex<HashMap<CustomerKey, String>>);

#[async_trait]
impl KnownCustomers for MemoryCustomers {
    async fn find(&self, key: &CustomerKey) -> Result<Option<String>, String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(known.get(key).cloned())
    }

    async fn keep(&self, key: &CustomerKey, id: &str, _run: PlanId) -> Result<(), String> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(key.clone()).or_insert_with(|| id.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_tenants_kinds_and_local_parts_apart_and_no_case_of_domains() {
        let (one, other) = (
            TenantId::new("one").unwrap(),
            TenantId::new("other").unwrap(),
        );
        let email = |text| EmailAddress::parse(text).unwrap();
        let ada = CustomerKey::email(&one, &email("ada@example.com"));
        assert_eq!(ada, CustomerKey::email(&one, &email("ada@EXAMPLE.com")));
        assert_ne!(ada, CustomerKey::email(&one, &email("Ada@example.com")));
        assert_ne!(ada, CustomerKey::email(&other, &email("ada@example.com")));
        assert_ne!(ada, CustomerKey::stripe(&one, "ada@example.com"));
    }
}
