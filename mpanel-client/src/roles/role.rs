//! Roles and permissions as the server shows them.

use panel_http::Timestamp;

use crate::row::row;

panel_http::opaque_id! {
    /// Id of a role.
    pub struct RoleId;
}

panel_http::opaque_id! {
    /// Id of a permission.
    pub struct PermissionId;
}

row! {
    /// A role.
    pub struct Role {
        /// Id.
        id: RoleId,
        ;
        /// Name, by which users carry it.
        name: String,
        /// Title.
        display_name("displayName"): String,
        /// What it is for.
        description: String,
        /// Rank; 0 is the highest.
        #[serde(deserialize_with = "panel_http::lenient")]
        level: i64,
        /// Whether it is one of administrators.
        #[serde(deserialize_with = "panel_http::lenient")]
        is_admin("isAdmin"): bool,
        /// Whether it is one of clients.
        #[serde(deserialize_with = "panel_http::lenient")]
        is_client("isClient"): bool,
        /// Its permissions, where one role is read.
        permissions: Vec<Permission>,
        /// Number of permissions, too high.
        #[serde(deserialize_with = "panel_http::lenient")]
        permission_count("permissionCount"): u64,
        /// Number of users, too high.
        #[serde(deserialize_with = "panel_http::lenient")]
        user_count("userCount"): u64,
        /// When it was made.
        created_at("createdAt"): Timestamp,
    }
    shows id, name, level
}

row! {
    /// A permission.
    pub struct Permission {
        /// Name: `customers.read`.
        name: String,
        ;
        /// Id.
        id: PermissionId,
        /// What it is about.
        resource: String,
        /// What it permits.
        action: String,
        /// What it is for.
        description: String,
    }
    shows name
}
