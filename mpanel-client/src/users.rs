//! Users: legacy and TypeScript have them under the same path in different dialects (contract section 7).

mod create;
mod documented;
mod invite;
mod status;
mod update;
mod user;

use panel_http::{HttpMethod, Operation, Paging, Safety};
use provisioning_core::permission::Verb;

pub use self::{
    create::CreateUser,
    documented::ListAdminUsers,
    invite::{InviteUser, TenantRole},
    status::{ReactivateUser, SetTenantRole, SetUserStatus, SuspendUser, UserStatus},
    update::UpdateUser,
    user::{User, UserId},
};
use crate::{
    endpoints::{BY_PAGE, change, endpoints, lists, read, repeatable},
    reply::{self, Done},
    route::Route,
};

pub(crate) const LIST: Operation = read("mpanel.list_users", "/api/users");
pub(crate) const ADMIN_LIST: Operation = read("mpanel.list_admin_users", "/api/admin/users");
pub(crate) const GET: Operation = read("mpanel.get_user", "/api/users/{id}");
/// The server refuses a second one of the same address.
pub(crate) const CREATE: Operation = change(
    "mpanel.create_user",
    HttpMethod::Post,
    "/api/users",
    Safety::NaturalKey,
);
pub(crate) const UPDATE: Operation =
    repeatable("mpanel.update_user", HttpMethod::Put, "/api/users/{id}");
pub(crate) const SET_STATUS: Operation = repeatable(
    "mpanel.set_user_status",
    HttpMethod::Patch,
    "/api/users/{id}/status",
);
pub(crate) const DELETE: Operation =
    repeatable("mpanel.delete_user", HttpMethod::Delete, "/api/users/{id}");
/// The server refuses a second one of the same address.
pub(crate) const INVITE: Operation = change(
    "mpanel.invite_user",
    HttpMethod::Post,
    "/api/users/invite",
    Safety::NaturalKey,
);
pub(crate) const SET_ROLE: Operation = repeatable(
    "mpanel.set_tenant_role",
    HttpMethod::Patch,
    "/api/users/{id}/role",
);
pub(crate) const SUSPEND: Operation = repeatable(
    "mpanel.suspend_user",
    HttpMethod::Post,
    "/api/users/{id}/suspend",
);
pub(crate) const REACTIVATE: Operation = repeatable(
    "mpanel.reactivate_user",
    HttpMethod::Post,
    "/api/users/{id}/reactivate",
);

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&LIST).asks(Verb::MpanelManageUsers),
    Route::documented(&ADMIN_LIST).asks(Verb::MpanelManageUsers),
    Route::both(&GET).asks(Verb::MpanelManageUsers),
    Route::legacy(&CREATE).asks(Verb::MpanelManageUsers),
    Route::legacy(&UPDATE).asks(Verb::MpanelManageUsers),
    Route::legacy(&SET_STATUS).asks(Verb::MpanelManageUsers),
    Route::legacy(&DELETE).asks(Verb::MpanelManageUsers),
    Route::typescript(&INVITE).asks(Verb::MpanelManageUsers),
    Route::typescript(&SET_ROLE).asks(Verb::MpanelManageUsers),
    Route::typescript(&SUSPEND).asks(Verb::MpanelManageUsers),
    Route::typescript(&REACTIVATE).asks(Verb::MpanelManageUsers),
];

lists! {
    /// Lists users, all in one reply. Legacy only: of a TypeScript server this reads the first page.
    ListUsers -> User = LIST, Paging::Whole;

    /// Lists the users of the tenant, by page. TypeScript only: [`Mpanel::users`](crate::Mpanel::users) works on both.
    ListTenantUsers -> User = LIST, BY_PAGE;
}

endpoints! {
    /// Reads a user.
    GetUser(id: UserId) -> User = GET, |answer| reply::row(answer, &["user"]);

    /// Deletes a user. Oneself is `Validation`. Legacy only.
    DeleteUser(id: UserId) -> Done = DELETE, reply::done;
}
