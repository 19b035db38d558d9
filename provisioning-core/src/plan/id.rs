//! Identities that are computed, never drawn: the same order always leads to the same ids.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::order::OrderKey;

/// Root of every name-based UUID made here. Changing it would change the identity of every order ever planned.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c1f_6a0e_2b0d_5b59_9d4c_1b7a_94c8_e3d1);

/// What a plan does for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Operation {
    /// Create what was bought and hand it over.
    Provision,
    /// Stop serving the account, keep its data.
    Suspend,
    /// Serve a suspended account again.
    Unsuspend,
    /// Move the account to another package.
    ChangePackage,
    /// Remove the account and its data.
    Terminate,
}

impl Operation {
    /// The stable name that enters the plan id.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provision => "provision",
            Self::Suspend => "suspend",
            Self::Unsuspend => "unsuspend",
            Self::ChangePackage => "change_package",
            Self::Terminate => "terminate",
        }
    }
}

/// Identity of a provisioning plan: a UUIDv5 over order key, operation and generation.
///
/// Two deliveries of one order therefore name the same plan before either has asked the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlanId(Uuid);

impl PlanId {
    /// The plan id of `operation` number `generation` for the order `key`.
    ///
    /// Generation 0 is the order as it came; it grows only by an explicit resubmit or amend.
    #[must_use]
    pub fn new(key: &OrderKey, operation: Operation, generation: u32) -> Self {
        let mut name = Vec::new();
        // Each part is preceded by its length, so that no two lists of parts share an encoding.
        for part in [
            key.canonical_bytes().as_slice(),
            operation.as_str().as_bytes(),
            generation.to_be_bytes().as_slice(),
        ] {
            name.extend_from_slice(&(part.len() as u64).to_be_bytes());
            name.extend_from_slice(part);
        }
        Self(Uuid::new_v5(&NAMESPACE, &name))
    }

    /// The id as a UUID.
    #[must_use]
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }

    /// The mark of a step: what we write on a panel and read back to prove that a thing is ours.
    ///
    /// It depends on the plan and the step path alone, so it is the same for every candidate, server and resend.
    #[must_use]
    pub fn mark(&self, step: &StepPath) -> Mark {
        Mark(Uuid::new_v5(&self.0, step.as_str().as_bytes()))
    }

    /// The idempotency key of one candidate of a step. It contains no request bytes, no secret and no time.
    #[must_use]
    pub fn idempotency_key(&self, step: &StepPath, candidate: u32) -> Uuid {
        let mut name = step.as_str().as_bytes().to_vec();
        name.push(0);
        name.extend_from_slice(&candidate.to_be_bytes());
        Uuid::new_v5(&self.0, &name)
    }
}

impl fmt::Display for PlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<Uuid> for PlanId {
    /// Takes back an id that was stored. Only [`PlanId::new`] makes new ones.
    fn from(id: Uuid) -> Self {
        Self(id)
    }
}

/// Proof of ownership written on the panel: NextPanel's `billing_id`, mPanel's metadata or notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mark(Uuid);

impl Mark {
    /// The mark as a UUID; panels carry it as its lower-case hyphenated text.
    #[must_use]
    pub const fn as_uuid(&self) -> &Uuid {
        &self.0
    }

    /// The mark that a panel shows; none if it is somebody else's kind of text. Case and surrounding blanks do not matter.
    #[must_use]
    pub fn read(shown: &str) -> Option<Self> {
        let mark = Self(Uuid::try_parse(shown.trim()).ok()?);
        mark.is(shown).then_some(mark)
    }

    /// Whether what a panel shows is this mark. Case and surrounding blanks do not matter, everything else does.
    #[must_use]
    pub fn is(&self, shown: &str) -> bool {
        shown.trim().eq_ignore_ascii_case(&self.0.to_string())
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Stable name of a step within its plan, such as `hosting/starter/example.com`.
///
/// Paths contain neither preview domain nor username candidate nor server: those may change while the step stays.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StepPath(String);

impl StepPath {
    /// A path from its parts, joined by `/`.
    #[must_use]
    pub fn new<'a>(parts: impl IntoIterator<Item = &'a str>) -> Self {
        Self(parts.into_iter().collect::<Vec<_>>().join("/"))
    }

    /// The path of a step that belongs to this one, such as `verify/hosting/starter/example.com`.
    #[must_use]
    pub fn under(&self, prefix: &str) -> Self {
        Self(format!("{prefix}/{}", self.0))
    }

    /// The path of the `n`th of several equal items, counted from 1.
    #[must_use]
    pub fn numbered(&self, n: usize) -> Self {
        Self(format!("{}#{n}", self.0))
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for StepPath {
    fn from(path: &str) -> Self {
        Self(path.to_owned())
    }
}

impl fmt::Display for StepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
