//! Where a run stands, in one word and a few facts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::attention::Attention;
use crate::plan::id::StepPath;
use crate::plan::step::CredentialId;

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[non_exhaustive]
pub enum RunStatus {
    /// Something can be done now.
    Ready,
    /// A call is under way, or was when the process ended.
    InFlight,
    /// Nothing can be done before an instant.
    Waiting {
        /// The instant.
        until: Timestamp,
        /// Why.
        why: String,
    },
    /// A human has to answer or to open the way.
    NeedsAttention {
        /// Each parked step and why.
        steps: Vec<(StepPath, Attention)>,
    },
    /// Everything works; credentials wait to be confirmed as saved.
    AwaitingConfirmation {
        /// Which.
        credentials: Vec<CredentialId>,
    },
    /// Over.
    Over(Conclusion),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "conclusion", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Conclusion {
    /// Everything was done and handed over.
    Done,
    /// Everything was done and handed over except what a human does.
    DoneExceptManual {
        /// The manual steps nobody has confirmed.
        steps: Vec<StepPath>,
    },
    /// It was cancelled; what exists, exists.
    Cancelled {
        /// Who cancelled it.
        by: String,
        /// Why.
        reason: String,
        /// Steps that had been done.
        exists: Vec<StepPath>,
    },
    /// A human gave a required step up; what exists, exists.
    Abandoned {
        /// The steps that were given up.
        steps: Vec<StepPath>,
        /// Steps that had been done.
        exists: Vec<StepPath>,
    },
}

impl Conclusion {
    /// Whether the customer got what was paid for, as far as executors can do it.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self, Self::Done | Self::DoneExceptManual { .. })
    }
}
