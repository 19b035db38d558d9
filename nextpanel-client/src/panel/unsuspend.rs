//! `POST /api/v1/billing/accounts/{id}/unsuspend`.

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
use super::identity::{Acted, ExpectedAccount};
use super::operations::UNSUSPEND_ACCOUNT;
use super::suspend::is_done;
use crate::wrong_account::AccountActionError;

/// Not public: it would unsuspend whatever account the id leads to.
#[derive(Debug)]
struct UnsuspendAccount(AccountId);

impl Endpoint for UnsuspendAccount {
    const OPERATION: &'static Operation = &UNSUSPEND_ACCOUNT;
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
    /// Serves a suspended account again, after it was read and is the expected one.
    ///
    /// # Errors
    /// [`AccountActionError::WrongAccount`] with nothing done, else the error of either call.
    pub async fn unsuspend(
        &self,
        account: AccountId,
        expected: &ExpectedAccount,
    ) -> Result<Acted, AccountActionError> {
        let acted = self.identify(account, expected).await?;
        self.client()
            .call(&UnsuspendAccount(acted.before.id))
            .await?;
        Ok(acted)
    }

    /// The requests of [`unsuspend`](Self::unsuspend), in order. Nothing is sent.
    ///
    /// # Errors
    /// [`panel_http::Kind::Encode`] if a request cannot be made from its arguments.
    pub fn preview_unsuspend(&self, account: AccountId) -> Result<[Preview; 2], Error> {
        Ok([
            self.preview(&GetAccount(account))?,
            self.preview(&UnsuspendAccount(account))?,
        ])
    }
}
