//! What only administrators may (contract, section 4.9).

use super::admin;
use crate::Operation;

/// List the users.
pub const LIST_USERS: Operation = admin("list-users", "GET", "/api/v1/admin/users").look_up();

/// Create a user, an administrator too.
pub const CREATE_USER: Operation = admin("create-user", "POST", "/api/v1/admin/users");

/// Get one user.
pub const GET_USER: Operation = admin("get-user", "GET", "/api/v1/admin/users/{user_id}").look_up();

/// Change a user; answers with the row of the database.
pub const UPDATE_USER: Operation = admin("update-user", "PUT", "/api/v1/admin/users/{user_id}");

/// Delete a user.
pub const DELETE_USER: Operation = admin("delete-user", "DELETE", "/api/v1/admin/users/{user_id}");

/// Create a product plan.
pub const ADMIN_CREATE_PLAN: Operation = admin("admin-create-plan", "POST", "/api/v1/admin/plans");

/// Change a product plan.
pub const ADMIN_UPDATE_PLAN: Operation =
    admin("admin-update-plan", "PUT", "/api/v1/admin/plans/{plan_id}");

/// Delete a product plan that nobody uses.
pub const ADMIN_DELETE_PLAN: Operation = admin(
    "admin-delete-plan",
    "DELETE",
    "/api/v1/admin/plans/{plan_id}",
);

/// List all licences.
pub const LIST_ALL_LICENSES: Operation =
    admin("list-all-licenses", "GET", "/api/v1/admin/licenses").look_up();

/// Set the status of a licence; answers with the row of the database.
pub const SET_LICENSE_STATUS: Operation = admin(
    "set-license-status",
    "PUT",
    "/api/v1/admin/licenses/{license_id}/status",
);

/// Figures of everything.
pub const ADMIN_STATS: Operation = admin("admin-stats", "GET", "/api/v1/admin/stats");
