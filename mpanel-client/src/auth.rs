//! Logging in, and the user who is (contract section 2).

mod login;
mod me;
mod password;
mod permissions;
mod register;
mod tenants;

use panel_http::{HttpMethod, Operation, Safety};
use provisioning_core::permission::Verb;

pub use self::{
    login::{LogIn, LogOut, MpanelLoginRoutes, Refresh},
    me::{GetMe, Me},
    password::{SetPassword, VerifySession},
    permissions::{GetPermissions, Permissions},
    register::{Register, Registered},
    tenants::{ListTenants, Membership, SwitchTenant},
};
use crate::{
    endpoints::{change, once, read, repeatable},
    route::Route,
};

/// It changes nothing but a login time, and sending it again is harmless.
pub(crate) const LOG_IN: Operation = change(
    "mpanel.log_in",
    HttpMethod::Post,
    "/api/auth/login",
    Safety::ReadOnly,
)
.credentials(&[])
.contract("mpanel 2.3");

/// The old refresh token stays valid, so sending it again is harmless, too.
pub(crate) const REFRESH: Operation = change(
    "mpanel.refresh_token",
    HttpMethod::Post,
    "/api/auth/refresh",
    Safety::ReadOnly,
)
.credentials(&[])
.contract("mpanel 2.3");

pub(crate) const LOG_OUT: Operation =
    repeatable("mpanel.log_out", HttpMethod::Post, "/api/auth/logout").contract("mpanel 2.3");
pub(crate) const ME: Operation = read("mpanel.get_me", "/api/auth/me").contract("mpanel 2.3");
pub(crate) const PERMISSIONS: Operation =
    read("mpanel.get_permissions", "/api/auth/permissions").contract("mpanel 2.3");
/// A second one is answered with the user of the first.
pub(crate) const REGISTER: Operation = repeatable(
    "mpanel.register_user",
    HttpMethod::Post,
    "/api/auth/register",
)
.contract("mpanel 2.3");
pub(crate) const SET_PASSWORD: Operation =
    once("mpanel.set_password", "/api/auth/set-password").contract("mpanel 2.3");
pub(crate) const VERIFY_SESSION: Operation = change(
    "mpanel.verify_session",
    HttpMethod::Post,
    "/api/auth/verify-session",
    Safety::ReadOnly,
)
.contract("mpanel 2.3");
pub(crate) const TENANTS: Operation =
    read("mpanel.list_tenants", "/api/auth/me/tenants").contract("mpanel 2.3");
pub(crate) const SWITCH_TENANT: Operation = change(
    "mpanel.switch_tenant",
    HttpMethod::Post,
    "/api/auth/me/switch-tenant",
    Safety::ReadOnly,
)
.contract("mpanel 2.3");

pub(crate) const ROUTES: &[Route] = &[
    Route::both(&LOG_IN).asks(Verb::MpanelLogIn),
    Route::typescript(&REFRESH),
    Route::typescript(&LOG_OUT).asks(Verb::MpanelManageSelf),
    Route::both(&ME).asks(Verb::MpanelManageSelf),
    Route::both(&PERMISSIONS).asks(Verb::MpanelManageSelf),
    Route::both(&REGISTER).asks(Verb::MpanelManageSelf),
    Route::both(&SET_PASSWORD).asks(Verb::MpanelManageSelf),
    Route::both(&VERIFY_SESSION).asks(Verb::MpanelManageSelf),
    Route::typescript(&TENANTS).asks(Verb::MpanelManageSelf),
    Route::typescript(&SWITCH_TENANT).asks(Verb::MpanelManageSelf),
];
