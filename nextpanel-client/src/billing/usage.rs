//! What licences allow and what of it is used.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::endpoint::endpoint;
use super::id::LicenceId;
use super::report::Report;
use crate::{Field, Timestamp};

panel_http::open_enum! {
    /// What is counted.
    pub enum ResourceType {
        /// Accounts.
        Accounts = "accounts",
        /// Domains.
        Domains = "domains",
        /// Databases.
        Databases = "databases",
        /// Mailboxes.
        Emails = "emails",
    }
}

/// What is allowed and used (section 4.11).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Quota {
    /// The licence; null where all of the user's are added up.
    #[serde(default)]
    pub license_id: Field<LicenceId>,
    /// Most accounts.
    #[serde(default)]
    pub max_accounts: Field<i64>,
    /// Accounts in use.
    #[serde(default)]
    pub current_accounts: Field<i64>,
    /// Accounts left.
    #[serde(default)]
    pub accounts_available: Field<i64>,
    /// Most domains.
    #[serde(default)]
    pub max_domains: Field<i64>,
    /// Domains in use.
    #[serde(default)]
    pub current_domains: Field<i64>,
    /// Domains left.
    #[serde(default)]
    pub domains_available: Field<i64>,
    /// Most databases.
    #[serde(default)]
    pub max_databases: Field<i64>,
    /// Databases in use.
    #[serde(default)]
    pub current_databases: Field<i64>,
    /// Databases left.
    #[serde(default)]
    pub databases_available: Field<i64>,
    /// Most mailboxes.
    #[serde(default)]
    pub max_emails: Field<i64>,
    /// Mailboxes in use.
    #[serde(default)]
    pub current_emails: Field<i64>,
    /// Mailboxes left.
    #[serde(default)]
    pub emails_available: Field<i64>,
}

endpoint! {
    /// Reads what is allowed and used, of one licence or of all of one's own.
    pub struct GetQuota: USAGE_QUOTA -> Quota {
        query {
            /// Only this licence.
            set_license_id license_id: LicenceId,
        }
    }
}

endpoint! {
    /// Adds to what a licence uses, or takes away. Twice counts twice, so it is never sent again by itself.
    pub struct UpdateUsage: UPDATE_USAGE -> UsageCount {
        required { license_id: LicenceId, resource_type: ResourceType, delta: i64 }
    }
}

/// What a licence uses now.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct UsageCount {
    /// The licence.
    #[serde(default)]
    pub license_id: Field<LicenceId>,
    /// What was counted.
    #[serde(default)]
    pub resource_type: Field<ResourceType>,
    /// In use.
    #[serde(default)]
    pub current_count: Field<i64>,
    /// Allowed.
    #[serde(default)]
    pub max_count: Field<i64>,
}

/// A report on what was used.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct UsageReport {
    /// From.
    #[serde(default)]
    pub start_date: Field<Timestamp>,
    /// To.
    #[serde(default)]
    pub end_date: Field<Timestamp>,
    /// By licence.
    #[serde(default)]
    pub licenses: Field<Vec<Map<String, Value>>>,
    /// In all.
    #[serde(default)]
    pub summary: Field<Map<String, Value>>,
}

endpoint! {
    /// Reports on what was used.
    pub struct GetUsageReport: USAGE_REPORT -> UsageReport {
        query {
            /// Only this licence.
            set_license_id license_id: LicenceId,
            /// Not before.
            set_start_date start_date: Timestamp,
            /// Not after.
            set_end_date end_date: Timestamp,
        }
    }
}

endpoint! {
    /// Lists licences that are near their limits.
    pub struct GetUsageAlerts: USAGE_ALERTS -> Report {}
}

endpoint! {
    /// Reads how the use of a licence has changed.
    pub struct GetUsageHistory: USAGE_HISTORY -> Report {
        path { license_id: LicenceId }
        query {
            /// How many days; 30 unless set.
            set_days days: u32,
        }
    }
}
