//! Steps: a typed action, what it needs first, and how much depends on it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::action::Action;
use super::id::StepPath;
use super::verb::VerbDeclaration;
use crate::password::PasswordPolicy;

/// How much of the order depends on a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criticality {
    /// The order is not fulfilled without it.
    Required,
    /// The order is delivered without it and says so.
    Degradable,
    /// Nice to have; a failure is a note.
    BestEffort,
}

impl fmt::Display for Criticality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required => "required",
            Self::Degradable => "degradable",
            Self::BestEffort => "best effort",
        })
    }
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Stable name within the plan.
    pub path: StepPath,
    /// What it does, with everything that could be decided beforehand.
    pub action: Action,
    /// Steps that must be settled first.
    pub needs: Vec<StepPath>,
    /// How much depends on it.
    pub criticality: Criticality,
    /// What the executor declared about its verb when the plan was made; none for steps that call nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verb: Option<VerbDeclaration>,
}

/// Name of a credential within its plan, such as `hosting/starter/example.com`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CredentialId(String);

impl CredentialId {
    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for CredentialId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for CredentialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A credential the plan will make once, keep sealed, show until it is confirmed, and then erase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialSpec {
    /// Name within the plan.
    pub id: CredentialId,
    /// What it opens, in the customer's words, such as "hosting account".
    pub opens: String,
    /// The step whose account it belongs to.
    pub step: StepPath,
    /// What the password must satisfy.
    pub policy: PasswordPolicy,
}
