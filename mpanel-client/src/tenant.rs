//! Tenants: whose rows are whose.

panel_http::opaque_id! {
    /// Id of a tenant.
    pub struct TenantId;
}
