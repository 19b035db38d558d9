//! `/api/users`, in both dialects

use mpanel_client::{
    Generation,
    users::{
        CreateUser, DeleteUser, GetUser, InviteUser, ListAdminUsers, ListTenantUsers, ListUsers,
        ReactivateUser, SetTenantRole, SetUserStatus, SuspendUser, TenantRole, UpdateUser, UserId,
        UserStatus,
    },
};
use panel_http::Kind;
use serde_json::json;

use super::{
    case::{USER, call, list},
    script::{asked, json as reply, script, with_login},
};

fn id() -> UserId {
    UserId::text(USER)
}

#[tokio::test]
async fn users_are_read_in_both_dialects() {
    let legacy = list("users/list_legacy", ListUsers).await.unwrap();
    assert_eq!(
        (legacy.len(), legacy[0].first_name.as_deref()),
        (1, Some("Kim"))
    );
    let typescript = list("users/list_typescript", ListTenantUsers)
        .await
        .unwrap();
    assert_eq!(typescript[0].tenant_role.as_deref(), Some("VIEWER"));
    for user in [&legacy[0], &typescript[0]] {
        assert_eq!(user.status, Some(UserStatus::Active));
        assert!(!format!("{user:?}").contains("kim@"));
    }
    assert_eq!(
        list("users/documented", ListAdminUsers).await.unwrap()[0].id,
        id()
    );
    assert_eq!(
        call("users/get_legacy", GetUser(id())).await.unwrap().id,
        id()
    );
    assert_eq!(
        call("users/get_typescript", GetUser(id()))
            .await
            .unwrap()
            .id,
        id()
    );
}

#[tokio::test]
async fn refusals_are_denied_in_every_shape() {
    let error = list("users/list_forbidden", ListUsers).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let error = list("users/list_forbidden_typescript", ListTenantUsers)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}

#[tokio::test]
async fn users_are_created_changed_and_deleted() {
    let plain = || CreateUser::new("kim@buyer.example", "canary-secret".into());
    let create = plain()
        .set_name("Kim", "Lee")
        .set_role("admin")
        .set_status(UserStatus::Active);
    assert!(!format!("{create:?}").contains("canary"));
    assert_eq!(
        call("users/create", create).await.unwrap().role.as_deref(),
        Some("admin")
    );
    let error = call("users/create_again", plain()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Conflict);
    assert!(!format!("{error:?} {error}").contains("canary"));
    let update = UpdateUser::new(id())
        .set_name("Kim", "Li")
        .set_role("support");
    assert_eq!(
        call("users/update", update)
            .await
            .unwrap()
            .last_name
            .as_deref(),
        Some("Li")
    );
    let suspend = SetUserStatus::new(id(), UserStatus::Suspended);
    assert_eq!(
        call("users/set_status", suspend).await.unwrap().status,
        Some(UserStatus::Suspended)
    );
    call("users/delete", DeleteUser(id())).await.unwrap();
    let error = call("users/delete_oneself", DeleteUser(id()))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Validation);
}

#[tokio::test]
async fn members_are_invited_and_given_roles() {
    let invite = InviteUser::new("kim@buyer.example", TenantRole::Billing).set_name("Kim Lee");
    assert_eq!(call("users/invite", invite).await.unwrap().id, id());
    call(
        "users/set_role",
        SetTenantRole::new(id(), TenantRole::Admin),
    )
    .await
    .unwrap();
    call("users/suspend", SuspendUser(id())).await.unwrap();
    call("users/reactivate", ReactivateUser(id()))
        .await
        .unwrap();
}

#[tokio::test]
async fn suspending_speaks_the_dialect_of_the_server() {
    let user = json!({"success": true, "user": {"id": USER, "status": "suspended"}});
    for (generation, path) in [
        (
            Generation::Legacy,
            format!("PATCH /api/users/{USER}/status"),
        ),
        (
            Generation::TypeScript,
            format!("POST /api/users/{USER}/suspend"),
        ),
    ] {
        let transport = script(generation, vec![reply(200, &user)]);
        let client = with_login(&transport).build().unwrap();
        client.session().await.unwrap();
        client.set_user_suspended(&id(), true).await.unwrap();
        assert_eq!(asked(&transport)[1], path);
    }
}
