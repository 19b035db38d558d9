//! One website, as tests see it and as rows show it.

use jiff::civil::{Date, DateTime};
use serde_json::{Value, json};

use super::customer::{add, add_nulls};
use super::timestamps::{iso, midnight};
use super::{Columns, MPanelSettings};

/// A row of the websites' table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Website {
    /// Its id.
    pub id: String,
    /// Its tenant.
    pub tenant_id: Option<String>,
    /// Its customer.
    pub customer_id: Option<String>,
    /// Its server.
    pub server_id: Option<String>,
    /// Its subscription.
    pub subscription_id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its domain.
    pub primary_domain: String,
    /// Its other domains.
    pub additional_domains: Value,
    /// Where its files are.
    pub document_root: Option<String>,
    /// What it runs.
    pub app_type: String,
    /// Which version of PHP.
    pub php_version: Option<String>,
    /// Whether it has a certificate.
    pub ssl_enabled: bool,
    /// Who issued the certificate.
    pub ssl_provider: Option<String>,
    /// When the certificate ends.
    pub ssl_expires_at: Option<Date>,
    /// Its status.
    pub status: String,
    /// Its user on the server.
    pub system_user: Option<String>,
    /// What was sent with it.
    pub metadata: Value,
    /// What its processes find in their environment; rows show it.
    pub env_variables: Value,
    /// When it was last deployed.
    pub last_deployed_at: Option<DateTime>,
    /// When it was created.
    pub created_at: DateTime,
    /// When it was last changed.
    pub updated_at: DateTime,
}

/// Columns nothing here ever fills.
const EMPTY: [&str; 5] = [
    "app_version",
    "node_version",
    "python_version",
    "git_repo",
    "git_branch",
];

/// Columns only the superset has, and nothing here ever fills.
const EMPTY_IN_SUPERSET: [&str; 4] = [
    "username",
    "password_encrypted",
    "provisioning_error",
    "provisioned_at",
];

impl Website {
    pub(super) fn row(&self, settings: &MPanelSettings) -> Value {
        let expires = self
            .ssl_expires_at
            .map(|date| midnight(date, settings.hours_behind_utc));
        let mut row = json!({
            "id": self.id,
            "tenant_id": self.tenant_id,
            "customer_id": self.customer_id,
            "server_id": self.server_id,
            "subscription_id": self.subscription_id,
            "name": self.name,
            "primary_domain": self.primary_domain,
            "additional_domains": self.additional_domains,
            "document_root": self.document_root,
            "app_type": self.app_type,
            "php_version": self.php_version,
            "ssl_enabled": self.ssl_enabled,
            "ssl_provider": self.ssl_provider,
            "ssl_expires_at": expires,
            "status": self.status,
            "deploy_source": "manual",
            "env_variables": self.env_variables,
            "sys_user": null,
        });
        add_nulls(&mut row, &EMPTY);
        add(&mut row, "metadata", self.metadata.clone());
        let deployed = self.last_deployed_at.map(iso);
        add(&mut row, "last_deployed_at", json!(deployed));
        add(&mut row, "created_at", json!(iso(self.created_at)));
        add(&mut row, "updated_at", json!(iso(self.updated_at)));
        if settings.columns == Columns::Superset {
            add_nulls(&mut row, &EMPTY_IN_SUPERSET);
            add(&mut row, "system_user", json!(self.system_user));
        }
        row
    }
}
