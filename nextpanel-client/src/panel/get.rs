//! `GET /api/v1/billing/accounts/{id}`.

use http::StatusCode;

use panel_http::Answer;
use panel_http::DecodeError;
use panel_http::Endpoint;
use panel_http::Operation;
use panel_http::PathParameters;

use super::account::{Account, AccountId};
use super::operations::GET_ACCOUNT;

/// Reads one account. An account that does not exist, or was deleted, is `NotFound`.
#[derive(Debug, Clone, Copy)]
pub struct GetAccount(pub AccountId);

impl Endpoint for GetAccount {
    const OPERATION: &'static Operation = &GET_ACCOUNT;
    type Reply = Account;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", self.0);
    }

    fn accepts(&self, status: StatusCode) -> bool {
        status == StatusCode::OK
    }

    fn decode(&self, answer: &Answer) -> Result<Account, DecodeError> {
        answer.json()
    }
}
