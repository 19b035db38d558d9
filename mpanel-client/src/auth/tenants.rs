//! `GET /api/auth/me/tenants`, `POST /api/auth/me/switch-tenant`.

use panel_http::{
    Answer, DecodeError, EncodeError, Endpoint, Operation, Paging, RequestBody, TokenGrant,
};

use super::{SWITCH_TENANT, TENANTS};
use crate::{endpoints::lists, row::row, tenant::TenantId};

row! {
    /// A tenant the user belongs to.
    pub struct Membership {
        /// The tenant.
        tenant_id("tenantId"): TenantId,
        ;
        /// Its name.
        tenant_name("tenantName"): String,
        /// Its short name.
        tenant_slug("tenantSlug"): String,
        /// The user's role in it: OWNER, ADMIN, BILLING, MEMBER, VIEWER, PLATFORM_ADMIN.
        role: String,
        /// Whether it is in use.
        is_active("isActive"): bool,
    }
    shows tenant_id, role, is_active
}

lists! {
    /// Lists the tenants of the user who is logged in.
    ListTenants -> Membership = TENANTS, Paging::Whole;
}

/// Asks for a token of another tenant of the user's. This client goes on with its own.
#[derive(Debug, Clone)]
pub struct SwitchTenant(pub TenantId);

impl Endpoint for SwitchTenant {
    const OPERATION: &'static Operation = &SWITCH_TENANT;
    type Reply = TokenGrant;

    fn body(&self) -> Result<RequestBody, EncodeError> {
        RequestBody::object(|body| body.field("tenantId", &self.0))
    }

    fn decode(&self, answer: &Answer) -> Result<TokenGrant, DecodeError> {
        TokenGrant::read(answer)
    }
}
