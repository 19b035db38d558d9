//! What the engine is doing, for people who wait.

use jiff::Timestamp;
use provisioning_core::fleet::{Observation, ServerName};
use provisioning_core::plan::id::{PlanId, StepPath};
use provisioning_core::plan::step::CredentialId;
use provisioning_core::run::status::Conclusion;

/// One thing that happened to a run. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// The run.
    pub run: PlanId,
    /// What happened.
    pub what: Happened,
}

/// What happened to a run.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Happened {
    /// A server's accounts were counted, or could not be.
    Observed {
        /// The server.
        server: ServerName,
        /// What was observed.
        observation: Observation,
    },
    /// A plan was made and stored.
    Planned {
        /// Its steps, in order.
        steps: Vec<StepPath>,
    },
    /// No plan can be made now.
    Rejected {
        /// Why, in words.
        why: String,
    },
    /// A password was made and sealed.
    Sealed {
        /// The credential.
        credential: CredentialId,
    },
    /// A call is about to be made; its Intent is durable.
    Calling {
        /// The step.
        step: StepPath,
        /// Number of the call, counted from 1.
        attempt: u32,
        /// The server it goes to.
        server: Option<ServerName>,
    },
    /// A call has come to an outcome.
    Came {
        /// The step.
        step: StepPath,
        /// Whether it is done.
        done: bool,
        /// The outcome in words.
        outcome: String,
    },
    /// A server is searched for what an unknown call may have created.
    LookingUp {
        /// The step.
        step: StepPath,
        /// The server.
        server: Option<ServerName>,
    },
    /// A look-up has ended.
    LookedUp {
        /// The step.
        step: StepPath,
        /// Whether the step is done by it.
        done: bool,
        /// What it found, in words.
        found: String,
    },
    /// Nothing can be done before an instant.
    Waiting {
        /// The step that waits.
        step: StepPath,
        /// The instant.
        until: Timestamp,
        /// Why.
        why: String,
    },
    /// A step waits for a human.
    NeedsAttention {
        /// The step.
        step: StepPath,
        /// Why, in words.
        why: String,
    },
    /// The run cannot go on, for a reason of its own: what is stored for it is damaged, or was sealed with another key.
    /// It is tried again later.
    Stuck {
        /// Why, in words.
        why: String,
    },
    /// A confirmed credential's sealed copy is gone.
    Erased {
        /// The credential.
        credential: CredentialId,
    },
    /// A person has to decide about the payment of the order, whose first run this is.
    Asked {
        /// What, in words.
        question: String,
    },
    /// The run is over.
    Over(Conclusion),
}
