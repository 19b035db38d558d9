//! `GET /api/auth/me`.

use panel_http::Timestamp;

use super::ME;
use crate::{endpoints::endpoints, reply, row::row, tenant::TenantId, users::UserId};

row! {
    /// The user who is logged in.
    pub struct Me {
        /// Id.
        id: UserId,
        ;
        /// E-mail address.
        email: String,
        /// First name.
        first_name("firstName"): String,
        /// Last name.
        last_name("lastName"): String,
        /// Name, where the server keeps one.
        display_name("displayName" | "name"): String,
        /// Role of the legacy server. On the TypeScript server it belongs to the membership, see the session.
        role: String,
        /// Tenant.
        tenant_id("tenantId"): TenantId,
        /// When the user was created.
        created_at("createdAt"): Timestamp,
    }
    shows id, role, tenant_id
}

endpoints! {
    /// Reads the user who is logged in. `NotFound` for a token of set-password, and for one of the other generation
    /// (contract 2.2).
    GetMe -> Me = ME, |answer| reply::row(answer, &["user"]);
}
