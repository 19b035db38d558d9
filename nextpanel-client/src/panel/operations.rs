//! Every operation of the hosting panel that this client knows.

use panel_http::TimeoutClass;
use panel_http::{CredentialKind, HttpMethod, Operation, Safety};
use provisioning_core::permission::Verb;

const KEY_PAIR: &[CredentialKind] = &[CredentialKind::KeyPair];

pub(crate) const HEALTH: Operation = Operation::new(
    "panel.health",
    HttpMethod::Get,
    "/api/health",
    Safety::ReadOnly,
)
.contract("nextpanel 8");

pub(crate) const LOG_IN: Operation =
    // It changes nothing but a login time, and sending it again is harmless.
    Operation::new(
        "panel.log_in",
        HttpMethod::Post,
        "/api/auth/login/json",
        Safety::ReadOnly,
    )
    .contract("nextpanel 8");

pub(crate) const LIST_ACCOUNTS: Operation = Operation::new(
    "panel.list_accounts",
    HttpMethod::Get,
    "/api/v1/billing/accounts",
    Safety::ReadOnly,
)
.credentials(KEY_PAIR)
.contract("nextpanel 8");

pub(crate) const GET_ACCOUNT: Operation = Operation::new(
    "panel.get_account",
    HttpMethod::Get,
    "/api/v1/billing/accounts/{id}",
    Safety::ReadOnly,
)
.credentials(KEY_PAIR)
.contract("nextpanel 8");

pub(crate) const CREATE_ACCOUNT: Operation =
    // The server stores the username and refuses a second one, and stores the billing id: both read back.
    Operation::new(
        "panel.create_account",
        HttpMethod::Post,
        "/api/v1/billing/accounts",
        Safety::NaturalKey,
    )
    .credentials(KEY_PAIR)
    .timeout(TimeoutClass::Provision)
    .contract("nextpanel 8");

pub(crate) const ACCOUNT_STATISTICS: Operation = Operation::new(
    "panel.account_statistics",
    HttpMethod::Get,
    "/api/v1/billing/accounts/{id}/stats",
    Safety::ReadOnly,
)
.credentials(KEY_PAIR)
.contract("nextpanel 8");

pub(crate) const SUSPEND_ACCOUNT: Operation = Operation::new(
    "panel.suspend_account",
    HttpMethod::Post,
    "/api/v1/billing/accounts/{id}/suspend",
    Safety::Idempotent,
)
.credentials(KEY_PAIR)
.contract("nextpanel 8");

pub(crate) const UNSUSPEND_ACCOUNT: Operation = Operation::new(
    "panel.unsuspend_account",
    HttpMethod::Post,
    "/api/v1/billing/accounts/{id}/unsuspend",
    Safety::Idempotent,
)
.credentials(KEY_PAIR)
.contract("nextpanel 8");

pub(crate) const DELETE_ACCOUNT: Operation =
    // Ids are not given twice, so a second one deletes nothing else.
    Operation::new(
        "panel.delete_account",
        HttpMethod::Delete,
        "/api/v1/billing/accounts/{id}",
        Safety::Idempotent,
    )
    .credentials(KEY_PAIR)
    .contract("nextpanel 8");

pub(crate) const CREATE_API_KEY: Operation =
    // Each one makes another key, and no route lists them.
    Operation::new(
        "panel.create_api_key",
        HttpMethod::Post,
        "/api/api-keys/",
        Safety::Unsafe,
    )
    .credentials(&[CredentialKind::Bearer])
    .contract("nextpanel 8");

/// Every operation of the hosting panel that this client knows, with its safety.
pub const OPERATIONS: &[&Operation] = &[
    &HEALTH,
    &LOG_IN,
    &CREATE_API_KEY,
    &LIST_ACCOUNTS,
    &CREATE_ACCOUNT,
    &GET_ACCOUNT,
    &ACCOUNT_STATISTICS,
    &SUSPEND_ACCOUNT,
    &UNSUSPEND_ACCOUNT,
    &DELETE_ACCOUNT,
];

/// What an operation is for, as far as permissions tell it apart.
pub(crate) fn verb_of(operation: &str) -> Option<Verb> {
    Some(match operation {
        "panel.health" => Verb::ReadHealth,
        "panel.log_in" => Verb::LogIn,
        "panel.create_api_key" => Verb::CreateApiKey,
        "panel.list_accounts" => Verb::ListAccounts,
        "panel.create_account" => Verb::CreateAccount,
        "panel.get_account" => Verb::GetAccount,
        "panel.account_statistics" => Verb::ReadAccountStatistics,
        "panel.suspend_account" => Verb::SuspendAccount,
        "panel.unsuspend_account" => Verb::UnsuspendAccount,
        "panel.delete_account" => Verb::TerminateAccount,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_for_something() {
        for operation in OPERATIONS {
            assert!(verb_of(operation.name).is_some(), "{}", operation.name);
        }
    }
}
