//! What happened to a run: the entries of its journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::finding::Finding;
use super::outcome::Outcome;
use crate::fleet::ServerName;
use crate::plan::id::StepPath;
use crate::plan::step::CredentialId;

/// One journal entry: an event and when the engine recorded it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// When the engine recorded it, by the engine's clock.
    pub at: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// What happened to a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// A credential was made and sealed. It happens once per credential, before the first Intent that needs it.
    CredentialSealed(CredentialSealed),
    /// A call is about to be made. Durable before the call.
    Intent(Intent),
    /// What the call came to. Durable after the call.
    Outcome {
        /// The step.
        step: StepPath,
        /// The number of its Intent.
        attempt: u32,
        /// What it came to.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// The process ended between Intent and Outcome: what the call came to is unknown.
    Interrupted {
        /// The step.
        step: StepPath,
        /// The number of its Intent.
        attempt: u32,
    },
    /// The server was searched for what an unknown call may have created.
    LookedUp {
        /// The step.
        step: StepPath,
        /// What was found.
        #[serde(flatten)]
        finding: Finding,
    },
    /// A human answered what only a human can know.
    HumanAnswered {
        /// The step.
        step: StepPath,
        /// The answer.
        answer: Answer,
        /// Who answered.
        by: String,
    },
    /// The way is open again (a key was replaced, a right was granted): parked steps go on where they stood.
    Resumed {
        /// Who or what opened it.
        by: String,
    },
    /// A manual step was done.
    ManualConfirmed {
        /// The step.
        step: StepPath,
        /// Who did it.
        by: String,
    },
    /// The host says that a credential is saved or delivered.
    CredentialConfirmed {
        /// The credential.
        credential: CredentialId,
        /// Who saved it.
        by: String,
    },
    /// The sealed copy of a confirmed credential is gone.
    CredentialErased {
        /// The credential.
        credential: CredentialId,
    },
    /// The run stops before its next Intent. Nothing that exists is deleted.
    Cancelled {
        /// Who stopped it.
        by: String,
        /// Why.
        reason: String,
    },
    /// The cancellation is lifted: the run goes on where it stood.
    Reinstated {
        /// Who lifted it.
        by: String,
        /// Why.
        reason: String,
    },
}

/// A sealed credential, opaque to this crate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialSealed {
    /// The credential.
    pub credential: CredentialId,
    /// The key that sealed it.
    pub key_id: String,
    /// The sealed bytes as the engine encodes them; emptied when the credential is erased.
    pub sealed: String,
}

/// A call that is about to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The step.
    pub step: StepPath,
    /// Number of this call of the step, counted from 1.
    pub attempt: u32,
    /// Index of the candidate (username) it uses.
    pub candidate: u32,
    /// The server it goes to, for steps that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerName>,
    /// Idempotency key of this candidate.
    pub key: Uuid,
}

/// What a human may answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Answer {
    /// It exists, under this id and username.
    Exists {
        /// The panel's id.
        remote_id: String,
        /// The username the panel shows; the candidate's where the human names none.
        username: Option<String>,
    },
    /// Nothing of ours exists there, whoever else may hold the key: send it again. Refused as long as a request of ours
    /// may still arrive, unless the server itself refuses a second one.
    SendAgain,
    /// What the step is to bring about of a known account has been done, by its call or by hand. The step after it, which
    /// reads the account back, is not spared by it.
    WasDone,
    /// Try again where it stood: look up, verify or call once more.
    TryAgain,
    /// Give this step up. Nothing is deleted.
    Abandon,
}
