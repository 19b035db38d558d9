//! A hosting panel of a host's own, told in three requests and what their answers look like.
//!
//! [`HostingExecutor`] makes an [`Executor`](crate::executor::Executor) of it: it sends the requests, makes outcomes of
//! what comes back by core's table, finds and proves accounts in the list, counts them, and shows the requests beforehand.
//! A panel that does not fit in here implements [`Executor`](crate::executor::Executor) itself, with the functions of
//! [`reply`](crate::reply).

mod executor;

use std::fmt;

use panel_http::{Answer, Client, DecodeError, EncodeError, Error, RawRequest};
use provisioning_core::fleet::ServerName;
use provisioning_core::plan::action::CreateHostingAccount;
use provisioning_core::plan::verb::Capabilities;
use provisioning_core::run::outcome::Named;
use secrecy::SecretString;

pub use executor::HostingExecutor;

/// A panel that creates hosting accounts and lists them all in one answer. Requests are data: nothing is sent here.
pub trait HostingPanel: fmt::Debug + Send + Sync {
    /// Its verbs, `VerbName::CREATE_ACCOUNT` and `VERIFY_ACCOUNT`, with what is true of them.
    fn capabilities(&self) -> Capabilities;

    /// The client of one of its servers, with the credentials; none of a server that is not its.
    fn client(&self, server: &ServerName) -> Option<&Client>;

    /// The request that makes an account of this name and password. `new.mark` goes where the panel stores and shows it.
    ///
    /// # Errors
    /// If a value cannot stand in a request.
    fn create(
        &self,
        new: &CreateHostingAccount,
        username: &str,
        password: &SecretString,
    ) -> Result<RawRequest, EncodeError>;

    /// The request that lists all accounts.
    fn list(&self) -> RawRequest;

    /// The request by which an account logs in; none where accounts cannot.
    ///
    /// # Errors
    /// If a value cannot stand in a request.
    fn log_in(
        &self,
        username: &str,
        password: &SecretString,
    ) -> Result<Option<RawRequest>, EncodeError>;

    /// Reads the answer to [`create`](Self::create).
    ///
    /// # Errors
    /// If it cannot be read, or lacks the id.
    fn created(&self, answer: &Answer) -> Result<AccountRow, DecodeError>;

    /// Reads the answer to [`list`](Self::list).
    ///
    /// # Errors
    /// If it cannot be read, any row of it included: a row that is left out would be an account that is not there.
    fn listed(&self, answer: &Answer) -> Result<Vec<AccountRow>, DecodeError>;

    /// What the panel's words of refusal are known to mean, such as [`Named::UsernameTaken`].
    fn named(&self, refusal: &Error) -> Option<Named> {
        let _ = refusal;
        None
    }

    /// Whether every account of the list is known to show its mark. Otherwise that is learned from accounts of ours.
    fn shows_marks(&self) -> bool {
        false
    }
}

/// An account as a panel shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// The panel's id, as text.
    pub remote_id: String,
    /// Its username.
    pub username: String,
    /// What stands where a mark would stand.
    pub mark: Option<String>,
    /// Whether it is served.
    pub active: bool,
}
