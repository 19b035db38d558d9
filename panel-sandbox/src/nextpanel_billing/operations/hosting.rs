//! Panel servers and hosting accounts (contract, section 4.10): nobody is asked who they are.

use super::{key_read, key_write, open};
use crate::Operation;

/// Try whether a panel is up.
pub const TEST_SERVER: Operation = open("test-server", "POST", "/api/v1/nextpanel/servers/test");

/// List the servers.
pub const LIST_SERVERS: Operation =
    open("list-servers", "GET", "/api/v1/nextpanel/servers").look_up();

/// Add a server.
pub const ADD_SERVER: Operation = open("add-server", "POST", "/api/v1/nextpanel/servers");

/// Ask every server whether it is up.
pub const SERVERS_STATUS: Operation =
    open("servers-status", "GET", "/api/v1/nextpanel/servers/status");

/// Create a hosting account on a panel.
pub const PROVISION: Operation =
    key_write("provision", "POST", "/api/v1/nextpanel/provision").claims_username();

/// Count the hosting accounts.
pub const COUNT_ACCOUNTS: Operation = open(
    "count-accounts",
    "GET",
    "/api/v1/nextpanel/accounts/counts/by-role",
)
.look_up();

/// Suspend a hosting account.
pub const SUSPEND_HOSTING: Operation = key_write(
    "suspend-hosting",
    "POST",
    "/api/v1/nextpanel/accounts/{account_id}/suspend",
);

/// Unsuspend a hosting account.
pub const UNSUSPEND_HOSTING: Operation = key_write(
    "unsuspend-hosting",
    "POST",
    "/api/v1/nextpanel/accounts/{account_id}/unsuspend",
);

/// Delete a hosting account.
pub const DELETE_HOSTING: Operation = key_write(
    "delete-hosting",
    "DELETE",
    "/api/v1/nextpanel/accounts/{account_id}",
);

/// Figures of a hosting account, from its panel.
pub const HOSTING_STATS: Operation = key_read(
    "hosting-stats",
    "GET",
    "/api/v1/nextpanel/accounts/{account_id}/stats",
)
.look_up();
