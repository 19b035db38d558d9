//! `GET /api/v1/billing/accounts/{id}/stats`.

use http::StatusCode;
use serde::Deserialize;

use panel_http::Answer;
use panel_http::DecodeError;
use panel_http::Endpoint;
use panel_http::Operation;
use panel_http::PathParameters;

use super::account::AccountId;
use super::operations::ACCOUNT_STATISTICS;
use crate::{Field, Timestamp};

/// Reads what an account uses.
#[derive(Debug, Clone, Copy)]
pub struct GetAccountStatistics(pub AccountId);

/// What an account uses, as far as the panel says it (section 8, from documents). The billing backend passes the same
/// object on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct AccountStatistics {
    /// The panel's id of the account.
    #[serde(default)]
    pub user_id: Field<i64>,
    /// The username.
    #[serde(default)]
    pub username: Field<String>,
    /// E-mail of the account.
    #[serde(default)]
    pub email: Field<String>,
    /// Domains.
    #[serde(default)]
    pub total_domains: Field<u64>,
    /// Databases.
    #[serde(default)]
    pub total_databases: Field<u64>,
    /// Mailboxes.
    #[serde(default)]
    pub total_email_accounts: Field<u64>,
    /// SSL certificates.
    #[serde(default)]
    pub total_ssl_certificates: Field<u64>,
    /// Storage in use; the documents name no unit.
    #[serde(default)]
    pub storage_used: Field<u64>,
    /// Last login, null if there was none.
    #[serde(default)]
    pub last_login: Field<Timestamp>,
    /// Whole days since the account was created.
    #[serde(default)]
    pub account_age_days: Field<u64>,
}

impl Endpoint for GetAccountStatistics {
    const OPERATION: &'static Operation = &ACCOUNT_STATISTICS;
    type Reply = AccountStatistics;

    fn path(&self, path: &mut PathParameters) {
        path.set("id", self.0);
    }

    fn accepts(&self, status: StatusCode) -> bool {
        status == StatusCode::OK
    }

    fn decode(&self, answer: &Answer) -> Result<AccountStatistics, DecodeError> {
        answer.json()
    }
}
