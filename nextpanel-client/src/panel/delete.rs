//! `DELETE /api/v1/billing/accounts/{id}`.

use http::StatusCode;

use panel_http::Answer;
use panel_http::DecodeError;
use panel_http::Endpoint;
use panel_http::Error;
use panel_http::Operation;
use panel_http::PathParameters;
use panel_http::Preview;

use super::account::AccountId;
use super::client::Panel;
use super::get::GetAccount;
use super::identity::{Acted, ExpectedAccount, was_deleted_by_us};
use super::operations::DELETE_ACCOUNT;
use super::suspend::is_done;
use crate::wrong_account::AccountActionError;

/// Not public: it would delete whatever account the id leads to.
#[derive(Debug)]
struct DeleteAccount(AccountId);

impl Endpoint for DeleteAccount {
    const OPERATION: &'static Operation = &DELETE_ACCOUNT;
    type Reply = ();

    fn path(&self, path: &mut PathParameters) {
        path.set("id", self.0);
    }

    fn accepts(&self, status: StatusCode) -> bool {
        is_done(status)
    }

    fn decode(&self, _answer: &Answer) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl Panel {
    /// Deletes an account and its data for good, after it was read and is the expected one.
    ///
    /// Where the answer to a first attempt is lost and a second one finds no account, the first one deleted it: it was
    /// read a moment before.
    ///
    /// # Errors
    /// [`AccountActionError::WrongAccount`] with nothing done, else the error of either call.
    pub async fn delete(
        &self,
        account: AccountId,
        expected: &ExpectedAccount,
    ) -> Result<Acted, AccountActionError> {
        let acted = self.identify(account, expected).await?;
        match self.client().call(&DeleteAccount(acted.before.id)).await {
            Ok(()) => Ok(acted),
            Err(error) if was_deleted_by_us(&error) => Ok(acted),
            Err(error) => Err(error.into()),
        }
    }

    /// The requests of [`delete`](Self::delete), in order. Nothing is sent.
    ///
    /// # Errors
    /// [`panel_http::Kind::Encode`] if a request cannot be made from its arguments.
    pub fn preview_delete(&self, account: AccountId) -> Result<[Preview; 2], Error> {
        Ok([
            self.preview(&GetAccount(account))?,
            self.preview(&DeleteAccount(account))?,
        ])
    }
}
