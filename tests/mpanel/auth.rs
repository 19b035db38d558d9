//! `/api/auth/...`

use mpanel_client::{
    TenantId,
    auth::{
        GetMe, GetPermissions, ListTenants, LogIn, LogOut, Refresh, Register, SetPassword,
        SwitchTenant, VerifySession,
    },
    users::UserId,
};
use panel_http::{Delivery, Kind, Login};
use secrecy::ExposeSecret;

use super::case::{TENANT, USER, call, list};

#[tokio::test]
async fn the_user_is_read_in_every_dialect() {
    let me = call("auth/me_legacy", GetMe).await.unwrap();
    assert_eq!(me.id, UserId::text(USER));
    assert_eq!(me.role.as_deref(), Some("admin"));
    assert_eq!(me.tenant_id, Some(TenantId::text(TENANT)));
    assert_eq!(me.first_name.as_deref(), Some("Olga"));
    let me = call("auth/me_typescript", GetMe).await.unwrap();
    assert_eq!(me.display_name.as_deref(), Some("Olga Pos"));
    assert_eq!(me.first_name.as_deref(), Some("Olga"));
    let me = call("auth/me_as_documented", GetMe).await.unwrap();
    assert_eq!(me.display_name.as_deref(), Some("Olga Pos"));
    assert_eq!(me.tenant_id, Some(TenantId::text(TENANT)));
}

#[tokio::test]
async fn a_password_can_be_tried_without_changing_the_client() {
    let login = || Login::new(" kim@buyer.example ", "pass-word-9".into());
    let grant = call("auth/log_in_legacy", LogIn::new(login()))
        .await
        .unwrap();
    assert_eq!(grant.access_token().expose_secret(), "opaque-token");
    let error = call("auth/log_in_wrong", LogIn::new(login()))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (Kind::Auth, Delivery::Answered)
    );
    assert!(!format!("{error:?}").contains("pass-word-9"));
}

#[tokio::test]
async fn tokens_are_renewed_and_given_up() {
    let grant = call("auth/refresh", Refresh::new("r-1".into()))
        .await
        .unwrap();
    assert_eq!(grant.access_token().expose_secret(), "a-2");
    assert_eq!(grant.refresh_token().unwrap().expose_secret(), "r-2");
    let done = call("auth/log_out", LogOut).await.unwrap();
    assert_eq!(done.message.as_deref(), Some("Logged out successfully"));
}

#[tokio::test]
async fn permissions_are_read_and_a_role_in_no_table_is_none() {
    let permissions = call("auth/permissions", GetPermissions).await.unwrap();
    assert!(permissions.allows("billing.read"));
    assert!(!permissions.allows("roles.read"));
    let role = permissions.role.unwrap();
    assert_eq!((role.name.as_str(), role.level), ("admin", Some(1)));
    let none = call("auth/permissions_without_role", GetPermissions)
        .await
        .unwrap();
    assert!(none.role.is_none() && none.permissions.is_empty());
}

#[tokio::test]
async fn a_second_registration_says_that_the_user_existed() {
    let new = Register::new("new@buyer.example")
        .set_name("New", "Buyer")
        .set_tenant_id(TenantId::text(TENANT));
    let registered = call("auth/register", new).await.unwrap();
    assert!(!registered.existed);
    assert_eq!(registered.user.role.as_deref(), Some("customer"));
    let again = call("auth/register_again", Register::new("new@buyer.example"))
        .await
        .unwrap();
    assert!(again.existed);
    assert_eq!(again.user.id, UserId::text(USER));
}

#[tokio::test]
async fn a_temporary_password_is_replaced_and_a_short_one_is_not_sent() {
    let set = |new: &str| SetPassword::new("kim@buyer.example", "temporary-1".into(), new.into());
    let grant = call("auth/set_password", set("permanent-2")).await.unwrap();
    assert_eq!(grant.access_token().expose_secret(), "tok-3");
    let transport = panel_http::testing::ScriptedTransport::new();
    let client = super::script::with_login(&transport).build().unwrap();
    let error = client.call(set("short")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.delivery()),
        (Kind::Encode, Delivery::NotSent)
    );
    assert!(transport.requests().is_empty());
}

#[tokio::test]
async fn sessions_and_tenants_are_read() {
    let done = call("auth/verify_session", VerifySession("cs_9".into()))
        .await
        .unwrap();
    assert_eq!(done.message.as_deref(), Some("ok"));
    let tenants = list("auth/tenants", ListTenants).await.unwrap();
    assert_eq!(tenants.len(), 1);
    assert_eq!(tenants[0].role.as_deref(), Some("OWNER"));
    assert_eq!(tenants[0].tenant_id, TenantId::text(TENANT));
    let grant = call("auth/switch_tenant", SwitchTenant(TenantId::text(TENANT)))
        .await
        .unwrap();
    assert_eq!(grant.access_token().expose_secret(), "a-9");
}
