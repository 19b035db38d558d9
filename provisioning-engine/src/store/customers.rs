//! Which customers of the shop are which customers of a panel, as it is stored.

use provisioning_core::plan::id::PlanId;

use super::Sealed;

/// A customer of a panel that a run has learned of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCustomer {
    /// By what it is found: a keyed hash, so that nobody without the key can tell whose it is.
    pub index: String,
    /// The run that learned of it. What it has learned goes with it when it is forgotten.
    pub run: PlanId,
    /// What was hashed and the panel's id, sealed.
    pub customer: Sealed,
}
