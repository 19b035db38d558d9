//! The provisioning plan: frozen choices, typed steps, and three renderings.
//!
//! A plan says everything that will be tried and in which order: a ranked list of servers, username candidates,
//! password policies, stable step paths. It is made once ([`crate::planner::plan`]); the stored plan wins over any
//! later one for the same order.

pub mod account;
pub mod action;
mod explain;
pub mod id;
mod mermaid;
pub mod mpanel;
pub mod retry;
pub mod step;
pub mod subscription;
mod tree;
pub mod verb;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::order::OrderKey;
use crate::payment::AmendmentId;
use crate::placement::ServerRefusal;

use id::{Operation, PlanId, StepPath};
use retry::RetryPolicy;
use step::{CredentialId, CredentialSpec, Step};

/// Schema version that this build writes. A newer build reads every older one.
pub const PLAN_SCHEMA: u16 = 1;

/// What a plan was made from, so that a later look can tell whether the inputs have changed. SHA-256, hexadecimal;
/// empty for what did not enter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests {
    /// Of the order's products, domains and customer; of the accounts, for an operation on accounts that exist.
    pub order: String,
    /// Of the catalog.
    pub catalog: String,
    /// Of the fleet's configuration.
    pub fleet: String,
}

/// A provisioning plan: what will be done for one order, step by step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// [`PLAN_SCHEMA`] of the build that made it.
    pub schema: u16,
    /// Version of provisioning-core that made it.
    pub core: String,
    /// Identity, computed from order key, operation and generation.
    pub id: PlanId,
    /// The order it fulfils.
    pub order: OrderKey,
    /// What it does for the order.
    pub operation: Operation,
    /// 0 for the order as it came; grows only by an explicit resubmit or amend.
    pub generation: u32,
    /// The amendment it was made from; none for the order as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amendment: Option<AmendmentId>,
    /// When it was made.
    pub planned_at: Timestamp,
    /// What it was made from.
    pub digests: Digests,
    /// The steps, each after everything it needs.
    pub steps: Vec<Step>,
    /// The credentials that will be made and handed over.
    pub credentials: Vec<CredentialSpec>,
    /// How failures are retried.
    pub retry: RetryPolicy,
    /// Servers that were not placeable, each with the failing number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused_servers: Vec<ServerRefusal>,
    /// What a reader should know: a differing kind, an overpaid amount, a fallback that was taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

impl Plan {
    /// The step at `path`.
    #[must_use]
    pub fn step(&self, path: &StepPath) -> Option<&Step> {
        self.steps.iter().find(|step| step.path == *path)
    }

    /// The credential named `id`.
    #[must_use]
    pub fn credential(&self, id: &CredentialId) -> Option<&CredentialSpec> {
        self.credentials
            .iter()
            .find(|credential| credential.id == *id)
    }

    /// The plan as JSON, in a stable order of fields. It contains the customer's e-mail and name, but no secret.
    ///
    /// # Errors
    /// Only if serialisation itself fails, which would be a fault of this crate.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }
}
