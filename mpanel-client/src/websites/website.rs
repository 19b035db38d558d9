//! Websites as the server shows them.

use panel_http::Timestamp;
use provisioning_core::status::{ProvisioningState, StatusOf, WireStatus};
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::{
    customers::CustomerId, row::row, servers::ServerId, subscriptions::SubscriptionId,
    tenant::TenantId,
};

panel_http::opaque_id! {
    /// Id of a website.
    pub struct WebsiteId;
}

panel_http::open_enum! {
    /// Status of a website (contract section 9).
    pub enum WebsiteStatus {
        /// Served.
        Active = "active",
        /// Stopped for now.
        Suspended = "suspended",
        /// Being put in place.
        Deploying = "deploying" | "provisioning",
        /// Not begun.
        Pending = "pending",
        /// Switched off.
        Disabled = "disabled",
        /// Broken.
        Error = "error",
        /// On its way out.
        Deleting = "deleting",
    }
}

impl WebsiteStatus {
    /// What it comes to.
    #[must_use]
    pub fn state(&self) -> ProvisioningState {
        WireStatus::new(StatusOf::Website, self.as_str()).state()
    }
}

row! {
    /// A website. The server shows its password and its environment to whoever may read it.
    pub struct Website {
        /// Id.
        id: WebsiteId,
        ;
        /// Tenant.
        tenant_id("tenantId"): TenantId,
        /// Customer.
        customer_id("customerId"): CustomerId,
        /// Server.
        server_id("serverId"): ServerId,
        /// Subscription.
        subscription_id("subscriptionId"): SubscriptionId,
        /// Name.
        name: String,
        /// Domain.
        primary_domain("primaryDomain"): String,
        /// Further domains.
        additional_domains("additionalDomains"): Vec<String>,
        /// Document root.
        document_root("documentRoot"): String,
        /// Kind of application, such as `php` or `wordpress`.
        app_type("appType"): String,
        /// PHP version.
        php_version("phpVersion"): String,
        /// Whether it has a certificate.
        #[serde(deserialize_with = "panel_http::lenient")]
        ssl_enabled("sslEnabled"): bool,
        /// Who issued it.
        ssl_provider("sslProvider"): String,
        /// When it expires.
        ssl_expires_at("sslExpiresAt"): Timestamp,
        /// Status.
        status: WebsiteStatus,
        /// User on the server, where that column is used.
        system_user("systemUser"): String,
        /// User on the server, under the column's other name.
        sys_user: String,
        /// Account on the server.
        username: String,
        /// Its password, in whatever form the server keeps it.
        password_encrypted: SecretString,
        /// Environment variables, as JSON.
        #[serde(deserialize_with = "crate::secret_json::read")]
        env_variables: SecretString,
        /// What went wrong when it was provided.
        provisioning_error("provisioningError"): String,
        /// When it was provided.
        provisioned_at("provisionedAt"): Timestamp,
        /// When it was deployed last.
        last_deployed_at("lastDeployedAt"): Timestamp,
        /// What was written beside it.
        metadata: Map<String, Value>,
        /// Name of the server, in lists and single reads.
        server_name("serverName"): String,
        /// Host name of the server, in lists and single reads.
        server_hostname("serverHostname"): String,
        /// When it was made.
        created_at("createdAt"): Timestamp,
        /// When it was changed.
        updated_at("updatedAt"): Timestamp,
    }
    shows id, customer_id, server_id, subscription_id, primary_domain, status
}
