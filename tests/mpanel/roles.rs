//! `/api/roles`, `/api/security/rbac`

use mpanel_client::{
    roles::{
        AssignRole, CreateRole, DeleteRole, GetRole, ListPermissions, ListRoleUsers, ListRoles,
        ListSecurityPermissions, ListSecurityRoles, PermissionId, RoleId, SetRolePermissions,
        UpdateRole,
    },
    users::UserId,
};
use panel_http::Kind;

use super::case::{PERMISSION, ROLE, USER, call, list};

fn id() -> RoleId {
    RoleId::text(ROLE)
}

#[tokio::test]
async fn roles_are_read_counts_as_texts_and_numbers() {
    let roles = list("roles/list", ListRoles).await.unwrap();
    assert_eq!(
        (roles[0].permission_count, roles[0].user_count),
        (Some(57), Some(0))
    );
    let role = call("roles/get", GetRole(id())).await.unwrap();
    assert_eq!(role.permissions.unwrap()[0].name, "customers.read");
    let permissions = list("roles/permissions", ListPermissions).await.unwrap();
    assert_eq!(permissions[0].id, Some(PermissionId::text(PERMISSION)));
    assert_eq!(
        list("roles/users", ListRoleUsers(id()))
            .await
            .unwrap()
            .len(),
        1
    );
    let error = list("roles/list_forbidden", ListRoles).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}

#[tokio::test]
async fn roles_are_written() {
    let create = CreateRole::new("auditor", "Auditor")
        .set_description("Looks")
        .set_level(8);
    assert_eq!(
        call("roles/create", create).await.unwrap().name.as_deref(),
        Some("auditor")
    );
    let error = call("roles/create_again", CreateRole::new("auditor", "Auditor"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.key()),
        (Kind::Conflict, Some("auditor"))
    );
    let update = UpdateRole::new(id())
        .set_display_name("Helpers")
        .set_description("Help")
        .set_level(6);
    call("roles/update", update).await.unwrap();
    let set = SetRolePermissions::new(id(), vec![PermissionId::text(PERMISSION)]);
    assert_eq!(call("roles/set_permissions", set).await.unwrap().id, id());
    call("roles/assign", AssignRole::new(id(), UserId::text(USER)))
        .await
        .unwrap();
    call("roles/delete", DeleteRole(id())).await.unwrap();
}

#[tokio::test]
async fn permissions_inside_of_a_text_are_read() {
    let roles = list("roles/security_roles", ListSecurityRoles)
        .await
        .unwrap();
    assert_eq!(
        roles[0].permissions.as_deref(),
        Some(&["platform.servers.read".to_owned()][..])
    );
    let permissions = list("roles/security_permissions", ListSecurityPermissions)
        .await
        .unwrap();
    assert_eq!(permissions[0].category.as_deref(), Some("Platform"));
}
