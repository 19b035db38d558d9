//! Users as either generation shows them.

use panel_http::Timestamp;

use super::UserStatus;
use crate::row::row;

panel_http::opaque_id! {
    /// Id of a user.
    pub struct UserId;
}

row! {
    /// A user. What the server shows of passwords is dropped unread.
    pub struct User {
        /// Id.
        id: UserId,
        ;
        /// E-mail address.
        email: String,
        /// First name, legacy.
        first_name("firstName"): String,
        /// Last name, legacy.
        last_name("lastName"): String,
        /// Name, TypeScript.
        name("displayName"): String,
        /// Role, letter by letter: `SUPER_ADMIN` is not `super_admin`, and only `admin` may provision.
        role: String,
        /// Role in the tenant, TypeScript.
        tenant_role("tenantRole"): String,
        /// Status.
        status: UserStatus,
        /// Whether the address was confirmed.
        #[serde(deserialize_with = "panel_http::lenient")]
        email_verified("emailVerified"): bool,
        /// When the user logged in last.
        last_login_at("lastLoginAt"): Timestamp,
        /// When the user was made.
        created_at("createdAt"): Timestamp,
        /// When the user was changed.
        updated_at("updatedAt"): Timestamp,
    }
    shows id, role, tenant_role, status
}
