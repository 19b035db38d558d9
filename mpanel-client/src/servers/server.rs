//! Servers as `/api/servers` shows them.

use panel_http::Timestamp;
use secrecy::SecretString;

use crate::{row::row, tenant::TenantId};

panel_http::opaque_id! {
    /// Id of a server.
    pub struct ServerId;
}

row! {
    /// A server. Its row shows the keys of its control panel to whoever may read it.
    pub struct Server {
        /// Id.
        id: ServerId,
        ;
        /// Tenant. One created through this route has none, so that its own creator may not see it.
        tenant_id("tenantId"): TenantId,
        /// Name. One created through this route has none.
        name: String,
        /// Host name.
        hostname: String,
        /// Full name.
        fqdn: String,
        /// Address.
        ip_address("ipAddress"): String,
        /// Where it stands.
        location: String,
        /// Whose it is.
        provider: String,
        /// What it does, such as `web`.
        role: String,
        /// Status: `active`, `maintenance`, `offline`, `disabled`, `deleted`, `ONLINE`.
        status: String,
        /// Whether it is in use.
        #[serde(deserialize_with = "panel_http::lenient")]
        is_active("isActive"): bool,
        /// Control panel: `cpanel`, `plesk`, `directadmin`, `custom`.
        control_panel("controlPanel"): String,
        /// Where its control panel is.
        control_panel_url("controlPanelUrl"): String,
        /// Where its interface is.
        api_base_url("apiBaseUrl"): String,
        /// User of its interface.
        api_username("apiUsername"): String,
        /// Token of its interface.
        api_token("apiToken"): SecretString,
        /// Password of its interface, in whatever form the server keeps it.
        api_password_encrypted("apiPasswordEncrypted"): SecretString,
        /// Host of its databases.
        db_host("dbHost"): String,
        /// How many accounts it takes.
        #[serde(deserialize_with = "panel_http::lenient")]
        max_accounts("maxAccounts"): u32,
        /// First name server.
        nameserver1: String,
        /// Second name server.
        nameserver2: String,
        /// When it was made.
        created_at("createdAt"): Timestamp,
        /// When it was changed.
        updated_at("updatedAt"): Timestamp,
    }
    shows id, name, hostname, status, is_active, max_accounts
}
