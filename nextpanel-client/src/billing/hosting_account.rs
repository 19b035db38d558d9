//! Acting on hosting accounts through the billing backend, which sends the action to whatever server it has stored.

use http::StatusCode;
use panel_http::{Error, Preview};

use super::client::Billing;
use super::endpoint::{Done, endpoint};
use super::id::HostingAccountId;
use super::server::GetServersStatus;
use crate::panel::AccountStatistics;
use crate::wrong_account::{AccountActionError, WrongAccount};

endpoint! {
    /// Not public: it leads wherever the backend's row leads.
    struct PostSuspend: SUSPEND_ACCOUNT -> Done {
        path { account_id: HostingAccountId }
        query {
            /// A query parameter: a body would be ignored (section 4.10).
            set_reason reason: String,
        }
    }
}

endpoint! {
    /// Not public, as above.
    struct PostUnsuspend: UNSUSPEND_ACCOUNT -> Done {
        path { account_id: HostingAccountId }
    }
}

endpoint! {
    /// Not public, as above.
    struct SendDelete: DELETE_ACCOUNT -> Done {
        path { account_id: HostingAccountId }
    }
}

endpoint! {
    /// Not public: after a restart of the backend it needs a second call, see [`Billing::account_statistics`].
    struct GetStatistics: ACCOUNT_STATISTICS -> AccountStatistics {
        path { account_id: HostingAccountId }
    }
}

/// Accounts by the backend's own id, which for accounts made elsewhere may lead to the account of another customer on
/// another server. So each of these reads the account's statistics first, which take the same way, and does nothing
/// unless they name the expected username.
///
/// After a restart the backend has forgotten its servers and answers 500 to all of them, until somebody asks for the
/// servers' status. That is done once, and the call is sent once more.
impl Billing {
    /// Suspends an account.
    ///
    /// # Errors
    /// [`AccountActionError::WrongAccount`] with nothing done, else the error of a call.
    pub async fn suspend_account(
        &self,
        account: HostingAccountId,
        expected_username: &str,
        reason: &str,
    ) -> Result<(), AccountActionError> {
        let suspend = PostSuspend::new(account).set_reason(reason);
        self.act(account, expected_username, &suspend).await
    }

    /// Serves a suspended account again.
    ///
    /// # Errors
    /// As [`suspend_account`](Self::suspend_account).
    pub async fn unsuspend_account(
        &self,
        account: HostingAccountId,
        expected_username: &str,
    ) -> Result<(), AccountActionError> {
        let unsuspend = PostUnsuspend::new(account);
        self.act(account, expected_username, &unsuspend).await
    }

    /// Deletes an account and its data for good. The backend keeps its row; deleting it again is a 500.
    ///
    /// # Errors
    /// As [`suspend_account`](Self::suspend_account).
    pub async fn delete_account(
        &self,
        account: HostingAccountId,
        expected_username: &str,
    ) -> Result<(), AccountActionError> {
        let delete = SendDelete::new(account);
        self.act(account, expected_username, &delete).await
    }

    /// Reads what an account uses, as its panel says it. Whose account it is stands in
    /// [`AccountStatistics::username`].
    ///
    /// # Errors
    /// Those of the call.
    pub async fn account_statistics(
        &self,
        account: HostingAccountId,
    ) -> Result<AccountStatistics, Error> {
        let mut memory = Memory::Unknown;
        self.reminded(&GetStatistics::new(account), &mut memory)
            .await
    }

    /// The requests of [`suspend_account`](Self::suspend_account), in order. Nothing is sent.
    ///
    /// # Errors
    /// [`panel_http::Kind::Encode`] if a request cannot be made from its arguments.
    pub fn preview_suspend_account(
        &self,
        account: HostingAccountId,
        reason: &str,
    ) -> Result<[Preview; 2], Error> {
        Ok([
            self.preview(&GetStatistics::new(account))?,
            self.preview(&PostSuspend::new(account).set_reason(reason))?,
        ])
    }

    /// The requests of [`unsuspend_account`](Self::unsuspend_account), in order. Nothing is sent.
    ///
    /// # Errors
    /// As [`preview_suspend_account`](Self::preview_suspend_account).
    pub fn preview_unsuspend_account(
        &self,
        account: HostingAccountId,
    ) -> Result<[Preview; 2], Error> {
        Ok([
            self.preview(&GetStatistics::new(account))?,
            self.preview(&PostUnsuspend::new(account))?,
        ])
    }

    /// The requests of [`delete_account`](Self::delete_account), in order. Nothing is sent.
    ///
    /// # Errors
    /// As [`preview_suspend_account`](Self::preview_suspend_account).
    pub fn preview_delete_account(&self, account: HostingAccountId) -> Result<[Preview; 2], Error> {
        Ok([
            self.preview(&GetStatistics::new(account))?,
            self.preview(&SendDelete::new(account))?,
        ])
    }

    async fn act<E>(
        &self,
        account: HostingAccountId,
        expected_username: &str,
        action: &E,
    ) -> Result<(), AccountActionError>
    where
        E: panel_http::Endpoint<Reply = Done>,
    {
        let mut memory = Memory::Unknown;
        let statistics = self
            .reminded(&GetStatistics::new(account), &mut memory)
            .await?;
        match statistics.username.as_deref() {
            Some(found) if found.eq_ignore_ascii_case(expected_username) => {}
            Some(found) => return Err(WrongAccount::new(expected_username, found).into()),
            None => return Err(WrongAccount::unnamed(expected_username).into()),
        }
        self.reminded(action, &mut memory).await?;
        Ok(())
    }

    /// Calls, and once more after a 500 if the backend may have forgotten its servers.
    async fn reminded<E: panel_http::Endpoint>(
        &self,
        endpoint: &E,
        memory: &mut Memory,
    ) -> Result<E::Reply, Error> {
        let first = self.call_guarded(endpoint).await;
        match first {
            Ok(reply) => {
                // An answer of success went through the backend's servers.
                *memory = Memory::Fresh;
                Ok(reply)
            }
            Err(error) if *memory == Memory::Unknown && has_forgotten(&error) => {
                *memory = Memory::Fresh;
                if self.call_guarded(&GetServersStatus::new()).await.is_err() {
                    return Err(error);
                }
                self.call_guarded(endpoint).await
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether the backend is known to remember its servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Memory {
    Unknown,
    Fresh,
}

fn has_forgotten(error: &Error) -> bool {
    error.status() == Some(StatusCode::INTERNAL_SERVER_ERROR) && !error.is_html()
}
