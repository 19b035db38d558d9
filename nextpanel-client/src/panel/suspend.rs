//! `POST /api/v1/billing/accounts/{id}/suspend`.

use http::StatusCode;

use panel_http::Answer;
use panel_http::DecodeError;
use panel_http::EncodeError;
use panel_http::Endpoint;
use panel_http::Error;
use panel_http::Operation;
use panel_http::PathParameters;
use panel_http::Preview;
use panel_http::RequestBody;

use super::account::AccountId;
use super::client::Panel;
use super::get::GetAccount;
use super::identity::{Acted, ExpectedAccount};
use super::operations::SUSPEND_ACCOUNT;
use crate::wrong_account::AccountActionError;

/// Not public: it would suspend whatever account the id leads to.
#[derive(Debug)]
struct SuspendAccount<'a> {
    id: AccountId,
    reason: &'a str,
}

impl Endpoint for SuspendAccount<'_> {
    const OPERATION: &'static Operation = &SUSPEND_ACCOUNT;
    type Reply = ();

    fn path(&self, path: &mut PathParameters) {
        path.set("id", self.id);
    }

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.field("reason", self.reason))
    }

    fn accepts(&self, status: StatusCode) -> bool {
        is_done(status)
    }

    fn decode(&self, _answer: &Answer) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Exactly 200 is documented; 204 is what a panel of another version would answer, and says the same.
pub(super) fn is_done(status: StatusCode) -> bool {
    matches!(status, StatusCode::OK | StatusCode::NO_CONTENT)
}

impl Panel {
    /// Stops serving an account and keeps its data, after it was read and is the expected one. Suspending twice has
    /// the same effect as once.
    ///
    /// # Errors
    /// [`AccountActionError::WrongAccount`] with nothing done, else the error of either call.
    pub async fn suspend(
        &self,
        account: AccountId,
        expected: &ExpectedAccount,
        reason: &str,
    ) -> Result<Acted, AccountActionError> {
        let acted = self.identify(account, expected).await?;
        let suspend = SuspendAccount {
            id: acted.before.id,
            reason,
        };
        self.client().call(&suspend).await?;
        Ok(acted)
    }

    /// The requests of [`suspend`](Self::suspend), in order. Nothing is sent.
    ///
    /// # Errors
    /// [`panel_http::Kind::Encode`] if a request cannot be made from its arguments.
    pub fn preview_suspend(&self, account: AccountId, reason: &str) -> Result<[Preview; 2], Error> {
        let suspend = SuspendAccount {
            id: account,
            reason,
        };
        Ok([self.preview(&GetAccount(account))?, self.preview(&suspend)?])
    }
}
