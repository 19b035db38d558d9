//! Roles and permissions (contract section 7). Reading needs the permission `roles.read`, which `admin` lacks; writing
//! the role `super_admin`.

mod role;
mod security;
mod write;

use panel_http::{HttpMethod, Operation, Paging, Safety};
use provisioning_core::permission::Verb;

pub use self::{
    role::{Permission, PermissionId, Role, RoleId},
    security::{ListSecurityPermissions, ListSecurityRoles, SecurityPermission, SecurityRole},
    write::{AssignRole, CreateRole, SetRolePermissions, UpdateRole},
};
use crate::{
    endpoints::{change, endpoints, lists, read, repeatable},
    reply::{self, Done},
    route::Route,
    users::User,
};

pub(crate) const LIST: Operation = read("mpanel.list_roles", "/api/roles");
pub(crate) const GET: Operation = read("mpanel.get_role", "/api/roles/{id}");
pub(crate) const PERMISSIONS: Operation =
    read("mpanel.list_permissions", "/api/roles/permissions/all");
/// The server refuses a second one of the same name.
pub(crate) const CREATE: Operation = change(
    "mpanel.create_role",
    HttpMethod::Post,
    "/api/roles",
    Safety::NaturalKey,
);
pub(crate) const UPDATE: Operation =
    repeatable("mpanel.update_role", HttpMethod::Put, "/api/roles/{id}");
pub(crate) const DELETE: Operation =
    repeatable("mpanel.delete_role", HttpMethod::Delete, "/api/roles/{id}");
pub(crate) const SET_PERMISSIONS: Operation = repeatable(
    "mpanel.set_role_permissions",
    HttpMethod::Put,
    "/api/roles/{id}/permissions",
);
pub(crate) const ASSIGN: Operation = repeatable(
    "mpanel.assign_role",
    HttpMethod::Put,
    "/api/roles/{id}/assign",
);
pub(crate) const USERS: Operation = read("mpanel.list_role_users", "/api/roles/{id}/users");
pub(crate) const SECURITY_ROLES: Operation =
    read("mpanel.list_security_roles", "/api/security/rbac/roles");
pub(crate) const SECURITY_PERMISSIONS: Operation = read(
    "mpanel.list_security_permissions",
    "/api/security/rbac/permissions",
);

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&LIST).asks(Verb::MpanelReadRoles),
    Route::both(&GET).asks(Verb::MpanelReadRoles),
    Route::both(&PERMISSIONS).asks(Verb::MpanelReadRoles),
    Route::both(&CREATE).asks(Verb::MpanelWriteRoles),
    Route::both(&UPDATE).asks(Verb::MpanelWriteRoles),
    Route::both(&DELETE).asks(Verb::MpanelWriteRoles),
    Route::both(&SET_PERMISSIONS).asks(Verb::MpanelWriteRoles),
    Route::both(&ASSIGN).asks(Verb::MpanelWriteRoles),
    Route::both(&USERS).asks(Verb::MpanelReadRoles),
    Route::typescript(&SECURITY_ROLES).asks(Verb::MpanelOperatePlatform),
    Route::typescript(&SECURITY_PERMISSIONS).asks(Verb::MpanelOperatePlatform),
];

lists! {
    /// Lists roles. Their counts of permissions and users are too high: the server multiplies one by the other.
    ListRoles -> Role = LIST, Paging::Whole;

    /// Lists all permissions.
    ListPermissions -> Permission = PERMISSIONS, Paging::Whole;

    /// Lists the users of a role.
    ListRoleUsers(id: RoleId) -> User = USERS, Paging::Whole;
}

endpoints! {
    /// Reads a role with its permissions.
    GetRole(id: RoleId) -> Role = GET, |answer| reply::row(answer, &["role"]);

    /// Deletes a role.
    DeleteRole(id: RoleId) -> Done = DELETE, reply::done;
}
