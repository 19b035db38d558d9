//! What the panel can be asked, and what a fault can be armed for.

use crate::Service;
use crate::operation::{Access, Operation};

const fn operation(
    name: &'static str,
    method: &'static str,
    path: &'static str,
    access: Access,
) -> Operation {
    Operation::new(Service::NextPanelPanel, name, method, path, access)
}

/// Whether the panel is up.
pub const HEALTH: Operation = operation("health", "GET", "/api/health", Access::Public);

/// Log in by username and password.
pub const LOGIN: Operation =
    operation("login", "POST", "/api/auth/login/json", Access::Public).look_up();

/// Create an API key.
pub const CREATE_API_KEY: Operation =
    operation("create-api-key", "POST", "/api/api-keys/", Access::Bearer);

/// List the accounts.
pub const LIST_ACCOUNTS: Operation = operation(
    "list-accounts",
    "GET",
    "/api/v1/billing/accounts",
    Access::KeyRead,
)
.look_up();

/// Create an account.
pub const CREATE_ACCOUNT: Operation = operation(
    "create-account",
    "POST",
    "/api/v1/billing/accounts",
    Access::KeyWrite,
)
.claims_username();

/// Get one account.
pub const GET_ACCOUNT: Operation = operation(
    "get-account",
    "GET",
    "/api/v1/billing/accounts/{account_id}",
    Access::KeyRead,
)
.look_up();

/// Delete an account.
pub const DELETE_ACCOUNT: Operation = operation(
    "delete-account",
    "DELETE",
    "/api/v1/billing/accounts/{account_id}",
    Access::KeyWrite,
);

/// Suspend an account.
pub const SUSPEND_ACCOUNT: Operation = operation(
    "suspend-account",
    "POST",
    "/api/v1/billing/accounts/{account_id}/suspend",
    Access::KeyWrite,
);

/// Unsuspend an account.
pub const UNSUSPEND_ACCOUNT: Operation = operation(
    "unsuspend-account",
    "POST",
    "/api/v1/billing/accounts/{account_id}/unsuspend",
    Access::KeyWrite,
);

/// Figures of one account.
pub const ACCOUNT_STATS: Operation = operation(
    "account-stats",
    "GET",
    "/api/v1/billing/accounts/{account_id}/stats",
    Access::KeyRead,
);

/// All of them.
pub const ALL: [Operation; 10] = [
    HEALTH,
    LOGIN,
    CREATE_API_KEY,
    LIST_ACCOUNTS,
    CREATE_ACCOUNT,
    GET_ACCOUNT,
    DELETE_ACCOUNT,
    SUSPEND_ACCOUNT,
    UNSUSPEND_ACCOUNT,
    ACCOUNT_STATS,
];
