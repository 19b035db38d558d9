//! What the engine is told to do next.

pub mod mpanel;

use jiff::Timestamp;
use uuid::Uuid;

use super::attention::Attention;
use super::facts::HostingAccount;
use super::status::Conclusion;
use crate::fleet::ServerName;
use crate::plan::account::KnownAccount;
use crate::plan::action::{
    ChangePackage, CreateHostingAccount, SuspendAccount, TerminateAccount, UnsuspendAccount,
};
use crate::plan::id::{Mark, PlanId, StepPath};
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
    /// The run, by the id of its plan.
    pub run: PlanId,
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
    /// Suspend this account. As for every request about a known account: read it first, and answer
    /// [`Because::OtherAccount`](super::outcome::Because::OtherAccount) with nothing done if its id, username or mark
    /// is another one. A panel that shows no mark is compared by id and username.
    SuspendAccount(Box<SuspendAccount>),
    /// Unsuspend this account.
    UnsuspendAccount(Box<UnsuspendAccount>),
    /// Move this account to another package.
    ChangePackage(Box<ChangePackage>),
    /// Remove this account and its data.
    TerminateAccount(Box<TerminateAccount>),
    /// Read this account by its id and answer [`Facts::AccountReading`](super::facts::Facts::AccountReading).
    CheckAccount(Box<KnownAccount>),
    /// Do this on mPanel.
    Mpanel(MpanelRequest),
}

/// A search for what an unknown call may have created, or for a known account it may have removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookUp {
    /// The step.
    pub step: StepPath,
    /// The server to search.
    pub server: Option<ServerName>,
    /// The panel's id, where the account is known: it is read by this id instead of searched for. An answer of 404 that
    /// says in the panel's own words that there is no such account is a whole list without a match; a 404 of anything
    /// else is a missing route.
    pub remote_id: Option<String>,
    /// The natural key the call used, or the username of the known account.
    pub username: String,
    /// The mark the call wrote, or the one the known account carries.
    pub mark: Mark,
    /// The sealed password, to be tried once where the mark does not decide; none for a known account.
    pub credential: Option<CredentialId>,
    /// Whether it is to be tried even where the mark is ours: what carries it may have another password.
    pub tries_password: bool,
}
