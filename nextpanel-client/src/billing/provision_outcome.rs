//! What may have come of creating a hosting account.

use std::fmt;

use panel_http::Error;
use provisioning_core::permission::Denial;

use super::id::ServerId;
use super::provision::ProvisionedAccount;
use crate::panel::Account;

/// What came of creating a hosting account.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ProvisionOutcome {
    /// It exists, and the backend knows it.
    Created(ProvisionedAccount),
    /// Nothing was created.
    Refused {
        /// Why.
        refusal: ProvisionRefusal,
        /// The backend's words.
        text: String,
    },
    /// The backend reports failure, and yet the account is on the panel, under this customer's id. The backend may not
    /// know it, so act on it through the panel. If an earlier attempt created it, its password is that attempt's.
    OnPanel {
        /// The account.
        account: Box<Account>,
        /// The backend's words.
        text: String,
    },
    /// It may exist. Never provision again before somebody has looked.
    Unknown(UnknownProvision),
}

/// Why nothing was created.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ProvisionRefusal {
    /// The backend has no server at all.
    NoServer,
    /// The server is unknown to the backend, inactive, or full; it does not say which.
    ServerNotAvailable,
    /// The panel could not be connected to.
    PanelNotReached,
    /// The panel refuses the backend's key.
    Denied(Box<Denial>),
    /// The panel has an account of this username, and nothing shows that it is this customer's.
    UsernameTaken,
    /// The panel refuses a value.
    Invalid,
}

impl fmt::Display for ProvisionRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoServer => f.write_str("the billing backend has no server"),
            Self::ServerNotAvailable => {
                f.write_str("the server is unknown to the billing backend, inactive, or full; it does not say which")
            }
            Self::PanelNotReached => f.write_str("the billing backend cannot connect to the panel"),
            Self::Denied(denial) => denial.fmt(f),
            Self::UsernameTaken => f.write_str("the username is taken on this panel"),
            Self::Invalid => f.write_str("the panel refuses a value"),
        }
    }
}

/// A hosting account that may exist.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UnknownProvision {
    /// The username to look for.
    pub username: String,
    /// The server to look on.
    pub server_id: ServerId,
    /// What went wrong, in the backend's words or ours.
    pub text: String,
    /// What looking it up showed.
    pub look_up: LookUp,
}

/// Why a look-up left it open.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum LookUp {
    /// No client of that server's panel was given.
    NoCredentials,
    /// The panel could not be asked.
    Failed(Box<Error>),
    /// The panel's list is not shown to be whole.
    ListIncomplete,
    /// There is no such account now. A request that is still under way may create it; look again when a minute has
    /// passed since.
    NotFound,
    /// There is an account of this username which does not show this customer's id.
    NotProvablyOurs(Box<Account>),
}

/// What somebody has to do now, in one sentence.
impl fmt::Display for UnknownProvision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            username,
            server_id,
            text,
            look_up,
        } = self;
        write!(
            f,
            "the account {username} may exist on server {server_id} ({text}); "
        )?;
        match look_up {
            LookUp::NoCredentials => write!(
                f,
                "look for it in that panel's user list before provisioning again, or give this client the panel's API key"
            ),
            LookUp::Failed(error) => write!(
                f,
                "looking it up failed ({error}): look for it in that panel's user list before provisioning again"
            ),
            LookUp::ListIncomplete => write!(
                f,
                "the panel's list cannot be shown to be whole: look for it there before provisioning again"
            ),
            LookUp::NotFound => write!(
                f,
                "it is not there now; look again in a minute, and provision again only if it is still not there"
            ),
            LookUp::NotProvablyOurs(account) => write!(
                f,
                "account {} has this username and does not show this customer's id: find out whose it is before provisioning again",
                account.id
            ),
        }
    }
}
