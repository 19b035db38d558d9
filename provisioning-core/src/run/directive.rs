//! What the engine is told to do next.

pub mod mpanel;

use jiff::Timestamp;
use uuid::Uuid;

use super::attention::Attention;
use super::facts::HostingAccount;
use super::status::Conclusion;
use crate::fleet::ServerName;
use crate::plan::action::CreateHostingAccount;
use crate::plan::id::{Mark, StepPath};
use crate::plan::step::{CredentialId, CredentialSpec};
use crate::username::Username;

use mpanel::{MpanelRequest, RecordLookUp};

/// What the engine is told to do next. It decides nothing itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Directive {
    /// Make a credential, seal it, and record [`super::event::Event::CredentialSealed`].
    Seal(CredentialSpec),
    /// Record an Intent, make the call, record its Outcome.
    Call(Call),
    /// Search the server, record [`super::event::Event::LookedUp`].
    LookUp(LookUp),
    /// Search mPanel for a record, record [`super::event::Event::LookedUp`].
    LookUpRecord(RecordLookUp),
    /// Ask again at this instant.
    Wait {
        /// The instant.
        until: Timestamp,
        /// The step that waits.
        step: StepPath,
        /// Why it waits.
        why: String,
    },
    /// A human has to answer or to open the way.
    AskHuman {
        /// The step.
        step: StepPath,
        /// Why.
        attention: Attention,
    },
    /// Show this credential until the host says that it is saved.
    Confirm(CredentialId),
    /// Erase the sealed copy of this confirmed credential, then record that it is gone.
    Erase(CredentialId),
    /// Nothing is left to do.
    Done(Conclusion),
}

/// A call with every input resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The step.
    pub step: StepPath,
    /// Number of this call of the step, counted from 1.
    pub attempt: u32,
    /// Index of the candidate it uses.
    pub candidate: u32,
    /// The server it goes to.
    pub server: Option<ServerName>,
    /// Idempotency key of this candidate.
    pub key: Uuid,
    /// What to do, resolved.
    pub request: Request,
}

/// What a call asks an executor for, with every earlier output filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request {
    /// Create this account under this username.
    CreateHostingAccount {
        /// The plan's inputs.
        create: Box<CreateHostingAccount>,
        /// The candidate to use.
        username: Username,
        /// When the plan was made; goes into the account's metadata, so that a resend is the same request.
        planned_at: Timestamp,
    },
    /// Read this account back and try its login.
    VerifyHostingAccount {
        /// The account.
        account: HostingAccount,
        /// What proves that it is ours.
        mark: Mark,
        /// The password to try.
        credential: CredentialId,
    },
    /// Do this on mPanel.
    Mpanel(MpanelRequest),
}

/// A search for what an unknown call may have created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookUp {
    /// The step.
    pub step: StepPath,
    /// The server to search.
    pub server: Option<ServerName>,
    /// The natural key the call used.
    pub username: Username,
    /// The mark the call wrote.
    pub mark: Mark,
    /// The sealed password, to be tried once where the mark does not decide.
    pub credential: CredentialId,
}
